//! Cards that Stripe keeps for a wallet: of a customer who is one a wallet and tells nothing of a person.
//!
//! <https://docs.stripe.com/payments/save-and-reuse>, <https://docs.stripe.com/payments/save-during-payment>

use argosy_kernel::{Error, Result, SetupId, WalletId};
use argosy_platform::outgoing::StatusCode;
use async_trait::async_trait;

use super::{
    Failed, Made, Stripe, WITH_CARD, decline, is_about_the_token, is_id, log_refused, path_of, unknown_token,
    wire::{PaidWith, PaymentIntent, PaymentMethod, SetupIntent},
};
use crate::{
    domain::{Card, Expiry, Kept, Outcome},
    error,
    providers::{Means, Payment, Saving, SetupAsked},
};

/// The shop's page from which Stripe's script goes on, where Stripe names no address for that.
fn page_of(setup: SetupId) -> String {
    format!("/wallet/card/{setup}")
}

fn card(method: &PaymentMethod) -> Card {
    match &method.card {
        Some(card) => {
            let expiry = Expiry::new(card.exp_year, card.exp_month);
            Card::read(&method.id, &card.brand, &card.last4, expiry)
        }
        None => Card::read(&method.id, "", "", Expiry::new(0, 0)),
    }
}

fn declined(outcome: Outcome) -> Kept {
    match outcome {
        Outcome::Declined { reason, text } => Kept::Declined { reason, text },
        _ => Kept::Processing,
    }
}

fn kept(setup: &SetupIntent, page: &str) -> Result<Kept> {
    Ok(match setup.status.as_str() {
        "requires_payment_method" => setup
            .last_setup_error
            .as_ref()
            .map_or(Kept::Processing, |error| declined(decline::declined(error))),
        "requires_confirmation" | "processing" => Kept::Processing,
        "requires_action" => {
            let redirect = setup.next_action.as_ref().and_then(|action| action.redirect_to_url.as_ref());
            let url = redirect.and_then(|redirect| redirect.url.as_deref()).unwrap_or(page);
            let client_secret = setup.client_secret.clone().unwrap_or_default();
            Kept::RequiresAction { url: url.to_owned(), client_secret }
        }
        "succeeded" => match &setup.payment_method {
            Some(PaidWith::Whole(method)) => Kept::Saved(card(method)),
            Some(PaidWith::Named(_)) | None => {
                return Err(Error::internal("Stripe does not say what it keeps"));
            }
        },
        "canceled" => Kept::Declined {
            reason: "CARD_NOT_CONFIRMED".to_owned(),
            text: "The card was not confirmed in time. It is not saved.".to_owned(),
        },
        other => return Err(Error::internal(format!("Stripe says that a setup is '{other}'"))),
    })
}

impl Stripe {
    fn setup_path(setup: &SetupAsked<'_>) -> Result<String> {
        if is_id(setup.provider_reference) {
            return Ok(format!("setup_intents/{}", setup.provider_reference));
        }
        Err(Error::internal("a setup has no name at Stripe"))
    }

    async fn setup(&self, setup: &SetupAsked<'_>) -> Result<Kept> {
        let path = Self::setup_path(setup)?;
        let found: SetupIntent = self
            .api
            .get(&path, &[(WITH_CARD.0, WITH_CARD.1.to_owned())])
            .await
            .map_err(|failed| failed.into_error(self.name))?;
        kept(&found, &page_of(setup.setup_id))
    }

    /// A payment method as Stripe has it now; `None`: it has none of that name.
    async fn method(&self, reference: &str) -> Result<Option<PaymentMethod>> {
        match self.api.get::<PaymentMethod>(&format!("payment_methods/{reference}"), &[]).await {
            Ok(method) => Ok(Some(method)),
            Err(Failed::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(None),
            Err(failed) => Err(failed.into_error(self.name)),
        }
    }
}

#[async_trait]
impl Saving for Stripe {
    async fn open_customer(&self, wallet: WalletId) -> Result<String> {
        let form = [("metadata[argosy_wallet]", wallet.to_string())];
        let key = format!("{wallet}:customer");
        let made: Made =
            self.api.post("customers", &form, &key).await.map_err(|failed| failed.into_error(self.name))?;
        if is_id(&made.id) { Ok(made.id) } else { Err(error::provider_unavailable(self.name)) }
    }

    async fn card_of(&self, payment: &Payment<'_>, customer: &str) -> Result<Option<Card>> {
        let found: PaymentIntent = self
            .api
            .get(&path_of(payment), &[(WITH_CARD.0, WITH_CARD.1.to_owned())])
            .await
            .map_err(|failed| failed.into_error(self.name))?;
        let Some(PaidWith::Whole(method)) = found.payment_method else { return Ok(None) };
        let is_kept = method.customer.as_ref().is_some_and(|owner| owner.id() == customer);
        Ok(is_kept.then(|| card(&method)))
    }

    async fn prepare_setup(&self, setup: &SetupAsked<'_>) -> Result<String> {
        let form = [
            ("customer", setup.customer.to_owned()),
            ("usage", "on_session".to_owned()),
            ("payment_method_types[]", "card".to_owned()),
            ("metadata[argosy_setup]", setup.setup_id.to_string()),
        ];
        let key = format!("{}:create", setup.setup_id);
        let made: Made = self
            .api
            .post("setup_intents", &form, &key)
            .await
            .map_err(|failed| failed.into_error(self.name))?;
        if is_id(&made.id) { Ok(made.id) } else { Err(error::provider_unavailable(self.name)) }
    }

