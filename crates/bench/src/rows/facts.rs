//! How long after a change is acknowledged everybody sees it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use argosy_contracts::{
    catalog::{CatalogClient, GetProductsRequest, ProductInput, PutProductsRequest},
    common::Money,
};
use argosy_kernel::Ctx;

use super::Sheet;
use crate::{
    client::{Connection, get},
    load::Times,
    products,
    store::Store,
    table::Target,
};

const CHANGES: usize = 20;
/// Beyond every price of the catalogue, in minor units.
const PRICE: i64 = 7_000_000;
const POLL: Duration = Duration::from_millis(1);
const TIMEOUT: Duration = Duration::from_secs(10);

/// `way` is what the rows are called besides.
pub(super) async fn measure(sheet: &mut Sheet, store: &Store, way: &str) -> Result<()> {
    let (mut json, mut page, mut search) = (Times::default(), Times::default(), Times::default());
    for change in 0..CHANGES {
        let number = change * sheet.products / CHANGES;
        let handle = products::handle(number);
        let price = PRICE + i64::try_from(change)? * 100;
        let paths = [format!("/store/products/{handle}"), format!("/products/{handle}")];
        // They are in memory, so that the old price could be shown.
        for path in &paths {
            Connection::open(store.address).await?.exchange(&get(path, &[])).await?;
        }
        let changed = change_price(&store.catalog, number, price).await?;
        let [whole, decimal] = [price.to_string(), format!("{}.{:02}", price / 100, price % 100)];
        let listed = format!("/store/products?price_min={price}&price_max={price}&fields=handle");
        // The shop writes amounts as people read them: 70,000.00.
        let shown = format!("{},{}", &decimal[..decimal.len() - 6], &decimal[decimal.len() - 6..]);
        let quoted = format!("\"{handle}\"");
        let (in_json, in_page, in_search) = tokio::try_join!(
            seen(store.address, &paths[0], &whole, changed),
            seen(store.address, &paths[1], &shown, changed),
            seen(store.address, &listed, &quoted, changed),
        )?;
        json.note(in_json);
        page.note(in_page);
        search.note(in_search);
    }
    for (name, times) in [("product JSON", json), ("the product's page", page), ("search", search)] {
        sheet.add(&format!("price change{way} to {name}: p50 of {CHANGES}"), "ms", times.percentile_ms(50)?);
        let row = sheet.row(
            &format!("price change{way} to {name}: worst of {CHANGES}"),
            "ms",
            times.percentile_ms(100)?,
        );
        sheet.put(row.target(Target::AtMost(1_000.0)));
    }
    Ok(())
}

/// Changes all EUR prices of a product; answers when that was acknowledged.
async fn change_price(catalog: &CatalogClient, number: usize, price: i64) -> Result<Instant> {
    let ctx = Ctx::system("bench");
    let asked =
        GetProductsRequest { handles: vec![products::handle(number)], ..GetProductsRequest::default() };
    let mut product =
        catalog.get_products(&ctx, asked).await?.products.pop().context("a product is missing")?;
    for variant in &mut product.variants {
        for amount in variant.prices.iter_mut().filter_map(|price| price.amount.as_mut()) {
            if amount.currency == "EUR" {
                *amount = Money { minor: price, currency: "EUR".to_owned() };
            }
        }
    }
    let input = ProductInput {
        product: Some(product),
        category_paths: vec![products::category_path(number)],
        declare_attributes: false,
    };
    let put =
        catalog.put_products(&ctx, PutProductsRequest { products: vec![input], dry_run: false }).await?;
    let acknowledged = Instant::now();
    match put.outcomes.first() {
        Some(outcome) if outcome.result == "updated" => Ok(acknowledged),
        outcome => bail!("the price was not changed: {outcome:?}"),
    }
}

/// Asks until an answer contains a text. What is not seen in time counts as that time, and the run goes on.
async fn seen(shop: SocketAddr, path: &str, text: &str, since: Instant) -> Result<Duration> {
    let mut connection = Connection::open(shop).await?;
    let request = get(path, &[]);
    while since.elapsed() < TIMEOUT {
        let answer = connection.exchange(&request).await?;
        if String::from_utf8_lossy(answer.body).contains(text) {
            return Ok(since.elapsed());
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(TIMEOUT)
}
