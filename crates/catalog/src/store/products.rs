//! Reading products.

use std::collections::BTreeSet;

use argosy_kernel::{ProductId, Result, VariantId};
use argosy_platform::database::sql;

use super::{
    Store, bulk,
    rows::{PRODUCT_COLUMNS, ProductRow, SkuOwnerRow},
};
use crate::domain::{put::Known, revise::Stored};

pub(super) const BY_ID: &str = "id in ";
pub(super) const BY_HANDLE: &str = "handle in ";
/// Goes on with a list and a closing bracket.
pub(super) const BY_VARIANT: &str = "id in (select product_id from variant where id in ";
pub(super) const PAGE: &str = "id > $1 order by id limit $2";
pub(super) const SKU_OWNERS: &str = "select variant.sku, product.id, product.handle \
    from variant join product on product.id = variant.product_id where variant.sku in ";

/// The start of a statement that reads products.
pub(super) fn select(condition: &str) -> String {
    format!("select {PRODUCT_COLUMNS} from product where {condition}")
}

/// A product with the size of its document, for caches that count bytes.
pub(crate) type Sized = (Stored, usize);

impl Store {
    /// Products by id.
    pub(crate) async fn by_ids(&self, ids: impl IntoIterator<Item = String>) -> Result<Vec<Sized>> {
        self.where_in(BY_ID, "", ids).await
    }

    /// Products by handle.
    pub(crate) async fn by_handles(&self, handles: impl IntoIterator<Item = String>) -> Result<Vec<Sized>> {
        self.where_in(BY_HANDLE, "", handles).await
    }

    /// The products that have these variants.
    pub(crate) async fn by_variants(&self, variants: &[VariantId]) -> Result<Vec<Sized>> {
        self.where_in(BY_VARIANT, ")", variants.iter().map(ToString::to_string)).await
    }

    async fn where_in(
        &self,
        condition: &str,
        end: &str,
        values: impl IntoIterator<Item = String>,
    ) -> Result<Vec<Sized>> {
        let mut found = Vec::new();
        for list in bulk::lists(values) {
            let rows: Vec<ProductRow> =
                sql(select(condition)).list(list).then(end).all(&self.database).await?;
            for row in rows {
                let bytes = row.document_bytes();
                found.push((Stored::try_from(row)?, bytes));
            }
        }
        Ok(found)
    }

    /// A page of all products in the order of their ids.
    pub(crate) async fn scan(&self, after_id: &str, limit: u32) -> Result<Vec<Stored>> {
        let rows: Vec<ProductRow> =
            sql(select(PAGE)).bind(after_id).bind(i64::from(limit)).all(&self.database).await?;
        rows.into_iter().map(Stored::try_from).collect()
    }

    /// Products that have a variant of one of these SKUs, each once.
    pub(crate) async fn of_skus(&self, skus: Vec<String>) -> Result<BTreeSet<ProductId>> {
        let owners = self.known(Vec::new(), skus).await?.sku_owners;
        Ok(owners.into_values().map(|(product, _)| product).collect())
    }

    /// What products with these handles and SKUs could touch.
    pub(crate) async fn known(&self, handles: Vec<String>, skus: Vec<String>) -> Result<Known> {
        let mut known = Known::default();
        for (stored, _) in self.by_handles(handles).await? {
            known.products.insert(stored.product.handle.clone(), stored);
        }
        for list in bulk::lists(skus) {
            let owners: Vec<SkuOwnerRow> = sql(SKU_OWNERS).list(list).all(&self.database).await?;
            for owner in owners {
                known.sku_owners.insert(owner.sku, (owner.id.parse()?, owner.handle));
            }
        }
        Ok(known)
    }
}