    async fn confirm_setup(&self, setup: &SetupAsked<'_>, means: Means<'_>) -> Result<Kept> {
        let mut form =
            vec![("payment_method", means.token.to_owned()), (WITH_CARD.0, WITH_CARD.1.to_owned())];
        if means.return_url.starts_with("http") {
            form.push(("return_url", means.return_url.to_owned()));
        }
        let path = format!("{}/confirm", Self::setup_path(setup)?);
        let key = format!("{}:confirm", setup.setup_id);
        let (status, refused) = match self.api.post::<SetupIntent>(&path, &form, &key).await {
            Ok(answered) => return kept(&answered, &page_of(setup.setup_id)),
            Err(Failed::Refused { status, error }) => (status, error),
            Err(Failed::NotSent) => return Err(error::provider_away(self.name)),
            Err(Failed::Unknown) => {
                // It may have been done all the same.
                return match self.setup(setup).await? {
                    Kept::Processing => Err(error::provider_unavailable(self.name)),
                    known => Ok(known),
                };
            }
        };
        if status == StatusCode::PAYMENT_REQUIRED {
            return Ok(declined(decline::declined(&refused)));
        }
        // Perhaps it was confirmed before, under a key that Stripe has forgotten.
        match self.setup(setup).await? {
            Kept::Processing => {}
            known => return Ok(known),
        }
        log_refused(self.name, status, &refused);
        if is_about_the_token(&refused) {
            return Err(unknown_token());
        }
        Ok(declined(decline::not_taken()))
    }

    async fn find_setup(&self, setup: &SetupAsked<'_>) -> Result<Kept> {
        self.setup(setup).await
    }

    async fn drop_setup(&self, setup: &SetupAsked<'_>) -> Result<Kept> {
        let path = format!("{}/cancel", Self::setup_path(setup)?);
        let key = format!("{}:drop", setup.setup_id);
        match self.api.post::<SetupIntent>(&path, &[], &key).await {
            // Perhaps because the bank has agreed meanwhile.
            Ok(_) | Err(Failed::Refused { .. }) => self.setup(setup).await,
            Err(unknown @ (Failed::NotSent | Failed::Unknown)) => Err(unknown.into_error(self.name)),
        }
    }

    async fn detach(&self, reference: &str) -> Result<()> {
        if !is_id(reference) {
            return Err(Error::internal("a saved method has no name at Stripe"));
        }
        let key = format!("{reference}:detach");
        match self.api.post::<Made>(&format!("payment_methods/{reference}/detach"), &[], &key).await {
            Ok(_) => Ok(()),
            // Perhaps it is kept for nobody any more.
            Err(refused @ Failed::Refused { .. }) => match self.method(reference).await? {
                Some(method) if method.customer.is_some() => Err(refused.into_error(self.name)),
                _ => Ok(()),
            },
            Err(unknown @ (Failed::NotSent | Failed::Unknown)) => Err(unknown.into_error(self.name)),
        }
    }

    async fn forget_customer(&self, reference: &str) -> Result<()> {
        if !is_id(reference) {
            return Err(Error::internal("a customer has no name at Stripe"));
        }
        match self.api.delete::<Made>(&format!("customers/{reference}")).await {
            Ok(_) | Err(Failed::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(()),
            Err(failed) => Err(failed.into_error(self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(fields: &Value) -> Kept {
        let mut all = json!({ "id": "seti_1", "status": "succeeded", "client_secret": "s" });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        kept(&serde_json::from_value(all).unwrap(), "/page").unwrap()
    }

    #[test]
    fn a_setup_says_where_it_stands() {
        let method = json!({ "id": "pm_1", "customer": "cus_1", "card": { "brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2029 } });
        let Kept::Saved(card) = told(&json!({ "payment_method": method })) else { panic!() };
        assert_eq!((card.reference.as_str(), card.last_four.as_str()), ("pm_1", "4242"));
        let at_bank = json!({ "redirect_to_url": { "url": "https://bank.example/3ds" } });
        let waits = |action: Value| told(&json!({ "status": "requires_action", "next_action": action }));
        let url = |kept: Kept| match kept {
            Kept::RequiresAction { url, .. } => url,
            other => panic!("{other:?}"),
        };
        assert_eq!(url(waits(at_bank)), "https://bank.example/3ds");
        assert_eq!(url(waits(json!({ "type": "use_stripe_sdk" }))), "/page");
        let status = "requires_payment_method";
        assert_eq!(told(&json!({ "status": status })), Kept::Processing, "nobody was asked yet");
        let error = json!({ "code": "card_declined", "decline_code": "stolen_card" });
        let Kept::Declined { reason, .. } = told(&json!({ "status": status, "last_setup_error": error }))
        else {
            panic!()
        };
        assert_eq!(reason, "DECLINED");
        let unsaid: SetupIntent = serde_json::from_value(
            json!({ "id": "seti_1", "status": "succeeded", "payment_method": "pm_1" }),
        )
        .unwrap();
        assert!(kept(&unsaid, "").is_err(), "what is kept is to be known");
    }
}
