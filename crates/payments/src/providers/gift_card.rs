//! Gift cards and store credit: a provider of our own, whose books are tables beside the intents.

use std::collections::HashMap;

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Code, Error, Money, Result};
use async_trait::async_trait;

use super::{Means, Message, Payment, Provider, Step};
use crate::{
    domain::{CardCode, GiftCard, Move, MoveKind, Outcome, Report, Stepped},
    error,
    store::{GiftCards, Hold},
};

pub(crate) const NAME: &str = "gift_card";

pub(super) struct GiftCardProvider {
    cards: GiftCards,
}

impl GiftCardProvider {
    pub(super) fn new(cards: GiftCards) -> Self {
        Self { cards }
    }

    async fn report(&self, payment: &Payment<'_>, hold: &Hold) -> Result<Report> {
        let outcome = if hold.state == "held" { Outcome::Authorised } else { Outcome::Voided };
        let report = Report::of(payment.intent_id.to_string(), outcome);
        if hold.taken == 0 && hold.returned == 0 {
            return Ok(report);
        }
        let moved = self.cards.moved(payment.intent_id).await?;
        Ok(report.with(moved.into_iter().map(|one| {
            let kind = if one.kind == "taken" { MoveKind::Captured } else { MoveKind::Refunded };
            // A key of ours ends with the step's reference.
            let step = one.reference.splitn(3, ':').nth(2).map(str::to_owned);
            let amount = Money::new(one.amount, payment.amount.currency);
            Move { kind, reference: one.reference, amount, step }
        })))
    }

    /// Why nothing could be held.
    async fn declined(&self, code: &CardCode, amount: Money) -> Result<Outcome> {
        let card = self.cards.card(&code.card_id()).await?;
        let (reason, text) = GiftCard::why_not(card.as_ref(), amount.currency, self.cards.now_ms())?;
        Ok(Outcome::Declined { reason: reason.to_owned(), text })
    }
}

#[async_trait]
impl Provider for GiftCardProvider {
    fn methods(&self) -> Vec<PaymentMethod> {
        vec![PaymentMethod {
            provider: NAME.to_owned(),
            method: NAME.to_owned(),
            title: "Gift card".to_owned(),
            description: "With the code of a gift card or of a store credit.".to_owned(),
            public_key: String::new(),
            ..PaymentMethod::default()
        }]
    }

    fn method_of(&self, token: &str) -> Result<String> {
        match CardCode::read(token) {
            Ok(_) => Ok(NAME.to_owned()),
            Err(_) => Err(error::invalid_token("must be the code of a gift card for provider 'gift_card'")),
        }
    }

    async fn authorise(&self, payment: &Payment<'_>, means: Means<'_>) -> Result<Report> {
        let code = CardCode::read(means.token)?;
        if !self.cards.hold(&code.card_id(), payment.intent_id, payment.amount).await?
            && self.cards.held(payment.intent_id).await?.is_none()
        {
            let outcome = self.declined(&code, payment.amount).await?;
            return Ok(Report::of(payment.intent_id.to_string(), outcome));
        }
        let report = self.find(payment).await?;
        report.ok_or_else(|| Error::internal("what is held of a gift card is gone"))
    }

    async fn find(&self, payment: &Payment<'_>) -> Result<Option<Report>> {
        match self.cards.held(payment.intent_id).await? {
            Some(hold) => self.report(payment, &hold).await.map(Some),
            None => Ok(None),
        }
    }

    async fn step(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        let done = self.cards.step(payment.intent_id, step.movement, step.amount.minor, &step.key).await?;
        let report = self.find(payment).await?.unwrap_or_else(|| Report::of("", Outcome::Voided));
        // Not done now, but perhaps before.
        if done || report.moves.iter().any(|one| one.reference == step.key) {
            return Ok(Stepped::Done(report));
        }
        let text = "there is not so much held or taken of the gift card".to_owned();
        Ok(Stepped::Refused { reason: "NOT_ENOUGH".to_owned(), text })
    }

    async fn void(&self, payment: &Payment<'_>) -> Result<Report> {
        self.cards.release(payment.intent_id).await?;
        let report = self.find(payment).await?;
        report.ok_or_else(|| Error::internal("a payment that was let go has no row"))
    }

    async fn read_message(&self, _headers: &HashMap<String, String>, _body: &[u8]) -> Result<Message> {
        Err(Error::new(Code::Unimplemented, "NO_MESSAGES", "provider 'gift_card' sends no messages"))
    }
}
