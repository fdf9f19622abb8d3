//! Carts.

use std::collections::HashMap;

use argosy_contracts::{cart::CartView, pricing::Quote};
use argosy_kernel::VariantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Amount, CommonNotice, CommonTrace, DiscountOut, FeeOut, GiftOut, LineOut, Plain, RejectedCodeOut,
    TotalLineOut, WrapOut, instant, lines::Trace, text,
};

/// A cart with its present prices.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Cart)]
pub(crate) struct CartOut {
    id: String,
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: String,
    /// The market that it is priced in; unset: the shop has none.
    market: Option<String>,
    /// Counts the changes.
    version: i64,
    lines: Vec<LineOut>,
    /// Codes that were entered, whether they count or not.
    codes: Vec<String>,
    discounts: Vec<DiscountOut>,
    rejected_codes: Vec<RejectedCodeOut>,
    totals: Vec<TotalLineOut>,
    total: Option<Amount>,
    /// Whether prices have the tax in them.
    tax_included: bool,
    requires_shipping: bool,
    notices: Vec<CommonNotice>,
    /// What costs nothing once it is put into the cart.
    gifts: Vec<GiftOut>,
    /// What is charged beside goods and shipping.
    fees: Vec<FeeOut>,
    /// In what lines can be wrapped.
    wraps: Vec<WrapOut>,
    /// The order that it became.
    order_id: Option<String>,
    #[schema(format = "date-time")]
    created_at: Option<String>,
    /// When it is forgotten unless it is changed.
    #[schema(format = "date-time")]
    expires_at: Option<String>,
    /// How what is not about one line came about; only with `include=trace`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    trace: Vec<CommonTrace>,
}

impl CartOut {
    pub(crate) fn new(view: CartView, trace: Trace) -> Self {
        let cart = view.cart.unwrap_or_default();
        let quote = view.quote.unwrap_or_default();
        let Quote {
            lines,
            discounts,
            rejected_codes,
            totals,
            total,
            tax_included,
            requires_shipping,
            awaited,
            ..
        } = quote;
        let mut quoted: HashMap<String, LineOut> = lines
            .into_iter()
            .map(|line| (line.line_id.clone(), LineOut::of_quote(line, &awaited, trace)))
            .collect();
        let unpriced = |line: argosy_contracts::cart::CartLine| {
            let (wrap, wrap_message) = (text(line.wrap), text(line.wrap_message));
            let known = quoted
                .remove(&line.id)
                .unwrap_or_else(|| LineOut::unpriced(line.id, line.variant_id, line.quantity));
            LineOut { wrap, wrap_message, ..known }
        };
        Self {
            lines: cart.lines.into_iter().map(unpriced).collect(),
            id: cart.id,
            currency: cart.currency,
            market: text(quote.market),
            version: cart.version,
            codes: cart.codes,
            discounts: discounts.into_iter().map(Into::into).collect(),
            rejected_codes: rejected_codes.into_iter().map(Into::into).collect(),
            totals: totals.into_iter().map(Into::into).collect(),
            total: total.map(Into::into),
            tax_included,
            requires_shipping,
            notices: quote.notices.into_iter().chain(view.notices).map(Into::into).collect(),
            gifts: quote.gifts.into_iter().map(Into::into).collect(),
            fees: quote.fees.into_iter().map(Into::into).collect(),
            wraps: quote.wraps.into_iter().map(Into::into).collect(),
            order_id: text(cart.order_id),
            created_at: instant(cart.created_at_ms),
            expires_at: instant(cart.expires_at_ms),
            trace: trace.shown(quote.trace),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

/// A new cart.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"currency": "EUR", "lines": []}))]
pub(crate) struct CreateCart {
    /// ISO 4217; the shop's unless it is said.
    #[schema(value_type = Option<String>, pattern = "^[A-Z]{3}$")]
    pub(crate) currency: Option<Plain>,
    /// A market's name: its prices, in its currency. The one of the delivery address counts before it.
    #[schema(value_type = Option<String>, max_length = 64)]
    pub(crate) market: Option<Plain>,
    /// What is in it from the start; at most 100.
    #[schema(max_items = 100)]
    pub(crate) lines: Vec<NewLine>,
}

/// So much of something.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"variant_id": "var_0000000000000000000000000g", "quantity": 2}))]
pub(crate) struct NewLine {
    /// What.
    #[schema(value_type = String, pattern = "^var_[0-9a-v]{25}[048cgkos]$")]
    pub(crate) variant_id: VariantId,
    /// How much; added to the line of the same variant if there is one.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 9999, default = 1)]
    pub(crate) quantity: i64,
}

fn one() -> i64 {
    1
}

/// Another quantity.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"quantity": 3}))]
pub(crate) struct NewQuantity {
    /// 0 removes the line.
    #[schema(minimum = 0, maximum = 9999)]
    pub(crate) quantity: i64,
}

/// A coupon code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "WELCOME10"}))]
pub(crate) struct NewCode {
    /// Upper and lower case are the same.
    #[schema(value_type = String, min_length = 1, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) code: Plain,
}
