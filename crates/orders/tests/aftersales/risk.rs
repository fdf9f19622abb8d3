//! Purchases that are stopped before they are paid, and those that somebody looks at afterwards.

use std::{collections::BTreeMap, time::Duration};

use argosy_contracts::orders::{
    FulfilOrderRequest, ListRefusalsRequest, ReleaseOrderRequest, UpdateCheckoutRequest, Visitor,
};
use argosy_kernel::{Code, Ctx};
use argosy_orders::{OrdersConfig, RiskConfig};
use argosy_testkit::{Call, Engine, Mode, TestHost, contract_stories};
use axum::{Json, Router, http::HeaderMap, routing::post};
use serde_json::{Value, json};

use crate::shop::{Shop, kinds, units};

struct Subject(Shop);

impl Subject {
    /// A shop with small limits.
    async fn start(mode: Mode) -> Self {
        Self(Shop::start_with(mode, limit).await)
    }
}

fn limit(config: &mut OrdersConfig) {
    config.risk = RiskConfig {
        declines_per_address_max: 3,
        declines_per_device_max: 4,
        declines_per_network_max: 6,
        declines_per_goods_max: 8,
        many_units: 20,
        large_totals: BTreeMap::from([("EUR".to_owned(), 30_000)]),
        ..RiskConfig::default()
    };
}

contract_stories! {
    cards_are_not_guessed_at_one_address,
    cards_are_not_guessed_from_one_device_or_network_at_many_addresses,
    cards_are_not_guessed_by_the_same_goods_from_everywhere,
    law_5_who_is_stopped_may_go_on_later,
    law_5_an_outage_of_the_provider_stops_nobody,
    an_order_that_looks_odd_is_held_and_staff_see_why,
    a_purchase_that_looks_bad_is_refused_and_staff_see_why,
}

#[expect(clippy::unnecessary_wraps, reason = "who pays may be known or not")]
fn visitor(network: &str, device: &str) -> Option<Visitor> {
    Some(Visitor { network: network.to_owned(), device: device.to_owned() })
}

async fn declined(shop: &Shop, street: &str, mugs: i64, visitor: Option<Visitor>) {
    let checkout = shop.ready(street, mugs).await;
    let answer = shop.pay(&checkout, "declined", visitor).await.unwrap();
    assert_eq!((answer.status.as_str(), answer.attempts[0].state.as_str()), ("ready", "failed"));
}

/// Whether a good card is taken.
async fn sells(shop: &Shop, street: &str, mugs: i64, visitor: Option<Visitor>) -> bool {
    let checkout = shop.ready(street, mugs).await;
    match shop.pay(&checkout, "tok_ok", visitor).await {
        Ok(done) => done.status == "completed",
        Err(error) => {
            assert_eq!((error.code(), error.reason()), (Code::ResourceExhausted, "TOO_MANY_DECLINES"));
            assert!(error.retry_after().is_some());
            false
        }
    }
}

async fn cards_are_not_guessed_at_one_address(subject: Subject) {
    let shop = subject.0;
    for number in 0..3 {
        declined(&shop, ["Kai 1", "KAI 1", " kai-1"][number], 1, None).await;
    }
    assert!(!sells(&shop, "Kai 1", 1, None).await);
    assert!(sells(&shop, "Kai 2", 1, None).await);
}

async fn cards_are_not_guessed_from_one_device_or_network_at_many_addresses(subject: Subject) {
    let shop = subject.0;
    for number in 0..4 {
        declined(&shop, &format!("Kai {number}"), 1, visitor("192.0.2.1", "a")).await;
    }
    assert!(!sells(&shop, "Elsewhere 1", 1, visitor("192.0.2.1", "a")).await);
    assert!(sells(&shop, "Elsewhere 1", 1, visitor("192.0.2.1", "b")).await);
    assert!(sells(&shop, "Elsewhere 2", 1, visitor("192.0.2.2", "a")).await, "the same browser elsewhere");
    for number in 4..6 {
        declined(&shop, &format!("Kai {number}"), 1, visitor("192.0.2.1", &number.to_string())).await;
    }
    assert!(!sells(&shop, "Elsewhere 3", 1, visitor("192.0.2.1", "c")).await);
}

