//! The machine of a checkout.

use argosy_kernel::Error;
use serde::{Deserialize, Serialize};

/// Where a checkout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Something is missing.
    Incomplete,
    /// It can be completed.
    Ready,
    /// The buyer must do something at the bank.
    NeedsBuyer,
    /// An attempt runs.
    Completing,
    /// It became an order.
    Completed,
    /// The buyer gave it up.
    Canceled,
    /// Nobody came back.
    Expired,
}

impl Status {
    pub(crate) const ALL: [Self; 7] = [
        Self::Incomplete,
        Self::Ready,
        Self::NeedsBuyer,
        Self::Completing,
        Self::Completed,
        Self::Canceled,
        Self::Expired,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Ready => "ready",
            Self::NeedsBuyer => "needs_buyer",
            Self::Completing => "completing",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }

    /// Whether the buyer may change what it holds.
    pub(crate) const fn may_change(self) -> bool {
        matches!(self, Self::Incomplete | Self::Ready)
    }

    /// Whether it has come to its end.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Expired)
    }

    /// Whether `next` may follow.
    pub(crate) const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Incomplete | Self::Ready => !matches!(next, Self::Completed | Self::NeedsBuyer),
            Self::Completing => {
                matches!(next, Self::Completed | Self::NeedsBuyer | Self::Ready | Self::Completing)
            }
            Self::NeedsBuyer => {
                matches!(next, Self::Completing | Self::Completed | Self::Ready | Self::Canceled)
            }
            Self::Completed | Self::Canceled | Self::Expired => false,
        }
    }
}

impl std::str::FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown checkout status '{text}'")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_5_every_state_says_what_may_follow() {
        let followers = |from: Status| -> Vec<&str> {
            Status::ALL.into_iter().filter(|next| from.may_become(*next)).map(Status::as_str).collect()
        };
        assert_eq!(
            followers(Status::Incomplete),
            ["incomplete", "ready", "completing", "canceled", "expired"]
        );
        assert_eq!(followers(Status::Ready), ["incomplete", "ready", "completing", "canceled", "expired"]);
        assert_eq!(followers(Status::Completing), ["ready", "needs_buyer", "completing", "completed"]);
        assert_eq!(followers(Status::NeedsBuyer), ["ready", "completing", "completed", "canceled"]);
        for over in [Status::Completed, Status::Canceled, Status::Expired] {
            assert!(over.is_over() && followers(over).is_empty());
        }
    }
}
