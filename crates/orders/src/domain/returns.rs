//! The machine of a return.

use argosy_kernel::{Error, ReturnId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error;

/// Where a return stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReturnState {
    /// The buyer asked for it.
    Requested,
    /// The goods may be sent back.
    Approved,
    /// The shop does not take them back.
    Declined,
    /// The buyer keeps them after all.
    Canceled,
    /// The goods are here.
    Received,
    /// Each unit is in stock again or written off.
    Inspected,
    /// The buyer has had what is theirs.
    Settled,
}

impl ReturnState {
    pub(crate) const ALL: [Self; 7] = [
        Self::Requested,
        Self::Approved,
        Self::Declined,
        Self::Canceled,
        Self::Received,
        Self::Inspected,
        Self::Settled,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Canceled => "canceled",
            Self::Received => "received",
            Self::Inspected => "inspected",
            Self::Settled => "settled",
        }
    }

    /// Whether `next` may follow.
    pub(crate) const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Requested => matches!(next, Self::Approved | Self::Declined | Self::Canceled),
            Self::Approved => matches!(next, Self::Received | Self::Canceled),
            Self::Received => matches!(next, Self::Inspected),
            Self::Inspected => matches!(next, Self::Settled),
            Self::Declined | Self::Canceled | Self::Settled => false,
        }
    }
}

impl std::str::FromStr for ReturnState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown return state '{text}'")))
    }
}

/// Goods on their way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Return {
    pub(crate) id: ReturnId,
    pub(crate) state: ReturnState,
    pub(crate) reference: String,
    pub(crate) resolution: String,
    pub(crate) lines: Vec<ReturnedLine>,
    pub(crate) words: Words,
    pub(crate) at: Timestamp,
}

/// Units of a line on their way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReturnedLine {
    pub(crate) line: String,
    pub(crate) quantity: i64,
    pub(crate) reason: String,
    pub(crate) received: i64,
    pub(crate) restocked: i64,
    pub(crate) written_off: i64,
}

/// What was written of a return: it may tell of the buyer, so it is kept sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Words {
    pub(crate) comment: String,
    pub(crate) answer: String,
}

/// What may be wanted of a return.
pub(crate) const RESOLUTIONS: [&str; 3] = ["refund", "exchange", "store_credit"];
/// Why goods may come back.
pub(crate) const RETURN_REASONS: [&str; 6] =
    ["changed_mind", "damaged", "wrong_item", "not_as_described", "late", "other"];

impl Return {
    /// Takes the next step.
    ///
    /// # Errors
    /// `RETURN_STATE`, saying where it is.
    pub(crate) fn become_next(&mut self, next: ReturnState) -> Result<(), Error> {
        if !self.state.may_become(next) {
            return Err(error::return_state(self.id, self.state.as_str(), next.as_str()));
        }
        self.state = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_a_return_says_what_may_follow() {
        let followers = |from: ReturnState| -> Vec<&str> {
            ReturnState::ALL
                .into_iter()
                .filter(|next| from.may_become(*next))
                .map(ReturnState::as_str)
                .collect()
        };
        assert_eq!(followers(ReturnState::Requested), ["approved", "declined", "canceled"]);
        assert_eq!(followers(ReturnState::Approved), ["canceled", "received"]);
        assert_eq!(followers(ReturnState::Received), ["inspected"]);
        assert_eq!(followers(ReturnState::Inspected), ["settled"]);
        for end in [ReturnState::Declined, ReturnState::Canceled, ReturnState::Settled] {
            assert!(followers(end).is_empty());
        }
    }

    #[test]
    fn a_wrong_step_says_where_the_return_is_and_leaves_it_there() {
        let mut asked = Return {
            id: ReturnId::new(),
            state: ReturnState::Requested,
            reference: "r".into(),
            resolution: "refund".into(),
            lines: Vec::new(),
            words: Words::default(),
            at: Timestamp::from_millis(0),
        };
        let refused = asked.become_next(ReturnState::Settled).unwrap_err();
        assert_eq!(refused.reason(), "RETURN_STATE");
        assert!(refused.message().contains("requested"));
        assert_eq!(asked.state, ReturnState::Requested);
    }
}
