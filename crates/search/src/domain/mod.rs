//! The rules as plain functions: what a word is, what a request may ask, how a listing is ordered.

pub(crate) mod bits;
pub(crate) mod html;
pub(crate) mod order;
pub(crate) mod request;
pub(crate) mod slot;
pub(crate) mod stems;
pub(crate) mod synonyms;
pub(crate) mod words;
