//! The shop in its languages and currencies, and with a theme that somebody works on.

use argosy_contracts::{catalog::Price, common::Money};
use argosy_kernel::Currency;
use argosy_storefront::StorefrontConfig;

use crate::shop::{Shop, State, variant_id};

/// A shop whose lamp costs dollars, too.
fn with_dollars() -> Shop {
    let mut state = State::default();
    for variant in &mut state.products[0].variants {
        let amount = Some(Money { minor: 123_450, currency: "USD".to_owned() });
        variant.prices.push(Price { amount, compare_at: None, per_unit: None });
    }
    Shop::with(StorefrontConfig::default(), state)
}

#[tokio::test]
async fn every_page_is_there_in_every_language_and_links_within_it() {
    let shop = Shop::start();
    for (path, said) in [
        ("/de", "Abteilungen"),
        ("/de/categories/light", "Sortieren nach"),
        ("/de/products/lamp", "In den Warenkorb"),
        ("/de/search?q=lamp", "Ergebnisse für „lamp“"),
        ("/de/cart", "Ihr Warenkorb ist leer"),
        ("/de/nothing", "Seite nicht gefunden"),
    ] {
        let page = shop.get(path).await;
        let html = page.html();
        assert!(html.contains("<html lang=\"de\">") && html.contains(said), "{path}: {html}");
        let links = html.split("href=\"/").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
        let strays: Vec<&str> = links
            .filter(|link| !link.starts_with("de") && !link.starts_with("assets/"))
            .filter(|link| !html.contains(&format!("href=\"/{link}\" hreflang=\"en\"")))
            .collect();
        assert_eq!(strays, [""; 0], "{path}");
    }
    let typed = shop.get("/de/").await;
    assert_eq!((typed.status, typed.header("location")), (308, "/de"));
    let page = shop.get("/de/products/lamp").await;
    assert!(page.html().contains("49,00\u{a0}€"), "{}", page.html());
    let suggested = shop.get("/de/search/suggest?q=la").await;
    assert!(suggested.html().contains("/de/products/lamp"));
}

#[tokio::test]
async fn search_engines_are_told_of_every_language_and_of_one_currency() {
    let shop = with_dollars();
    let alternates = |html: &str| html.matches("rel=\"alternate\"").count();
    let english = shop.get("/products/lamp").await;
    let german = shop.get("/de/products/lamp").await;
    let dollars = shop.get("/de-usd/products/lamp").await;
    for (page, own) in
        [(&english, "/products/lamp"), (&german, "/de/products/lamp"), (&dollars, "/de/products/lamp")]
    {
        let canonical = format!("<link rel=\"canonical\" href=\"http://127.0.0.1:8080{own}\">");
        assert!(page.html().contains(&canonical), "{own}: {}", page.html());
        assert_eq!(alternates(page.html()), 3, "two languages and the one for all others");
    }
    assert!(dollars.html().contains("1.234,50\u{a0}$"), "{}", dollars.html());
    assert!(dollars.html().contains("\"priceCurrency\":\"USD\""));
    assert_eq!(alternates(shop.get("/products/lamp?variant=x&sort=title").await.html()), 3);
    let sitemap = shop.get("/sitemap/1.xml").await;
    assert!(
        sitemap.html().contains("8080/products/lamp<") && sitemap.html().contains("8080/de/products/lamp<")
    );
    assert!(!sitemap.html().contains("usd"));
    assert!(shop.get("/robots.txt").await.html().contains("Disallow: /de-usd/cart\n"));
}

#[tokio::test]
async fn a_choice_leads_to_the_same_page() {
    let shop = with_dollars();
    let copper = format!("/products/lamp?variant={}", variant_id("lamp", 1));
    let page = shop.get(&copper).await;
    for (href, label) in [(format!("/de{copper}"), "Deutsch"), (format!("/en-usd{copper}"), "USD")] {
        let at = page.html().find(&format!("href=\"{href}\"")).unwrap_or_else(|| panic!("{href}"));
        assert!(page.html()[at..].split("</a>").next().unwrap().ends_with(label), "{label}");
    }
    let one = StorefrontConfig {
        languages: vec!["de".to_owned()],
        currencies: vec![Currency::EUR],
        ..StorefrontConfig::default()
    };
    let shop = Shop::with(one, State::default());
    let page = shop.get("/products/lamp").await;
    assert!(page.html().contains("In den Warenkorb") && !page.html().contains("class=\"switch\""));
    assert_eq!(shop.get("/de/products/lamp").await.status, 404);
}

#[tokio::test]
async fn a_cart_gets_the_currency_of_the_prices_that_the_visitor_sees() {
    let shop = with_dollars();
    let form = format!("variant={}&quantity=1", variant_id("lamp", 0));
    let added = shop.post("/en-usd/cart/lines", "", &form).await;
    assert_eq!((added.status, added.header("location")), (303, "/en-usd/cart"));
    let cookie = added.header("set-cookie").split(';').next().unwrap().to_owned();
    let currency = || shop.state.lock().unwrap().cart.as_ref().unwrap().currency.clone();
    assert_eq!(currency(), "USD");

    let page = shop.get_with("/de/cart", &[("cookie", &cookie)]).await;
    assert!(page.html().contains("Ihr Warenkorb ist in USD."), "{}", page.html());
    assert_eq!(currency(), "USD", "looking changes nothing");
    let changed = shop.post("/de/cart/currency", &cookie, "").await;
    assert_eq!((changed.status, changed.header("location")), (303, "/de/cart"));
    assert_eq!(currency(), "EUR");
    shop.post("/de-usd/cart/lines", &cookie, &form).await;
    assert_eq!(currency(), "USD");
    assert_eq!(shop.state.lock().unwrap().cart.as_ref().unwrap().lines.len(), 2);
}

#[tokio::test]
async fn who_works_on_a_theme_sees_each_change_and_each_fault() {
    let theme = argosy_testkit::TestHost::new();
    let write = |name: &str, text: &str| std::fs::write(theme.folder().join(name), text).unwrap();
    std::fs::create_dir(theme.folder().join("languages")).unwrap();
    let config = StorefrontConfig {
        theme_folder: theme.folder().to_owned(),
        theme_reload: true,
        ..StorefrontConfig::default()
    };
    let shop = Shop::with(config, State::default());
    assert!(shop.get("/products/lamp").await.html().contains("Add to cart"));
    write("languages/en.ftl", "add-to-cart = Take it\n");
    assert!(shop.get("/products/lamp").await.html().contains("Take it"));
    write(
        "product.html",
        "{% extends \"base.html\" %}\n{% block main %}<h1>{{ view.titel }}</h1>{% endblock %}",
    );
    let broken = shop.get("/products/lamp").await;
    assert_eq!(broken.status, 500);
    for told in ["(in product.html:2)", "view.titel"] {
        assert!(broken.html().contains(told), "{told} is not in {}", broken.html());
    }
    write("base.html", "{% if %}<script>");
    let broken = shop.get("/products/lamp").await;
    assert!(broken.status == 500 && broken.html().contains("base.html"), "{}", broken.html());
    assert!(!broken.html().contains("<script>"), "{}", broken.html());
    write("languages/en.ftl", "add-to-cart = { $\n");
    let broken = shop.get("/").await;
    assert!(broken.status >= 400 && broken.html().contains("en.ftl"), "{}", broken.html());
}
