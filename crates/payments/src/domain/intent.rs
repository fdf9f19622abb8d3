//! The machine of an intent.

use argosy_kernel::{Error, IntentId, Money, Result};

use crate::error;

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The provider has been asked, or is about to be; its answer is not known.
    Processing,
    /// The buyer must do something at the provider.
    RequiresAction,
    /// The money is held.
    Authorised,
    /// Some or all of it is taken.
    Captured,
    /// The buyer pays by hand, later.
    Pending,
    /// Let go.
    Voided,
    /// Declined.
    Failed,
}

impl State {
    pub(crate) const ALL: [Self; 7] = [
        Self::Processing,
        Self::RequiresAction,
        Self::Authorised,
        Self::Captured,
        Self::Pending,
        Self::Voided,
        Self::Failed,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::RequiresAction => "requires_action",
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Pending => "pending",
            Self::Voided => "voided",
            Self::Failed => "failed",
        }
    }

    /// Whether a provider's answer may still decide it.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresAction)
    }

    /// Whether money can be taken.
    pub(crate) const fn may_capture(self) -> bool {
        matches!(self, Self::Authorised | Self::Pending | Self::Captured)
    }

    /// Whether it can be let go.
    pub(crate) const fn may_void(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresAction | Self::Authorised | Self::Pending)
    }
}

impl std::str::FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown intent state '{text}'")))
    }
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) id: IntentId,
    pub(crate) provider: String,
    pub(crate) method: String,
    pub(crate) reference: String,
    pub(crate) state: State,
    pub(crate) amount: Money,
    pub(crate) captured: Money,
    pub(crate) refunded: Money,
    pub(crate) provider_reference: String,
    pub(crate) action_url: String,
    pub(crate) failure_reason: String,
    pub(crate) failure_text: String,
    pub(crate) instructions: String,
    pub(crate) version: i64,
}

/// Which way money of an intent moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    Capture,
    Refund,
}

impl Movement {
    /// What it is called in the events, and in messages.
    pub(crate) const fn event(self) -> &'static str {
        match self {
            Self::Capture => "captured",
            Self::Refund => "refunded",
        }
    }
}

impl Intent {
    /// What a provider's answer makes of it; `None` if it waits for none, or for another.
    pub(crate) fn answered(&self, answer: &Answer) -> Option<Self> {
        let state = answer.outcome.state();
        if !self.state.is_open() || state == self.state {
            return None;
        }
        let mut next = Self {
            state,
            provider_reference: answer.provider_reference.clone(),
            action_url: String::new(),
            failure_reason: String::new(),
            failure_text: String::new(),
            instructions: String::new(),
            version: self.version + 1,
            ..self.clone()
        };
        match &answer.outcome {
            Outcome::Authorised => {}
            Outcome::RequiresAction { url } => next.action_url.clone_from(url),
            Outcome::Pending { instructions } => next.instructions.clone_from(instructions),
            Outcome::Declined { reason, text } => {
                next.failure_reason.clone_from(reason);
                next.failure_text.clone_from(text);
            }
        }
        Some(next)
    }

    /// What letting it go makes of it; `None` if that cannot be any more.
    pub(crate) fn voided(&self) -> Option<Self> {
        let next = || Self { state: State::Voided, version: self.version + 1, ..self.clone() };
        self.state.may_void().then(next)
    }

    /// What is left to move.
    pub(crate) fn left(&self, movement: Movement) -> Result<Money> {
        match movement {
            Movement::Capture => Ok(self.amount.minus(self.captured)?),
            Movement::Refund => Ok(self.captured.minus(self.refunded)?),
        }
    }

    /// What a movement that the provider has made makes of it.
    pub(crate) fn moved(&self, movement: Movement, amount: Money) -> Result<Self> {
        if amount.minor > self.left(movement)?.minor {
            return Err(error::amount_too_large(movement.event()));
        }
        let mut next = Self { version: self.version + 1, ..self.clone() };
        match movement {
            Movement::Capture => {
                next.captured = self.captured.plus(amount)?;
                next.state = State::Captured;
            }
            Movement::Refund => next.refunded = self.refunded.plus(amount)?,
        }
        Ok(next)
    }
}

/// What a provider said of an authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The provider's own name for the payment.
    pub(crate) provider_reference: String,
    pub(crate) outcome: Outcome,
}

/// How an authorisation came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Authorised,
    RequiresAction { url: String },
    Pending { instructions: String },
    Declined { reason: String, text: String },
}

impl Outcome {
    pub(crate) const fn state(&self) -> State {
        match self {
            Self::Authorised => State::Authorised,
            Self::RequiresAction { .. } => State::RequiresAction,
            Self::Pending { .. } => State::Pending,
            Self::Declined { .. } => State::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_says_what_may_follow() {
        let may: Vec<_> = State::ALL
            .map(|state| (state.as_str(), state.is_open(), state.may_capture(), state.may_void()))
            .into();
        assert_eq!(
            may,
            [
                ("processing", true, false, true),
                ("requires_action", true, false, true),
                ("authorised", false, true, true),
                ("captured", false, true, false),
                ("pending", false, true, true),
                ("voided", false, false, false),
                ("failed", false, false, false),
            ]
        );
        for state in State::ALL {
            assert_eq!(state.as_str().parse::<State>().unwrap(), state);
        }
    }
}
