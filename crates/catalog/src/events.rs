//! Facts that this service tells. It consumes none.
//!
//! A fact says what changed, not how: whoever keeps a copy reads the product anew. `sequence` is the product's
//! version, or the revision of the structure.

use argosy_kernel::{CollectionId, ProductId, Result};
use argosy_platform::bus::NewFact;
use serde::{Deserialize, Serialize};

use crate::domain::product::Status;

/// The kind of [`product_changed`].
pub(crate) const PRODUCT_CHANGED: &str = "catalog.product_changed";

#[derive(Serialize, Deserialize)]
pub(crate) struct ProductChanged {
    pub(crate) id: ProductId,
    pub(crate) handle: String,
    pub(crate) version: i64,
    pub(crate) status: Status,
}

#[derive(Serialize)]
struct StructureChanged {
    revision: i64,
}

/// A product is new, differs, or is shown from now on.
pub(crate) fn product_changed(id: ProductId, handle: &str, version: i64, status: Status) -> Result<NewFact> {
    let data = ProductChanged { id, handle: handle.to_owned(), version, status };
    NewFact::new(PRODUCT_CHANGED, id, version, &data)
}

pub(crate) fn attributes_changed(revision: i64) -> Result<NewFact> {
    NewFact::new("catalog.attributes_changed", "attributes", revision, &StructureChanged { revision })
}

pub(crate) fn categories_changed(revision: i64) -> Result<NewFact> {
    NewFact::new("catalog.categories_changed", "categories", revision, &StructureChanged { revision })
}

#[derive(Serialize)]
struct CollectionsChanged {
    revision: i64,
    /// Those whose members by hand, or their order, are others.
    members_of: Vec<CollectionId>,
}

/// Collections are new or differ, or have other members by hand; each product whose membership changed has a
/// fact of its own.
pub(crate) fn collections_changed(revision: i64, members_of: Vec<CollectionId>) -> Result<NewFact> {
    let data = CollectionsChanged { revision, members_of };
    NewFact::new("catalog.collections_changed", "collections", revision, &data)
}
