//! The checkout document.

use std::collections::BTreeMap;

use argosy_contracts::{common::Address, pricing::Quote};
use argosy_kernel::{CartId, CheckoutId, DraftId, IntentId, OrderId, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Contact, Leaves, Shown, Status, check_address, check_email, check_language};
use crate::error;

/// Tokens of accepted notices that are remembered.
const ACCEPTED_MAX: usize = 200;

/// Why a payment failed that its provider was surely not asked for: the payment service's word.
pub(crate) const PROVIDER_AWAY: &str = "PROVIDER_AWAY";
/// Why a payment failed that its provider did not answer.
pub(crate) const NOT_ANSWERED: &str = "NOT_ANSWERED";

/// A checkout as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) id: CheckoutId,
    pub(crate) cart_id: CartId,
    pub(crate) status: Status,
    #[serde(skip)]
    pub(crate) contact: Contact,
    pub(crate) shipping_option_id: Option<String>,
    /// The unit price of each variant that the buyer agreed to, in minor units.
    pub(crate) agreed: BTreeMap<String, i64>,
    /// From when each variant leaves that the buyer agreed to.
    #[serde(default)]
    pub(crate) agreed_days: BTreeMap<String, Leaves>,
    pub(crate) shown: Option<Shown>,
    /// Tokens of notices that the buyer accepted.
    pub(crate) accepted: Vec<String>,
    pub(crate) tries: Vec<PaymentTry>,
    pub(crate) action_url: String,
    pub(crate) order: Option<(OrderId, String)>,
    pub(crate) expires_at: Timestamp,
    /// None: its buyer put it together.
    #[serde(skip)]
    pub(crate) draft: Option<DraftMark>,
}

/// Says of a checkout that staff put it together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftMark {
    pub(crate) id: DraftId,
    /// Counts what staff changed.
    pub(crate) version: i64,
    pub(crate) prices: DraftPrices,
}

/// Prices that staff agreed on with a buyer, in minor units of the cart's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DraftPrices {
    /// Of one, by variant.
    pub(crate) variants: BTreeMap<String, i64>,
    /// Of delivery, by the option that it was agreed for.
    pub(crate) delivery: Option<(String, i64)>,
}

impl DraftPrices {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An attempt to pay, as the buyer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PaymentTry {
    pub(crate) intent_id: IntentId,
    pub(crate) provider: String,
    pub(crate) state: String,
    pub(crate) failure_reason: String,
    pub(crate) failure_text: String,
    pub(crate) at: Timestamp,
    /// What it was to pay, in minor units; none: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) hint: String,
}

/// What a buyer changes; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Change {
    pub(crate) email: Option<String>,
    pub(crate) shipping_address: Option<Address>,
    pub(crate) billing_address: Option<Address>,
    pub(crate) shipping_option_id: Option<String>,
    pub(crate) accepted: Vec<String>,
    pub(crate) language: Option<String>,
    /// Of a draft: what its buyer was shown; empty: nobody says.
    pub(crate) seen: String,
}

impl Checkout {
    pub(crate) fn new(id: CheckoutId, cart_id: CartId, expires_at: Timestamp) -> Self {
        Self {
            id,
            cart_id,
            status: Status::Incomplete,
            contact: Contact::default(),
            shipping_option_id: None,
            agreed: BTreeMap::new(),
            agreed_days: BTreeMap::new(),
            shown: None,
            accepted: Vec::new(),
            tries: Vec::new(),
            action_url: String::new(),
            order: None,
            expires_at,
            draft: None,
        }
    }

    /// What staff counted up to when they last changed it; 0: it is no draft.
    pub(crate) fn draft_version(&self) -> i64 {
        self.draft.as_ref().map_or(0, |draft| draft.version)
    }

    /// The prices that staff agreed on with its buyer, if there are any.
    pub(crate) fn draft_prices(&self) -> Option<&DraftPrices> {
        self.draft.as_ref().map(|draft| &draft.prices).filter(|prices| !prices.is_empty())
    }

    /// Takes the buyer's changes, all or none.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<()> {
        if !self.status.may_change() {
            return Err(error::checkout_state(self.id, self.status, "changed"));
        }
        if self.draft.is_some() && !change.seen.is_empty() && !self.is_of_this_version(&change.seen) {
            return Err(error::draft_changed());
        }
        let email = change.email.as_deref().map(check_email).transpose()?;
        let check = |address: &Option<Address>, pointer| {
            address.as_ref().map(|a| check_address(a, pointer)).transpose()
        };
        let shipping = check(&change.shipping_address, "/shipping_address")?;
        let billing = check(&change.billing_address, "/billing_address")?;
        let language = change.language.as_deref().map(check_language).transpose()?;
        let contact = &mut self.contact;
        if let Some(language) = language {
            contact.language = language;
        }
        if let Some(email) = email {
            contact.email = email;
        }
        contact.shipping_address = shipping.or(contact.shipping_address.take());
        contact.billing_address = billing.or(contact.billing_address.take());
        if let Some(option) = &change.shipping_option_id {
            self.shipping_option_id = Some(option.clone()).filter(|option| !option.is_empty());
        }
        self.accepted.extend(change.accepted.iter().take(ACCEPTED_MAX).cloned());
        let excess = self.accepted.len().saturating_sub(ACCEPTED_MAX);
        self.accepted.drain(..excess);
        Ok(())
    }

    /// Providers whose latest attempt got no answer. One that declined has answered.
    pub(crate) fn unanswered(&self) -> Vec<String> {
        let mut unanswered: Vec<String> = Vec::new();
        for (place, attempted) in self.tries.iter().enumerate() {
            let is_latest = self.tries[place + 1..].iter().all(|later| later.provider != attempted.provider);
            if is_latest && matches!(attempted.failure_reason.as_str(), PROVIDER_AWAY | NOT_ANSWERED) {
                unanswered.push(attempted.provider.clone());
            }
        }
        unanswered
    }

    /// Ends it: nothing more of the buyer is needed here.
    pub(crate) fn end(&mut self, status: Status) {
        self.status = status;
        self.contact = Contact::default();
    }

    /// Whether anything is missing, with its JSON pointer and what to do.
    pub(crate) fn missing(&self, quote: &Quote) -> Vec<(&'static str, &'static str)> {
        let mut missing = Vec::new();
        if self.contact.email.is_empty() {
            missing.push(("/email", "is needed for the confirmation"));
        }
        if quote.requires_shipping {
            if self.contact.shipping_address.is_none() {
                missing.push(("/shipping_address", "is needed to deliver"));
            } else if quote.shipping_option_id.is_empty() {
                missing.push(("/shipping_option_id", "must be one of the options offered"));
            }
        }
        missing
    }
}
