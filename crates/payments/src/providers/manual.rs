//! Money that changes hands elsewhere: bank transfer, cash on delivery.

use std::collections::HashMap;

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Error, IntentId, Result};
use async_trait::async_trait;

use super::{Authorisation, Provider, ProviderMessage, Step};
use crate::{
    domain::{Answer, Outcome},
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

    async fn authorise(&self, request: Authorisation<'_>) -> Result<Answer> {
        let instructions = match request.token {
            BANK_TRANSFER => self.bank_details.clone(),
            _ => "Please have the amount ready when the parcel arrives.".to_owned(),
        };
        Ok(Answer {
            provider_reference: request.intent_id.to_string(),
            outcome: Outcome::Pending { instructions },
        })
    }

    async fn find(&self, _intent_id: IntentId) -> Result<Option<Answer>> {
        Ok(None)
    }

    async fn capture(&self, _step: Step) -> Result<()> {
        Ok(())
    }

    async fn void(&self, _intent_id: IntentId) -> Result<()> {
        Ok(())
    }

    async fn refund(&self, _step: Step) -> Result<()> {
        Ok(())
    }

    async fn read_message(
        &self,
        _headers: &HashMap<String, String>,
        _body: &[u8],
    ) -> Result<ProviderMessage> {
        Err(Error::new(
            argosy_kernel::Code::Unimplemented,
            "NO_MESSAGES",
            "provider 'manual' sends no messages",
        ))
    }
}
