//! What `[shop]` says is what every door and service goes by.

use crate::support::{Shop, http_client};
use argosy_contracts::{
    catalog::{Collection, Price, Product, ProductInput, PutCollectionsRequest, PutProductsRequest, Variant},
    common::Money,
    pricing::{ListShippingZonesRequest, QuoteLineRequest, QuoteRequest},
};
use argosy_kernel::Ctx;
use argosy_testkit::eventually;
use serde_json::{Value, json};

async fn a_british_shop() -> (Shop, String) {
    let shop = Shop::open_with(|settings| {
        settings.services = Vec::new();
        "Wharf & Sons".clone_into(&mut settings.shop.name);
        settings.shop.currency = "GBP".parse().unwrap();
        settings.shop.country = "GB".parse().unwrap();
    })
    .await;
    let base = format!("http://{}", shop.process.http.unwrap());
    (shop, base)
}

/// Goods in pounds and in dollars.
async fn put(shop: &Shop, handle: &str) -> String {
    let price = |minor, currency: &str| {
        let amount = Money { minor, currency: currency.to_owned() };
        Price { amount: Some(amount), ..Price::default() }
    };
    let prices = vec![price(1_200, "GBP"), price(1_500, "USD")];
    let variant = Variant { sku: handle.to_uppercase(), prices, ..Variant::default() };
    let product = Product {
        handle: handle.to_owned(),
        title: handle.to_uppercase(),
        status: "active".to_owned(),
        variants: vec![variant],
        ..Product::default()
    };
    let input = ProductInput { product: Some(product), ..ProductInput::default() };
    let request = PutProductsRequest { products: vec![input], dry_run: false };
    let catalog = shop.process.wiring().catalog().unwrap();
    let put = catalog.put_products(&Ctx::system("test"), request).await.unwrap();
    put.outcomes[0].variants[0].variant_id.clone()
}

#[tokio::test]
async fn one_section_names_the_shop_its_currency_and_its_home() {
    let (shop, base) = a_british_shop().await;
    let variant = put(&shop, "mug").await;

    let cart = post(&format!("{base}/store/carts"), &json!({})).await;
    assert_eq!(cart["currency"], "GBP");
    let product: Value =
        http_client().get(format!("{base}/store/products/mug")).send().await.unwrap().json().await.unwrap();
    assert_eq!(product["variants"][0]["price"], json!({"amount": 1_200, "currency": "GBP"}));
    let page = http_client().get(format!("{base}/products/mug")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<title>MUG – Wharf &amp; Sons</title>") && page.contains("£12.00"), "{page}");

    let pricing = shop.process.wiring().pricing().unwrap();
    let ctx = Ctx::system("test");
    let zones = pricing.list_shipping_zones(&ctx, ListShippingZonesRequest {}).await.unwrap().zones;
    let home = zones.iter().find(|zone| zone.name == "Domestic").unwrap();
    assert_eq!(home.countries, ["GB"]);
    let line = QuoteLineRequest {
        line_id: "1".to_owned(),
        variant_id: variant,
        quantity: 1,
        ..QuoteLineRequest::default()
    };
    let request = QuoteRequest { currency: "GBP".to_owned(), lines: vec![line], ..QuoteRequest::default() };
    let quote = pricing.quote(&ctx, request).await.unwrap().quote.unwrap();
    let tax = quote.totals.iter().find(|total| total.kind.contains("tax")).unwrap();
    assert_eq!(tax.amount.as_ref().unwrap().minor, 200, "a fifth on top of the net, as at home");
}

#[tokio::test]
async fn a_shop_sells_in_every_currency_that_its_prices_are_in() {
    let (shop, base) = a_british_shop().await;
    let variant = put(&shop, "mug").await;
    let lines = json!([{"variant_id": variant, "quantity": 2}]);
    let cart = post(&format!("{base}/store/carts"), &json!({"currency": "USD", "lines": lines})).await;
    assert_eq!(
        (&cart["currency"], &cart["lines"][0]["unit_price"]["amount"]),
        (&json!("USD"), &json!(1_500))
    );
    let refused = post(&format!("{base}/store/carts"), &json!({"currency": "EUR", "lines": lines})).await;
    assert_eq!(refused["code"], "NOT_SOLD_IN_CURRENCY", "{refused}");
}

#[tokio::test]
async fn a_collection_made_by_hand_keeps_its_order_at_every_door() {
    let (shop, base) = a_british_shop().await;
    for handle in ["anchor", "bell", "compass"] {
        put(&shop, handle).await;
    }
    for order in [["bell", "compass", "anchor"], ["compass", "anchor", "bell"]] {
        let window = Collection {
            title: "Window".to_owned(),
            product_handles: order.map(str::to_owned).to_vec(),
            ..Collection::default()
        };
        let request = PutCollectionsRequest { collections: vec![window] };
        shop.process
            .wiring()
            .catalog()
            .unwrap()
            .put_collections(&Ctx::system("test"), request)
            .await
            .unwrap();
        eventually("the store API lists it so", || async {
            let url = format!("{base}/store/products?collection=window&fields=handle");
            let listed: Value = http_client().get(url).send().await.unwrap().json().await.unwrap();
            let handles = listed["items"].as_array().unwrap().iter().map(|item| item["handle"].clone());
            handles.eq(order)
        })
        .await;
        eventually("and so does the page", || async {
            let page = http_client()
                .get(format!("{base}/collections/window"))
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap();
            let places = order.map(|handle| page.find(&format!("/products/{handle}\"")));
            places.iter().all(Option::is_some) && places.is_sorted()
        })
        .await;
    }
}

async fn post(url: &str, body: &Value) -> Value {
    http_client().post(url).json(body).send().await.unwrap().json().await.unwrap()
}
