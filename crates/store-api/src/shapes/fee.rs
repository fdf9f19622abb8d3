//! What is charged beside goods and shipping, and how lines can be wrapped.

use argosy_contracts::pricing::{QuotedFee, WrapOffer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Amount, Plain, text};

/// What is charged that is neither goods nor shipping.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Fee)]
pub(crate) struct FeeOut {
    /// Which one; stable.
    name: String,
    /// For people.
    title: String,
    /// `wrap`, `piece`: of units of a line; `order`, `parcel`: of the order.
    kind: String,
    /// The line whose units it is for, with which it goes.
    line_id: Option<String>,
    quantity: i64,
    unit_price: Option<Amount>,
    /// Unit price times quantity.
    amount: Option<Amount>,
    /// In the amount, or on top of it: see `tax_included`.
    tax: Option<Amount>,
    /// What the buyer pays for it, tax in.
    total: Option<Amount>,
    /// The tax rate in millionths: 190000 is 19 %.
    tax_rate_ppm: i64,
}

impl From<QuotedFee> for FeeOut {
    fn from(fee: QuotedFee) -> Self {
        Self {
            name: fee.name,
            title: fee.title,
            kind: fee.kind,
            line_id: text(fee.line_id),
            quantity: fee.quantity,
            unit_price: fee.unit_price.map(Into::into),
            amount: fee.amount.map(Into::into),
            tax: fee.tax.map(Into::into),
            total: fee.total.map(Into::into),
            tax_rate_ppm: fee.tax_rate_ppm,
        }
    }
}

/// A way to wrap lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Wrap)]
pub(crate) struct WrapOut {
    /// What a line is wrapped in by.
    name: String,
    /// For people.
    title: String,
    /// Of one unit.
    unit_price: Option<Amount>,
    /// A line with more units cannot be wrapped; unset: however many.
    units_max: Option<i64>,
    /// How many characters may be written; 0: none.
    message_length_max: u32,
    /// The lines that it is for.
    line_ids: Vec<String>,
}

impl From<WrapOffer> for WrapOut {
    fn from(offer: WrapOffer) -> Self {
        Self {
            name: offer.name,
            title: offer.title,
            unit_price: offer.unit_price.map(Into::into),
            units_max: Some(offer.pieces_max).filter(|pieces| *pieces != 0),
            message_length_max: offer.message_length_max,
            line_ids: offer.line_ids,
        }
    }
}

/// How a line is to be wrapped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"wrap": "ribbon", "message": "Happy birthday"}))]
pub(crate) struct NewWrap {
    /// The name of one of the cart's `wraps`.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[a-z0-9-]+$")]
    pub(crate) wrap: Plain,
    /// What is to be written.
    #[serde(default)]
    #[schema(value_type = String, max_length = 240, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) message: Plain,
}
