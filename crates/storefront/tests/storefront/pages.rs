//! What visitors get to see.

use argosy_contracts::{
    catalog::{Attribute, AttributeDefinition, SizeChart, SizeChartRow, attribute},
    common::{Address, QuantityRule},
    inventory::{Availability, AvailabilityAt, Location},
    search::{Facet, FacetValue},
};
use argosy_kernel::Error;
use argosy_testkit::eventually;

use crate::shop::{Shop, State, eur, product, variant_id};

const HOSTILE: &str = "\"><img src=x onerror=alert(1)><script>alert('x')</script>&{{ 7*7 }}";

/// Nothing in a page may run or style itself: scripts and styles come from files only.
fn assert_nothing_inline(html: &str) {
    let lower = html.to_lowercase();
    for forbidden in [" style=", "<style", " onclick=", " onload=", " onerror=", "javascript:"] {
        assert!(!lower.contains(forbidden), "{forbidden} in {html}");
    }
    for script in lower.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap_or_default();
        assert!(tag.contains("src=\"/assets/") || tag.contains("application/ld+json"), "{tag}");
    }
}

#[tokio::test]
async fn every_page_is_whole_and_keeps_the_policy() {
    let shop = Shop::start();
    for path in ["/", "/categories/light", "/products/lamp", "/search?q=lamp", "/search", "/cart", "/nothing"]
    {
        let answer = shop.get(path).await;
        let html = answer.html();
        assert!(
            html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"),
            "{path}: {html}"
        );
        assert_nothing_inline(html);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn a_product_page_shows_price_stock_options_and_data_for_machines() {
    let shop = Shop::start();
    let page = shop.get("/products/lamp").await;
    assert_eq!(page.status, 200);
    for part in [
        "Harbour lamp",
        "€49.00",
        "In stock",
        "\"@type\":\"Product\"",
        "\"@type\":\"BreadcrumbList\"",
        "<link rel=\"canonical\" href=\"http://127.0.0.1:8080/products/lamp\">",
        "<p>Turned by hand.</p>",
    ] {
        assert!(page.html().contains(part), "{part} is not in {}", page.html());
    }
    let copper = format!("/products/lamp?variant={}", variant_id("lamp", 1));
    assert!(page.html().contains(&copper));
    let page = shop.get(&copper).await;
    assert!(page.html().contains("€59.00"));
    assert!(page.html().contains(&format!("name=\"variant\" value=\"{}\"", variant_id("lamp", 1))));
}

#[tokio::test]
async fn a_reduced_price_stands_beside_the_lowest_of_the_days_before() {
    let mut state = State::default();
    let reduced = &mut state.products[0].variants[0].prices[0];
    reduced.compare_at = Some(argosy_contracts::common::Money { minor: 6_000, currency: "EUR".to_owned() });
    state.lowest.insert(variant_id("lamp", 0), 4_500);
    state.lowest.insert(variant_id("lamp", 1), 4_500);
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state);
    let told = "Lowest price of the 30 days before: €45.00";
    assert!(shop.get("/products/lamp").await.html().contains(told));
    let not_reduced = shop.get(&format!("/products/lamp?variant={}", variant_id("lamp", 1))).await;
    assert!(!not_reduced.html().contains("Lowest price"));
    shop.state.lock().unwrap().lowest.clear();
    eventually("a price without a past stands alone", async || {
        shop.tell("catalog.product_changed", "prod_lamp");
        tokio::task::yield_now().await;
        !shop.get("/products/lamp").await.html().contains("Lowest price")
    })
    .await;
}

#[tokio::test]
async fn what_is_hostile_is_shown_as_text() {
    let mut state = State::default();
    let mut hostile = product("hostile", HOSTILE, &[(HOSTILE, 100), ("Plain", 200)]);
    hostile.vendor = HOSTILE.to_owned();
    hostile.description_html = "<p>clean</p>".to_owned();
    state.products.push(hostile);
    state.categories[0].title = HOSTILE.to_owned();
    let value =
        FacetValue { value: HOSTILE.to_owned(), label: HOSTILE.to_owned(), count: 1, selected: false };
    state.facets = vec![Facet {
        name: "vendor".to_owned(),
        label: HOSTILE.to_owned(),
        values: vec![value, FacetValue { value: "other".to_owned(), ..FacetValue::default() }],
    }];
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state);
    let query: String = url_encoded(HOSTILE);
    for path in [
        "/".to_owned(),
        "/products/hostile".to_owned(),
        "/categories/light".to_owned(),
        format!("/search?q={query}&filter.{query}={query}&sort={query}&price_min={query}&cursor={query}"),
        format!("/products/{query}"),
        format!("/orders/{query}?key={query}"),
        format!("/checkout/{query}"),
    ] {
        let answer = shop.get(&path).await;
        let html = answer.html();
        assert!(answer.status < 500, "{path}: {}", answer.status);
        assert!(!html.contains("<img src=x") && !html.contains("<script>"), "{path}: {html}");
        assert!(!html.contains("&amp;49"), "{path}: {html}");
    }
}

