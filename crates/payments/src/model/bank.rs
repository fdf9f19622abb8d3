//! A provider with books of its own, and what may happen to a call on its way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{IntentId, Money, Result};
use async_trait::async_trait;

use crate::{
    domain::{Move, MoveKind, Movement, Outcome, Report, Stepped},
    error,
    payer::Payer,
    providers::{Means, Message, Payment, Provider, Step},
};

/// What each payment is for.
pub(super) const AMOUNT: i64 = 100;

/// What happens to a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    Answered,
    NeverArrives,
    AnswerLost,
    /// The provider's message is there before its answer.
    MessageFirst,
}

/// What comes of the buyer's card.
#[derive(Debug, Clone, Copy)]
pub(super) enum Card {
    Good,
    AsksTheBank,
    Bad,
}

#[derive(Default)]
pub(super) struct Charge {
    pub(super) outcome: Option<Outcome>,
    pub(super) moves: Vec<Move>,
    keys: Vec<String>,
    /// The steps of the shop's that money was moved for.
    pub(super) made: Vec<(Movement, String)>,
    /// Its bank asks the buyer, who may try again after a refusal: in an old tab, with another card.
    pub(super) asks_the_buyer: bool,
    pub(super) messages: Vec<Report>,
    pub(super) times_charged: u32,
    /// What happens to the next call about it; it is answered unless something is said here.
    pub(super) fate: Option<Fate>,
    /// What the buyer pays with: a good card, unless something is said here.
    pub(super) card: Option<Card>,
}

impl Charge {
    pub(super) fn sum(&self, kind: MoveKind) -> i64 {
        self.moves.iter().filter(|one| one.kind == kind).map(|one| one.amount.minor).sum()
    }

    fn report(&self, id: IntentId) -> Option<Report> {
        Some(Report::of(format!("bank-{id}"), self.outcome.clone()?).with(self.moves.clone()))
    }

    pub(super) fn message(&mut self, id: IntentId) {
        let report = self.report(id);
        self.messages.extend(report);
    }

    /// Moves money once per key, if there is any.
    pub(super) fn step(&mut self, movement: Movement, amount: Money, key: &str, step: Option<&str>) -> bool {
        if self.keys.iter().any(|known| known == key) {
            return true;
        }
        let (kind, left) = match movement {
            Movement::Capture if self.outcome == Some(Outcome::Authorised) => {
                (MoveKind::Captured, AMOUNT - self.sum(MoveKind::Captured))
            }
            Movement::Capture => (MoveKind::Captured, 0),
            Movement::Refund => {
                (MoveKind::Refunded, self.sum(MoveKind::Captured) - self.sum(MoveKind::Refunded))
            }
        };
        if amount.minor > left {
            return false;
        }
        self.keys.push(key.to_owned());
        self.moves.push(Move { kind, reference: key.to_owned(), amount, step: step.map(str::to_owned) });
        true
    }
}

/// A provider with books of its own.
#[derive(Default)]
pub(super) struct Bank {
    charges: Mutex<HashMap<IntentId, Charge>>,
    pub(super) payer: OnceLock<Payer>,
}

impl Bank {
    fn charges(&self) -> MutexGuard<'_, HashMap<IntentId, Charge>> {
        self.charges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn with<T>(&self, id: IntentId, on: impl FnOnce(&mut Charge) -> T) -> T {
        on(self.charges().entry(id).or_default())
    }

    /// Does something to a charge, as the fate of this call has it.
    async fn call<T>(&self, id: IntentId, work: impl FnOnce(&mut Charge) -> T) -> Result<T> {
        let fate = self.with(id, |charge| charge.fate.take()).unwrap_or(Fate::Answered);
        if matches!(fate, Fate::NeverArrives) {
            return Err(error::provider_unavailable("bank"));
        }
        let (done, message) = self.with(id, |charge| {
            let done = work(charge);
            charge.message(id);
            (done, charge.messages.last().cloned())
        });
        match (fate, message) {
            (Fate::AnswerLost, _) => Err(error::provider_unavailable("bank")),
            (Fate::MessageFirst, Some(message)) => {
                let payer = self.payer.get().expect("set before anything is called");
                let intent = payer.intent(id).await?;
                // Boxed: to hear may lead back here.
                Box::pin(payer.heard(intent, &message)).await?;
                Ok(done)
            }
            _ => Ok(done),
        }
    }
}

#[async_trait]
impl Provider for Arc<Bank> {
    fn methods(&self) -> Vec<PaymentMethod> {
        Vec::new()
    }

    fn method_of(&self, _token: &str) -> Result<String> {
        Ok("card".to_owned())
    }

    async fn authorise(&self, payment: &Payment<'_>, _means: Means<'_>) -> Result<Report> {
        let id = payment.intent_id;
        self.call(id, |charge| {
            if charge.outcome.is_none() {
                charge.times_charged += 1;
                charge.outcome = Some(match charge.card.unwrap_or(Card::Good) {
                    Card::Good => Outcome::Authorised,
                    Card::AsksTheBank => {
                        charge.asks_the_buyer = true;
                        Outcome::RequiresAction { url: "bank".to_owned(), client_secret: String::new() }
                    }
                    Card::Bad => declined(),
                });
            }
            charge.report(id).expect("it has an outcome")
        })
        .await
    }

    async fn find(&self, payment: &Payment<'_>) -> Result<Option<Report>> {
        self.call(payment.intent_id, |charge| charge.report(payment.intent_id)).await
    }

    async fn step(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        let id = payment.intent_id;
        // Of captures this one tells the step's name, of refunds it doesn't: providers differ.
        let name = (step.movement == Movement::Capture).then_some(step.reference);
        let made = self.call(id, |charge| {
            let before = charge.moves.len();
            let done = charge.step(step.movement, step.amount, &step.key, name);
            if charge.moves.len() > before {
                charge.made.push((step.movement, step.reference.to_owned()));
            }
            done.then(|| charge.report(id)).flatten()
        });
        Ok(match made.await? {
            Some(report) => Stepped::Done(report),
            None => Stepped::Refused { reason: "NOT_ENOUGH".to_owned(), text: String::new() },
        })
    }

    async fn void(&self, payment: &Payment<'_>) -> Result<Report> {
        let id = payment.intent_id;
        self.call(id, |charge| {
            if charge.sum(MoveKind::Captured) == 0 {
                charge.outcome = Some(Outcome::Voided);
            }
            charge.report(id).expect("it has an outcome")
        })
        .await
    }

    async fn read_message(&self, _headers: &HashMap<String, String>, _body: &[u8]) -> Result<Message> {
        Ok(Message::Ignored)
    }
}

pub(super) fn declined() -> Outcome {
    Outcome::Declined { reason: "DECLINED".to_owned(), text: "no".to_owned() }
}
