//! A payment, and what becomes of it.

use argosy_kernel::{Currency, Error, IntentId, Money, Result};

use super::{Fingerprint, Move, MoveKind, Outcome, Report, State, WalletUse};
use crate::error;

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) id: IntentId,
    pub(crate) provider: String,
    pub(crate) method: String,
    pub(crate) reference: String,
    pub(crate) state: State,
    pub(crate) amount: Money,
    pub(crate) moved: Moved,
    pub(crate) provider_reference: String,
    pub(crate) action_url: String,
    pub(crate) client_secret: String,
    pub(crate) failure_reason: String,
    pub(crate) failure_text: String,
    pub(crate) instructions: String,
    pub(crate) version: i64,
    pub(crate) wallet: WalletUse,
    /// The card, if this call heard of it. It is never stored.
    pub(crate) card: Option<Fingerprint>,
}

/// How much has moved: sums of the intent's events, never written by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) authorised: Money,
    pub(crate) captured: Money,
    /// Without refunds that came back.
    pub(crate) refunded: Money,
    /// Held once, and let go without being taken.
    pub(crate) voided: Money,
    /// Asked of the provider, and not answered yet.
    pub(crate) capturing: Money,
    pub(crate) refunding: Money,
}

impl Moved {
    pub(crate) const fn nothing(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            authorised: zero,
            captured: zero,
            refunded: zero,
            voided: zero,
            capturing: zero,
            refunding: zero,
        }
    }

    /// Whether no step was ever asked for or made.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.captured.is_zero()
            && self.refunded.is_zero()
            && self.capturing.is_zero()
            && self.refunding.is_zero()
    }

    fn and(mut self, one: &Move) -> Result<Self> {
        match one.kind {
            MoveKind::Captured => self.captured = self.captured.plus(one.amount)?,
            MoveKind::Refunded => self.refunded = self.refunded.plus(one.amount)?,
            MoveKind::RefundFailed => self.refunded = self.refunded.minus(one.amount)?,
            MoveKind::Voided => self.voided = self.voided.plus(one.amount)?,
        }
        Ok(self)
    }
}

/// A step on a payment that somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    Capture,
    Refund,
}

impl Movement {
    pub(crate) const ALL: [Self; 2] = [Self::Capture, Self::Refund];

    /// What it is called in the events once it is made.
    pub(crate) const fn done(self) -> &'static str {
        match self {
            Self::Capture => MoveKind::Captured.event(),
            Self::Refund => MoveKind::Refunded.event(),
        }
    }

    /// What it is called in the events before the provider is asked.
    pub(crate) const fn asked(self) -> &'static str {
        match self {
            Self::Capture => "capture_asked",
            Self::Refund => "refund_asked",
        }
    }

    /// What it is called in the events when the provider will never make it.
    pub(crate) const fn refused(self) -> &'static str {
        match self {
            Self::Capture => "capture_refused",
            Self::Refund => "refund_refused",
        }
    }
}

impl Intent {
    /// The state that its amounts give it: `base`, unless money was taken.
    pub(crate) fn state_of(base: State, amount: Money, moved: &Moved) -> State {
        let (captured, refunded) = (moved.captured.minor, moved.refunded.minor);
        match (captured, refunded) {
            (0, _) => base,
            (_, 0) if captured >= amount.minor => State::Captured,
            (_, 0) => State::PartiallyCaptured,
            _ if refunded >= captured => State::Refunded,
            _ => State::PartiallyRefunded,
        }
    }

    /// What is left to move, with what is under way counted as moved.
    pub(crate) fn left(&self, movement: Movement) -> Result<Money> {
        let moved = &self.moved;
        match movement {
            Movement::Capture => {
                Ok(self.amount.minus(moved.captured)?.minus(moved.voided)?.minus(moved.capturing)?)
            }
            Movement::Refund => Ok(moved.captured.minus(moved.refunded)?.minus(moved.refunding)?),
        }
    }

