//! Between the contract's messages and the domain.

pub(crate) mod input;
pub(crate) mod output;
