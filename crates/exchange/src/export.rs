//! Exporting: the catalogue from first to last, page by page, in a form that imports back to the same.

use std::{collections::HashMap, io::Write};

use argosy_contracts::{
    catalog::{
        CatalogClient, Category, ListAttributesRequest, ListCategoriesRequest, Product, ScanProductsRequest,
    },
    inventory::{Availability, GetAvailabilityRequest, InventoryClient},
};
use argosy_kernel::{Ctx, Currency, Error, Result};

use crate::{
    draft::Stock,
    formats::{ShopifyTable, line_of},
};

const PAGE: u32 = 200;
const VARIANTS_PER_CALL: usize = 500;

/// A format that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Shopify's product CSV; prices in this currency stand in its own columns.
    Shopify(Currency),
    /// One JSON object a line.
    JsonLines,
}

/// How to export.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// The format.
    pub format: ExportFormat,
    /// Where this shop is reached, without a slash at the end: with it, pictures are named so that another shop can
    /// fetch them; without it, only this store knows them.
    pub public_url: Option<String>,
}

/// Writes all products; answers how many. `tell` hears how many there are so far.
///
/// Stock is what can be sold: units that are reserved while the export runs are not in it.
pub async fn export(
    catalog: &CatalogClient,
    inventory: &InventoryClient,
    ctx: &Ctx,
    options: &ExportOptions,
    target: impl Write + Send,
    mut tell: impl FnMut(u64),
) -> Result<u64> {
    let definitions = catalog.list_attributes(ctx, ListAttributesRequest {}).await?.attributes;
    let categories = catalog.list_categories(ctx, ListCategoriesRequest {}).await?.categories;
    let paths = category_paths(&categories);
    let mut file = match options.format {
        ExportFormat::Shopify(currency) => {
            File::Table(Box::new(ShopifyTable::begin(target, currency, &definitions)?))
        }
        ExportFormat::JsonLines => File::Lines(std::io::BufWriter::new(target)),
    };
    let (mut after_id, mut count) = (String::new(), 0);
    loop {
        let mut page =
            catalog.scan_products(ctx, ScanProductsRequest { after_id, limit: PAGE }).await?.products;
        let Some(last) = page.last() else { break };
        after_id = last.id.clone();
        if let Some(public_url) = &options.public_url {
            for product in &mut page {
                name_pictures(product, public_url);
            }
        }
        let stock = stock_of(inventory, ctx, &page).await?;
        for product in page {
            let stock: Vec<Option<Stock>> =
                product.variants.iter().map(|variant| stock.get(&variant.id).copied()).collect();
            let categories: Vec<String> =
                product.category_ids.iter().filter_map(|id| paths.get(id.as_str()).cloned()).collect();
            match &mut file {
                File::Table(table) => table.write(&product, &categories, &stock)?,
                File::Lines(lines) => {
                    let line = line_of(product, categories, &stock, &definitions);
                    let mut text = serde_json::to_vec(&line).map_err(Error::internal)?;
                    text.push(b'\n');
                    lines.write_all(&text).map_err(unwritable)?;
                }
            }
            count += 1;
        }
        tell(count);
    }
    match file {
        File::Table(table) => table.end()?,
        File::Lines(mut lines) => lines.flush().map_err(unwritable)?,
    }
    Ok(count)
}

enum File<W: Write> {
    Table(Box<ShopifyTable<W>>),
    Lines(std::io::BufWriter<W>),
}

/// Puts the shop's address in front of its own pictures.
fn name_pictures(product: &mut Product, public_url: &str) {
    let images = product.images.iter_mut().map(|image| &mut image.url);
    let urls = images.chain(product.variants.iter_mut().map(|variant| &mut variant.image_url));
    for url in urls.filter(|url| url.starts_with("/media/")) {
        url.insert_str(0, public_url);
    }
}

pub(crate) fn unwritable(error: std::io::Error) -> Error {
    Error::unavailable("UNWRITABLE_FILE", format!("cannot write the export: {error}")).with_source(error)
}

async fn stock_of(
    inventory: &InventoryClient,
    ctx: &Ctx,
    products: &[Product],
) -> Result<HashMap<String, Stock>> {
    let variants: Vec<String> =
        products.iter().flat_map(|product| &product.variants).map(|variant| variant.id.clone()).collect();
    let mut stock = HashMap::with_capacity(variants.len());
    for chunk in variants.chunks(VARIANTS_PER_CALL) {
        let request =
            GetAvailabilityRequest { variant_ids: chunk.to_vec(), ..GetAvailabilityRequest::default() };
        for item in inventory.get_availability(ctx, request).await?.items {
            let Availability { variant_id, available, backorder, tracked, .. } = item;
            stock.insert(variant_id, Stock { on_hand: available, tracked, backorder });
        }
    }
    Ok(stock)
}

/// `Home > Kitchen` by category id; parents come before children.
fn category_paths(categories: &[Category]) -> HashMap<&str, String> {
    let mut paths: HashMap<&str, String> = HashMap::new();
    for category in categories {
        let path = match paths.get(category.parent_id.as_str()) {
            Some(parent) => format!("{parent} > {}", category.title),
            None => category.title.clone(),
        };
        paths.insert(&category.id, path);
    }
    paths
}