    /// Refuses a step that is not to be asked of the provider.
    pub(crate) fn check_step(&self, movement: Movement, amount: Money) -> Result<()> {
        let may = match movement {
            Movement::Capture => self.state.may_capture(),
            Movement::Refund => self.state.may_refund(),
        };
        if !may {
            return Err(error::intent_state(self.id, self.state, movement.done()));
        }
        if amount.minor > self.left(movement)?.minor {
            return Err(error::amount_too_large(movement.done()));
        }
        Ok(())
    }

    /// Whether a step's outcome is not known.
    pub(crate) const fn has_steps_under_way(&self) -> bool {
        !self.moved.capturing.is_zero() || !self.moved.refunding.is_zero()
    }

    /// With a step that the provider is about to be asked for.
    pub(crate) fn with_step_begun(&self, movement: Movement, amount: Money) -> Result<Self> {
        let mut next = Self { version: self.version + 1, ..self.clone() };
        let under_way = next.under_way(movement);
        *under_way = under_way.plus(amount)?;
        Ok(next)
    }

    /// A step came out, one way or the other.
    pub(crate) fn end_step(&mut self, movement: Movement, amount: Money) -> Result<()> {
        let under_way = self.under_way(movement);
        *under_way = under_way.minus(amount)?;
        Ok(())
    }

    const fn under_way(&mut self, movement: Movement) -> &mut Money {
        match movement {
            Movement::Capture => &mut self.moved.capturing,
            Movement::Refund => &mut self.moved.refunding,
        }
    }

    /// What a provider's report makes of it, `fresh` being its moves that were not known; `None` if it says nothing new.
    pub(crate) fn reported(&self, report: &Report, fresh: &[Move]) -> Result<Option<Self>> {
        if let Some(foreign) = fresh.iter().find(|one| one.amount.currency != self.amount.currency) {
            return Err(Error::internal(format!(
                "the provider moved {} of payment {} in {}",
                foreign.amount, self.id, self.amount.currency
            )));
        }
        let moved = fresh.iter().try_fold(self.moved, Moved::and)?;
        let wanted = Self::state_of(Self::base_after(&report.outcome), self.amount, &moved);
        let state = if self.state.may_become(wanted) { wanted } else { self.state };
        if state == self.state && fresh.is_empty() {
            return Ok(None);
        }
        let mut next = Self { state, moved, version: self.version + 1, ..self.clone() };
        if !report.provider_reference.is_empty() {
            next.provider_reference.clone_from(&report.provider_reference);
        }
        if state != self.state {
            next.note_outcome(&report.outcome);
        }
        if self.state == State::Authorised && state == State::Voided {
            next.moved.voided = self.amount;
        }
        Ok(Some(next))
    }

    /// Where the authorisation leads, if no money was taken.
    const fn base_after(outcome: &Outcome) -> State {
        match outcome {
            Outcome::Processing => State::Processing,
            Outcome::RequiresAction { .. } => State::RequiresAction,
            Outcome::Authorised => State::Authorised,
            Outcome::Pending { .. } => State::Pending,
            Outcome::Declined { .. } => State::Failed,
            Outcome::Voided => State::Voided,
        }
    }

    fn note_outcome(&mut self, outcome: &Outcome) {
        self.action_url = String::new();
        self.client_secret = String::new();
        self.failure_reason = String::new();
        self.failure_text = String::new();
        self.instructions = String::new();
        match outcome {
            Outcome::RequiresAction { url, client_secret } => {
                self.action_url.clone_from(url);
                self.client_secret.clone_from(client_secret);
            }
            Outcome::Pending { instructions } => self.instructions.clone_from(instructions),
            Outcome::Declined { reason, text } => {
                self.failure_reason.clone_from(reason);
                self.failure_text.clone_from(text);
            }
            Outcome::Authorised => self.moved.authorised = self.amount,
            Outcome::Processing | Outcome::Voided => {}
        }
    }

    /// With the card that was heard of, if one was.
    pub(crate) fn of_card(self, card: Option<Fingerprint>) -> Self {
        Self { card: card.or(self.card), ..self }
    }

