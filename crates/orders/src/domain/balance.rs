//! What is due of an order after the sale, paid by its buyer.

use argosy_kernel::{Error, IntentId, OrderId, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Moved, Part};

/// Where such a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BalanceState {
    /// Nothing is decided yet.
    Running,
    /// It waits for the buyer at the bank.
    Parked,
    /// It is held, and what is due is asked for by nobody else: it is being taken.
    Taking,
    /// It is being let go.
    Releasing,
    /// It is taken, and in the order's ledger.
    Paid,
    /// Nothing is taken of it.
    Failed,
}

impl BalanceState {
    const ALL: [Self; 6] =
        [Self::Running, Self::Parked, Self::Taking, Self::Releasing, Self::Paid, Self::Failed];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Parked => "parked",
            Self::Taking => "taking",
            Self::Releasing => "releasing",
            Self::Paid => "paid",
            Self::Failed => "failed",
        }
    }

    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Paid | Self::Failed)
    }
}

impl std::str::FromStr for BalanceState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown state of a balance '{text}'")))
    }
}

/// A payment of what is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Balance {
    pub(crate) id: IntentId,
    pub(crate) order_id: OrderId,
    pub(crate) state: BalanceState,
    /// What was due when it was asked for.
    pub(crate) amount: i64,
    pub(crate) about: About,
    pub(crate) at: Timestamp,
}

/// The rest of it, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) provider: String,
    pub(crate) return_url: String,
    pub(crate) country: String,
    pub(crate) action_url: String,
    pub(crate) failure_reason: String,
    pub(crate) failure_text: String,
    /// How long the buyer may take at the bank.
    pub(crate) needs_buyer_until: Option<Timestamp>,
    /// Since when its provider has not answered.
    pub(crate) unanswered_since: Option<Timestamp>,
    /// What it is counted by once it is declined.
    #[serde(default)]
    pub(crate) trails: Vec<String>,
    /// As [`super::Attempt::watches_cards`].
    #[serde(default)]
    pub(crate) watches_cards: bool,
    /// The trail of its card, if it is not taken; empty: not told.
    #[serde(default)]
    pub(crate) card: String,
    /// It comes to nothing by its provider's word.
    #[serde(default)]
    pub(crate) is_declined: bool,
}

impl About {
    /// What its decline is counted by.
    pub(crate) fn declined_trails(&self) -> impl Iterator<Item = &str> {
        let card = Some(self.card.as_str()).filter(|card| !card.is_empty());
        self.trails.iter().map(String::as_str).chain(card)
    }
}

impl Balance {
    /// As one of the order's payments. `returned`: what was given back by it, or is about to be.
    pub(crate) fn moved(&self, returned: i64) -> Moved {
        let taken = if self.state == BalanceState::Paid { self.amount } else { 0 };
        let part = Part {
            intent_id: self.id,
            provider: self.about.provider.clone(),
            amount: self.amount,
            hint: String::new(),
            place: None,
            by_hand: false,
        };
        Moved { part, taken, returned }
    }
}
