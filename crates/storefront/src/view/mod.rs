//! What templates are given: plain texts and links, made from the contracts' messages.

pub(crate) mod aftersales;
pub(crate) mod card;
pub(crate) mod cart;
pub(crate) mod checkout;
pub(crate) mod compare;
pub(crate) mod field;
pub(crate) mod head;
pub(crate) mod listing;
pub(crate) mod money;
pub(crate) mod order;
mod parcel;
pub(crate) mod product;
pub(crate) mod saved;
pub(crate) mod schema;
pub(crate) mod wrap;

use serde::Serialize;

/// A text that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    pub(crate) title: String,
    pub(crate) url: String,
}

impl Link {
    pub(crate) fn new(title: impl Into<String>, url: impl Into<String>) -> Self {
        Self { title: title.into(), url: url.into() }
    }
}

/// One of several that a visitor can pick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

impl Choice {
    pub(crate) fn new(value: &str, label: &str, chosen: bool) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), chosen }
    }
}
