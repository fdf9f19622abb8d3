//! Checkouts.

use argosy_contracts::{orders::Checkout, pricing::ShippingOption};
use argosy_kernel::{CartId, Secret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    AddressBody, Amount, CommonNotice, CommonTrace, DiscountOut, FeeOut, LineOut, PayingWallet, Plain,
    RejectedCodeOut, TaxLineOut, TaxNoteOut, TotalLineOut, instant, lines::Trace, parcels::PlannedParcelOut,
    text,
};

/// A checkout, quoted afresh.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Checkout)]
pub(crate) struct CheckoutOut {
    id: String,
    cart_id: String,
    /// `incomplete`, `ready`, `needs_buyer`, `completing`, `completed`, `canceled` or `expired`.
    status: String,
    email: Option<String>,
    /// What mails are written in, as a tag; unset: the shop's own.
    language: Option<String>,
    shipping_address: Option<AddressBody>,
    /// Unset: the shipping address.
    billing_address: Option<AddressBody>,
    currency: String,
    lines: Vec<LineOut>,
    /// What is charged beside goods and shipping.
    fees: Vec<FeeOut>,
    discounts: Vec<DiscountOut>,
    rejected_codes: Vec<RejectedCodeOut>,
    totals: Vec<TotalLineOut>,
    total: Option<Amount>,
    /// Whether prices have the tax in them.
    tax_included: bool,
    /// The tax by what it is called and by rate.
    tax_lines: Vec<TaxLineOut>,
    /// What the buyer must know of the tax.
    tax_notes: Vec<TaxNoteOut>,
    requires_shipping: bool,
    fulfilment: FulfilmentOut,
    /// What the buyer must know, accept or fix.
    notices: Vec<CommonNotice>,
    /// Payments that were tried, oldest first.
    attempts: Vec<AttemptOut>,
    /// The order, once it is placed.
    order: Option<OrderRef>,
    /// `needs_buyer`: where the payment goes on.
    action_url: Option<String>,
    #[schema(format = "date-time")]
    expires_at: Option<String>,
    /// How what is not about one line came about; only with `include=trace`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    trace: Vec<CommonTrace>,
}

/// How the goods reach the buyer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Fulfilment)]
pub(crate) struct FulfilmentOut {
    methods: Vec<FulfilmentMethodOut>,
    /// In which parcels the goods would be sent now; empty while that is not known.
    parcels: Vec<PlannedParcelOut>,
}

/// One way for some lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FulfilmentMethod)]
pub(crate) struct FulfilmentMethodOut {
    /// `shipping`, `pickup`: the buyer collects it, or `digital`: nothing is sent. Of an option of any one is chosen.
    kind: &'static str,
    /// Ids of the lines.
    lines: Vec<String>,
    destinations: Vec<AddressBody>,
    groups: Vec<FulfilmentGroupOut>,
}

/// Lines that travel together.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FulfilmentGroup)]
pub(crate) struct FulfilmentGroupOut {
    /// Ids of the lines.
    lines: Vec<String>,
    /// Empty while the destination is unknown.
    options: Vec<ShippingOptionOut>,
    /// The id of the option that was chosen.
    selected: Option<String>,
}

/// One way to send it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ShippingOption)]
pub(crate) struct ShippingOptionOut {
    id: String,
    title: String,
    carrier: Option<String>,
    /// The first day it may arrive.
    #[schema(format = "date")]
    earliest: Option<String>,
    /// The last day it should arrive.
    #[schema(format = "date")]
    latest: Option<String>,
    /// Where the buyer collects it, one of `/store/locations`; unset: it is sent.
    pickup_location_id: Option<String>,
    price: Option<Amount>,
}

impl ShippingOptionOut {
    pub(crate) fn new(option: ShippingOption) -> Self {
        Self {
            earliest: text(option.earliest),
            latest: text(option.latest),
            pickup_location_id: text(option.pickup_location_id),
            id: option.id,
            title: option.title,
            carrier: text(option.carrier),
            price: option.price.map(Into::into),
        }
    }
}