fn url_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn failures_are_pages_in_the_look_of_the_shop_with_the_right_status() {
    let mut state = State::default();
    let mut archived = product("old", "Old", &[("One", 1)]);
    archived.status = "archived".to_owned();
    let mut draft = product("soon", "Soon", &[("One", 1)]);
    draft.status = "draft".to_owned();
    state.products.extend([archived, draft]);
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state);
    for (path, status) in [
        ("/nothing", 404),
        ("/products/none", 404),
        ("/products/soon", 404),
        ("/products/old", 410),
        ("/categories/x", 404),
    ] {
        let answer = shop.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.html().contains("To the home page"), "{path}");
    }
    assert_eq!(shop.post("/products/lamp", "", "").await.status, 405);
    assert_eq!(shop.get(&format!("/search?q={}", "x".repeat(9_000))).await.status, 400);
    let too_large = shop.post("/cart", "", &"x".repeat(100_000)).await;
    assert_eq!(too_large.status, 413);
    shop.state.lock().unwrap().fails = Some(Error::unavailable("DOWN", "secret detail"));
    let down = shop.get("/search").await;
    assert_eq!(down.status, 503);
    assert!(!down.html().contains("secret detail"));
    assert!(!down.header("retry-after").is_empty());
}

#[tokio::test]
async fn law_8_a_cached_page_is_dropped_when_what_it_shows_changes() {
    let shop = Shop::start();
    let first = shop.get("/products/lamp").await;
    let etag = first.header("etag").to_owned();
    shop.get("/").await;
    // The followers of facts start at the head of the log; a first fact that comes through shows that they do.
    let rename = |title: &str| shop.state.lock().unwrap().products[0].title = title.to_owned();
    rename("Quay lamp");
    assert!(shop.get("/products/lamp").await.html().contains("Harbour lamp"));
    assert_eq!(shop.get_with("/products/lamp", &[("if-none-match", &etag)]).await.status, 304);
    eventually("the page shows the new name", async || {
        shop.tell("catalog.product_changed", "prod_lamp");
        tokio::task::yield_now().await;
        shop.get("/products/lamp").await.html().contains("Quay lamp")
    })
    .await;
    eventually("the home page shows it, too", async || shop.get("/").await.html().contains("Quay lamp"))
        .await;
    assert_eq!(shop.get_with("/products/lamp", &[("if-none-match", &etag)]).await.status, 200);
}

#[tokio::test]
async fn a_sold_out_variant_says_so_and_cannot_be_added() {
    let sold_out =
        Availability { variant_id: variant_id("lamp", 0), tracked: true, ..Availability::default() };
    let state = State { stock: vec![sold_out], ..State::default() };
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state);
    let page = shop.get("/products/lamp").await;
    assert!(page.html().contains("Sold out in Brass"));
    assert!(!page.html().contains("Add to cart"));
}

#[tokio::test]
async fn a_page_shows_the_price_of_a_unit_in_how_many_it_is_sold_how_it_fits_and_where_it_can_be_collected() {
    let mut state = State::default();
    let lamp = &mut state.products[0];
    let text = |text: &str| Some(attribute::Value::Text(text.to_owned()));
    lamp.attributes = vec![Attribute { name: "sizes".to_owned(), value: text("Lamps") }];
    lamp.variants[0].unit_base = "100 g".parse().ok();
    lamp.variants[0].prices[0].per_unit = Some(eur(1_225));
    lamp.variants[0].quantity_rule = Some(QuantityRule { min: 4, step: 2, max: 40 });
    let row = |cells: &[&str]| SizeChartRow { cells: cells.iter().map(|&cell| cell.to_owned()).collect() };
    state.attributes = vec![AttributeDefinition {
        name: "sizes".to_owned(),
        size_charts: vec![SizeChart {
            value: "Lamps".to_owned(),
            title: "<b>Lamps</b> & more".to_owned(),
            columns: vec!["Lamp".to_owned(), "Height".to_owned()],
            rows: vec![row(&["Small", "20 cm"])],
            note: "Without the wick.".to_owned(),
        }],
        ..AttributeDefinition::default()
    }];
    let place = |id: &str, name: &str, pickup| Location {
        id: id.to_owned(),
        name: name.to_owned(),
        active: true,
        pickup,
        address: Some(Address {
            line1: "Quay 1".to_owned(),
            city: "Flensburg".to_owned(),
            ..Address::default()
        }),
        ready_after_h: 2,
        ..Location::default()
    };
    state.locations = vec![place("a", "Quay", true), place("b", "Station", true), place("c", "Depot", false)];
    let at = |id: &str, available| AvailabilityAt {
        location_id: id.to_owned(),
        available,
        ..AvailabilityAt::default()
    };
    state.stock = vec![Availability {
        variant_id: variant_id("lamp", 0),
        available: 3,
        tracked: true,
        locations: vec![at("a", 3), at("b", 0)],
        ..Availability::default()
    }];
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state);
    let page = shop.get("/products/lamp").await;
    for part in [
        "€12.25 / 100 g",
        "min=\"4\" max=\"40\" step=\"2\" value=\"4\"",
        "Sold in multiples of 2.",
        "<th scope=\"row\">Small</th><td>20 cm</td>",
        "Without the wick.",
        "<caption>&lt;b&gt;Lamps",
        "<strong>Quay</strong> <span class=\"ok\">In stock, ready in 2 hours",
        "<strong>Station</strong> <span class=\"muted\">Not there at present",
        "Quay 1, Flensburg",
    ] {
        assert!(page.html().contains(part), "{part} is not in {}", page.html());
    }
    assert!(!page.html().contains("Depot") && !page.html().contains("<dd>Lamps</dd>"));
    assert_nothing_inline(page.html());
}

