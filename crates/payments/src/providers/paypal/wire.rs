//! What PayPal says, as far as it matters here.

use argosy_kernel::{Money, Result, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::{Move, MoveKind, Outcome, Report};

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) links: Vec<Link>,
    #[serde(default)]
    purchase_units: Vec<Unit>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Link {
    rel: String,
    href: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Unit {
    #[serde(default)]
    payments: Payments,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Payments {
    authorizations: Vec<Part>,
    captures: Vec<Part>,
    refunds: Vec<Part>,
}

/// An authorisation, a capture or a refund.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Part {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: Option<Amount>,
    /// Of a refund: the step that it was made for.
    pub(super) custom_id: Option<String>,
    create_time: Option<String>,
    /// Of a capture that is asked about by its own id: the order that it is of.
    supplementary_data: Option<Supplementary>,
}

/// An amount as PayPal writes it: in the major unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Amount {
    currency_code: String,
    value: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { currency_code: money.currency.code().to_owned(), value: money.to_decimal() }
    }
}

impl Amount {
    pub(super) fn read(&self) -> Result<Money> {
        Ok(Money::parse_decimal(&self.value, self.currency_code.parse()?)?)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct AccessToken {
    pub(super) access_token: String,
    #[serde(default)]
    pub(super) expires_in: u64,
}

/// What a notification is about; what it says besides is not believed but asked about.
#[derive(Debug, Deserialize)]
pub(super) struct Notification {
    pub(super) resource: Resource,
}

#[derive(Debug, Deserialize)]
pub(super) struct Resource {
    pub(super) id: Option<String>,
    /// Only of a dispute, which names neither order nor payment.
    pub(super) dispute_id: Option<String>,
    pub(super) supplementary_data: Option<Supplementary>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Supplementary {
    pub(super) related_ids: Related,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Related {
    pub(super) order_id: Option<String>,
}

/// A dispute, as its seller is shown it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dispute {
    #[serde(rename = "dispute_id")]
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) reason: String,
    #[serde(rename = "dispute_life_cycle_stage")]
    pub(super) stage: Option<String>,
    #[serde(rename = "dispute_amount")]
    pub(super) amount: Amount,
    #[serde(rename = "dispute_outcome")]
    pub(super) outcome: Option<DisputeOutcome>,
    pub(super) create_time: Option<Timestamp>,
    pub(super) update_time: Option<Timestamp>,
    pub(super) seller_response_due_date: Option<Timestamp>,
    #[serde(default)]
    pub(super) disputed_transactions: Vec<Transaction>,
    #[serde(default)]
    pub(super) money_movements: Vec<MoneyMovement>,
    #[serde(default)]
    pub(super) evidences: Vec<DisputeEvidence>,
    #[serde(default)]
    pub(super) messages: Vec<DisputeMessage>,
    /// What can be done with it now.
    #[serde(default)]
    pub(super) links: Vec<Link>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct DisputeOutcome {
    pub(super) outcome_code: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Transaction {
    /// The capture.
    pub(super) seller_transaction_id: Option<String>,
}

/// Money that moved for a dispute. It has no name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MoneyMovement {
    pub(super) affected_party: String,
    #[serde(rename = "type")]
    pub(super) direction: String,
    #[serde(default)]
    pub(super) reason: String,
    pub(super) amount: Option<Amount>,
}

/// Evidence that is asked for or was given.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct DisputeEvidence {
    #[serde(default)]
    pub(super) source: String,
    pub(super) date: Option<Timestamp>,
    #[serde(rename = "dispute_life_cycle_stage")]
    pub(super) stage: Option<String>,
}

/// What buyer and seller say to each other.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct DisputeMessage {
    #[serde(default)]
    pub(super) posted_by: String,
    #[serde(default)]
    pub(super) content: String,
}

impl Dispute {
    /// Whether the seller may do that now.
    pub(super) fn offers(&self, action: &str) -> bool {
        self.links.iter().any(|link| link.href.rsplit('/').next() == Some(action))
    }
}

impl Order {
    fn payments(&self) -> Option<&Payments> {
        self.purchase_units.first().map(|unit| &unit.payments)
    }

    /// The authorisation that money is taken from.
    pub(super) fn authorisation(&self) -> Option<&Part> {
        self.payments()?.authorizations.first()
    }

    /// The capture that an amount can be given back of.
    pub(super) fn captures(&self) -> &[Part] {
        self.payments().map_or(&[], |payments| &payments.captures)
    }

    pub(super) fn refunds(&self) -> &[Part] {
        self.payments().map_or(&[], |payments| &payments.refunds)
    }

    fn page(&self) -> String {
        let page = self.links.iter().find(|link| matches!(link.rel.as_str(), "payer-action" | "approve"));
        page.map_or(String::new(), |link| link.href.clone())
    }

    /// How the payment stands.
    pub(super) fn report(&self) -> Result<Report> {
        let mut moves = Vec::new();
        for capture in self.captures().iter().filter(|part| part.has_moved()) {
            moves.extend(capture.moved(MoveKind::Captured)?);
        }
        for refund in self.refunds().iter().filter(|part| part.has_moved()) {
            moves.extend(refund.moved(MoveKind::Refunded)?);
        }
        Ok(Report::of(&*self.id, self.outcome()).with(moves))
    }

    fn outcome(&self) -> Outcome {
        let refused =
            |reason: &str, text: &str| Outcome::Declined { reason: reason.to_owned(), text: text.to_owned() };
        match (self.status.as_str(), self.authorisation().map(|part| part.status.as_str())) {
            (_, Some("CREATED" | "CAPTURED" | "PARTIALLY_CAPTURED")) => Outcome::Authorised,
            (_, Some("VOIDED" | "EXPIRED")) | ("VOIDED", None) => Outcome::Voided,
            (_, Some("DENIED")) => {
                refused("DECLINED", "PayPal did not accept the payment. Please pay in another way.")
            }
            ("CREATED" | "SAVED" | "PAYER_ACTION_REQUIRED", None) => {
                Outcome::RequiresAction { url: self.page(), client_secret: String::new() }
            }
            _ => Outcome::Processing,
        }
    }
}

impl Part {
    pub(super) fn order_id(&self) -> Option<&str> {
        self.supplementary_data.as_ref()?.related_ids.order_id.as_deref()
    }

    /// Since when there is one, if PayPal says so.
    pub(super) fn made_at(&self) -> Option<Timestamp> {
        self.create_time.as_deref()?.parse().ok()
    }

    /// Whether its money has moved, or will for certain.
    pub(super) fn has_moved(&self) -> bool {
        !matches!(self.status.as_str(), "DECLINED" | "FAILED" | "CANCELLED")
    }

    pub(super) fn moved(&self, kind: MoveKind) -> Result<Option<Move>> {
        let Some(amount) = &self.amount else { return Ok(None) };
        let step = if kind == MoveKind::Refunded { self.custom_id.clone() } else { None };
        Ok(Some(Move { kind, reference: self.id.clone(), amount: amount.read()?, step }))
    }
}
