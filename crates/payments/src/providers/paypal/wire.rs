//! What PayPal says, as far as it matters here.

use argosy_kernel::{Money, Result};
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
    fn read(&self) -> Result<Money> {
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
    pub(super) supplementary_data: Option<Supplementary>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Supplementary {
    pub(super) related_ids: Related,
}

#[derive(Debug, Deserialize)]
pub(super) struct Related {
    pub(super) order_id: Option<String>,
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
    /// Whether its money has moved, or will for certain.
    fn has_moved(&self) -> bool {
        !matches!(self.status.as_str(), "DECLINED" | "FAILED" | "CANCELLED")
    }

    pub(super) fn moved(&self, kind: MoveKind) -> Result<Option<Move>> {
        let Some(amount) = &self.amount else { return Ok(None) };
        let step = if kind == MoveKind::Refunded { self.custom_id.clone() } else { None };
        Ok(Some(Move { kind, reference: self.id.clone(), amount: amount.read()?, step }))
    }
}
