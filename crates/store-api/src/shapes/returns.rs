//! What becomes of an order: money, parcels, goods on their way back.

use argosy_contracts::orders::{
    BalancePayment, Fulfilment, LineQuantity, OrderMoney, OrderPayment, Refund, RequestReturnRequest, Return,
    ReturnLine,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Plain, instant, text};

/// What an order costs now, and how it is paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OrderMoney)]
pub(crate) struct OrderMoneyOut {
    /// As it was sold, less what was canceled, returned or let off.
    charged: Option<Amount>,
    paid: Option<Amount>,
    /// Given back.
    refunded: Option<Amount>,
    /// On its way back.
    refunding: Option<Amount>,
    /// Credited instead of given back.
    store_credit: Option<Amount>,
    /// Above 0 the buyer owes it, below 0 it is the buyer's.
    due: Option<Amount>,
}

/// A payment of an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OrderPayment)]
pub(crate) struct OrderPaymentOut {
    id: String,
    /// Unset of orders of earlier releases.
    provider: Option<String>,
    /// What tells it from others: the last letters of a gift card's code.
    hint: Option<String>,
    /// `awaited`, `held`, `taken` or `let_go`.
    state: String,
    /// What it was asked for.
    amount: Option<Amount>,
    taken: Option<Amount>,
    /// Given back, or on its way.
    refunded: Option<Amount>,
}

impl From<OrderPayment> for OrderPaymentOut {
    fn from(payment: OrderPayment) -> Self {
        Self {
            id: payment.id,
            provider: text(payment.provider),
            hint: text(payment.hint),
            state: payment.state,
            amount: payment.amount.map(Into::into),
            taken: payment.taken.map(Into::into),
            refunded: payment.refunded.map(Into::into),
        }
    }
}

/// A payment of what was due of an order after it was placed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = BalancePayment)]
pub(crate) struct BalancePaymentOut {
    id: String,
    /// `running`, `needs_buyer`, `paid` or `failed`.
    state: String,
    amount: Option<Amount>,
    provider: String,
    /// `failed`: stable, e.g. `DECLINED`, or `DUE_CHANGED`: other than what was due.
    failure_reason: Option<String>,
    /// For people.
    failure_text: Option<String>,
    /// `needs_buyer`: where the payment goes on.
    action_url: Option<String>,
}

impl From<BalancePayment> for BalancePaymentOut {
    fn from(paid: BalancePayment) -> Self {
        Self {
            id: paid.id,
            state: paid.state,
            amount: paid.amount.map(Into::into),
            provider: paid.provider,
            failure_reason: text(paid.failure_reason),
            failure_text: text(paid.failure_text),
            action_url: text(paid.action_url),
        }
    }
}

/// Units of a line.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LineQuantity)]
pub(crate) struct LineQuantityOut {
    line_id: String,
    quantity: i64,
}

/// A parcel.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Parcel)]
pub(crate) struct FulfilmentOut {
    id: String,
    lines: Vec<LineQuantityOut>,
    carrier: Option<String>,
    tracking_number: Option<String>,
    /// Where it can be followed.
    tracking_url: Option<String>,
    #[schema(format = "date-time")]
    time: Option<String>,
}

/// Money on its way back, or back.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Refund)]
pub(crate) struct RefundOut {
    id: String,
    amount: Option<Amount>,
    /// `open`, `done` or `refused`.
    state: String,
    reason: Option<String>,
    /// By which of several payments it goes back.
    payment_id: Option<String>,
    #[schema(format = "date-time")]
    time: Option<String>,
}

/// Goods on their way back.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Return)]
pub(crate) struct ReturnOut {
    id: String,
    /// `requested`, `approved`, `declined`, `canceled`, `received`, `inspected` or `settled`.
    state: String,
    lines: Vec<ReturnLineOut>,
    /// `refund`, `exchange` or `store_credit`: what is wanted, then what it came to.
    resolution: String,
    comment: Option<String>,
    /// What the shop says to it.
    answer: Option<String>,
    #[schema(format = "date-time")]
    time: Option<String>,
}

/// Units of a line on their way back.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ReturnLine)]
pub(crate) struct ReturnLineOut {
    line_id: String,
    quantity: i64,
    reason: String,
    /// So many have arrived.
    received: i64,
}

/// What is to be sent back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lines": [{"line_id": "line_00000000000000000000000004", "quantity": 1, "reason": "damaged"}],
    "resolution": "refund", "comment": "The handle is off."
}))]
pub(crate) struct RequestReturn {
    #[schema(min_items = 1, max_items = 100)]
    lines: Vec<LineToReturn>,
    /// `refund`, `exchange` or `store_credit`.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    resolution: Plain,
    /// What else the shop should know.
    #[serde(default)]
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", required = false)]
    comment: Plain,
}

/// Units of a line to be sent back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineToReturn {
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    line_id: Plain,
    #[schema(minimum = 1)]
    quantity: i64,
    /// `changed_mind`, `damaged`, `wrong_item`, `not_as_described`, `late` or `other`.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    reason: Plain,
}

impl From<RequestReturn> for RequestReturnRequest {
    fn from(body: RequestReturn) -> Self {
        let line = |line: LineToReturn| ReturnLine {
            line_id: line.line_id.0,
            quantity: line.quantity,
            reason: line.reason.0,
            ..ReturnLine::default()
        };
        Self {
            lines: body.lines.into_iter().map(line).collect(),
            resolution: body.resolution.0,
            comment: body.comment.0,
            ..Self::default()
        }
    }
}

impl From<OrderMoney> for OrderMoneyOut {
    fn from(money: OrderMoney) -> Self {
        Self {
            charged: money.charged.map(Into::into),
            paid: money.paid.map(Into::into),
            refunded: money.refunded.map(Into::into),
            refunding: money.refunding.map(Into::into),
            store_credit: money.store_credit.map(Into::into),
            due: money.due.map(Into::into),
        }
    }
}

impl From<LineQuantity> for LineQuantityOut {
    fn from(line: LineQuantity) -> Self {
        Self { line_id: line.line_id, quantity: line.quantity }
    }
}

impl From<Fulfilment> for FulfilmentOut {
    fn from(parcel: Fulfilment) -> Self {
        Self {
            id: parcel.id,
            lines: parcel.lines.into_iter().map(Into::into).collect(),
            carrier: text(parcel.carrier),
            tracking_number: text(parcel.tracking_number),
            tracking_url: text(parcel.tracking_url),
            time: instant(parcel.time_ms),
        }
    }
}

impl From<Refund> for RefundOut {
    fn from(refund: Refund) -> Self {
        Self {
            id: refund.id,
            amount: refund.amount.map(Into::into),
            state: refund.state,
            reason: text(refund.reason),
            payment_id: text(refund.payment_id),
            time: instant(refund.time_ms),
        }
    }
}

impl From<Return> for ReturnOut {
    fn from(asked: Return) -> Self {
        let line = |line: ReturnLine| ReturnLineOut {
            line_id: line.line_id,
            quantity: line.quantity,
            reason: line.reason,
            received: line.received,
        };
        Self {
            id: asked.id,
            state: asked.state,
            lines: asked.lines.into_iter().map(line).collect(),
            resolution: asked.resolution,
            comment: text(asked.comment),
            answer: text(asked.answer),
            time: instant(asked.time_ms),
        }
    }
}
