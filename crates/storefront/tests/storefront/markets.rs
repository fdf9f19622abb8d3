//! The shop in its markets: which editions it has, and whose prices it shows.

use argosy_contracts::{
    common::{Money, Notice},
    orders::Checkout,
    pricing::{Market, PiecesPrice, VariantPrice},
};
use argosy_kernel::CheckoutId;

use crate::shop::{Shop, State, eur, variant_id};

fn market(name: &str, countries: &[&str], currency: &str, languages: &[&str]) -> Market {
    let all = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
    Market {
        name: name.to_owned(),
        title: name.to_uppercase(),
        countries: all(countries),
        currency: currency.to_owned(),
        languages: all(languages),
        tax_basis: String::new(),
        is_default: name == "world",
    }
}

fn priced(minor: i64) -> VariantPrice {
    VariantPrice { price: Some(eur(minor)), price_list: "sale".to_owned(), ..VariantPrice::default() }
}

/// English speakers and all others pay euros, Germans too, at prices of their own; dollars are for English speakers only.
fn state() -> State {
    let mut state = State {
        markets: vec![
            market("world", &[], "EUR", &["en"]),
            market("dach", &["DE", "AT"], "EUR", &["de"]),
            market("us", &["US"], "USD", &["en"]),
        ],
        ..State::default()
    };
    for variant in &mut state.products[0].variants {
        let amount = Some(Money { minor: 5_000, currency: "USD".to_owned() });
        variant.prices.push(argosy_contracts::catalog::Price { amount, ..Default::default() });
    }
    let brass = variant_id("lamp", 0);
    let sale = VariantPrice { compare_at: Some(eur(4_900)), lowest: Some(eur(4_500)), ..priced(3_900) };
    let steps = [(5, 3_500), (10, 3_000)]
        .map(|(pieces_min, minor)| PiecesPrice { pieces_min, price: Some(eur(minor)) });
    state.listed.insert(("dach".to_owned(), brass), VariantPrice { steps: steps.to_vec(), ..sale });
    state
}

#[tokio::test]
async fn law_7_card_and_page_show_the_prices_of_the_market() {
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state());
    for path in ["/de/products/lamp", "/de/categories/light", "/de", "/de/compare?handles=lamp"] {
        let page = shop.get(path).await;
        assert!(page.html().contains("39,00\u{a0}€"), "{path}: {}", page.html());
    }
    let page = shop.get("/de/products/lamp").await;
    let told = page.html();
    assert!(told.contains("<s>49,00\u{a0}€</s>"), "{told}");
    assert!(told.contains("Niedrigster Preis der 30 Tage davor: 45,00\u{a0}€"), "{told}");
    assert!(told.contains("<li>ab 5: je 35,00\u{a0}€</li><li>ab 10: je 30,00\u{a0}€</li>"), "{told}");
    assert!(told.contains("\"price\":\"39.00\""), "machines read the same");
    let english = shop.get("/products/lamp").await;
    assert!(english.html().contains("€49.00") && !english.html().contains("<s>"), "{}", english.html());
}

#[tokio::test]
async fn a_choice_is_among_the_editions_of_the_markets() {
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state());
    let links = |html: &str, prefix: &str| html.contains(&format!("href=\"{prefix}/products/lamp\""));
    let english = shop.get("/products/lamp").await;
    assert!(links(english.html(), "/de") && links(english.html(), "/en-usd"), "{}", english.html());
    let german = shop.get("/de/products/lamp").await;
    assert!(!links(german.html(), "/de-usd"), "dollars are not for those who read German: {}", german.html());
    let dollars = shop.get("/en-usd/products/lamp").await;
    assert!(!links(dollars.html(), "/de-usd"), "{}", dollars.html());
}

#[tokio::test]
async fn a_cart_gets_the_market_of_the_prices_that_the_visitor_sees() {
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state());
    let form = format!("variant={}&quantity=1", variant_id("lamp", 0));
    let added = shop.post("/de/cart/lines", "", &form).await;
    let cookie = added.header("set-cookie").split(';').next().unwrap().to_owned();
    let market = || shop.state.lock().unwrap().cart.as_ref().unwrap().market.clone();
    assert_eq!(market(), "dach");
    shop.post("/cart/lines", &cookie, &form).await;
    assert_eq!(market(), "world");
    shop.post("/de/cart/currency", &cookie, "").await;
    assert_eq!(market(), "dach");
}

#[tokio::test]
async fn a_checkout_to_where_another_currency_is_paid_leads_there() {
    let (mut state, id) = (state(), CheckoutId::new().to_string());
    state.checkout = Some(Checkout {
        id: id.clone(),
        status: "incomplete".to_owned(),
        shipping_address: Some(argosy_contracts::common::Address {
            country: "US".to_owned(),
            ..Default::default()
        }),
        notices: vec![Notice {
            level: "error".to_owned(),
            code: "MARKET_CURRENCY".to_owned(),
            resolution: "fix".to_owned(),
            target: "/currency".to_owned(),
            text: "deliveries to US are paid in USD".to_owned(),
            token: String::new(),
        }],
        ..Checkout::default()
    });
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state);
    let english = shop.get(&format!("/checkout/{id}")).await;
    assert!(english.html().contains("Deliveries to US are paid in USD."), "{}", english.html());
    assert!(english.html().contains("<a href=\"/en-usd/cart\">Show it in USD</a>"), "{}", english.html());
    let german = shop.get(&format!("/de/checkout/{id}")).await;
    assert!(german.html().contains("in einer anderen Währung bezahlt"), "{}", german.html());
}
