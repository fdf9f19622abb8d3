//! Reading products for the index: from the catalogue, with what the inventory has of them.

use std::collections::HashSet;

use argosy_contracts::{
    catalog::{CatalogClient, GetProductsRequest, Product, ScanProductsRequest},
    inventory::{GetAvailabilityRequest, InventoryClient},
};
use argosy_kernel::{Ctx, Result};

use crate::index::document::Stock;

/// The catalogue answers so many products by id at once.
const PRODUCTS_MAX: usize = 200;
/// A page of a scan.
const SCAN_PAGE: u32 = 500;
/// The inventory answers so many variants at once.
const VARIANTS_MAX: usize = 500;

/// Where products come from.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) catalog: CatalogClient,
    pub(crate) inventory: InventoryClient,
    pub(crate) ctx: Ctx,
}

/// A product and whether any of its variants can be bought.
pub(crate) type Stocked = (Product, Stock);

impl Source {
    /// Products by id; those that are gone are left out.
    pub(crate) async fn products(&self, ids: &[String]) -> Result<Vec<Stocked>> {
        let mut products = Vec::with_capacity(ids.len());
        for ids in ids.chunks(PRODUCTS_MAX) {
            let request = GetProductsRequest {
                ids: ids.to_vec(),
                include_unpublished: true,
                ..GetProductsRequest::default()
            };
            products.extend(self.catalog.get_products(&self.ctx, request).await?.products);
        }
        self.stocked(products).await
    }

    /// The products after an id, in order of id.
    pub(crate) async fn page(&self, after_id: &str) -> Result<Vec<Stocked>> {
        let request = ScanProductsRequest { after_id: after_id.to_owned(), limit: SCAN_PAGE };
        let products = self.catalog.scan_products(&self.ctx, request).await?.products;
        self.stocked(products).await
    }

    async fn stocked(&self, products: Vec<Product>) -> Result<Vec<Stocked>> {
        let variants: Vec<String> =
            products.iter().flat_map(|product| &product.variants).map(|variant| variant.id.clone()).collect();
        let mut available: HashSet<String> = HashSet::with_capacity(variants.len());
        for variant_ids in variants.chunks(VARIANTS_MAX) {
            let request = GetAvailabilityRequest {
                variant_ids: variant_ids.to_vec(),
                ..GetAvailabilityRequest::default()
            };
            let items = self.inventory.get_availability(&self.ctx, request).await?.items;
            let sold = items.into_iter().filter(|item| item.sellable() > 0);
            available.extend(sold.map(|item| item.variant_id));
        }
        let stock = |product: &Product| {
            let any = product.variants.iter().any(|variant| available.contains(&variant.id));
            if any { Stock::Available } else { Stock::SoldOut }
        };
        Ok(products
            .into_iter()
            .map(|product| (stock(&product), product))
            .map(|(stock, product)| (product, stock))
            .collect())
    }
}
