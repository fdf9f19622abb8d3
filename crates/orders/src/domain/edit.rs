//! A change of an order that is proposed with what it costs.

use argosy_contracts::pricing::QuotedLine;
use argosy_kernel::{EditId, Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::Units;
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
