//! A pretended PayPal: the part of its API that shops call, and a buyer who approves. There is no server of others to
//! be had for it, so this one follows its documentation (Orders v2, Payments v2, Disputes v1).

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::paypal_disputes::{BODY_BYTES_MAX, Disputes, PATH as DISPUTES};

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
    to_refuse: VecDeque<(&'static str, &'static str)>,
    disputes: Disputes,
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
        let router = Router::new().fallback(answer).with_state(self.clone());
        router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
    }

    /// The answer to the next request whose path ends so is lost; what was asked is done.
    pub fn lose_answer_of(&self, end: &'static str) {
        self.kept().lost.push_back(end);
    }

    /// The next request whose path ends so is refused for that, and nothing is done.
    pub fn refuse(&self, end: &'static str, issue: &'static str) {
        self.kept().to_refuse.push_back((end, issue));
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

    /// The first capture of a payment.
    ///
    /// # Panics
    /// If there is none.
    pub fn capture_of(&self, payment: &str) -> String {
        self.with(payment, |order| order.captures.first().expect("something is captured").0.clone())
    }

    /// PayPal itself gives that back, as it settles disputes.
    ///
    /// # Panics
    /// If there is no one order of that payment.
    pub fn settles_by_a_refund(&self, payment: &str, cents: i64) {
        self.with(payment, |order| {
            let refund = format!("REF-{}-{}", order.id, order.refunds.len() + 1);
            order.refunds.push((refund, cents, String::new()));
        });
    }

    /// As if a buyer, a bank or PayPal had done something: how a dispute stands from now on.
    pub fn dispute(&self, object: &Value) {
        self.kept().disputes.put(object);
    }

    /// How a dispute stands.
    pub fn disputed(&self, id: &str) -> Value {
        self.kept().disputes.get(id).unwrap_or_default()
    }

    /// What time it is there, as RFC 3339.
    pub fn set_time(&self, now: &str) {
        now.clone_into(&mut self.kept().disputes.now);
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
        let refund = |(id, cents, step): &(String, i64, String)| {
            let mut shown = json!({ "id": id, "status": "COMPLETED", "amount": self.amount(*cents) });
            if !step.is_empty() {
                shown["custom_id"] = json!(step);
            }
            shown
        };
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
        let to_refuse = kept.to_refuse.iter().position(|(end, _)| uri.path().ends_with(end));
        let (status, answered) =
            if let Some((_, issue)) = to_refuse.and_then(|place| kept.to_refuse.remove(place)) {
                refused(issue)
            } else if let Some(of_dispute) = uri.path().strip_prefix(DISPUTES) {
                // It is documented for none of these that a key has any effect.
                kept.disputes.answer(&method, of_dispute, header("content-type"), &body)
            } else {
                kept.under_key(&method, &uri, header("paypal-request-id"), &body)
            };
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
    /// A change is made once per key.
    fn under_key(&mut self, method: &Method, uri: &Uri, key: &str, body: &[u8]) -> (u16, Value) {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        if method != Method::POST {
            return self.act(method, uri.path(), &body);
        }
        assert!(!key.is_empty(), "a change without a key: {uri}");
        if let Some(known) = self.answers.get(key) {
            return known.clone();
        }
        let answered = self.act(method, uri.path(), &body);
        self.answers.insert(key.to_owned(), answered.clone());
        answered
    }

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
            ("GET", ["payments", "captures", id]) => self.show_capture(id),
            ("POST", ["checkout", "orders", id, "authorize"]) => self.hold(id),
            ("POST", ["payments", "authorizations", id, "capture"]) => self.capture(id, body),
            ("POST", ["payments", "authorizations", id, "void"]) => self.void(id),
            ("POST", ["payments", "captures", id, "refund"]) => self.refund(id, body),
            _ => (404, json!({ "name": "RESOURCE_NOT_FOUND" })),
        }
    }

    fn show_capture(&self, id: &str) -> (u16, Value) {
        let of = |order: &&Order| order.captures.iter().any(|(capture, _)| capture == id);
        match self.orders.iter().find(of) {
            Some(order) => {
                let captures = &order.show()["purchase_units"][0]["payments"]["captures"];
                let mut capture =
                    captures.as_array().into_iter().flatten().find(|one| one["id"] == id).cloned();
                let related =
                    json!({ "order_id": order.id, "authorization_id": format!("AUTH-{}", order.id) });
                capture.get_or_insert_default()["supplementary_data"] = json!({ "related_ids": related });
                (200, capture.unwrap_or_default())
            }
            None => (404, json!({ "name": "RESOURCE_NOT_FOUND" })),
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
