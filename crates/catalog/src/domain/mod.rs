//! The rules of the catalogue: no I/O, no async.

pub(crate) mod attribute;
mod canonical;
pub(crate) mod category;
pub(crate) mod collection;
mod html;
pub(crate) mod limits;
pub(crate) mod measure;
pub(crate) mod price;
pub(crate) mod product;
pub(crate) mod put;
pub(crate) mod revise;
mod rule;
#[cfg(test)]
mod sample;
pub(crate) mod size_chart;
mod slug;
pub(crate) mod structure;
mod text;
mod variants;
