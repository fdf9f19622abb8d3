//! How many products a second go into the catalogue: `cargo run --release -p argosy-catalog --example import_rate [products]`.
//!
//! Each product has three variants, two prices a variant, a description, two attributes and a category. They are
//! put in batches of 500, first all new, then the same again, then with other prices.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that prints its figures"
)]

use std::time::Instant;

use argosy_contracts::{
    catalog::{
        Attribute, CatalogClient, Image, Price, Product, ProductInput, ProductOption, PutProductsRequest,
        Variant, attribute::Value,
    },
    common::Money,
};
use argosy_kernel::Ctx;
use argosy_testkit::TestHost;

const BATCH: usize = 500;

#[tokio::main]
async fn main() {
    let count: usize = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let test = TestHost::new();
    let catalog = argosy_catalog::start(&test.host, argosy_catalog::CatalogConfig::default())
        .await
        .expect("a catalogue");
    for (what, price) in [("new", 1_999), ("unchanged", 1_999), ("other prices", 2_499)] {
        let started = Instant::now();
        for from in (0..count).step_by(BATCH) {
            put(&catalog, from, (from + BATCH).min(count), price).await;
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{count} products {what}: {seconds:.1} s, {:.0} a second", count as f64 / seconds);
    }
    let bytes = std::fs::metadata(test.folder().join("catalog.db")).map_or(0, |file| file.len());
    println!("the database has {} MB", bytes / 1_000_000);
}

async fn put(catalog: &CatalogClient, from: usize, to: usize, price: i64) {
    let products = (from..to).map(|number| input(number, price)).collect();
    let request = PutProductsRequest { products, dry_run: false };
    let response = catalog.put_products(&Ctx::system("import"), request).await.expect("an answer");
    let refused = response.outcomes.iter().find(|outcome| outcome.result == "refused");
    assert!(refused.is_none(), "{refused:?}");
}

fn input(number: usize, price: i64) -> ProductInput {
    let money = |minor, currency: &str| Some(Money { minor, currency: currency.to_owned() });
    let variant = |size: &&str| Variant {
        sku: format!("SKU-{number}-{size}"),
        option_values: vec![(*size).to_owned()],
        prices: vec![
            Price { amount: money(price, "EUR"), compare_at: None, per_unit: None },
            Price { amount: money(price + 200, "USD"), compare_at: None, per_unit: None },
        ],
        weight_g: 250,
        requires_shipping: true,
        ..Variant::default()
    };
    let attribute = |name: &str, value| Attribute { name: name.to_owned(), value: Some(value) };
    let paragraph = "Made to last, <b>washed</b> once, and cut the way it was always cut. ".repeat(6);
    let product = Product {
        handle: format!("product-{number}"),
        title: format!("Product number {number}"),
        description_html: format!("<p>{paragraph}</p><ul><li>Care: cold &amp; gentle</li></ul>"),
        vendor: format!("Vendor {}", number % 50),
        product_type: "Shirt".to_owned(),
        tags: vec!["summer".to_owned(), format!("tag-{}", number % 20)],
        status: "active".to_owned(),
        images: vec![Image { url: format!("/media/{number}.webp"), ..Image::default() }],
        options: vec![ProductOption { name: "Size".to_owned(), values: Vec::new() }],
        attributes: vec![
            attribute("material", Value::Text("cotton".to_owned())),
            attribute("weight", Value::Number(250.0)),
        ],
        variants: ["S", "M", "L"].iter().map(variant).collect(),
        ..Product::default()
    };
    let path = format!("Clothes > Department {} > Shelf {}", number % 10, number % 100);
    ProductInput { product: Some(product), category_paths: vec![path], declare_attributes: true }
}
