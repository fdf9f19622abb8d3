//! Amounts, totals, notices and traces.

use argosy_contracts::common::{Money, Notice, TotalLine, TraceStep};
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// An exact, signed amount in minor units: cents, pence, whole yen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Amount, example = json!({"amount": 1999, "currency": "EUR"}))]
pub(crate) struct Amount {
    /// Minor units of the currency: 1999 is 19.99 EUR; yen have none, so 1999 is 1999 JPY.
    pub(crate) amount: i64,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub(crate) currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.minor, currency: money.currency }
    }
}

/// One line of a sum: exactly one `subtotal` and one `total`; those between add up to the total, except
/// `tax_included`, which is for information.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TotalLine)]
pub(crate) struct TotalLineOut {
    /// `subtotal`, `discount`, `fee`, `shipping`, `tax`, `tax_included` or `total`.
    kind: String,
    /// For people.
    label: String,
    /// Signed: a discount is below zero.
    amount: Option<Amount>,
}

impl From<TotalLine> for TotalLineOut {
    fn from(line: TotalLine) -> Self {
        Self { kind: line.kind, label: line.label, amount: line.amount.map(Into::into) }
    }
}

/// Something that a buyer or an agent must know or fix.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Notice)]
pub(crate) struct CommonNotice {
    /// `info`, `warning` or `error`.
    level: String,
    /// What it is about, e.g. `PRICE_CHANGED`; stable.
    code: String,
    /// `none`, `accept` (send `token` in `accepted_notices`) or `fix`.
    resolution: String,
    /// JSON pointer into the object that carries the notice.
    target: String,
    /// For people.
    text: String,
    /// What `accepted_notices` must hold to accept it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
}

impl From<Notice> for CommonNotice {
    fn from(notice: Notice) -> Self {
        Self {
            level: notice.level,
            code: notice.code,
            resolution: notice.resolution,
            target: notice.target,
            text: notice.text,
            token: text(notice.token),
        }
    }
}

/// One step of how an amount came about.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TraceStep)]
pub(crate) struct CommonTrace {
    /// The rule, e.g. `list_price`, `coupon:WELCOME10`, `tax:DE/standard`.
    rule: String,
    /// For people.
    text: String,
    /// What it came to.
    amount: Option<Amount>,
}

impl From<TraceStep> for CommonTrace {
    fn from(step: TraceStep) -> Self {
        Self { rule: step.rule, text: step.text, amount: step.amount.map(Into::into) }
    }
}
