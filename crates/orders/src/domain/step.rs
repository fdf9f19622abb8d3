//! What an order needs of other services.

use argosy_kernel::{Error, IntentId, OrderId, StepId, Timestamp};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// Take money that comes by hand.
    Capture,
    /// Give money back.
    Refund,
    /// Let a payment go that is awaited.
    Void,
    /// Put units back into stock.
    Restock,
    /// Take units out of stock that were added to the order.
    Take,
}

impl StepKind {
    const ALL: [Self; 5] = [Self::Capture, Self::Refund, Self::Void, Self::Restock, Self::Take];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::Void => "void",
            Self::Restock => "restock",
            Self::Take => "take",
        }
    }
}

impl std::str::FromStr for StepKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown step '{text}'")))
    }
}

/// One thing that is asked of another service, once however often it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The reference under which the other service does it once.
    pub(crate) id: StepId,
    pub(crate) order_id: OrderId,
    pub(crate) kind: StepKind,
    /// open | done | refused
    pub(crate) state: String,
    /// Minor units, or units of stock.
    pub(crate) amount: i64,
    /// Of which line, if it is about stock.
    pub(crate) line_id: String,
    /// Of what, if it is about stock.
    pub(crate) variant_id: String,
    /// Where to, if it is about stock; empty: the default location.
    pub(crate) location_id: String,
    pub(crate) reason: String,
    /// Which payment it moves; none: the order's only one.
    pub(crate) intent_id: Option<IntentId>,
    pub(crate) failure: String,
    pub(crate) at: Timestamp,
}
