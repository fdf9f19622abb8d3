//! Orders.

use argosy_contracts::{
    orders::{Order, OrderEvent, OrderLine},
    pricing::QuotedFee,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    AddressBody, Amount, DiscountOut, FeeOut, LineOut, TaxLineOut, TaxNoteOut, TotalLineOut,
    checkout::ShippingOptionOut,
    instant,
    lines::Trace,
    parcels::OrderParcelOut,
    returns::{BalancePaymentOut, FulfilmentOut, OrderMoneyOut, OrderPaymentOut, RefundOut, ReturnOut},
    text,
};

/// An order as it was sold, and how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderOut {
    id: String,
    /// For people: 1001, 1002, …
    number: String,
    checkout_id: String,
    /// `open`, `completed` or `canceled`.
    status: String,
    /// `authorised`, `captured`, `pending`, `refunded` or `voided`.
    payment_status: String,
    /// `unfulfilled`, `partially_fulfilled`, `fulfilled` or `not_needed`.
    fulfilment_status: String,
    email: String,
    shipping_address: Option<AddressBody>,
    billing_address: Option<AddressBody>,
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: String,
    lines: Vec<OrderLineOut>,
    /// What is charged beside goods and shipping, as it was sold.
    fees: Vec<FeeOut>,
    discounts: Vec<DiscountOut>,
    /// The shipping option that was chosen, as it was promised.
    shipping: Option<ShippingOptionOut>,
    totals: Vec<TotalLineOut>,
    total: Option<Amount>,
    /// Whether prices have the tax in them.
    tax_included: bool,
    /// The tax by what it is called and by rate.
    tax_lines: Vec<TaxLineOut>,
    /// What the buyer must know of the tax, and the invoice says.
    tax_notes: Vec<TaxNoteOut>,
    /// What it costs now, and how much of it is paid.
    money: Option<OrderMoneyOut>,
    /// By what it is paid: one payment, or several that each pay a part.
    payments: Vec<OrderPaymentOut>,
    /// The latest payment of what was due after it was placed.
    balance: Option<BalancePaymentOut>,
    /// Where it comes from: what each place sends. Empty of orders of earlier releases.
    parcels: Vec<OrderParcelOut>,
    /// Parcels that left, oldest first.
    fulfilments: Vec<FulfilmentOut>,
    /// Money on its way back, or back.
    refunds: Vec<RefundOut>,
    /// Goods on their way back.
    returns: Vec<ReturnOut>,
    /// What happened, oldest first.
    events: Vec<OrderEventOut>,
    /// How to pay by hand, if it is not paid yet.
    payment_instructions: Option<String>,
    #[schema(format = "date-time")]
    placed_at: Option<String>,
}

/// A line as it was sold, with its trace, and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub(crate) struct OrderLineOut {
    /// As it was sold.
    #[serde(flatten)]
    line: LineOut,
    quantities: QuantitiesOut,
}

/// What became of a line's units.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Quantities)]
pub(crate) struct QuantitiesOut {
    ordered: i64,
    current: i64,
    fulfilled: i64,
    returned: i64,
    /// Units that may be asked to be sent back.
    returnable: i64,
}

/// Something that happened to an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OrderEvent)]
pub(crate) struct OrderEventOut {
    #[schema(format = "date-time")]
    time: Option<String>,
    /// E.g. `placed`, `payment_captured`.
    kind: String,
    /// For people.
    text: String,
}

impl From<Order> for OrderOut {
    fn from(order: Order) -> Self {
        Self {
            id: order.id,
            number: order.number,
            checkout_id: order.checkout_id,
            status: order.status,
            payment_status: order.payment_status,
            fulfilment_status: order.fulfilment_status,
            email: order.email,
            shipping_address: order.shipping_address.map(Into::into),
            billing_address: order.billing_address.map(Into::into),
            currency: order.currency,
            lines: order.lines.into_iter().map(|line| OrderLineOut::new(line, &order.fees)).collect(),
            fees: order.fees.into_iter().map(Into::into).collect(),
            discounts: order.discounts.into_iter().map(Into::into).collect(),
            shipping: order.shipping.map(ShippingOptionOut::new),
            totals: order.totals.into_iter().map(Into::into).collect(),
            total: order.total.map(Into::into),
            tax_included: order.tax_included,
            tax_lines: order.tax_lines.into_iter().map(Into::into).collect(),
            tax_notes: order.tax_notes.into_iter().map(Into::into).collect(),
            money: order.money.map(Into::into),
            payments: order.payments.into_iter().map(Into::into).collect(),
            balance: order.balance.map(Into::into),
            parcels: order.parcels.into_iter().map(Into::into).collect(),
            fulfilments: order.fulfilments.into_iter().map(Into::into).collect(),
            refunds: order.refunds.into_iter().map(Into::into).collect(),
            returns: order.returns.into_iter().map(Into::into).collect(),
            events: order.events.into_iter().map(Into::into).collect(),
            payment_instructions: text(order.payment_instructions),
            placed_at: instant(order.placed_at_ms),
        }
    }
}

impl OrderLineOut {
    fn new(line: OrderLine, fees: &[QuotedFee]) -> Self {
        let sold = LineOut::quoted(line.line.unwrap_or_default(), Trace::Shown).wrapped(fees);
        Self {
            line: LineOut {
                awaited: line.awaited.map(Into::into),
                wrap_message: text(line.wrap_message),
                ..sold
            },
            quantities: QuantitiesOut {
                ordered: line.ordered,
                current: line.current,
                fulfilled: line.fulfilled,
                returned: line.returned,
                returnable: line.returnable,
            },
        }
    }
}

impl From<OrderEvent> for OrderEventOut {
    fn from(event: OrderEvent) -> Self {
        Self { time: instant(event.time_ms), kind: event.kind, text: event.text }
    }
}