#[tokio::test]
async fn filters_are_boxes_chips_and_addresses() {
    let mut state = State::default();
    let value = |text: &str| FacetValue { value: text.to_owned(), count: 2, ..FacetValue::default() };
    state.facets = vec![Facet {
        name: "vendor".to_owned(),
        label: "Brand".to_owned(),
        values: vec![value("Argo Works"), value("Other")],
    }];
    state.next = "more".to_owned();
    let shop = Shop::with(argosy_storefront::StorefrontConfig::default(), state);
    let page = shop.get("/categories/light?filter.vendor=Argo+Works&price_max=50&utm_source=x").await;
    let html = page.html();
    assert!(html.contains("name=\"filter.vendor\" value=\"Argo Works\" checked"), "{html}");
    assert!(html.contains("Brand: Argo Works") && html.contains("Up to €50.00"));
    assert!(html.contains("href=\"/categories/light?price_max=50.00\""));
    assert!(html.contains("cursor=more"));
    assert!(html.contains("content=\"noindex\""));
    let before = shop.state.lock().unwrap().queries;
    shop.get("/categories/light?price_max=50.00&filter.vendor=Argo+Works").await;
    assert_eq!(shop.state.lock().unwrap().queries, before, "the same listing is rendered once");
}

#[tokio::test]
async fn assets_pictures_and_the_sitemap_can_be_kept_and_found() {
    let shop = Shop::start();
    let page = shop.get("/").await;
    let css = page.html().split("href=\"").find(|part| part.starts_with("/assets/shop.")).unwrap();
    let css = css.split('"').next().unwrap();
    let answer = shop.get_with(css, &[("accept-encoding", "br, gzip")]).await;
    assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"));
    assert!(answer.header("cache-control").contains("immutable"));
    let id = argosy_kernel::MediaId::new();
    let picture =
        shop.get_with(&format!("/media/{id}/640"), &[("accept", "image/avif,image/webp,*/*")]).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/avif"));
    let older = shop.get_with(&format!("/media/{id}/640"), &[("accept", "image/webp,*/*")]).await;
    assert_eq!(older.header("content-type"), "image/webp");
    assert_eq!(shop.get(&format!("/media/{id}/preview")).await.header("content-type"), "image/jpeg");
    assert_eq!(shop.get("/media/nonsense").await.status, 404);
    assert!(shop.get("/robots.txt").await.html().contains("Sitemap: http://127.0.0.1:8080/sitemap.xml"));
    assert!(shop.get("/sitemap.xml").await.html().contains("/sitemap/1.xml"));
    assert!(
        shop.get("/sitemap/1.xml").await.html().contains("<loc>http://127.0.0.1:8080/products/lamp</loc>")
    );
    assert_eq!(shop.get("/sitemap/9.xml").await.status, 404);
}

#[tokio::test]
async fn a_template_of_the_theme_stands_in_for_the_built_in_one() {
    let theme = argosy_testkit::TestHost::new();
    std::fs::write(
        theme.folder().join("error.html"),
        "{% extends \"base.html\" %}{% block main %}<h1>Ours</h1>{% endblock %}",
    )
    .unwrap();
    std::fs::write(theme.folder().join("cart.html"), "{% broken").unwrap();
    let config = argosy_storefront::StorefrontConfig {
        theme_folder: theme.folder().to_owned(),
        ..argosy_storefront::StorefrontConfig::default()
    };
    let shop = Shop::with(config, State::default());
    assert!(shop.get("/nothing").await.html().contains("<h1>Ours</h1>"));
    let broken = shop.get("/cart").await;
    assert_eq!(broken.status, 500);
    assert!(broken.html().contains("<h1>Ours</h1>") && !broken.html().contains("broken"));
}
