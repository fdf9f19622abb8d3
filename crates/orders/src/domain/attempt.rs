//! One attempt to complete a checkout: the saga's own row.

use std::{collections::BTreeMap, time::Duration};

use argosy_contracts::{
    common::Money as WireMoney,
    pricing::{Quote, RedeemedAmount, RedeemedCampaign},
};
use argosy_kernel::{
    AttemptId, CartId, CheckoutId, Code, Currency, Error, FieldError, IntentId, Money, OrderId,
    ReservationId, Result, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{Assessment, Checkout, Contact, Part};

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptState {
    /// Nothing is decided yet.
    Running,
    /// It waits for the buyer at the bank.
    Parked,
    /// What it took is being given back; it cannot succeed any more.
    Releasing,
    /// The order is there; the money is still to be taken.
    Placed,
    /// All is done.
    Done,
}

impl AttemptState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Parked => "parked",
            Self::Releasing => "releasing",
            Self::Placed => "placed",
            Self::Done => "done",
        }
    }
}

impl std::str::FromStr for AttemptState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Running, Self::Parked, Self::Releasing, Self::Placed, Self::Done]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown attempt state '{text}'")))
    }
}

/// What an attempt is about: as it was when the buyer agreed, whatever happens to cart and prices meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// The redemption's id too.
    pub(crate) id: AttemptId,
    pub(crate) checkout_id: CheckoutId,
    pub(crate) cart_id: CartId,
    pub(crate) reservation_id: ReservationId,
    /// Used if the first reservation ended while the buyer was at the bank.
    pub(crate) second_reservation_id: ReservationId,
    pub(crate) intent_id: IntentId,
    pub(crate) order_id: OrderId,
    pub(crate) order_key: String,
    pub(crate) provider: String,
    pub(crate) return_url: String,
    #[serde(skip)]
    pub(crate) contact: Contact,
    pub(crate) quote: Quote,
    /// Why it is given up, once it is.
    pub(crate) failure: Option<Failure>,
    pub(crate) payment_instructions: String,
    /// How long the buyer may take at the bank.
    pub(crate) needs_buyer_until: Timestamp,
    /// What a declined payment is counted by.
    #[serde(default)]
    pub(crate) trails: Vec<String>,
    /// Ask which cards would pay before they are charged: some were declined too often lately.
    #[serde(default)]
    pub(crate) watches_cards: bool,
    /// Trails of the cards of its payments that are not taken, where their providers told them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) cards: BTreeMap<String, String>,
    /// What was found before it was paid; none: nothing.
    #[serde(default)]
    pub(crate) assessment: Option<Assessment>,
    /// Since when the payment's provider has not answered.
    #[serde(default)]
    pub(crate) unanswered_since: Option<Timestamp>,
    /// Payments besides the main one, which pays the rest. They are asked for before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parts: Vec<Part>,
    /// [`Part::place`] of the main payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<usize>,
    /// [`Part::hint`] of the main payment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) hint: String,
    /// Of a draft: which version of it is paid for.
    #[serde(default)]
    pub(crate) draft_version: i64,
}

/// Why an attempt is given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Failure {
    /// The payment failed: an answer, not an error.
    Payment {
        reason: String,
        text: String,
        /// Of several payments the one that failed.
        #[serde(default)]
        intent_id: Option<IntentId>,
    },
    /// A step was refused: the caller gets this error.
    Refused(StoredError),
}

/// An error that can be stored and told again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredError {
    code: Code,
    reason: String,
    message: String,
    fields: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<Duration>,
}

impl From<&Error> for StoredError {
    fn from(error: &Error) -> Self {
        let (reason, message) = (error.reason().to_owned(), error.message().to_owned());
        Self {
            code: error.code(),
            reason,
            message,
            fields: error.fields().to_vec(),
            retry_after: error.retry_after(),
        }
    }
}

impl From<StoredError> for Error {
    fn from(stored: StoredError) -> Self {
        let error = Self::new(stored.code, stored.reason, stored.message);
        let error = match stored.retry_after {
            Some(after) => error.with_retry_after(after),
            None => error,
        };
        stored.fields.into_iter().fold(error, |error, field| error.with_field(field.pointer, field.message))
    }
}

