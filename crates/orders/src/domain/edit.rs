//! A change of an order that is proposed with what it costs.

use argosy_contracts::pricing::{QuotedLine, ShippingOption};
use argosy_kernel::{EditId, Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Parts, Units};
use crate::error;

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EditState {
    Proposed,
    Applied,
    Dropped,
}

impl EditState {
    const ALL: [Self; 3] = [Self::Proposed, Self::Applied, Self::Dropped];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Applied => "applied",
            Self::Dropped => "dropped",
        }
    }
}

impl std::str::FromStr for EditState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown edit state '{text}'")))
    }
}

/// A change of an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Edit {
    pub(crate) id: EditId,
    pub(crate) state: EditState,
    /// Minor units; above 0 it costs more.
    pub(crate) difference: i64,
    pub(crate) what: Proposal,
    pub(crate) changes_address: bool,
    pub(crate) at: Timestamp,
}

/// What is proposed, but for the address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Proposal {
    pub(crate) remove: Vec<Units>,
    pub(crate) add: Vec<QuotedLine>,
    /// Another delivery; none: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delivery: Option<Delivery>,
}

/// How an order is delivered in place of how it was sold, and what that costs. Minor units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) option: ShippingOption,
    value: i64,
    discount: i64,
    tax: i64,
}

impl Delivery {
    pub(crate) fn new(option: ShippingOption, cost: Parts) -> Self {
        let Parts { value, discount, tax, .. } = cost;
        Self { option, value, discount, tax }
    }

    /// What it costs.
    pub(crate) const fn cost(&self) -> Parts {
        Parts { value: self.value, discount: self.discount, tax: self.tax, fees: 0 }
    }
}

impl Edit {
    /// Decides it.
    ///
    /// # Errors
    /// `EDIT_STATE` if it is decided.
    pub(crate) fn decide(&mut self, next: EditState) -> Result<()> {
        match self.state {
            EditState::Proposed => {
                self.state = next;
                Ok(())
            }
            EditState::Applied | EditState::Dropped => {
                Err(error::edit_state(self.id, self.state.as_str(), next.as_str()))
            }
        }
    }
}
