//! Markets and the prices of their lists.

use argosy_contracts::{
    common::Money,
    pricing::{Market, PiecesPrice, VariantPrice},
};
use argosy_testkit::eventually;
use serde_json::{Value, json};

use crate::{
    samples::{TOTE, TOTE_RED},
    shop::Shop,
};

const PRODUCT: &str = "/store/products/canvas-tote";

fn market(name: &str, currency: &str) -> Market {
    Market {
        name: name.to_owned(),
        title: name.to_uppercase(),
        countries: vec!["DE".to_owned()],
        currency: currency.to_owned(),
        languages: vec!["de".to_owned()],
        tax_basis: String::new(),
        is_default: name == "world",
    }
}

#[expect(clippy::unnecessary_wraps, reason = "messages have optional amounts")]
fn eur(minor: i64) -> Option<Money> {
    Some(Money { minor, currency: "EUR".to_owned() })
}

async fn with_markets() -> Shop {
    let shop = Shop::open().await;
    *shop.knows.markets.lock().unwrap() = vec![market("world", "EUR"), market("japan", "JPY")];
    shop
}

/// What a price list says of the red tote.
fn listed(shop: &Shop, market: &str, minor: i64) {
    let price = VariantPrice {
        variant_id: TOTE_RED.to_owned(),
        price: eur(minor),
        compare_at: eur(1_999),
        price_list: "sale".to_owned(),
        steps: vec![PiecesPrice { pieces_min: 10, price: eur(900) }],
        lowest: eur(1_500),
    };
    shop.knows.listed.lock().unwrap().insert((market.to_owned(), TOTE_RED.to_owned()), price);
}

fn red(product: &Value) -> &Value {
    product["variants"].as_array().unwrap().iter().find(|variant| variant["id"] == TOTE_RED).unwrap()
}

#[tokio::test]
async fn markets_are_listed_and_followed() {
    let shop = with_markets().await;
    let answer = shop.get("/store/markets").await;
    assert_eq!((answer.status, &answer.headers["surrogate-key"]), (200, &"markets".parse().unwrap()));
    let shape = json!({
        "name": "japan", "title": "JAPAN", "countries": ["DE"], "currency": "JPY", "languages": ["de"], "is_default": false,
    });
    let listed = answer.json();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][1]), (2, &shape));
    shop.knows.markets.lock().unwrap().clear();
    eventually("the change is seen", async || {
        // Told again until then: a door hears what is told once it listens, which may be a moment after its start.
        shop.tell_pricing("pricing.markets_changed").await;
        shop.get("/store/markets").await.json()["items"] == json!([])
    })
    .await;
}

#[tokio::test]
async fn law_7_a_product_is_shown_at_the_price_of_the_list_that_counts() {
    let shop = with_markets().await;
    listed(&shop, "", 1_200);
    listed(&shop, "world", 1_100);
    let product = shop.get(PRODUCT).await.json();
    let variant = red(&product);
    assert_eq!(variant["price"], json!({"amount": 1_200, "currency": "EUR"}));
    assert_eq!(variant["compare_at"], json!({"amount": 1_999, "currency": "EUR"}));
    assert_eq!(variant["lowest_before"], json!({"amount": 1_500, "currency": "EUR"}));
    assert_eq!(variant["price_steps"], json!([{"from": 10, "price": {"amount": 900, "currency": "EUR"}}]));
    let of_market = shop.get(&format!("{PRODUCT}?market=world")).await.json();
    assert_eq!(red(&of_market)["price"]["amount"], 1_100, "kept apart");
    let yen = shop.get(&format!("/store/products/{TOTE}?market=japan")).await.json();
    assert_eq!(yen["variants"][0]["price"]["currency"], "JPY", "a market has its currency");
    listed(&shop, "", 1_000);
    assert_eq!(red(&shop.get(PRODUCT).await.json())["price"]["amount"], 1_200, "kept");
    eventually("the new price is shown", async || {
        shop.tell_pricing("pricing.prices_changed").await;
        red(&shop.get(PRODUCT).await.json())["price"]["amount"] == 1_000
    })
    .await;
}

#[tokio::test]
async fn an_unknown_market_and_another_currency_than_its_own_are_refused() {
    let shop = with_markets().await;
    for (query, pointer) in [
        ("market=nowhere", "/market"),
        ("market=japan&currency=EUR", "/currency"),
        ("market=japan&currency=XYZ1", "/currency"),
    ] {
        for path in [PRODUCT, "/store/products"] {
            let refused = shop.get(&format!("{path}?{query}")).await;
            assert_eq!(
                (refused.status, refused.pointers()),
                (422, vec![pointer.to_owned()]),
                "{path}?{query}"
            );
        }
    }
    let refused = shop.post("/store/carts", r#"{"market": "nowhere"}"#).await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/market".to_owned()]));
}
