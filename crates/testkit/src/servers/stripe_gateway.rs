//! What stands between a store and localstripe: it adds what that server lacks, and can lose an answer.
//!
//! localstripe knows no idempotency keys, takes no payment method and no return address when a payment is confirmed, and
//! does not say how much of a payment was received; nor does it keep a card for a customer when a payment or a setup of
//! theirs succeeds, or mind who pays with one. Here a request under a known key is answered as it was, as Stripe
//! does it, and the rest is translated. It keeps its state in one process and under one lock, so it is no place to
//! measure anything.

use std::{
    collections::{HashMap, HashSet, VecDeque},
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

/// What happens to the next request whose path ends so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is done, and nobody hears of it.
    AnswerLost,
    /// It is done, and the answer says that something broke.
    DoneThenBroken,
    /// Too many requests: nothing is done.
    TooMany,
    /// Somebody at Stripe pulled a plug: nothing is done.
    Broken,
}

/// Cards that localstripe knows: this one is good.
pub const GOOD: &str = "4242424242424242";
/// The bank refuses it.
pub const DECLINED: &str = "4000000000000341";
/// The bank refuses even to have it kept.
pub const NEVER: &str = "4000000000000002";
/// The bank asks the buyer.
pub const ASKS_THE_BANK: &str = "4000002500003155";

/// Asking how a payment stands, where a path's end is wanted.
pub const READ: &str = "how it stands";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What was to be done.
    pub method: Method,
    /// Under which key.
    pub key: Option<String>,
    /// In which version of the API.
    pub version: Option<String>,
}

#[derive(Default)]
struct Kept {
    fates: VecDeque<(&'static str, Fate)>,
    answers: HashMap<String, (String, u16, Value)>,
    return_urls: HashMap<String, String>,
    seen: Vec<Seen>,
    /// Disputes, which localstripe does not know, by their ids.
    disputes: HashMap<String, Value>,
    files: usize,
    /// Payments whose card is to be kept.
    future: HashSet<String>,
    /// Payments and setups whose card was kept, once.
    attached: HashSet<String>,
    /// Cards that were kept and are no longer: nobody pays with them again.
    detached: HashSet<String>,
}

/// The gateway's memory, shared with the test.
#[derive(Clone)]
pub struct Gateway {
    upstream: String,
    client: reqwest::Client,
    kept: Arc<Mutex<Kept>>,
}

impl Gateway {
    /// In front of localstripe there.
    pub fn new(upstream: String) -> Self {
        // Refused only when one is chosen already.
        let _chosen_before = rustls::crypto::ring::default_provider().install_default();
        Self { upstream, client: reqwest::Client::new(), kept: Arc::default() }
    }

    /// Stripe's API.
    pub fn router(&self) -> Router {
        Router::new().fallback(pass_on).with_state(self.clone())
    }

    /// Decides what becomes of the next request whose path ends with `end`, or of the next [`READ`].
    pub fn next(&self, end: &'static str, fate: Fate) {
        self.kept().fates.push_back((end, fate));
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.kept().seen.clone()
    }

    /// As if a bank had told Stripe.
    pub fn dispute(&self, object: &Value) {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        self.kept().disputes.insert(id, object.clone());
    }

    /// How a dispute stands.
    pub fn disputed(&self, id: &str) -> Value {
        self.kept().disputes.get(id).cloned().unwrap_or_default()
    }

