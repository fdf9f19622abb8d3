//! The order document.

use argosy_contracts::{
    inventory::ReservedLine,
    pricing::{Quote, QuotedLine, ShippingOption},
};
use argosy_kernel::{CheckoutId, Currency, Error, IntentId, Money, OrderId, PersonId, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Attempt, Awaited, Contact, Delivery, Entry, Origin, Part, Parts, awaited::awaited_of, delivery_of,
    goods_of, order_fees, origin::origins_of, parts_of_fee,
};

/// How far an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    /// The money is held and being taken.
    Authorised,
    /// The money is taken, or there was none to take.
    Captured,
    /// The buyer pays by hand.
    Pending,
}

impl PaymentStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Pending => "pending",
        }
    }
}

impl std::str::FromStr for PaymentStatus {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Authorised, Self::Captured, Self::Pending]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown payment status '{text}'")))
    }
}

/// How the stock of an order left: from where, and what was not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) origins: Vec<Origin>,
    pub(crate) awaited: Vec<Awaited>,
}

impl Left {
    /// Of a reservation that is committed.
    pub(crate) fn of(quote: &Quote, reserved: &[ReservedLine]) -> Result<Self> {
        Ok(Self { origins: origins_of(quote, reserved), awaited: awaited_of(quote, reserved)? })
    }
}

/// An order as it is stored. The quote is what was sold, with the trace of every price (law 12).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) number: i64,
    pub(crate) key: String,
    pub(crate) checkout_id: CheckoutId,
    /// None if there was nothing to pay.
    pub(crate) intent_id: Option<IntentId>,
    pub(crate) payment_status: PaymentStatus,
    /// All payments, in the order in which they were asked for; none of orders of earlier releases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) payments: Vec<Part>,
    #[serde(skip)]
    pub(crate) person_id: Option<PersonId>,
    #[serde(skip)]
    pub(crate) contact: Contact,
    pub(crate) quote: Quote,
    /// Lines that were added after the sale.
    #[serde(skip)]
    pub(crate) added: Vec<QuotedLine>,
    /// How it is delivered, if that was changed after the sale.
    #[serde(skip)]
    pub(crate) delivery: Option<Box<Delivery>>,
    pub(crate) payment_instructions: String,
    /// Where its units come from; nothing of orders of earlier releases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) origins: Vec<Origin>,
    /// What was not there when it was sold, as it was then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) awaited: Vec<Awaited>,
    pub(crate) placed_at: Timestamp,
}

impl Order {
    /// The order that an attempt places; its payments know whether they come by hand.
    pub(crate) fn of(
        attempt: &Attempt,
        number: i64,
        payments: Vec<Part>,
        left: Left,
        placed_at: Timestamp,
    ) -> Self {
        let payment_status = match payments.as_slice() {
            [] => PaymentStatus::Captured,
            payments if payments.iter().any(|payment| payment.by_hand) => PaymentStatus::Pending,
            _ => PaymentStatus::Authorised,
        };
        Self {
            id: attempt.order_id,
            number,
            key: attempt.order_key.clone(),
            checkout_id: attempt.checkout_id,
            intent_id: (!payments.is_empty()).then_some(attempt.intent_id),
            payment_status,
            payments,
            person_id: None,
            contact: attempt.contact.clone(),
            quote: attempt.quote.clone(),
            added: Vec::new(),
            delivery: None,
            payment_instructions: attempt.payment_instructions.clone(),
            origins: left.origins,
            awaited: left.awaited,
            placed_at,
        }
    }

    /// Whether a key is its own. Compared as digests, so that the time it takes tells nothing about the key.
    pub(crate) fn is_opened_by(&self, key: &str) -> bool {
        blake3::hash(key.as_bytes()) == blake3::hash(self.key.as_bytes())
    }

    /// An amount of what it is paid in.
    pub(crate) fn money(&self, minor: i64) -> Result<Money> {
        Ok(Money::new(minor, self.quote.currency.parse::<Currency>()?))
    }

    /// Whether several payments pay it.
    pub(crate) const fn is_split(&self) -> bool {
        self.payments.len() > 1
    }

    /// The first entries of its ledger: what it was sold for, and what was paid by then. Of several payments each is posted
    /// when it is taken.
    pub(crate) fn opening(&self) -> Result<Vec<Entry>> {
        let fees = order_fees(&self.quote).map(parts_of_fee).try_fold(Parts::default(), Parts::plus)?;
        let (goods, delivery) = (goods_of(&self.quote)?.plus(fees)?, delivery_of(&self.quote)?);
        let mut entries = vec![Entry::charged("opening".to_owned(), goods, delivery)?];
        let total = self.total()?.minor;
        if self.payment_status == PaymentStatus::Captured && total != 0 && !self.is_split() {
            entries.push(Entry::paid("capture".to_owned(), total));
        }
        Ok(entries)
    }

    /// What it was sold for.
    pub(crate) fn total(&self) -> Result<Money> {
        self.money(self.quote.total.as_ref().map_or(0, |total| total.minor))
    }

    /// What a line is of, sold or added.
    pub(crate) fn line(&self, id: &str) -> Option<&QuotedLine> {
        self.quote.lines.iter().chain(&self.added).find(|line| line.line_id == id)
    }

    /// How it is delivered.
    pub(crate) fn shipping(&self) -> Option<&ShippingOption> {
        let sold =
            || self.quote.shipping_options.iter().find(|option| option.id == self.quote.shipping_option_id);
        self.delivery.as_ref().map(|delivery| &delivery.option).or_else(sold)
    }

    /// Where it is collected; empty: it is sent.
    pub(crate) fn pickup_location(&self) -> &str {
        self.shipping().map_or("", |option| &option.pickup_location_id)
    }

    /// What its delivery costs, if it is charged at all.
    pub(crate) fn delivery_cost(&self) -> Result<Parts> {
        self.delivery.as_ref().map_or_else(|| delivery_of(&self.quote), |delivery| Ok(delivery.cost()))
    }
}
