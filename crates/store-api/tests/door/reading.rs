//! Products, lists and search: shapes, errors, caching.

use std::sync::atomic::Ordering;

use argosy_contracts::{
    inventory::Location,
    search::{Facet, FacetValue, QueryResponse},
};
use argosy_testkit::eventually;

use crate::{
    samples::{MUG, TOTE, TOTE_RED},
    shop::Shop,
};

const PRODUCT: &str = "/store/products/canvas-tote";

fn found(ids: &[&str], next: &str) -> QueryResponse {
    let product_ids = ids.iter().map(|id| (*id).to_owned()).collect();
    QueryResponse { product_ids, next: next.to_owned(), ..QueryResponse::default() }
}

#[tokio::test]
async fn a_product_has_the_documented_shape() {
    let shop = Shop::open().await;
    shop.knows.sold_out.lock().unwrap().insert(TOTE_RED.to_owned());
    let answer = shop.get(PRODUCT).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["cache-control"], "public, max-age=1");
    assert_eq!(answer.headers["surrogate-key"], format!("products {TOTE}"));
    insta::assert_json_snapshot!(answer.json());
}

#[tokio::test]
async fn places_to_collect_at_say_whether_a_variant_is_there() {
    let shop = Shop::open().await;
    let place = |id: &str, pickup| Location {
        id: id.to_owned(),
        name: "Quay".to_owned(),
        active: true,
        pickup,
        hours: "Mon–Sat 10–18".to_owned(),
        ready_after_h: 2,
        ..Location::default()
    };
    *shop.knows.locations.lock().unwrap() = vec![place("loc_1", true), place("loc_2", false)];
    let all = shop.get("/store/locations").await.json();
    assert_eq!(
        (all["items"].as_array().unwrap().len(), &all["items"][0]["available"]),
        (1, &serde_json::Value::Null)
    );
    let path = format!("/store/locations?variant_id={TOTE_RED}");
    insta::assert_json_snapshot!(shop.get(&path).await.json());
    shop.knows.sold_out.lock().unwrap().insert(TOTE_RED.to_owned());
    assert_eq!(shop.get(&path).await.json()["items"][0]["available"], false);
}

#[tokio::test]
async fn a_product_is_found_by_id_and_in_another_currency() {
    let shop = Shop::open().await;
    let answer = shop.get(&format!("/store/products/{TOTE}?currency=JPY&fields=id,variants")).await;
    let product = answer.json();
    assert_eq!(product.as_object().unwrap().len(), 2);
    assert_eq!(product["variants"][0]["price"], serde_json::json!({"amount": 299_850, "currency": "JPY"}));
    assert!(product["variants"][0].get("compare_at").is_none());

    let nowhere_sold = shop.get(&format!("{PRODUCT}?currency=KWD")).await.json();
    assert_eq!(nowhere_sold["variants"][0]["price"], serde_json::Value::Null);
    assert_eq!(nowhere_sold["variants"][0]["available"], false);
}

#[tokio::test]
async fn what_is_not_on_sale_is_not_found() {
    let shop = Shop::open().await;
    let foreign = TOTE.replace("prod_", "ord_");
    let unknown = TOTE.replace('4', "g");
    for name in ["unknown", &foreign, &unknown, &"x".repeat(300), "%F0%9F%91%9C"] {
        let answer = shop.get(&format!("/store/products/{name}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "PRODUCT_NOT_FOUND"), "{name}");
    }
    assert_eq!(shop.get("/store/products/%FF").await.code(), "INVALID_PATH");
    assert_eq!(shop.get("/store/nothing/here").await.code(), "UNKNOWN_PATH");
    assert_eq!(shop.call("PUT", "/store/products", None, "").await.code(), "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn parameters_that_nobody_knows_are_named() {
    let shop = Shop::open().await;
    for (path, pointer) in [
        ("/store/products?colour=red", "/colour"),
        ("/store/products?limit=101", "/limit"),
        ("/store/products?limit=0", "/limit"),
        ("/store/products?sort=best", "/sort"),
        ("/store/products?price_min=-1", "/price_min"),
        ("/store/products?currency=EURO", "/currency"),
        ("/store/products?fields=id,colour", "/fields"),
        ("/store/products?include=everything", "/include"),
        ("/store/products?filter.=x", "/filter."),
        ("/store/products?q=tote", "/q"),
        ("/store/products/mug?limit=1", "/limit"),
        ("/store/search?q=a&q=b", "/q"),
        ("/store/search/suggest", "/q"),
        ("/store/search/suggest?q=a&limit=11", "/limit"),
        ("/store/categories?x=1", "/x"),
        ("/store/locations?variant_id=7", "/variant_id"),
        ("/store/payment-methods?amount=-1", "/amount"),
    ] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "INVALID_FIELD"), "{path}");
        assert_eq!(answer.pointers(), [pointer], "{path}");
    }
}

#[tokio::test]
async fn who_has_a_product_is_not_sent_it_again() {
    let shop = Shop::open().await;
    let etag = shop.get(PRODUCT).await.headers["etag"].to_str().unwrap().to_owned();
    let again = shop.get_unless(PRODUCT, &etag).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.headers["etag"], etag);
    assert_eq!(shop.knows.product_loads.load(Ordering::SeqCst), 1, "the second answer came from the cache");
}

