//! Wallets: their key comes in a header, and nothing of what pays is shown.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::{
    samples::{self, CHECKOUT},
    shop::{Answer, Shop},
};

const WALLET: &str = "/store/wallets/wal_0000000000000000000000000g";
const SETUP: &str = "setup_0000000000000000000000000g";

async fn ask(shop: &Shop, method: &str, path: &str, keys: (&str, Option<&str>), body: &Value) -> Answer {
    let (wallet_key, key) = keys;
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if !wallet_key.is_empty() {
        request = request.header("wallet-key", wallet_key);
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    shop.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn a_wallet_is_opened_and_read_with_its_key() {
    let shop = Shop::open().await;
    let opened = ask(&shop, "POST", "/store/wallets", ("", None), &Value::Null).await;
    assert_eq!((opened.status, opened.json()["key"].as_str()), (201, Some("secret")));
    let id = opened.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(opened.headers["location"], format!("/store/wallets/{id}"));
    let read = ask(&shop, "GET", WALLET, ("secret", None), &Value::Null).await;
    assert_eq!(read.headers["cache-control"], "private, no-store");
    insta::assert_json_snapshot!(read.json());
    for wrong in ["", "other"] {
        let refused = ask(&shop, "GET", WALLET, (wrong, None), &Value::Null).await;
        assert_eq!((refused.status, refused.code().as_str()), (404, "WALLET_NOT_FOUND"));
    }
    let in_address = ask(&shop, "GET", &format!("{WALLET}?key=secret"), ("secret", None), &Value::Null).await;
    assert_eq!(in_address.status, 422, "a key in an address would be logged");
}

#[tokio::test]
async fn law_4_saving_a_method_needs_a_key_and_hands_it_on() {
    let shop = Shop::open().await;
    let path = format!("{WALLET}/setups");
    let body =
        json!({ "provider": "test", "token": "tok_needs_action", "return_url": "https://shop.example/back" });
    let refused = ask(&shop, "POST", &path, ("secret", None), &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "KEY_MISSING"));
    for _ in 0..2 {
        let waits = ask(&shop, "POST", &path, ("secret", Some("k1")), &body).await;
        assert_eq!((waits.status, waits.json()["status"].as_str()), (201, Some("requires_action")));
        assert!(!waits.headers.contains_key("idempotency-replayed"), "the service keeps these keys itself");
        assert!(!waits.body.contains("tok_needs_action"), "a token is never shown");
    }
    {
        let setups = shop.knows.setups.lock().unwrap();
        let (asked, key) = &setups[0];
        assert_eq!(
            (asked.token.as_str(), asked.key.as_str(), key.as_deref()),
            ("tok_needs_action", "secret", Some("k1"))
        );
    }
    let by_hand = json!({ "provider": "manual", "token": "bank_transfer" });
    let refused = ask(&shop, "POST", &path, ("secret", Some("k2")), &by_hand).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "NOT_SAVEABLE"));
    let missing = ask(&shop, "POST", &path, ("secret", Some("k3")), &json!({ "provider": "test" })).await;
    assert_eq!(missing.status, 422);
    let finished =
        ask(&shop, "POST", &format!("{path}/{SETUP}/finish"), ("secret", None), &Value::Null).await;
    assert_eq!((finished.status, finished.json()["method"]["last_four"].as_str()), (200, Some("4242")));
    let read = ask(&shop, "GET", &format!("{path}/{SETUP}"), ("secret", None), &Value::Null).await;
    assert_eq!(read.json(), finished.json());
}

#[tokio::test]
async fn a_method_is_removed() {
    let shop = Shop::open().await;
    let read = ask(&shop, "GET", WALLET, ("secret", None), &Value::Null).await;
    let path = format!("{WALLET}/methods/{}", read.json()["methods"][0]["id"].as_str().unwrap());
    let refused = ask(&shop, "DELETE", &path, ("other", None), &Value::Null).await;
    assert_eq!(refused.code(), "WALLET_NOT_FOUND");
    let removed = ask(&shop, "DELETE", &path, ("secret", None), &Value::Null).await;
    assert_eq!((removed.status, removed.json()["methods"].as_array().unwrap().len()), (200, 0));
    let wrong =
        ask(&shop, "DELETE", &format!("{WALLET}/methods/pmt_1"), ("secret", None), &Value::Null).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "INVALID_ID"));
}

#[tokio::test]
async fn a_checkout_is_paid_with_a_wallet_whose_key_is_shown_nowhere() {
    let shop = Shop::open().await;
    *shop.knows.checkout.lock().unwrap() = Some(Ok(samples::checkout()));
    let path = format!("/store/checkouts/{CHECKOUT}/complete");
    let wallet = json!({ "id": "wal_0000000000000000000000000g", "key": "very-secret", "remember": true });
    let body = json!({ "payment": { "provider": "test", "token": "tok_ok", "wallet": wallet } });
    let done = ask(&shop, "POST", &path, ("", Some("k1")), &body).await;
    assert_eq!(done.status, 200);
    assert!(!done.body.contains("very-secret"));
    {
        let completed = shop.knows.completed.lock().unwrap();
        let request = &completed[0].0;
        let paid = (request.wallet_id.as_str(), request.wallet_key.as_str(), request.remember);
        assert_eq!(paid, ("wal_0000000000000000000000000g", "very-secret", true));
    }
    let wrong =
        json!({ "payment": { "provider": "test", "token": "x", "wallet": { "id": "cart_1", "key": "k" } } });
    let refused = ask(&shop, "POST", &path, ("", Some("k2")), &wrong).await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/payment/wallet/id".to_owned()]));
}