/// A payment that was tried.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentAttempt)]
pub(crate) struct AttemptOut {
    intent_id: String,
    provider: String,
    state: String,
    /// Stable, e.g. `DECLINED`.
    failure_reason: Option<String>,
    /// For people.
    failure_text: Option<String>,
    /// What it was to pay; unset: all.
    amount: Option<Amount>,
    /// What tells it from others: the last letters of a gift card's code.
    hint: Option<String>,
    #[schema(format = "date-time")]
    time: Option<String>,
}

/// The order that a checkout became.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OrderRef {
    id: String,
    /// Whoever has it may read the order.
    key: String,
    /// Where this API shows the order.
    url: String,
}

impl CheckoutOut {
    pub(crate) fn new(checkout: Checkout, trace: Trace) -> Self {
        let mut quote = checkout.quote.unwrap_or_default();
        let destination = checkout.shipping_address.clone().map(AddressBody::from);
        let options = std::mem::take(&mut quote.shipping_options);
        let (shipped, digital): (Vec<_>, Vec<_>) =
            quote.lines.iter().partition(|line| line.requires_shipping);
        let ids = |lines: Vec<&argosy_contracts::pricing::QuotedLine>| -> Vec<String> {
            lines.into_iter().map(|line| line.line_id.clone()).collect()
        };
        let (shipped, digital) = (ids(shipped), ids(digital));
        let mut methods = Vec::new();
        if !shipped.is_empty() {
            let (collected, sent): (Vec<_>, Vec<_>) =
                options.into_iter().partition(|option| !option.pickup_location_id.is_empty());
            let group = |options: Vec<ShippingOption>| FulfilmentGroupOut {
                lines: shipped.clone(),
                selected: options
                    .iter()
                    .find(|option| option.id == quote.shipping_option_id)
                    .map(|option| option.id.clone()),
                options: options.into_iter().map(ShippingOptionOut::new).collect(),
            };
            methods.push(FulfilmentMethodOut {
                kind: "shipping",
                lines: shipped.clone(),
                destinations: destination.iter().cloned().collect(),
                groups: vec![group(sent)],
            });
            if !collected.is_empty() {
                let (lines, destinations) = (shipped.clone(), Vec::new());
                let groups = vec![group(collected)];
                methods.push(FulfilmentMethodOut { kind: "pickup", lines, destinations, groups });
            }
        }
        if !digital.is_empty() {
            let (destinations, groups) = (Vec::new(), Vec::new());
            methods.push(FulfilmentMethodOut { kind: "digital", lines: digital, destinations, groups });
        }
        Self {
            id: checkout.id,
            cart_id: checkout.cart_id,
            status: checkout.status,
            email: text(checkout.email),
            language: text(checkout.language),
            shipping_address: destination,
            billing_address: checkout.billing_address.map(Into::into),
            currency: quote.currency,
            lines: quote
                .lines
                .into_iter()
                .map(|line| LineOut::of_quote(line, &quote.awaited, trace).wrapped(&quote.fees))
                .collect(),
            fees: quote.fees.into_iter().map(Into::into).collect(),
            discounts: quote.discounts.into_iter().map(Into::into).collect(),
            rejected_codes: quote.rejected_codes.into_iter().map(Into::into).collect(),
            totals: quote.totals.into_iter().map(Into::into).collect(),
            total: quote.total.map(Into::into),
            tax_included: quote.tax_included,
            tax_lines: quote.tax_lines.into_iter().map(Into::into).collect(),
            tax_notes: quote.tax_notes.into_iter().map(Into::into).collect(),
            requires_shipping: quote.requires_shipping,
            fulfilment: FulfilmentOut {
                methods,
                parcels: quote.parcels.into_iter().map(Into::into).collect(),
            },
            notices: checkout.notices.into_iter().map(Into::into).collect(),
            attempts: checkout.attempts.into_iter().map(attempt).collect(),
            order: text(checkout.order_id).map(|id| order_ref(id, checkout.order_key)),
            action_url: text(checkout.action_url),
            expires_at: instant(checkout.expires_at_ms),
            trace: trace.shown(quote.trace),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

fn attempt(attempt: argosy_contracts::orders::PaymentAttempt) -> AttemptOut {
    AttemptOut {
        intent_id: attempt.intent_id,
        provider: attempt.provider,
        state: attempt.state,
        failure_reason: text(attempt.failure_reason),
        failure_text: text(attempt.failure_text),
        amount: attempt.amount.map(Into::into),
        hint: text(attempt.hint),
        time: instant(attempt.time_ms),
    }
}

fn order_ref(id: String, key: String) -> OrderRef {
    let encoded = percent_encoding::utf8_percent_encode(&key, percent_encoding::NON_ALPHANUMERIC);
    OrderRef { url: format!("/store/orders/{id}?key={encoded}"), id, key }
}

/// The cart to buy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"cart_id": "cart_0000000000000000000000000g"}))]
pub(crate) struct StartCheckout {
    /// Its checkout, if it has one open, is answered.
    #[schema(value_type = String, pattern = "^cart_[0-9a-v]{25}[048cgkos]$")]
    pub(crate) cart_id: CartId,
}

/// What the buyer says. What is unset stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"email": "ann@example.com", "shipping_option_id": "standard"}))]
pub(crate) struct UpdateCheckout {
    /// Where the confirmation goes.
    #[schema(value_type = Option<String>, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) email: Option<Plain>,
    /// Where the goods go.
    pub(crate) shipping_address: Option<AddressBody>,
    /// Where the invoice goes, if it is another.
    pub(crate) billing_address: Option<AddressBody>,
    /// One of the options in `fulfilment`.
    #[schema(value_type = Option<String>, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) shipping_option_id: Option<Plain>,
    /// Tokens of notices that the buyer accepts.
    #[schema(value_type = Vec<String>, max_items = 100)]
    pub(crate) accepted_notices: Vec<Plain>,
    /// What the buyer reads, as a tag (BCP 47) such as `de`: mails are written in it.
    #[schema(value_type = Option<String>, max_length = 35, pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
    pub(crate) language: Option<Plain>,
}

/// How the buyer pays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"payment": {"provider": "test", "token": "tok_ok"}}))]
pub(crate) struct CompleteCheckout {
    /// Pays all, or what `payments` leave. Unset if they pay all.
    #[serde(default)]
    pub(crate) payment: Option<PaymentBody>,
    /// Payments besides, e.g. gift cards. If one of all comes to nothing, nothing is taken of any.
    #[serde(default)]
    #[schema(max_items = 5, required = false)]
    pub(crate) payments: Vec<PartBody>,
}

/// A payment of a part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "gift_card", "token": "GIFT-ABCD-EFGH-JKLM"}))]
pub(crate) struct PartBody {
    /// As listed under `/store/payment-methods`.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) provider: Plain,
    /// The provider's token, or a gift card's code. It is used once and never stored or shown.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", format = Password)]
    pub(crate) token: Secret<Plain>,
    /// How much of the total. Unset for a gift card: as much as is on it and is needed.
    pub(crate) amount: Option<AmountBody>,
}

/// An amount in minor units.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 2000, "currency": "EUR"}))]
pub(crate) struct AmountBody {
    #[schema(minimum = 1)]
    pub(crate) amount: i64,
    /// The checkout's.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$")]
    pub(crate) currency: Plain,
}

/// How the buyer pays what is due of an order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"payment": {"provider": "test", "token": "tok_ok"}, "amount": {"amount": 1000, "currency": "EUR"}}))]
pub(crate) struct PayBalance {
    pub(crate) payment: PaymentBody,
    /// As the buyer was shown it: if another amount is due by now nothing is paid. Unset: whatever is due.
    pub(crate) amount: Option<AmountBody>,
}

/// A provider and its token. Never a card number: the provider gives the buyer's browser a token for it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentBody {
    /// As listed under `/store/payment-methods`.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) provider: Plain,
    /// The provider's token, a manual method's name, or a method of the buyer's wallet, `pmt_…`. It is used once and never stored or shown.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", format = Password)]
    pub(crate) token: Secret<Plain>,
    /// Where the buyer comes back to if the payment sends them elsewhere.
    #[schema(value_type = Option<String>, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) return_url: Option<Plain>,
    /// The buyer's wallet, if they have one: `token` may then be a method that is saved there.
    pub(crate) wallet: Option<PayingWallet>,
}