    /// Disputes and files, as Stripe answers them.
    fn about_disputes(&self, method: &Method, path: &str, form: &[(String, String)]) -> Option<(u16, Value)> {
        let mut kept = self.kept();
        if path == "files" {
            kept.files += 1;
            return Some((200, json!({ "id": format!("file_{}", kept.files) })));
        }
        let dispute = kept.disputes.get_mut(path.strip_prefix("disputes/")?);
        let Some(dispute) = dispute else {
            return Some((404, json!({ "error": { "code": "resource_missing" } })));
        };
        if method == Method::POST {
            for (name, value) in form {
                dispute["sent"][name] = json!(value);
            }
            let times = dispute["evidence_details"]["submission_count"].as_i64().unwrap_or_default();
            dispute["evidence_details"]["submission_count"] = json!(times + 1);
            dispute["status"] = json!("under_review");
        }
        Some((200, dispute.clone()))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fate_of(&self, method: &Method, path: &str) -> Option<Fate> {
        let is_read = method == Method::GET && path.starts_with("payment_intents/");
        let mut kept = self.kept();
        let place =
            kept.fates.iter().position(|(end, _)| path.ends_with(end) || (is_read && *end == READ))?;
        kept.fates.remove(place).map(|(_, fate)| fate)
    }

    /// Asks localstripe itself, as the shop's owner.
    pub async fn ask(&self, method: Method, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let form: Vec<(String, String)> =
            form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.forward(method, path, &form).await
    }

    /// What Stripe's script in a browser does with a card: a token of it.
    ///
    /// # Panics
    /// If localstripe refuses it.
    pub async fn token(&self, number: &str) -> String {
        let form = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2030"),
            ("card[cvc]", "123"),
        ];
        let (status, method) = self.ask(Method::POST, "payment_methods", &form).await;
        assert_eq!(status, 200, "{method}");
        method["id"].as_str().expect("it has an id").to_owned()
    }

    /// All payment intents as they stand, at most a hundred.
    ///
    /// # Panics
    /// If localstripe does not say.
    pub async fn payment_intents(&self) -> Vec<Value> {
        let (status, mut list) = self.ask(Method::GET, "payment_intents", &[("limit", "100")]).await;
        assert_eq!(status, 200, "{list}");
        let Value::Array(mut intents) = list["data"].take() else { panic!("no list: {list}") };
        for intent in &mut intents {
            self.add_what_is_missing(intent);
        }
        intents
    }

    /// Has localstripe send its messages there.
    pub async fn listen_to(&self, url: &str, secret: &str) {
        let config = format!("{}/_config/webhooks/test", self.upstream);
        let form = [("url", url), ("secret", secret)];
        let told = self.client.post(config).form(&form).send().await.expect("localstripe answers");
        assert!(told.status().is_success(), "{told:?}");
    }

    async fn forward(&self, method: Method, path: &str, form: &[(String, String)]) -> (u16, Value) {
        let request = self.client.request(method.clone(), format!("{}/v1/{path}", self.upstream));
        let request = request.bearer_auth("sk_test_gateway");
        let request = if method == Method::GET { request.query(form) } else { request.form(form) };
        let response = request.send().await.expect("localstripe answers");
        let status = response.status().as_u16();
        let mut body: Value = response.json().await.unwrap_or_default();
        self.add_what_is_missing(&mut body);
        (status, body)
    }

    fn add_what_is_missing(&self, body: &mut Value) {
        if body["object"] == "setup_intent" {
            self.add_the_bank(body);
        }
        if body["object"] != "payment_intent" {
            return;
        }
        let charge = &body["latest_charge"];
        let received = if body["status"] == "succeeded" {
            // What a partial capture lets go is a refund without a name of ours.
            let refunds = charge["refunds"]["data"].as_array().cloned().unwrap_or_default();
            let unasked = |refund: &&Value| refund["metadata"]["argosy_step"].is_null();
            let let_go = refunds.iter().filter(unasked).filter(|refund| refund["payment_intent"].is_null());
            let let_go: i64 = let_go.filter_map(|refund| refund["amount"].as_i64()).sum();
            charge["amount"].as_i64().unwrap_or_default() - let_go
        } else {
            0
        };
        body["amount_received"] = json!(received);
        self.add_the_bank(body);
    }

    /// Where the bank is, if the shop said where the buyer comes back to.
    fn add_the_bank(&self, body: &mut Value) {
        let id = body["id"].as_str().unwrap_or_default().to_owned();
        if !body["next_action"].is_null()
            && let Some(url) = self.kept().return_urls.get(&id)
        {
            let bank = format!("https://bank.example/3ds?back={url}");
            body["next_action"] =
                json!({ "type": "redirect_to_url", "redirect_to_url": { "url": bank, "return_url": url } });
        }
    }