async fn cards_are_not_guessed_by_the_same_goods_from_everywhere(subject: Subject) {
    let shop = subject.0;
    for number in 0..8 {
        declined(&shop, &format!("Kai {number}"), 2, visitor(&format!("192.0.2.{number}"), "")).await;
    }
    assert!(!sells(&shop, "Elsewhere 1", 2, None).await);
    assert!(sells(&shop, "Elsewhere 1", 3, None).await, "other goods");
    // What sells well is declined now and then.
    declined(&shop, "Kai 20", 4, None).await;
    for number in 0..3 {
        assert!(sells(&shop, &format!("Quay {number}"), 4, None).await);
    }
    for number in 21..29 {
        declined(&shop, &format!("Kai {number}"), 4, None).await;
    }
    assert!(sells(&shop, "Quay 9", 4, None).await);
}

async fn law_5_who_is_stopped_may_go_on_later(subject: Subject) {
    let shop = subject.0;
    for _ in 0..3 {
        declined(&shop, "Kai 1", 1, None).await;
    }
    let checkout = shop.ready("Kai 1", 1).await;
    let refused = shop.pay(&checkout, "tok_ok", None).await.unwrap_err();
    assert_eq!(refused.reason(), "TOO_MANY_DECLINES");
    shop.test.clock.advance(refused.retry_after().unwrap() + Duration::from_secs(1));
    assert_eq!(shop.pay(&checkout, "tok_ok", None).await.unwrap().status, "completed");
}

async fn law_5_an_outage_of_the_provider_stops_nobody(subject: Subject) {
    let shop = subject.0;
    for _ in 0..8 {
        let checkout = shop.ready("Kai 1", 1).await;
        let answer = shop.pay(&checkout, "away", visitor("192.0.2.1", "a")).await.unwrap();
        assert_eq!(answer.attempts[0].failure_reason, "PROVIDER_AWAY");
    }
    assert!(sells(&shop, "Kai 1", 1, visitor("192.0.2.1", "a")).await);
}

async fn an_order_that_looks_odd_is_held_and_staff_see_why(subject: Subject) {
    let shop = subject.0;
    let checkout = shop.ready("Kai 1", 40).await;
    let done = shop.pay(&checkout, "tok_ok", None).await.unwrap();
    assert_eq!(done.status, "completed");
    let order = shop.order(&done.order_id).await;
    assert!(order.held);
    let why = "65 points: 40 units of one variant (20); 414.90 EUR is a large order (25); \
               and the first of this buyer (20)";
    assert_eq!(order.hold_reason, why);
    assert!(
        order.events.iter().any(|event| event.kind == "judged" && event.text == format!("review: {why}"))
    );
    let buyers = shop.buyers_order(&order).await;
    assert_eq!((buyers.hold_reason.as_str(), kinds(&buyers).contains(&"judged")), ("", false));
    let send = FulfilOrderRequest {
        order_id: order.id.clone(),
        reference: "send".to_owned(),
        lines: vec![units(&order, 0, 1)],
        ..FulfilOrderRequest::default()
    };
    let held = shop.aftersales.fulfil_order(&shop.staff, send.clone()).await.unwrap_err();
    assert_eq!(held.reason(), "ORDER_HELD");
    let release = ReleaseOrderRequest { order_id: order.id.clone(), reference: "seen".to_owned() };
    shop.aftersales.release_order(&shop.staff, release).await.unwrap();
    shop.aftersales.fulfil_order(&shop.staff, send).await.unwrap();
    assert!(!shop.sold().await.held, "a usual order is not held");
}

