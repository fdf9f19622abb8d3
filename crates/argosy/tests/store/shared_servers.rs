//! A shop whose carts and allowances are in Redis and whose pictures are in S3, and what it does without them.

use crate::support::Shop;
use argosy::settings::Settings;
use argosy_testkit::{
    eventually,
    servers::{RedisServer, S3Server},
};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

/// A whole shop, with one product that can be bought.
async fn open(change: impl FnOnce(&mut Settings)) -> (Shop, String, String) {
    let shop = Shop::open_with(|settings| {
        settings.services = Vec::new();
        change(settings);
    })
    .await;
    let variant = shop.buyers().stocked("mug", 10).await;
    let base = format!("http://{}", shop.process.http.unwrap());
    (shop, base, variant)
}

async fn add(base: &str, cart: &str, variant: &str) -> Response {
    let line = json!({"variant_id": variant, "quantity": 1});
    Client::new().post(format!("{base}/store/carts/{cart}/lines")).json(&line).send().await.unwrap()
}

async fn status(url: String) -> StatusCode {
    reqwest::get(url).await.unwrap().status()
}

#[tokio::test]
async fn without_redis_the_shop_is_read_and_carts_come_back() {
    let mut redis = RedisServer::start().await;
    let (_shop, base, variant) = open(|settings| settings.redis = redis.settings()).await;
    let made = Client::new().post(format!("{base}/store/carts")).json(&json!({})).send().await.unwrap();
    let cart: Value = made.json().await.unwrap();
    let cart = cart["id"].as_str().unwrap();
    assert!(add(&base, cart, &variant).await.status().is_success());

    redis.kill();
    let refused = add(&base, cart, &variant).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["code"], "REDIS_UNAVAILABLE");
    for path in ["/store/products/mug", "/products/mug", "/", "/readyz"] {
        assert_eq!(status(format!("{base}{path}")).await, StatusCode::OK, "{path}");
    }
    let ready = reqwest::get(format!("{base}/readyz")).await.unwrap().text().await.unwrap();
    assert!(ready.contains("redis away\n"), "{ready}");

    redis.start_again().await;
    eventually("the cart is there again", || async {
        status(format!("{base}/store/carts/{cart}")).await == StatusCode::OK
    })
    .await;
    let view: Value = add(&base, cart, &variant).await.json().await.unwrap();
    assert_eq!(view["lines"][0]["quantity"], 2, "{view}");
}

#[tokio::test]
async fn a_shop_with_pictures_in_s3_goes_on_without_them() {
    let mut s3 = S3Server::start().await;
    let (_shop, base, _variant) = open(|settings| settings.blobs = s3.bucket()).await;
    let ready = reqwest::get(format!("{base}/readyz")).await.unwrap().text().await.unwrap();
    assert!(ready.contains("blobs ok\n"), "{ready}");
    s3.kill();
    assert_eq!(status(format!("{base}/products/mug")).await, StatusCode::OK);
    eventually("it is told", || async {
        let ready = reqwest::get(format!("{base}/readyz")).await.unwrap();
        assert_eq!(ready.status(), StatusCode::OK);
        ready.text().await.unwrap().contains("blobs away\n")
    })
    .await;
}
