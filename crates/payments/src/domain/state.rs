//! Where a payment stands, and what may follow.

use argosy_kernel::{Error, Result};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// The provider has been asked, or is about to be; its answer is not known.
    Processing,
    /// The buyer must do something at the provider.
    RequiresAction,
    /// The buyer pays by hand, later.
    Pending,
    /// The money is held.
    Authorised,
    /// Some of it is taken.
    PartiallyCaptured,
    /// All of it is taken.
    Captured,
    /// Some of what was taken is given back.
    PartiallyRefunded,
    /// All that was taken is given back.
    Refunded,
    /// Let go.
    Voided,
    /// Declined.
    Failed,
}

impl State {
    pub(crate) const ALL: [Self; 10] = [
        Self::Processing,
        Self::RequiresAction,
        Self::Pending,
        Self::Authorised,
        Self::PartiallyCaptured,
        Self::Captured,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Voided,
        Self::Failed,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::RequiresAction => "requires_action",
            Self::Pending => "pending",
            Self::Authorised => "authorised",
            Self::PartiallyCaptured => "partially_captured",
            Self::Captured => "captured",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Voided => "voided",
            Self::Failed => "failed",
        }
    }

    /// As it stands in the table. How much is taken and given back is told by the events; earlier releases know
    /// no finer word for it and read the same table (law 10).
    pub(crate) const fn as_stored(self) -> &'static str {
        if self.has_taken() { "captured" } else { self.as_str() }
    }

    /// Whether money was taken, whatever became of it.
    pub(crate) const fn has_taken(self) -> bool {
        matches!(self, Self::PartiallyCaptured | Self::Captured | Self::PartiallyRefunded | Self::Refunded)
    }

    /// Whether nothing but the provider's answer is waited for.
    pub(crate) const fn is_asking(self) -> bool {
        matches!(self, Self::Processing)
    }

    /// Whether a provider's answer may still decide it.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresAction)
    }

    /// Whether it came to nothing.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Voided | Self::Failed)
    }

    /// Whether money can be taken, if any is left to take.
    pub(crate) const fn may_capture(self) -> bool {
        matches!(self, Self::Authorised | Self::Pending) || self.has_taken()
    }

    /// Whether money can be given back, if any is left to give.
    pub(crate) const fn may_refund(self) -> bool {
        self.has_taken()
    }

    /// Whether it can be let go.
    pub(crate) const fn may_void(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresAction | Self::Authorised | Self::Pending)
    }

    /// Whether `next` may follow. Nothing leads back to a time before an answer, so what arrives late or twice changes
    /// nothing. A payment that came to nothing may still turn out to be taken: the provider is right about money.
    pub(crate) const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Processing => !matches!(next, Self::Processing),
            Self::RequiresAction => !matches!(next, Self::RequiresAction),
            Self::Pending | Self::Authorised => next.has_taken() || matches!(next, Self::Voided),
            Self::PartiallyCaptured
            | Self::Captured
            | Self::PartiallyRefunded
            | Self::Refunded
            | Self::Voided
            | Self::Failed => next.has_taken(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_says_what_can_be_done() {
        let may: Vec<_> = State::ALL
            .map(|state| {
                (state.as_str(), state.may_capture(), state.may_refund(), state.may_void(), state.as_stored())
            })
            .into();
        assert_eq!(
            may,
            [
                ("processing", false, false, true, "processing"),
                ("requires_action", false, false, true, "requires_action"),
                ("pending", true, false, true, "pending"),
                ("authorised", true, false, true, "authorised"),
                ("partially_captured", true, true, false, "captured"),
                ("captured", true, true, false, "captured"),
                ("partially_refunded", true, true, false, "captured"),
                ("refunded", true, true, false, "captured"),
                ("voided", false, false, false, "voided"),
                ("failed", false, false, false, "failed"),
            ]
        );
        for state in State::ALL {
            assert_eq!(state.as_str().parse::<State>().unwrap(), state);
        }
        assert!("taken".parse::<State>().is_err());
    }

    #[test]
    fn every_state_says_what_may_follow() {
        let followers = |from: State| -> Vec<&str> {
            State::ALL.into_iter().filter(|next| from.may_become(*next)).map(State::as_str).collect()
        };
        let taken = ["partially_captured", "captured", "partially_refunded", "refunded"];
        let with = |more: &[&'static str], then: &[&'static str]| [more, &taken, then].concat();
        assert_eq!(
            followers(State::Processing),
            with(&["requires_action", "pending", "authorised"], &["voided", "failed"])
        );
        assert_eq!(
            followers(State::RequiresAction),
            with(&["processing", "pending", "authorised"], &["voided", "failed"])
        );
        for waiting in [State::Pending, State::Authorised] {
            assert_eq!(followers(waiting), with(&[], &["voided"]));
        }
        for settled in State::ALL.into_iter().filter(|state| state.has_taken() || state.is_over()) {
            assert_eq!(followers(settled), taken);
        }
    }
}