async fn a_purchase_that_looks_bad_is_refused_and_staff_see_why(subject: Subject) {
    let shop = subject.0;
    declined(&shop, "Kai 1", 1, None).await;
    declined(&shop, "Kai 1", 1, None).await;
    let checkout = shop.ready("Kai 1", 40).await;
    let billing = argosy_contracts::common::Address {
        name: "Ann".to_owned(),
        line1: "Main 1".to_owned(),
        city: "Boston".to_owned(),
        postal_code: "02108".to_owned(),
        region: "MA".to_owned(),
        country: "US".to_owned(),
        ..Default::default()
    };
    let update = UpdateCheckoutRequest {
        checkout_id: checkout.clone(),
        billing_address: Some(billing),
        ..UpdateCheckoutRequest::default()
    };
    shop.orders.update_checkout(&Ctx::guest(), update).await.unwrap();
    let payments = shop.around.world().intents.len();
    let refused = shop.pay(&checkout, "tok_ok", None).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "PURCHASE_REFUSED"));
    assert!(!refused.message().contains("points"), "nobody learns what to change");
    assert_eq!(shop.around.world().intents.len(), payments, "no provider was asked");
    let list = |limit| ListRefusalsRequest { limit };
    let refusals = shop.aftersales.list_refusals(&shop.staff, list(0)).await.unwrap().refusals;
    let rules: Vec<&str> = refusals[0].findings.iter().map(|found| found.rule.as_str()).collect();
    assert_eq!(
        (refusals.len(), refusals[0].checkout_id.as_str(), refusals[0].points),
        (1, checkout.as_str(), 104)
    );
    assert_eq!(rules, ["declines", "countries", "units", "large", "large_and_new"]);
    let guest = shop.aftersales.list_refusals(&Ctx::guest(), list(0)).await.unwrap_err();
    assert_eq!(guest.reason(), "STAFF_ONLY");
    let many = shop.aftersales.list_refusals(&shop.staff, list(101)).await.unwrap_err();
    assert_eq!(many.fields()[0].pointer, "/limit");
}

/// A shop whose scorer answers so.
async fn scored(router: Router) -> Shop {
    let test = TestHost::on(Engine::Sqlite);
    let address = test.serve_http(router).await;
    Shop::start_on(test, Call::Local, |config| {
        config.risk.scorer_url = Some(format!("http://{address}/score"));
        config.risk.scorer_secret = Some(argosy_kernel::Secret::new("s3cret".to_owned()));
        config.risk.scorer_timeout_ms = 2_000;
    })
    .await
}

async fn judged(shop: &Shop) -> (bool, String) {
    let checkout = shop.ready("Kai 1", 2).await;
    let done = shop.pay(&checkout, "tok_ok", None).await.unwrap();
    let order = shop.order(&done.order_id).await;
    let told = order.events.iter().find(|event| event.kind == "judged").unwrap();
    (order.held, told.text.clone())
}

#[tokio::test]
async fn a_scorer_adds_its_points_and_is_told_nothing_of_the_buyer() {
    let answer = async |headers: HeaderMap, Json(question): Json<Value>| {
        assert_eq!(headers["authorization"], "Bearer s3cret");
        let known = json!({
            "currency": "EUR", "total_minor": 3_490, "units_of_one": 2, "shipping_country": "DE",
            "billing_country": "", "has_ordered": false, "declines": 0,
        });
        assert_eq!(question, known);
        Json(json!({"points": 55, "text": "seen\nbefore"}))
    };
    let shop = scored(Router::new().route("/score", post(answer))).await;
    assert_eq!(judged(&shop).await, (true, "review: 55 points: seenbefore (55)".to_owned()));
}

#[tokio::test]
async fn without_an_answer_of_the_scorer_the_rules_alone_decide() {
    let broken = Router::new().route("/score", post(async || axum::http::StatusCode::BAD_GATEWAY));
    let (held, told) = judged(&scored(broken).await).await;
    assert_eq!(
        (held, told.as_str()),
        (false, "allow: 0 points: the scorer answered 502; the rules alone decided (0)")
    );
    let odd = Router::new().route("/score", post(async || "many"));
    assert!(judged(&scored(odd).await).await.1.contains("answered something else than points"));
    let slow = Router::new().route("/score", post(std::future::pending::<()>));
    let test = TestHost::on(Engine::Sqlite);
    let address = test.serve_http(slow).await;
    let shop = Shop::start_on(test, Call::Local, |config| {
        config.risk.scorer_url = Some(format!("http://{address}/score"));
    })
    .await;
    assert!(judged(&shop).await.1.contains("the rules alone decided"));
}

#[tokio::test]
async fn a_scorer_that_is_none_is_refused_at_start() {
    for wrong in ["scorer", "ftp://example.com"] {
        let config = OrdersConfig {
            risk: RiskConfig { scorer_url: Some(wrong.to_owned()), ..RiskConfig::default() },
            ..OrdersConfig::default()
        };
        let error = Shop::refused(config).await;
        assert!(error.message().starts_with("orders.risk.scorer_url"), "{error}");
    }
}
