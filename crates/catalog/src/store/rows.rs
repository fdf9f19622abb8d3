//! Rows as the statements answer them.

use argosy_kernel::{Error, Result, Timestamp};
use sea_orm::FromQueryResult;

use crate::domain::{
    attribute::Definition,
    category::Category,
    collection::{Collection, Rule},
    product::{Document, Product},
    revise::Stored,
};

/// The columns of a [`ProductRow`].
pub(super) const PRODUCT_COLUMNS: &str =
    "id, handle, version, created_at_ms, updated_at_ms, content_hash, document";

#[derive(FromQueryResult)]
pub(super) struct ProductRow {
    id: String,
    handle: String,
    version: i64,
    created_at_ms: i64,
    updated_at_ms: i64,
    content_hash: String,
    document: String,
}

impl ProductRow {
    pub(super) fn document_bytes(&self) -> usize {
        self.document.len()
    }
}

impl TryFrom<ProductRow> for Stored {
    type Error = Error;

    fn try_from(row: ProductRow) -> Result<Self> {
        let document: Document = serde_json::from_str(&row.document).map_err(Error::internal)?;
        let product = Product {
            id: row.id.parse()?,
            handle: row.handle,
            version: row.version,
            created_at: Timestamp::from_millis(row.created_at_ms),
            updated_at: Timestamp::from_millis(row.updated_at_ms),
            document,
        };
        Ok(Self { product, content_hash: row.content_hash })
    }
}

#[derive(FromQueryResult)]
pub(super) struct SkuOwnerRow {
    pub(super) sku: String,
    pub(super) id: String,
    pub(super) handle: String,
}

#[derive(FromQueryResult)]
pub(super) struct MemberRow {
    pub(super) collection_id: String,
    pub(super) product_id: String,
}

#[derive(FromQueryResult)]
pub(super) struct RevisionRow {
    pub(super) revision: i64,
}

#[derive(FromQueryResult)]
pub(super) struct PassRow {
    pub(super) after_id: String,
}

#[derive(FromQueryResult)]
pub(super) struct PublishedRow {
    pub(super) id: String,
    pub(super) handle: String,
    pub(super) version: i64,
    pub(super) status: String,
}

#[derive(FromQueryResult)]
pub(super) struct PriceChangeRow {
    pub(super) variant_id: String,
    pub(super) at_ms: i64,
    pub(super) minor: Option<i64>,
}

#[derive(FromQueryResult)]
pub(super) struct AttributeRow {
    name: String,
    label: String,
    kind: String,
    unit: String,
    value_list: String,
    filterable: bool,
    searchable: bool,
    size_charts: String,
}

impl TryFrom<AttributeRow> for Definition {
    type Error = Error;

    fn try_from(row: AttributeRow) -> Result<Self> {
        Ok(Self {
            name: row.name,
            label: row.label,
            kind: row.kind.parse()?,
            unit: row.unit,
            values: serde_json::from_str(&row.value_list).map_err(Error::internal)?,
            filterable: row.filterable,
            searchable: row.searchable,
            size_charts: serde_json::from_str(&row.size_charts).map_err(Error::internal)?,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct CategoryRow {
    id: String,
    handle: String,
    title: String,
    description: String,
    parent_id: Option<String>,
    position: i64,
}

impl TryFrom<CategoryRow> for Category {
    type Error = Error;

    fn try_from(row: CategoryRow) -> Result<Self> {
        Ok(Self {
            id: row.id.parse()?,
            handle: row.handle,
            title: row.title,
            description: row.description,
            parent: row.parent_id.map(|id| id.parse()).transpose()?,
            position: u32::try_from(row.position).map_err(Error::internal)?,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct CollectionRow {
    id: String,
    handle: String,
    title: String,
    description: String,
    conditions: String,
    match_any: bool,
}

impl CollectionRow {
    /// The collection, its rule applied to the attributes that are declared.
    pub(super) fn collection<'a>(
        self,
        declared: impl Fn(&str) -> Option<&'a Definition>,
    ) -> Result<Collection> {
        let conditions = serde_json::from_str(&self.conditions).map_err(Error::internal)?;
        Ok(Collection {
            id: self.id.parse()?,
            handle: self.handle,
            title: self.title,
            description: self.description,
            rule: Rule::new(conditions, self.match_any, declared)?,
        })
    }
}
