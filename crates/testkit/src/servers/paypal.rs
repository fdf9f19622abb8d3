//! A pretended PayPal: the part of its API that shops call, and a buyer who approves. There is no server of others to
//! be had for it, so this one follows its documentation (Orders v2, Payments v2).

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// The client that it knows, and its secret.
pub const PAYPAL_CLIENT: (&str, &str) = ("client", "secret");
const ACCESS_TOKEN: &str = "an-access-token";

/// A pretended PayPal; cheap to clone.
#[derive(Clone, Default)]
pub struct FakePaypal {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    orders: Vec<Order>,
    answers: HashMap<String, (u16, Value)>,
    lost: VecDeque<&'static str>,
    is_away: bool,
    requests: usize,
}

struct Order {
    id: String,
    /// What the shop calls it.
    custom_id: String,
    status: &'static str,
    cents: i64,
    currency: String,
    is_held: bool,
    is_voided: bool,
    is_denied: bool,
    captures: Vec<(String, i64)>,
    refunds: Vec<(String, i64, String)>,
}

impl FakePaypal {
    /// Its API.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// The answer to the next request whose path ends so is lost; what was asked is done.
    pub fn lose_answer_of(&self, end: &'static str) {
        self.kept().lost.push_back(end);
    }

    /// Whether it answers at all.
    pub fn set_away(&self, is_away: bool) {
        self.kept().is_away = is_away;
    }

    /// How many requests have come.
    pub fn requests(&self) -> usize {
        self.kept().requests
    }

    /// The buyer approves, or PayPal will deny it when the shop wants the money. Answers the order's id.
    ///
    /// # Panics
    /// If there is no one order of that payment.
    pub fn buyer_approves(&self, payment: &str, is_denied: bool) -> String {
        self.with(payment, |order| {
            order.status = "APPROVED";
            order.is_denied = is_denied;
            order.id.clone()
        })
    }

    /// Held, captured and refunded, in hundredths.
    ///
    /// # Panics
    /// If there is no one order of that payment.
    pub fn books(&self, payment: &str) -> (bool, i64, i64) {
        self.with(payment, |order| {
            let held = order.is_held && !order.is_voided && order.captured() == 0;
            (held, order.captured(), order.refunded())
        })
    }