    /// A request as localstripe understands it.
    async fn translated(&self, method: Method, path: &str, form: Vec<(String, String)>) -> (u16, Value) {
        if let Some(answered) = self.about_disputes(&method, path, &form) {
            return answered;
        }
        if let Some(id) = path.strip_prefix("setup_intents/").and_then(|rest| rest.strip_suffix("/confirm")) {
            return self.confirm_setup(id, form).await;
        }
        if path == "payment_intents" && method == Method::POST {
            return self.create_payment(form).await;
        }
        let Some(id) = path.strip_prefix("payment_intents/").and_then(|rest| rest.strip_suffix("/confirm"))
        else {
            if let Some(card) =
                path.strip_prefix("payment_methods/").and_then(|rest| rest.strip_suffix("/detach"))
            {
                self.kept().detached.insert(card.to_owned());
            }
            let id = path.strip_prefix("payment_intents/").or_else(|| path.strip_prefix("setup_intents/"));
            if let Some(id) = id.filter(|id| method == Method::GET && !id.contains('/')) {
                self.keep_card_of(path, id).await;
            }
            return self.forward(method, path, &form).await;
        };
        for (name, value) in form {
            match name.as_str() {
                "payment_method" => {
                    let present = self.forward(Method::GET, &format!("payment_intents/{id}"), &[]).await.1;
                    if present["payment_method"].is_null() {
                        if let Some(refused) = self.not_payable(&value, &present["customer"]).await {
                            return refused;
                        }
                        let form = [("payment_method".to_owned(), value)];
                        self.forward(Method::POST, &format!("payment_intents/{id}"), &form).await;
                    }
                }
                "return_url" => drop(self.kept().return_urls.insert(id.to_owned(), value)),
                other => panic!("confirmed with {other}"),
            }
        }
        let (status, mut answered) = self.forward(method, path, &[]).await;
        if status == 402 {
            // Stripe says what it was that was declined.
            let expand = [("expand[]".to_owned(), "payment_method".to_owned())];
            let intent = self.forward(Method::GET, &format!("payment_intents/{id}"), &expand).await.1;
            answered["error"]["payment_method"] = intent["payment_method"].clone();
        }
        self.keep_card_of(&format!("payment_intents/{id}"), id).await;
        (status, answered)
    }

    async fn create_payment(&self, mut form: Vec<(String, String)>) -> (u16, Value) {
        let of = |name: &str| form.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone());
        if let Some(card) = of("payment_method") {
            let customer = of("customer").map_or(Value::Null, Value::from);
            if let Some(refused) = self.not_payable(&card, &customer).await {
                return refused;
            }
        }
        let before = form.len();
        form.retain(|(name, _)| name != "setup_future_usage");
        let (status, made) = self.forward(Method::POST, "payment_intents", &form).await;
        if form.len() < before {
            self.kept().future.insert(made["id"].as_str().unwrap_or_default().to_owned());
        }
        (status, made)
    }