#[tokio::test]
async fn law_8_a_change_of_a_product_is_seen_at_once() {
    let shop = Shop::open().await;
    assert_eq!(shop.get(PRODUCT).await.json()["title"], "Canvas tote");
    shop.knows.products.lock().unwrap()[0].title = "Linen tote".to_owned();
    assert_eq!(shop.get(PRODUCT).await.json()["title"], "Canvas tote", "it is kept until it changed");
    eventually("the new title is shown", || async {
        shop.tell_product_changed(TOTE, "canvas-tote").await;
        shop.get(PRODUCT).await.json()["title"] == "Linen tote"
    })
    .await;
}

#[tokio::test]
async fn law_8_a_variant_that_sold_out_is_not_shown_as_available() {
    let shop = Shop::open().await;
    let available = || async { shop.get(PRODUCT).await.json()["variants"][0]["available"] == true };
    assert!(available().await);
    shop.knows.sold_out.lock().unwrap().insert(TOTE_RED.to_owned());
    eventually("the variant is shown as sold out", || async {
        shop.tell_availability_changed(TOTE_RED).await;
        !available().await
    })
    .await;
}

#[tokio::test]
async fn a_new_product_is_found_though_it_was_missing_before() {
    let shop = Shop::open().await;
    let tote = shop.knows.products.lock().unwrap().remove(0);
    assert_eq!(shop.get(PRODUCT).await.status, 404);
    assert_eq!(shop.get(PRODUCT).await.status, 404);
    assert_eq!(shop.knows.product_loads.load(Ordering::SeqCst), 1, "what is missing is remembered");
    shop.knows.products.lock().unwrap().push(tote);
    eventually("the product is found", || async {
        shop.tell_product_changed(TOTE, "canvas-tote").await;
        shop.get(PRODUCT).await.status == 200
    })
    .await;
}

#[tokio::test]
async fn a_handle_that_went_to_another_product_shows_that_one() {
    let shop = Shop::open().await;
    assert_eq!(shop.get(PRODUCT).await.json()["id"], TOTE);
    {
        let mut products = shop.knows.products.lock().unwrap();
        products[0].handle = "old-tote".to_owned();
        products[1].handle = "canvas-tote".to_owned();
    }
    eventually("the handle shows the mug", || async {
        shop.tell_product_changed(TOTE, "old-tote").await;
        shop.get(PRODUCT).await.json()["id"] == MUG
    })
    .await;
}

#[tokio::test]
async fn categories_are_listed_and_follow_the_catalogue() {
    let shop = Shop::open().await;
    insta::assert_json_snapshot!(shop.get("/store/categories").await.json());
    shop.knows.categories.lock().unwrap()[0].title = "Carriers".to_owned();
    eventually("the new title is shown, also in products", || async {
        shop.tell_categories_changed().await;
        let listed = shop.get("/store/categories").await.json()["items"][0]["title"] == "Carriers";
        listed && shop.get(PRODUCT).await.json()["categories"][0]["title"] == "Carriers"
    })
    .await;
    assert_eq!(shop.get("/store/collections").await.json(), serde_json::json!({"items": [], "next": null}));
}

#[tokio::test]
async fn a_list_asks_search_and_loads_its_products_in_one_call() {
    let shop = Shop::open().await;
    let gone = TOTE.replace('4', "g");
    *shop.knows.found.lock().unwrap() = found(&[MUG, &gone, TOTE], "c2");
    let path = "/store/products?category=bags&price_min=100&filter.material=cotton&filter.material=linen\
                &filter.volume_l=5..20&sort=price_asc&limit=3&cursor=c1&fields=id,handle";
    let answer = shop.get(path).await;
    assert_eq!(
        answer.json(),
        serde_json::json!({
            "items": [{"id": MUG, "handle": "mug"}, {"id": TOTE, "handle": "canvas-tote"}],
            "next": "c2",
        })
    );
    assert_eq!(shop.knows.product_loads.load(Ordering::SeqCst), 1);
    let asked = shop.knows.queries.lock().unwrap().pop().unwrap();
    assert_eq!((asked.text.as_str(), asked.category.as_str(), asked.currency.as_str()), ("", "bags", "EUR"));
    assert_eq!((asked.price_min, asked.price_max, asked.limit), (Some(100), None, 3));
    assert_eq!((asked.sort.as_str(), asked.cursor.as_str(), asked.facets), ("price_asc", "c1", false));
    assert_eq!(asked.filters[0].values, ["cotton", "linen"]);
    assert_eq!((asked.filters[1].min, asked.filters[1].max), (Some(5.0), Some(20.0)));

    let etag = answer.headers["etag"].to_str().unwrap();
    assert_eq!(shop.get_unless(path, etag).await.status, 304);
    assert_eq!(
        shop.knows.product_loads.load(Ordering::SeqCst),
        2,
        "the one that is missing was asked for again"
    );
}

#[tokio::test]
async fn a_search_has_facets_and_says_what_it_mended() {
    let shop = Shop::open().await;
    let value =
        FacetValue { value: "Harbour".to_owned(), label: "Harbour".to_owned(), count: 1, selected: false };
    let facet = Facet { name: "vendor".to_owned(), label: "Vendor".to_owned(), values: vec![value] };
    *shop.knows.found.lock().unwrap() =
        QueryResponse { facets: vec![facet], matches: 1, corrected: "tote".to_owned(), ..found(&[TOTE], "") };
    let answer = shop.get("/store/search?q=toet&include=facets&fields=title").await;
    insta::assert_json_snapshot!(answer.json());
    assert_eq!(shop.knows.queries.lock().unwrap()[0].text, "toet");
    let suggested = shop.get("/store/search/suggest?q=to").await.json();
    assert_eq!(suggested["items"][0], serde_json::json!({"text": "to", "kind": "product", "handle": "tote"}));
}
