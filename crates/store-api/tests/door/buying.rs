//! Carts, checkouts, orders, payments: shapes, keys, errors.

use argosy_contracts::{
    cart::command,
    orders::{Checkout, Order},
};
use argosy_kernel::Error;
use serde_json::json;

use crate::{
    samples::{self, CART, CHECKOUT, LINE, ORDER, TOTE_RED},
    shop::Shop,
};

async fn shop() -> Shop {
    let shop = Shop::open().await;
    *shop.knows.cart.lock().unwrap() = Some(Ok(samples::cart()));
    *shop.knows.checkout.lock().unwrap() = Some(Ok(samples::checkout()));
    *shop.knows.order.lock().unwrap() = Some(samples::order());
    shop
}

#[tokio::test]
async fn a_cart_is_made_and_has_the_documented_shape() {
    let shop = shop().await;
    let answer = shop.post("/store/carts", r#"{"currency": "EUR", "lines": []}"#).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers["location"], format!("/store/carts/{CART}"));
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    insta::assert_json_snapshot!(answer.json());
    let traced = shop.get(&format!("/store/carts/{CART}?include=trace")).await.json();
    assert_eq!(traced["lines"][0]["trace"][0]["rule"], "list_price");
}

#[tokio::test]
async fn law_6_each_change_of_a_cart_is_a_command() {
    let shop = shop().await;
    let line = format!("/store/carts/{CART}/lines/{LINE}");
    let body = format!(r#"{{"variant_id": "{TOTE_RED}", "quantity": 2}}"#);
    for (method, path, body) in [
        ("POST", format!("/store/carts/{CART}/lines"), body.as_str()),
        ("PATCH", line.clone(), r#"{"quantity": 0}"#),
        ("DELETE", line.clone(), ""),
        ("POST", format!("/store/carts/{CART}/codes"), r#"{"code": "WELCOME10"}"#),
        ("DELETE", format!("/store/carts/{CART}/codes/WELCOME%2010"), ""),
        ("PUT", format!("{line}/wrap"), r#"{"wrap": "ribbon", "message": "For you"}"#),
        ("DELETE", format!("{line}/wrap"), ""),
    ] {
        assert_eq!(shop.call(method, &path, None, body).await.status, 200, "{method} {path}");
    }
    let commands: Vec<_> =
        shop.knows.commands.lock().unwrap().iter().filter_map(|told| told.command.clone()).collect();
    assert!(
        matches!(&commands[0], command::Command::AddLine(line) if line.variant_id == TOTE_RED && line.quantity == 2)
    );
    assert!(
        matches!(&commands[1], command::Command::SetQuantity(set) if set.line_id == LINE && set.quantity == 0)
    );
    assert!(matches!(&commands[2], command::Command::RemoveLine(line) if line.line_id == LINE));
    assert!(matches!(&commands[3], command::Command::AddCode(code) if code.code == "WELCOME10"));
    assert!(matches!(&commands[4], command::Command::RemoveCode(code) if code.code == "WELCOME 10"));
    let wrap = |command: &command::Command| match command {
        command::Command::SetWrap(set) => [set.line_id.clone(), set.wrap.clone(), set.message.clone()],
        _ => panic!("{command:?}"),
    };
    assert_eq!(wrap(&commands[5]), [LINE, "ribbon", "For you"]);
    assert_eq!(wrap(&commands[6]), [LINE, "", ""]);
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_named() {
    let shop = shop().await;
    let lines = format!("/store/carts/{CART}/lines");
    let foreign = format!(r#"{{"variant_id": "{CART}", "quantity": 1}}"#);
    let checkout = format!("/store/checkouts/{CHECKOUT}");
    for (method, path, body, pointer) in [
        ("POST", lines.as_str(), r#"{"quantity": 1}"#, "/variant_id"),
        ("POST", &lines, r#"{"variant_id": "x", "quantity": 1}"#, "/variant_id"),
        ("POST", &lines, &foreign, "/variant_id"),
        ("POST", "/store/carts", r#"{"lines": [{"variant_id": 1}]}"#, "/lines/0/variant_id"),
        ("POST", "/store/carts", r#"{"colour": 1}"#, "/colour"),
        ("PUT", &format!("/store/carts/{CART}/lines/{LINE}/wrap"), r#"{"wrap": ""}"#, "/wrap"),
        (
            "PUT",
            &format!("/store/carts/{CART}/lines/{LINE}/wrap"),
            r#"{"wrap": "r", "message": "a\u0000"}"#,
            "/message",
        ),
        ("PATCH", &checkout, r#"{"email": "a\u0000b"}"#, "/email"),
        ("PATCH", &checkout, r#"{"shipping_address": {"city": "a\nb"}}"#, "/shipping_address/city"),
        ("PATCH", &checkout, r#"{"shipping_address": {"planet": "Mars"}}"#, "/shipping_address/planet"),
    ] {
        let answer = shop.call(method, path, None, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "INVALID_FIELD"), "{body}");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
}

#[tokio::test]
async fn a_services_pointers_are_those_of_the_body() {
    let shop = shop().await;
    let refused = Error::invalid_field("/commands/0/quantity", "must be from 1 to 9999");
    *shop.knows.cart.lock().unwrap() = Some(Err(refused));
    let body = format!(r#"{{"variant_id": "{TOTE_RED}", "quantity": -1}}"#);
    let answer = shop.post(&format!("/store/carts/{CART}/lines"), &body).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/quantity".to_owned()]));
    assert_eq!(answer.json()["detail"], "quantity: must be from 1 to 9999");
}

#[tokio::test]
async fn ids_of_another_kind_are_refused_and_unknown_ones_not_found() {
    let shop = shop().await;
    for path in [
        format!("/store/carts/{CHECKOUT}"),
        "/store/carts/1".to_owned(),
        format!("/store/checkouts/{CART}"),
        format!("/store/orders/{CART}?key=k"),
    ] {
        let answer = shop.get(&path).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "INVALID_ID"), "{path}");
    }
    *shop.knows.cart.lock().unwrap() = None;
    let answer = shop.get(&format!("/store/carts/{CART}")).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "CART_NOT_FOUND"));
    for key in ["other", ""] {
        let answer = shop.get(&format!("/store/orders/{ORDER}?key={key}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "ORDER_NOT_FOUND"));
    }
    assert_eq!(shop.get(&format!("/store/orders/{ORDER}")).await.pointers(), ["/key"]);
}

#[tokio::test]
async fn a_checkout_has_the_documented_shape() {
    let shop = shop().await;
    let answer = shop.post("/store/checkouts", &format!(r#"{{"cart_id": "{CART}"}}"#)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers["location"], format!("/store/checkouts/{CHECKOUT}"));
    insta::assert_json_snapshot!(answer.json());
    for verb in ["continue", "cancel"] {
        assert_eq!(shop.post(&format!("/store/checkouts/{CHECKOUT}/{verb}"), "").await.status, 200);
    }
}

#[tokio::test]
async fn only_what_is_said_is_changed() {
    let shop = shop().await;
    let body = r#"{"email": "ann@example.com", "accepted_notices": ["t1"]}"#;
    assert_eq!(shop.call("PATCH", &format!("/store/checkouts/{CHECKOUT}"), None, body).await.status, 200);
    let told = shop.knows.updated.lock().unwrap().pop().unwrap();
    assert_eq!(told.email.as_deref(), Some("ann@example.com"));
    assert_eq!((told.shipping_address, told.shipping_option_id), (None, None));
    assert_eq!(told.accepted_notices, ["t1"]);
}

#[tokio::test]
async fn law_4_completing_needs_a_key_and_hands_it_on() {
    let shop = shop().await;
    let path = format!("/store/checkouts/{CHECKOUT}/complete");
    let body = r#"{"payment": {"provider": "test", "token": "tok_ok"}}"#;
    let refused = shop.post(&path, body).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "KEY_MISSING"));
    for _ in 0..2 {
        let answer = shop.call("POST", &path, Some("k1"), body).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.contains_key("idempotency-replayed"), "the service keeps these keys itself");
        let order = json!({"id": ORDER, "key": "k/1", "url": format!("/store/orders/{ORDER}?key=k%2F1")});
        assert_eq!(answer.json()["order"], order);
        assert!(!answer.body.contains("tok_ok"), "a token is never shown");
    }
    let completed = shop.knows.completed.lock().unwrap();
    assert_eq!(completed.len(), 2);
    assert_eq!((completed[0].0.token.as_str(), completed[0].1.as_deref()), ("tok_ok", Some("k1")));
}

#[tokio::test]
async fn a_purchase_is_paid_in_parts() {
    let shop = shop().await;
    let path = format!("/store/checkouts/{CHECKOUT}/complete");
    let parts = r#""payments": [{"provider": "gift_card", "token": "GIFT1234ABCD"},
        {"provider": "paypal", "token": "paypal", "amount": {"amount": 1500, "currency": "EUR"}}]"#;
    for (key, body) in [
        ("k1", format!(r#"{{"payment": {{"provider": "test", "token": "tok_ok"}}, {parts}}}"#)),
        ("k2", format!("{{{parts}}}")),
    ] {
        assert_eq!(shop.call("POST", &path, Some(key), &body).await.status, 200, "{body}");
    }
    let nothing = shop.call("POST", &path, Some("k3"), "{}").await;
    assert_eq!((nothing.status, nothing.pointers()), (422, vec!["/payment".to_owned()]));
    let asked: Vec<_> =
        shop.knows.completed.lock().unwrap().iter().map(|(request, _)| request.clone()).collect();
    assert_eq!(asked.len(), 2);
    let told = |at: usize| -> Vec<(String, Option<i64>)> {
        let parts = asked[at].also.iter();
        parts.map(|part| (part.provider.clone(), part.amount.as_ref().map(|amount| amount.minor))).collect()
    };
    let gift_and_paypal = vec![("gift_card".to_owned(), None), ("paypal".to_owned(), Some(1_500))];
    assert_eq!(told(1), gift_and_paypal);
    let all = [gift_and_paypal, vec![("test".to_owned(), None)]].concat();
    assert_eq!(told(0), all, "law 10: a release that knows no parts must not take all by the last one");
    assert!(asked.iter().all(|request| request.provider.is_empty() && request.token.is_empty()));

    let wrong = Error::invalid_field("/payments/2/token", "is missing");
    *shop.knows.checkout.lock().unwrap() = Some(Err(wrong));
    let body = format!(r#"{{"payment": {{"provider": "test", "token": "tok_ok"}}, {parts}}}"#);
    let answer = shop.call("POST", &path, Some("k4"), &body).await;
    assert_eq!(answer.pointers(), ["/payment/token"], "where the client put it");
}

#[tokio::test]
async fn law_4_what_is_due_is_paid_with_a_key() {
    let shop = shop().await;
    let path = format!("/store/orders/{ORDER}/payments?key=k%2F1");
    let body = r#"{"payment": {"provider": "test", "token": "tok_ok"}, "amount": {"amount": 1000, "currency": "EUR"}}"#;
    let refused = shop.post(&path, body).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "KEY_MISSING"));
    for _ in 0..2 {
        let answer = shop.call("POST", &path, Some("k1"), body).await;
        assert_eq!((answer.status, answer.json()["balance"]["state"].as_str().unwrap()), (200, "paid"));
        assert!(!answer.headers.contains_key("idempotency-replayed") && !answer.body.contains("tok_ok"));
    }
    let on = format!("/store/orders/{ORDER}/payments/continue?key=k%2F1");
    assert_eq!(shop.post(&on, "").await.status, 200);
    assert_eq!(shop.call("POST", &path.replace("k%2F1", "wrong"), Some("k2"), body).await.status, 404);
    let asked = shop.knows.balances.lock().unwrap();
    assert_eq!((asked[0].reference.as_str(), asked[0].amount.as_ref().unwrap().minor), ("k1", 1_000));
}

#[tokio::test]
async fn law_4_a_key_has_one_effect_on_a_cart() {
    let shop = shop().await;
    let path = format!("/store/carts/{CART}/codes");
    let first = shop.call("POST", &path, Some("k"), r#"{"code": "A"}"#).await;
    let again = shop.call("POST", &path, Some("k"), r#"{"code": "A"}"#).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(shop.call("POST", &path, Some("k"), r#"{"code": "B"}"#).await.code(), "KEY_REUSED");
    assert_eq!(shop.knows.commands.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn out_of_stock_says_which_lines() {
    let shop = shop().await;
    let short =
        Error::precondition("OUT_OF_STOCK", "not enough in stock").with_field("/lines/0", "1 is left");
    *shop.knows.checkout.lock().unwrap() = Some(Err(short));
    let body = r#"{"payment": {"provider": "test", "token": "tok_ok"}}"#;
    let answer = shop.call("POST", &format!("/store/checkouts/{CHECKOUT}/complete"), Some("k"), body).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "OUT_OF_STOCK"));
    assert_eq!(answer.pointers(), ["/lines/0"]);
}

#[tokio::test]
async fn an_order_has_the_documented_shape() {
    let shop = shop().await;
    let answer = shop.get(&format!("/store/orders/{ORDER}?key=k%2F1")).await;
    insta::assert_json_snapshot!(answer.json());
}

#[tokio::test]
async fn law_4_a_return_is_asked_for_with_a_key() {
    let shop = shop().await;
    let path = format!("/store/orders/{ORDER}/returns?key=k%2F1");
    let line = format!(r#"{{"line_id": "{LINE}", "quantity": 1, "reason": "damaged"}}"#);
    let body = format!(r#"{{"lines": [{line}], "resolution": "refund", "comment": "<b>off</b>"}}"#);
    let refused = shop.post(&path, &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "KEY_MISSING"));
    let long = "k".repeat(200);
    let mut references = Vec::new();
    for key in [&long, &long, "other"] {
        let answer = shop.call("POST", &path, Some(key), &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.headers["location"], format!("/store/orders/{ORDER}"));
        references.push(shop.knows.returned.lock().unwrap().pop().unwrap().reference);
    }
    assert!(references[0] == references[1] && references[1] != references[2]);
    let stranger = shop.call("POST", &path.replace("k%2F1", "x"), Some("k"), &body).await;
    assert_eq!((stranger.status, stranger.code().as_str()), (404, "ORDER_NOT_FOUND"));
    let wrong =
        shop.call("POST", &path, Some("k2"), r#"{"lines": [{"quantity": 1}], "resolution": ""}"#).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);
}

#[tokio::test]
async fn an_invoice_is_had_with_the_orders_key() {
    let shop = shop().await;
    let answer = shop.get(&format!("/store/orders/{ORDER}/invoice.pdf?key=k%2F1")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "%PDF-1.7"));
    assert_eq!(answer.headers["content-type"], "application/pdf");
    assert_eq!(answer.headers["content-disposition"], "inline; filename=\"INV-000001.pdf\"");
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    assert_eq!(shop.get(&format!("/store/orders/{ORDER}/invoice.pdf?key=x")).await.status, 404);
    assert_eq!(shop.get(&format!("/store/orders/{ORDER}/invoice.pdf")).await.pointers(), ["/key"]);
}

#[tokio::test]
async fn files_that_were_bought_are_had_with_the_orders_key() {
    let shop = shop().await;
    let variant = samples::quoted_line().variant_id;
    let order = Order { downloads: vec![variant.clone()], ..samples::order() };
    *shop.knows.order.lock().unwrap() = Some(order);
    let listed = shop.get(&format!("/store/orders/{ORDER}/files?key=k%2F1")).await.json();
    let file = &listed["items"][0];
    assert_eq!((file["name"].as_str(), file["size_bytes"].as_u64()), (Some("Lied für Anna.ogg"), Some(8)));
    assert_eq!(file["variant_id"], variant.as_str());
    let url = file["url"].as_str().unwrap();
    let answer = shop.get(&format!("{url}?key=k%2F1")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "la-la-la"));
    assert_eq!(answer.headers["content-length"], "8");
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    let saved = answer.headers["content-disposition"].to_str().unwrap();
    assert!(saved.ends_with("filename*=UTF-8''Lied%20f%C3%BCr%20Anna.ogg"), "{saved}");
    assert_eq!(shop.get(&format!("{url}?key=x")).await.status, 404);
    assert_eq!(shop.get(url).await.pointers(), ["/key"]);

    *shop.knows.order.lock().unwrap() = Some(samples::order());
    let listed = shop.get(&format!("/store/orders/{ORDER}/files?key=k%2F1")).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(0));
    let early = shop.get(&format!("{url}?key=k%2F1")).await;
    assert_eq!((early.status, early.code().as_str()), (409, "DOWNLOAD_NOT_READY"));
}

#[tokio::test]
async fn ways_to_pay_a_checkout_are_those_of_its_market_that_answer() {
    let shop = shop().await;
    let unanswered_providers = vec!["stripe".to_owned()];
    let checkout = Checkout { unanswered_providers, ..samples::checkout() };
    let total = checkout.quote.as_ref().unwrap().total.clone();
    *shop.knows.checkout.lock().unwrap() = Some(Ok(checkout));
    assert_eq!(shop.get(&format!("/store/payment-methods?checkout_id={CHECKOUT}")).await.status, 200);
    let asked = shop.knows.methods_asked.lock().unwrap().pop().unwrap();
    assert_eq!((asked.amount, asked.country.as_str()), (total, "DE"));
    assert_eq!(asked.unanswered, ["stripe"]);
    for query in ["&amount=1", "&currency=EUR"] {
        let refused = shop.get(&format!("/store/payment-methods?checkout_id={CHECKOUT}{query}")).await;
        assert_eq!(refused.pointers(), ["/checkout_id"], "{query}");
    }
    assert_eq!(shop.get("/store/payment-methods?checkout_id=ord_1").await.status, 400);
}

#[tokio::test]
async fn a_providers_message_is_handed_on_as_it_came() {
    let shop = shop().await;
    for path in ["/webhooks/payments/test", "/store/payments/webhooks/test"] {
        let answer = shop.post(path, "{not json").await;
        assert_eq!(answer.status, 204, "{path}");
        let message = shop.knows.webhooks.lock().unwrap().pop().unwrap();
        assert_eq!((message.provider.as_str(), message.body.as_slice()), ("test", &b"{not json"[..]));
        assert_eq!(message.headers["content-type"], "application/json");
    }
    let methods = shop.get("/store/payment-methods").await.json();
    assert_eq!(methods["items"][0]["provider"], "test");
}