    fn with<T>(&self, payment: &str, on: impl FnOnce(&mut Order) -> T) -> T {
        let mut kept = self.kept();
        let mut of = kept.orders.iter_mut().filter(|order| order.custom_id == payment);
        let order = of.next().unwrap_or_else(|| panic!("there is no order of {payment}"));
        assert!(of.next().is_none(), "{payment} has two orders");
        on(order)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Order {
    fn captured(&self) -> i64 {
        self.captures.iter().map(|(_, cents)| cents).sum()
    }

    fn refunded(&self) -> i64 {
        self.refunds.iter().map(|(_, cents, _)| cents).sum()
    }

    fn amount(&self, cents: i64) -> Value {
        json!({ "currency_code": self.currency, "value": format!("{}.{:02}", cents / 100, cents % 100) })
    }

    fn show(&self) -> Value {
        let mut payments = json!({});
        if self.is_held || self.is_denied && self.status == "COMPLETED" {
            let status = match self.captured() {
                _ if self.is_denied => "DENIED",
                _ if self.is_voided => "VOIDED",
                0 => "CREATED",
                taken if taken < self.cents => "PARTIALLY_CAPTURED",
                _ => "CAPTURED",
            };
            payments["authorizations"] = json!([{ "id": format!("AUTH-{}", self.id), "status": status, "amount": self.amount(self.cents) }]);
        }
        let capture = |(id, cents): &(String, i64)| json!({ "id": id, "status": "COMPLETED", "amount": self.amount(*cents) });
        payments["captures"] = self.captures.iter().map(capture).collect();
        let refund = |(id, cents, step): &(String, i64, String)| json!({ "id": id, "status": "COMPLETED", "amount": self.amount(*cents), "custom_id": step });
        payments["refunds"] = self.refunds.iter().map(refund).collect();
        json!({
            "id": self.id,
            "status": self.status,
            "links": [{ "rel": "payer-action", "href": format!("https://paypal.example/checkoutnow?token={}", self.id) }],
            "purchase_units": [{ "custom_id": self.custom_id, "payments": payments }],
        })
    }
}

async fn answer(
    State(paypal): State<FakePaypal>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (status, body, is_lost) = {
        let mut kept = paypal.kept();
        kept.requests += 1;
        if kept.is_away {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        if uri.path() == "/v1/oauth2/token" {
            return json_of(200, &json!({ "access_token": ACCESS_TOKEN, "expires_in": 3_600 }));
        }
        if header("authorization") != format!("Bearer {ACCESS_TOKEN}") {
            return json_of(401, &json!({ "name": "AUTHENTICATION_FAILURE" }));
        }
        let key = header("paypal-request-id").to_owned();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let known = kept.answers.get(&key).filter(|_| method == Method::POST).cloned();
        let (status, answered) = known.unwrap_or_else(|| kept.act(&method, uri.path(), &body));
        if method == Method::POST {
            assert!(!key.is_empty(), "a change without a key: {uri}");
            kept.answers.insert(key, (status, answered.clone()));
        }
        let place = kept.lost.iter().position(|end| uri.path().ends_with(end));
        (status, answered, place.and_then(|place| kept.lost.remove(place)).is_some())
    };
    if is_lost {
        return std::future::pending().await;
    }
    json_of(status, &body)
}

fn json_of(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

fn refused(issue: &str) -> (u16, Value) {
    (422, json!({ "name": "UNPROCESSABLE_ENTITY", "details": [{ "issue": issue }] }))
}

/// `10.00` in hundredths.
fn cents(amount: &Value) -> i64 {
    let text = amount["value"].as_str().unwrap_or_default();
    let (whole, part) = text.split_once('.').expect("two decimals");
    assert_eq!(part.len(), 2, "{text}");
    format!("{whole}{part}").parse().expect("an amount")
}

impl Kept {
    fn act(&mut self, method: &Method, path: &str, body: &Value) -> (u16, Value) {
        let parts: Vec<&str> = path.trim_start_matches("/v2/").split('/').collect();
        let unit = &body["purchase_units"][0];
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["checkout", "orders"]) => {
                let order = Order {
                    id: format!("ORDER{}", self.orders.len() + 1),
                    custom_id: unit["custom_id"].as_str().unwrap_or_default().to_owned(),
                    status: "PAYER_ACTION_REQUIRED",
                    cents: cents(&unit["amount"]),
                    currency: unit["amount"]["currency_code"].as_str().unwrap_or_default().to_owned(),
                    is_held: false,
                    is_voided: false,
                    is_denied: false,
                    captures: Vec::new(),
                    refunds: Vec::new(),
                };
                self.orders.push(order);
                (200, self.orders.last().map(Order::show).unwrap_or_default())
            }
            ("GET", ["checkout", "orders", id]) => match self.orders.iter().find(|order| order.id == *id) {
                Some(order) => (200, order.show()),
                None => (404, json!({ "name": "RESOURCE_NOT_FOUND" })),
            },
            ("POST", ["checkout", "orders", id, "authorize"]) => self.hold(id),
            ("POST", ["payments", "authorizations", id, "capture"]) => self.capture(id, body),
            ("POST", ["payments", "authorizations", id, "void"]) => self.void(id),
            ("POST", ["payments", "captures", id, "refund"]) => self.refund(id, body),
            _ => (404, json!({ "name": "RESOURCE_NOT_FOUND" })),
        }
    }

    fn hold(&mut self, id: &str) -> (u16, Value) {
        let Some(order) = self.orders.iter_mut().find(|order| order.id == id) else {
            return refused("NO_ORDER");
        };
        if order.status != "APPROVED" {
            return refused("ORDER_NOT_APPROVED");
        }
        order.status = "COMPLETED";
        order.is_held = !order.is_denied;
        (201, order.show())
    }

    fn of_authorisation(&mut self, id: &str) -> Option<&mut Order> {
        let of = id.strip_prefix("AUTH-")?.to_owned();
        self.orders.iter_mut().find(|order| order.id == of && order.is_held && !order.is_voided)
    }

    fn capture(&mut self, id: &str, body: &Value) -> (u16, Value) {
        let Some(order) = self.of_authorisation(id) else { return refused("AUTHORIZATION_VOIDED") };
        let wanted = cents(&body["amount"]);
        if order.captured() + wanted > order.cents {
            return refused("MAX_CAPTURE_AMOUNT_EXCEEDED");
        }
        let capture = format!("CAP-{}-{}", order.id, order.captures.len() + 1);
        order.captures.push((capture.clone(), wanted));
        (201, json!({ "id": capture, "status": "COMPLETED", "amount": order.amount(wanted) }))
    }

    fn void(&mut self, id: &str) -> (u16, Value) {
        match self.of_authorisation(id) {
            Some(order) if order.captured() == 0 => {
                order.is_voided = true;
                (200, json!({ "id": id, "status": "VOIDED" }))
            }
            _ => refused("PREVIOUSLY_CAPTURED"),
        }
    }

    fn refund(&mut self, id: &str, body: &Value) -> (u16, Value) {
        let of = |order: &&mut Order| order.captures.iter().any(|(capture, _)| capture == id);
        let Some(order) = self.orders.iter_mut().find(of) else { return refused("NO_CAPTURE") };
        let wanted = cents(&body["amount"]);
        if order.refunded() + wanted > order.captured() {
            return refused("REFUND_AMOUNT_EXCEEDED");
        }
        let refund = format!("REF-{}-{}", order.id, order.refunds.len() + 1);
        let step = body["custom_id"].as_str().unwrap_or_default().to_owned();
        order.refunds.push((refund.clone(), wanted, step.clone()));
        (
            201,
            json!({ "id": refund, "status": "COMPLETED", "amount": order.amount(wanted), "custom_id": step }),
        )
    }
}