/// What the caller of an attempt was answered: told again for the same key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// The checkout and its quote as they were then.
    Answered(Box<(Checkout, Quote)>),
    /// An error.
    Refused(StoredError),
}

/// Where what a quote is about is collected; empty: it is sent.
pub(crate) fn pickup_location(quote: &Quote) -> &str {
    let chosen = quote.shipping_options.iter().find(|option| option.id == quote.shipping_option_id);
    chosen.map_or("", |option| option.pickup_location_id.as_str())
}

impl Attempt {
    /// What is to be paid.
    pub(crate) fn total(&self) -> Result<Money> {
        match &self.quote.total {
            Some(total) => Money::try_from(total),
            None => Ok(Money::zero(self.quote.currency.parse::<Currency>()?)),
        }
    }

    /// Whether several payments pay it.
    pub(crate) const fn is_split(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Its payments, in the order in which they are asked for; none if there is nothing to pay.
    pub(crate) fn payments(&self) -> Result<Vec<Part>> {
        let rest = self.parts.iter().fold(self.total()?.minor, |rest, part| rest - part.amount);
        if rest <= 0 {
            return Ok(self.parts.clone());
        }
        Ok(self.parts.iter().cloned().chain([self.main(rest)]).collect())
    }

    /// Its payments as the buyer sees them: one also if there is nothing to pay.
    pub(crate) fn tried(&self) -> Result<Vec<Part>> {
        let mut payments = self.payments()?;
        if payments.is_empty() {
            payments.push(self.main(0));
        }
        Ok(payments)
    }

    /// Whether a payment is one of its own.
    pub(crate) fn has(&self, intent: IntentId) -> bool {
        self.intent_id == intent || self.parts.iter().any(|part| part.intent_id == intent)
    }

    fn main(&self, amount: i64) -> Part {
        Part {
            intent_id: self.intent_id,
            provider: self.provider.clone(),
            amount,
            hint: self.hint.clone(),
            place: self.place,
            by_hand: false,
        }
    }

    /// An amount of what is paid.
    pub(crate) fn money(&self, minor: i64) -> Result<Money> {
        Ok(Money::new(minor, self.total()?.currency))
    }

    /// Where the buyer is: as the invoice says, else where the goods go; empty: nobody said.
    pub(crate) fn buyers_country(&self) -> String {
        let contact = &self.contact;
        let address = contact.billing_address.as_ref().or(contact.shipping_address.as_ref());
        address.map(|address| address.country.clone()).unwrap_or_default()
    }

    /// Where the buyer collects it; empty: it is sent.
    pub(crate) fn pickup_location(&self) -> &str {
        pickup_location(&self.quote)
    }

    /// What its decline is counted by, once it has failed: of cards by the one that was declined.
    pub(crate) fn declined_trails(&self) -> impl Iterator<Item = &str> {
        let of = match &self.failure {
            Some(Failure::Payment { intent_id, .. }) => Some(intent_id.unwrap_or(self.intent_id).to_string()),
            _ => None,
        };
        let card = of.and_then(|of| self.cards.get(&of));
        self.trails.iter().chain(card).map(String::as_str)
    }

    /// What each code took off, for its budget.
    pub(crate) fn redeemed(&self) -> Vec<RedeemedAmount> {
        let with_code = self.quote.discounts.iter().filter(|discount| !discount.code.is_empty());
        let redeemed = with_code.filter_map(|discount| {
            let amount = discount.amount.clone()?;
            let amount = Some(WireMoney { minor: amount.minor.saturating_neg(), ..amount });
            Some(RedeemedAmount { code: discount.code.clone(), amount })
        });
        redeemed.collect()
    }

    /// What each campaign with limits took off.
    pub(crate) fn redeemed_campaigns(&self) -> Vec<RedeemedCampaign> {
        let limited = self.quote.discounts.iter().filter(|discount| !discount.campaign.is_empty());
        let redeemed = limited.map(|discount| RedeemedCampaign {
            name: discount.campaign.clone(),
            amount: discount
                .amount
                .clone()
                .map(|amount| WireMoney { minor: amount.minor.saturating_neg(), ..amount }),
        });
        redeemed.collect()
    }

    /// The codes that took something off.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.quote
            .discounts
            .iter()
            .map(|discount| discount.code.clone())
            .filter(|code| !code.is_empty())
            .collect()
    }
}
