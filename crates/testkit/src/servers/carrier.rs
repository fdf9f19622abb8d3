//! A pretended carrier that says what parcels cost, as `docs/operations.md` has an adapter answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What it does with the next questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CarrierMood {
    /// Each service costs its base and so much a started kilogram.
    #[default]
    Answers,
    /// It takes the question and never answers.
    Slow,
    /// It says that it is down.
    Away,
    /// It answers in pounds, whatever it was asked.
    OtherCurrency,
    /// It says a price below nothing.
    BelowNothing,
    /// It says a price that no parcel has.
    Absurd,
    /// It answers a page.
    Page,
    /// It answers without an end.
    Huge,
}

/// A pretended carrier; cheap to clone.
#[derive(Clone, Default)]
pub struct FakeCarrier(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    mood: CarrierMood,
    dearer: i64,
    asked: Vec<Value>,
    tokens: Vec<String>,
}

/// Id, title, base price in minor units, days.
const SERVICES: [(&str, &str, i64, [u32; 2]); 2] =
    [("standard", "Standard", 400, [2, 4]), ("express", "Express", 1_200, [1, 1])];
const PER_KILOGRAM: i64 = 100;

impl FakeCarrier {
    /// What it answers at.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// What it does from now on.
    pub fn set_mood(&self, mood: CarrierMood) {
        self.kept().mood = mood;
    }

    /// All services cost so much more from now on.
    pub fn set_dearer(&self, minor: i64) {
        self.kept().dearer = minor;
    }

    /// All that it was asked.
    pub fn asked(&self) -> Vec<Value> {
        self.kept().asked.clone()
    }

    /// The bearer tokens that came with it.
    pub fn tokens(&self) -> Vec<String> {
        self.kept().tokens.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, headers: &HeaderMap, question: &Value) -> (CarrierMood, i64) {
        let mut kept = self.kept();
        kept.asked.push(question.clone());
        let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        kept.tokens.push(token.to_owned());
        (kept.mood, kept.dearer)
    }
}

async fn answer(
    State(carrier): State<FakeCarrier>,
    headers: HeaderMap,
    Json(question): Json<Value>,
) -> Response {
    let (mood, dearer) = carrier.note(&headers, &question);
    let prices = |currency: &str, change: fn(i64) -> i64| {
        let parcels = question["parcels"].as_array().cloned().unwrap_or_default();
        let kilograms = |parcel: &Value| (parcel["weight_g"].as_i64().unwrap_or_default() + 999) / 1_000;
        let by_weight: i64 = parcels.iter().map(|parcel| kilograms(parcel) * PER_KILOGRAM).sum();
        let asked = question["services"].as_array().cloned().unwrap_or_default();
        let wanted = SERVICES.iter().filter(|(id, ..)| asked.is_empty() || asked.contains(&json!(id)));
        let services = wanted.map(|(id, title, base, [days_min, days_max])| {
            let minor = change(base + by_weight + dearer);
            json!({ "id": id, "title": title, "price": { "minor": minor, "currency": currency },
                    "days_min": days_min, "days_max": days_max })
        });
        Json(json!({ "services": services.collect::<Vec<_>>() })).into_response()
    };
    let currency = question["currency"].as_str().unwrap_or_default();
    match mood {
        CarrierMood::Answers => prices(currency, |minor| minor),
        CarrierMood::Slow => std::future::pending().await,
        CarrierMood::Away => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        CarrierMood::OtherCurrency => prices("GBP", |minor| minor),
        CarrierMood::BelowNothing => prices(currency, |minor| -minor),
        CarrierMood::Absurd => prices(currency, |minor| minor.saturating_mul(1_000_000_000)),
        CarrierMood::Page => "<html>prices</html>".into_response(),
        CarrierMood::Huge => "x".repeat(1 << 20).into_response(),
    }
}
