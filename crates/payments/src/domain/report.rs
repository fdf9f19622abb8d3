//! What a provider says of a payment: in an answer, in a message, or when it is asked how things stand.

use argosy_kernel::Money;

use super::Fingerprint;

/// What a provider says of a payment. Whoever hears it first writes it down; heard again it changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// The provider's own name for the payment.
    pub(crate) provider_reference: String,
    pub(crate) outcome: Outcome,
    /// All money that moved, as far as the provider tells.
    pub(crate) moves: Vec<Move>,
    /// The card, where the provider tells it.
    pub(crate) card: Option<Fingerprint>,
}

impl Report {
    /// One about the authorisation alone.
    pub(crate) fn of(provider_reference: impl Into<String>, outcome: Outcome) -> Self {
        Self { provider_reference: provider_reference.into(), outcome, moves: Vec::new(), card: None }
    }

    /// Also tells of money that moved.
    pub(crate) fn with(mut self, moves: impl IntoIterator<Item = Move>) -> Self {
        self.moves.extend(moves);
        self
    }

    /// Also tells the card.
    pub(crate) fn of_card(mut self, card: Option<Fingerprint>) -> Self {
        self.card = card;
        self
    }
}

/// How the authorisation of a payment stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Not decided yet.
    Processing,
    /// The buyer must do something first.
    RequiresAction { url: String, client_secret: String },
    /// The money is held, or was taken.
    Authorised,
    /// The buyer pays by hand.
    Pending { instructions: String },
    /// No.
    Declined { reason: String, text: String },
    /// Let go before anything was taken.
    Voided,
}

/// Money that moved at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) kind: MoveKind,
    /// The provider's name for it: with the kind, one effect.
    pub(crate) reference: String,
    pub(crate) amount: Money,
    /// The reference of our step that it was made for, where the provider tells.
    pub(crate) step: Option<String>,
}

/// Which way money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MoveKind {
    Captured,
    Refunded,
    /// A refund came back: the merchant has the money again.
    RefundFailed,
    /// A part of what was held is let go, because the rest was taken.
    Voided,
}

impl MoveKind {
    pub(crate) const ALL: [Self; 4] = [Self::Captured, Self::Refunded, Self::RefundFailed, Self::Voided];

    /// What it is called in the events.
    pub(crate) const fn event(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Refunded => "refunded",
            Self::RefundFailed => "refund_failed",
            Self::Voided => "voided",
        }
    }
}

/// How a step at a provider came out. That it is not known is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// Done, now or before.
    Done(Report),
    /// It will never be done.
    Refused { reason: String, text: String },
}