    async fn confirm_setup(&self, id: &str, form: Vec<(String, String)>) -> (u16, Value) {
        let path = format!("setup_intents/{id}");
        let of = |name: &str| form.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone());
        if let Some(card) = of("payment_method")
            && self.forward(Method::GET, &format!("payment_methods/{card}"), &[]).await.0 == 404
        {
            let error = json!({ "code": "resource_missing", "param": "payment_method" });
            return (400, json!({ "error": error }));
        }
        if let Some(url) = of("return_url") {
            self.kept().return_urls.insert(id.to_owned(), url);
        }
        let form: Vec<(String, String)> = form.into_iter().filter(|(name, _)| name != "return_url").collect();
        let (status, answered) = self.forward(Method::POST, &format!("{path}/confirm"), &form).await;
        if status != 200 {
            return (status, answered);
        }
        self.keep_card_of(&path, id).await;
        self.forward(Method::GET, &path, &[("expand[]".to_owned(), "payment_method".to_owned())]).await
    }

    /// Keeps the card of a payment or a setup that has succeeded for its customer, once.
    async fn keep_card_of(&self, path: &str, id: &str) {
        let present = self.forward(Method::GET, path, &[]).await.1;
        let has_succeeded = match present["object"].as_str() {
            Some("payment_intent") => {
                present["status"] == "requires_capture" && self.kept().future.contains(id)
            }
            Some("setup_intent") => present["status"] == "succeeded",
            _ => false,
        };
        if !has_succeeded || !self.kept().attached.insert(id.to_owned()) {
            return;
        }
        let card = present["payment_method"].as_str().unwrap_or_default();
        let form = [("customer".to_owned(), present["customer"].as_str().unwrap_or_default().to_owned())];
        self.forward(Method::POST, &format!("payment_methods/{card}/attach"), &form).await;
    }

    /// Why a payment cannot be made with a card, as Stripe says it.
    async fn not_payable(&self, card: &str, customer: &Value) -> Option<(u16, Value)> {
        if self.forward(Method::GET, &format!("payment_methods/{card}"), &[]).await.0 == 404 {
            // Stripe quotes what it does not know.
            let message = format!("No such PaymentMethod: '{card}'");
            let error = json!({ "code": "resource_missing", "param": "payment_method", "message": message });
            return Some((400, json!({ "error": error })));
        }
        self.foreign(card, customer).await
    }

    /// Nobody but its customer pays with a card that is kept, and nobody with one that was.
    async fn foreign(&self, card: &str, customer: &Value) -> Option<(u16, Value)> {
        let known = self.forward(Method::GET, &format!("payment_methods/{card}"), &[]).await.1;
        let is_foreign = !known["customer"].is_null() && known["customer"] != *customer;
        let is_gone = self.kept().detached.contains(card);
        let error = json!({ "type": "invalid_request_error", "param": "payment_method" });
        (is_foreign || is_gone).then(|| (400, json!({ "error": error })))
    }

    /// A customer of the shop's account, as it is; what is gone is null.
    pub async fn customer(&self, id: &str) -> Value {
        match self.forward(Method::GET, &format!("customers/{id}"), &[]).await {
            (200, customer) => customer,
            _ => Value::Null,
        }
    }

    /// Whom a card is kept for.
    pub async fn owner_of(&self, card: &str) -> Value {
        self.forward(Method::GET, &format!("payment_methods/{card}"), &[]).await.1["customer"].clone()
    }

    /// All customers, at most a hundred.
    ///
    /// # Panics
    /// If localstripe does not say.
    pub async fn customers(&self) -> Vec<Value> {
        let (status, mut list) = self.ask(Method::GET, "customers", &[("limit", "100")]).await;
        assert_eq!(status, 200, "{list}");
        let Value::Array(customers) = list["data"].take() else { panic!("no list: {list}") };
        customers
    }
}

async fn pass_on(
    State(gateway): State<Gateway>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let path = uri.path().trim_start_matches("/v1/").to_owned();
    let key = header("idempotency-key");
    let version = header("stripe-version");
    gateway.kept().seen.push(Seen { method: method.clone(), key: key.clone(), version });
    let fate = gateway.fate_of(&method, &path);
    match fate {
        Some(Fate::TooMany) => return answer(429, &json!({ "error": { "code": "rate_limit" } })),
        Some(Fate::Broken) => return answer(500, &json!({ "error": { "type": "api_error" } })),
        _ => {}
    }
    let sent = if method == Method::GET { uri.query().unwrap_or_default().as_bytes() } else { &body };
    let form: Vec<(String, String)> = url::form_urlencoded::parse(sent).into_owned().collect();
    let asked = format!("{path}?{}", String::from_utf8_lossy(sent));
    let known = key.as_ref().and_then(|key| gateway.kept().answers.get(key).cloned());
    let (status, answered) = match known {
        Some((before, _, _)) if before != asked => {
            (400, json!({ "error": { "type": "idempotency_error", "message": "another request" } }))
        }
        Some((_, status, answered)) => (status, answered),
        None => gateway.translated(method, &path, form).await,
    };
    if let Some(key) = key {
        gateway.kept().answers.entry(key).or_insert((asked, status, answered.clone()));
    }
    match fate {
        Some(Fate::AnswerLost) => std::future::pending().await,
        Some(Fate::DoneThenBroken) => answer(500, &json!({ "error": { "type": "api_error" } })),
        _ => answer(status, &answered),
    }
}

fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}