    /// With the name that the provider gave it before money could move.
    pub(crate) fn prepared(&self, provider_reference: &str) -> Option<Self> {
        (self.state == State::Processing && self.provider_reference.is_empty()).then(|| Self {
            provider_reference: provider_reference.to_owned(),
            version: self.version + 1,
            ..self.clone()
        })
    }

    /// Whether the provider holds money for a payment that came to nothing here.
    pub(crate) fn is_held_in_vain(&self, report: &Report) -> bool {
        let may_yet_hold = matches!(report.outcome, Outcome::Authorised | Outcome::RequiresAction { .. });
        self.state.is_over() && may_yet_hold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn held() -> Intent {
        Intent {
            id: IntentId::new(),
            provider: "test".to_owned(),
            method: "card".to_owned(),
            reference: "chk_1".to_owned(),
            state: State::Authorised,
            amount: eur(1_000),
            moved: Moved::nothing(Currency::EUR),
            provider_reference: "p".to_owned(),
            action_url: String::new(),
            client_secret: String::new(),
            failure_reason: String::new(),
            failure_text: String::new(),
            instructions: String::new(),
            version: 1,
            wallet: WalletUse::default(),
            card: None,
        }
    }

    fn moved(kind: MoveKind, reference: &str, minor: i64) -> Move {
        Move { kind, reference: reference.to_owned(), amount: eur(minor), step: None }
    }

    fn after(intent: &Intent, kind: MoveKind, minor: i64) -> Intent {
        let moves = [moved(kind, "m", minor)];
        intent.reported(&Report::of("p", Outcome::Authorised), &moves).unwrap().unwrap()
    }

    #[test]
    fn amounts_say_how_far_a_payment_is() {
        let part = after(&held(), MoveKind::Captured, 400);
        assert_eq!(part.state, State::PartiallyCaptured);
        let whole = after(&part, MoveKind::Captured, 600);
        assert_eq!(whole.state, State::Captured);
        let some_back = after(&whole, MoveKind::Refunded, 1);
        assert_eq!(some_back.state, State::PartiallyRefunded);
        let all_back = after(&some_back, MoveKind::Refunded, 999);
        assert_eq!(all_back.state, State::Refunded);
        assert_eq!(after(&all_back, MoveKind::RefundFailed, 1_000).state, State::Captured);
    }

    #[test]
    fn what_arrives_late_changes_nothing() {
        let waits = Report::of("p", Outcome::RequiresAction { url: "u".into(), client_secret: "s".into() });
        let declined = Report::of("p", Outcome::Declined { reason: "DECLINED".into(), text: "no".into() });
        assert_eq!(held().reported(&waits, &[]).unwrap(), None);
        assert_eq!(held().reported(&declined, &[]).unwrap(), None);
        let gone = held().reported(&Report::of("p", Outcome::Voided), &[]).unwrap().unwrap();
        let authorised = Report::of("p", Outcome::Authorised);
        assert_eq!(gone.reported(&authorised, &[]).unwrap(), None);
        assert!(gone.is_held_in_vain(&authorised), "what is held for nothing is to be let go");
    }

    #[test]
    fn money_that_was_taken_counts_whatever_we_thought() {
        let gone = held().reported(&Report::of("p", Outcome::Voided), &[]).unwrap().unwrap();
        assert_eq!(after(&gone, MoveKind::Captured, 1_000).state, State::Captured);
    }

    #[test]
    fn what_is_under_way_is_not_asked_for_twice() {
        let mut intent = held();
        intent.moved.capturing = eur(700);
        assert_eq!(intent.check_step(Movement::Capture, eur(301)).unwrap_err().reason(), "AMOUNT_TOO_LARGE");
        assert!(intent.check_step(Movement::Capture, eur(300)).is_ok());
        assert_eq!(intent.check_step(Movement::Refund, eur(1)).unwrap_err().reason(), "INTENT_STATE");
    }

    #[test]
    fn a_move_in_another_currency_is_refused() {
        let mut foreign = moved(MoveKind::Captured, "m", 1_000);
        foreign.amount = Money::new(1_000, Currency::USD);
        assert!(held().reported(&Report::of("p", Outcome::Authorised), &[foreign]).is_err());
    }
}
