//! Lines with their prices, discounts and codes: the same in carts, checkouts and orders.

use argosy_contracts::pricing::{
    Adjustment, Awaited, Discount, GiftOffer, QuotedFee, QuotedLine, RejectedCode,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Amount, CommonTrace, text};

/// A line with its prices. Prices are unset while the item cannot be sold; a notice says why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Line)]
pub(crate) struct LineOut {
    pub(crate) id: String,
    pub(crate) variant_id: String,
    pub(crate) product_id: Option<String>,
    /// The product's handle, for a link.
    pub(crate) handle: Option<String>,
    pub(crate) sku: Option<String>,
    /// The product's title.
    pub(crate) title: Option<String>,
    /// The variant's title, if there are several.
    pub(crate) variant_title: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) quantity: i64,
    pub(crate) unit_price: Option<Amount>,
    pub(crate) compare_at: Option<Amount>,
    pub(crate) adjustments: Vec<AdjustmentOut>,
    /// Unit price times quantity.
    pub(crate) subtotal: Option<Amount>,
    /// At most zero.
    pub(crate) discount: Option<Amount>,
    /// In the discounted amount, or on top of it: see `tax_included`.
    pub(crate) tax: Option<Amount>,
    /// What the buyer pays for the line, tax and discount in.
    pub(crate) total: Option<Amount>,
    /// The tax rate in millionths: 190000 is 19 %.
    pub(crate) tax_rate_ppm: Option<i64>,
    pub(crate) requires_shipping: Option<bool>,
    /// Units that are not there yet; unset: none, or nobody looked.
    pub(crate) awaited: Option<AwaitedOut>,
    /// What all its units are wrapped in, by the fee's name.
    pub(crate) wrap: Option<String>,
    /// What is to be written; unset in checkouts.
    pub(crate) wrap_message: Option<String>,
    /// How the price came about; only with `include=trace`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) trace: Vec<CommonTrace>,
}

impl LineOut {
    /// A line that could not be priced.
    pub(crate) fn unpriced(id: String, variant_id: String, quantity: i64) -> Self {
        Self {
            id,
            variant_id,
            product_id: None,
            handle: None,
            sku: None,
            title: None,
            variant_title: None,
            image: None,
            quantity,
            unit_price: None,
            compare_at: None,
            adjustments: Vec::new(),
            subtotal: None,
            discount: None,
            tax: None,
            total: None,
            tax_rate_ppm: None,
            requires_shipping: None,
            awaited: None,
            wrap: None,
            wrap_message: None,
            trace: Vec::new(),
        }
    }

    /// The line of a quote that says what is not there yet.
    pub(crate) fn of_quote(line: QuotedLine, awaited: &[Awaited], trace: Trace) -> Self {
        let awaited = awaited.iter().find(|awaited| awaited.line_id == line.line_id).cloned();
        Self { awaited: awaited.map(Into::into), ..Self::quoted(line, trace) }
    }

    pub(crate) fn quoted(line: QuotedLine, trace: Trace) -> Self {
        Self {
            id: line.line_id,
            variant_id: line.variant_id,
            product_id: text(line.product_id),
            handle: text(line.handle),
            sku: text(line.sku),
            title: text(line.title),
            variant_title: text(line.variant_title),
            image: text(line.image_url),
            quantity: line.quantity,
            unit_price: line.unit_price.map(Into::into),
            compare_at: line.compare_at.map(Into::into),
            adjustments: line.adjustments.into_iter().map(Into::into).collect(),
            subtotal: line.subtotal.map(Into::into),
            discount: line.discount.map(Into::into),
            tax: line.tax.map(Into::into),
            total: line.total.map(Into::into),
            tax_rate_ppm: Some(line.tax_rate_ppm),
            requires_shipping: Some(line.requires_shipping),
            awaited: None,
            wrap: None,
            wrap_message: None,
            trace: trace.shown(line.trace),
        }
    }
}

impl LineOut {
    /// With what it is wrapped in, as the fees say.
    pub(crate) fn wrapped(self, fees: &[QuotedFee]) -> Self {
        let wrap = fees.iter().find(|fee| fee.kind == "wrap" && fee.line_id == self.id);
        Self { wrap: wrap.map(|fee| fee.name.clone()), ..self }
    }
}

/// Units that are sold before they are there.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Awaited)]
pub(crate) struct AwaitedOut {
    quantity: i64,
    /// They are not out yet; else they have run out.
    preorder: bool,
    /// From when they leave; unset: not known.
    #[schema(format = "date")]
    expected_on: Option<String>,
}

impl From<Awaited> for AwaitedOut {
    fn from(awaited: Awaited) -> Self {
        let Awaited { quantity, preorder, expected_on, .. } = awaited;
        Self { quantity, preorder, expected_on: text(expected_on) }
    }
}

/// Whether a client asked how the amounts came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trace {
    Shown,
    Hidden,
}

impl Trace {
    pub(crate) fn shown(self, steps: Vec<argosy_contracts::common::TraceStep>) -> Vec<CommonTrace> {
        match self {
            Self::Shown => steps.into_iter().map(Into::into).collect(),
            Self::Hidden => Vec::new(),
        }
    }
}

/// What changed a line's price.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Adjustment)]
pub(crate) struct AdjustmentOut {
    /// `discount`.
    kind: String,
    code: Option<String>,
    label: String,
    /// Signed: a discount is below zero.
    amount: Option<Amount>,
}

impl From<Adjustment> for AdjustmentOut {
    fn from(adjustment: Adjustment) -> Self {
        Self {
            kind: adjustment.kind,
            code: text(adjustment.code),
            label: adjustment.label,
            amount: adjustment.amount.map(Into::into),
        }
    }
}

/// A discount and where it went: its allocations add up to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Discount)]
pub(crate) struct DiscountOut {
    code: Option<String>,
    title: String,
    /// Below zero.
    amount: Option<Amount>,
    allocations: Vec<AllocationOut>,
}

/// What costs nothing once it is put into the cart.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Gift)]
pub(crate) struct GiftOut {
    /// Of the campaign that gives it.
    title: String,
    variant_id: String,
    /// How many cost nothing.
    quantity: i64,
}

impl From<GiftOffer> for GiftOut {
    fn from(gift: GiftOffer) -> Self {
        Self { title: gift.title, variant_id: gift.variant_id, quantity: gift.pieces }
    }
}

/// A part of a discount.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Allocation)]
pub(crate) struct AllocationOut {
    /// A line's id, or `shipping`.
    target: String,
    amount: Option<Amount>,
}

impl From<Discount> for DiscountOut {
    fn from(discount: Discount) -> Self {
        let allocations = discount.allocations.into_iter();
        Self {
            code: text(discount.code),
            title: discount.title,
            amount: discount.amount.map(Into::into),
            allocations: allocations
                .map(|part| AllocationOut { target: part.target, amount: part.amount.map(Into::into) })
                .collect(),
        }
    }
}

/// A code that does not count, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RejectedCode)]
pub(crate) struct RejectedCodeOut {
    code: String,
    /// Stable, e.g. `CODE_EXPIRED`.
    reason: String,
    /// For people.
    text: String,
}

impl From<RejectedCode> for RejectedCodeOut {
    fn from(rejected: RejectedCode) -> Self {
        Self { code: rejected.code, reason: rejected.reason, text: rejected.text }
    }
}
