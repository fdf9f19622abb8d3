//! Money that changes hands elsewhere: bank transfer, cash on delivery.

use std::collections::HashMap;

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Error, Result};
use async_trait::async_trait;

use super::{Means, Message, Payment, Provider, Step};
use crate::{
    domain::{Move, MoveKind, Movement, Outcome, Report, Stepped},
    error,
};

const BANK_TRANSFER: &str = "bank_transfer";
const CASH_ON_DELIVERY: &str = "cash_on_delivery";

pub(super) struct Manual {
    bank_details: String,
}

impl Manual {
    pub(super) fn new(bank_details: String) -> Self {
        Self { bank_details }
    }
}

#[async_trait]
impl Provider for Manual {
    fn methods(&self) -> Vec<PaymentMethod> {
        let method = |method: &str, title: &str, description: &str| PaymentMethod {
            provider: "manual".to_owned(),
            method: method.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            public_key: String::new(),
            ..PaymentMethod::default()
        };
        vec![
            method(BANK_TRANSFER, "Bank transfer", &self.bank_details),
            method(CASH_ON_DELIVERY, "Cash on delivery", "Pay when the parcel arrives."),
        ]
    }

    fn method_of(&self, token: &str) -> Result<String> {
        match token {
            BANK_TRANSFER | CASH_ON_DELIVERY => Ok(token.to_owned()),
            _ => Err(error::invalid_token("must be bank_transfer or cash_on_delivery for provider 'manual'")),
        }
    }

    async fn authorise(&self, payment: &Payment<'_>, means: Means<'_>) -> Result<Report> {
        let instructions = match means.token {
            BANK_TRANSFER => self.bank_details.clone(),
            _ => "Please have the amount ready when the parcel arrives.".to_owned(),
        };
        Ok(Report::of(payment.intent_id.to_string(), Outcome::Pending { instructions }))
    }

    async fn find(&self, _payment: &Payment<'_>) -> Result<Option<Report>> {
        Ok(None)
    }

    /// The merchant says so; nobody else can know.
    async fn step(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        let kind = match step.movement {
            Movement::Capture => MoveKind::Captured,
            Movement::Refund => MoveKind::Refunded,
        };
        let made = Move {
            kind,
            reference: step.key.clone(),
            amount: step.amount,
            step: Some(step.reference.to_owned()),
        };
        let waits = Outcome::Pending { instructions: String::new() };
        Ok(Stepped::Done(Report::of(payment.intent_id.to_string(), waits).with([made])))
    }

    async fn void(&self, payment: &Payment<'_>) -> Result<Report> {
        Ok(Report::of(payment.intent_id.to_string(), Outcome::Voided))
    }

    async fn read_message(&self, _headers: &HashMap<String, String>, _body: &[u8]) -> Result<Message> {
        Err(Error::new(
            argosy_kernel::Code::Unimplemented,
            "NO_MESSAGES",
            "provider 'manual' sends no messages",
        ))
    }
}
