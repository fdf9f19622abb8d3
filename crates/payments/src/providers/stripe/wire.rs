//! What Stripe says, as far as it matters here. Fields that are not named are passed over.

use std::collections::HashMap;

use argosy_kernel::IntentId;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::Fingerprint;

/// Where a payment intent names ours.
pub(super) const INTENT: &str = "argosy_intent";
/// Where a refund names our step.
pub(super) const STEP: &str = "argosy_step";

#[derive(Debug, Clone, Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    /// How much of it was taken. Old versions do not tell.
    pub(super) amount_received: Option<i64>,
    pub(super) client_secret: Option<String>,
    pub(super) latest_charge: Option<Named>,
    pub(super) next_action: Option<NextAction>,
    pub(super) last_payment_error: Option<ApiError>,
    pub(super) payment_method: Option<PaidWith>,
    #[serde(default)]
    metadata: HashMap<String, String>,
}

impl PaymentIntent {
    /// Our id of it.
    pub(super) fn intent_id(&self) -> Option<IntentId> {
        self.metadata.get(INTENT)?.parse().ok()
    }

    /// The card that it is, or was, to be paid with, where the answer has it.
    pub(super) fn card(&self) -> Option<Fingerprint> {
        let declined = self.last_payment_error.as_ref().and_then(|error| error.payment_method.as_deref());
        self.payment_method.as_ref().and_then(PaidWith::fingerprint).or_else(|| declined?.fingerprint())
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct NextAction {
    pub(super) redirect_to_url: Option<Redirect>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Redirect {
    pub(super) url: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) status: Option<String>,
    pub(super) payment_intent: Option<Named>,
    #[serde(default)]
    pub(super) created: i64,
    #[serde(default)]
    metadata: HashMap<String, String>,
}

impl Refund {
    /// The reference of the step that it was made for; none: it was made elsewhere.
    pub(super) fn step(&self) -> Option<&str> {
        self.metadata.get(STEP).map(String::as_str)
    }

    pub(super) fn has_failed(&self) -> bool {
        matches!(self.status.as_deref(), Some("failed" | "canceled"))
    }
}

/// A charge, for its payment only.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Charge {
    pub(super) payment_intent: Option<Named>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) reason: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) payment_intent: Option<Named>,
    #[serde(default)]
    pub(super) balance_transactions: Vec<BalanceTransaction>,
    #[serde(default)]
    pub(super) evidence_details: EvidenceDetails,
}

/// Money that moved in the account: below 0 out of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct BalanceTransaction {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    #[serde(default)]
    pub(super) fee: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct EvidenceDetails {
    pub(super) due_by: Option<i64>,
    pub(super) submission_count: i64,
}

/// A payment method as a whole, where that is asked for; else no more than its id.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum PaidWith {
    Whole(PaymentMethod),
    Named(serde::de::IgnoredAny),
}

impl PaidWith {
    /// What Stripe knows its card by, in this account.
    pub(super) fn fingerprint(&self) -> Option<Fingerprint> {
        let Self::Whole(method) = self else { return None };
        Fingerprint::read(method.card.as_ref()?.fingerprint.as_deref()?)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct PaymentMethod {
    pub(super) id: String,
    /// Whom it is kept for; unset: nobody.
    pub(super) customer: Option<Named>,
    pub(super) card: Option<CardDetails>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct CardDetails {
    #[serde(default)]
    pub(super) brand: String,
    #[serde(default)]
    pub(super) last4: String,
    #[serde(default)]
    pub(super) exp_month: i64,
    #[serde(default)]
    pub(super) exp_year: i64,
    pub(super) fingerprint: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SetupIntent {
    pub(super) status: String,
    pub(super) client_secret: Option<String>,
    pub(super) next_action: Option<NextAction>,
    pub(super) last_setup_error: Option<ApiError>,
    pub(super) payment_method: Option<PaidWith>,
}

/// Something, for its name only.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Made {
    pub(super) id: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

/// Something by its id, or as a whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Named {
    Id(String),
    Whole { id: String },
}

impl Named {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Whole { id } => id,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Refused {
    pub(super) error: ApiError,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ApiError {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) param: Option<String>,
    /// What was declined.
    pub(super) payment_method: Option<Box<PaidWith>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) data: EventData,
}

#[derive(Debug, Deserialize)]
pub(super) struct EventData {
    pub(super) object: Value,
}
