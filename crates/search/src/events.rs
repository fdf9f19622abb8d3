//! Facts that this service consumes. It tells none.
//!
//! A fact only says which product to read anew, and the index remembers in the same commit how far it has read:
//! a fact that comes twice writes the same document twice, and one that was read but not committed comes again.

use argosy_platform::bus::Fact;
use serde::Deserialize;

/// What a fact means to the index.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Read this product anew.
    Product(String),
    /// Read the product that has this variant anew.
    Variant(String),
    /// Read categories, collections and attributes anew, and the order of these collections' members.
    Tables(Vec<String>),
    /// Nothing.
    Unconcerned,
}

#[derive(Deserialize)]
struct OfProduct {
    id: String,
}

#[derive(Deserialize)]
struct OfCollections {
    #[serde(default)]
    members_of: Vec<String>,
}

#[derive(Deserialize)]
struct OfVariant {
    variant_id: String,
}

/// Reads a fact. One of a known kind that says no id is passed over with a warning: it names nothing to read.
pub(crate) fn change(fact: &Fact) -> Change {
    let read = match fact.kind.as_str() {
        "catalog.product_changed" => fact.read().map(|OfProduct { id }| Change::Product(id)),
        "inventory.availability_changed" => {
            fact.read().map(|OfVariant { variant_id }| Change::Variant(variant_id))
        }
        "catalog.collections_changed" => {
            fact.read().map(|OfCollections { members_of }| Change::Tables(members_of))
        }
        "catalog.categories_changed" | "catalog.attributes_changed" => Ok(Change::Tables(Vec::new())),
        _ => Ok(Change::Unconcerned),
    };
    read.unwrap_or_else(|error| {
        tracing::warn!(fact.id, fact.kind, error = ?error, "a fact names nothing to read, passing over it");
        Change::Unconcerned
    })
}
