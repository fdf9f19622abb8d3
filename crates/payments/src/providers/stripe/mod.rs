//! Cards through Stripe.
//!
//! A payment is made known first and confirmed then: what Stripe calls it is written down before a card is charged, so
//! after a crash it is found without the buyer's token, which nobody keeps. Confirming in one request would save a
//! round trip, and lose payments whose answer is lost. A payment intent of Stripe's cannot be confirmed twice, whatever
//! becomes of keys after the day that Stripe remembers them.

mod amount;
mod api;
mod config;
mod decline;
mod dispute;
mod report;
mod saving;
mod webhook;
mod wire;

use std::{collections::HashMap, sync::Arc};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Clock, Error, IntentId, Result};
use argosy_platform::outgoing::StatusCode;
use async_trait::async_trait;

pub use self::config::StripeConfig;
use self::{
    amount::to_stripe,
    api::{Api, Failed, log_refused},
    report::{moves_of, refunds_of, report},
    webhook::Signatures,
    wire::{ApiError, Dispute as WireDispute, List, Made, PaidWith, PaymentIntent, Refund},
};
use super::{Means, Message, Payment, Prepared, Provider, Saving, Step};
use crate::{
    domain::{Content, Dispute, DisputeReport, Evidence, MoveKind, Movement, Outcome, Report, Stepped},
    error,
};

pub(super) const NAME: &str = "stripe";
/// A second account, for when the first one's does not answer.
pub(super) const BACKUP: &str = "stripe_backup";
/// So that the card comes with the answer, instead of its name only.
const WITH_CARD: (&str, &str) = ("expand[]", "payment_method");
/// More refunds of one payment are not looked at.
const REFUNDS_MAX: &str = "100";

pub(super) struct Stripe {
    name: &'static str,
    api: Api,
    publishable_key: String,
    signatures: Signatures,
    clock: Arc<dyn Clock>,
}

impl Stripe {
    /// `None` without keys. `name` is the provider's, and where its settings are.
    pub(super) fn start(
        name: &'static str,
        config: &StripeConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>> {
        if !config.is_on(name)? {
            return Ok(None);
        }
        let Some(secret_key) = config.secret_key.clone() else { return Ok(None) };
        let secrets = config.webhook_secrets();
        if secrets.is_empty() {
            tracing::warn!(
                payment.provider = name,
                "webhook_secret is not set: who closes the browser at the bank has to come back by themselves"
            );
        }
        Ok(Some(Self {
            name,
            api: Api::new(name, config, secret_key, Arc::clone(&clock))?,
            publishable_key: config.publishable_key.clone().unwrap_or_default(),
            signatures: Signatures::new(&secrets, config.webhook_tolerance_s),
            clock,
        }))
    }

    async fn get(&self, payment: &Payment<'_>) -> Result<PaymentIntent, Failed> {
        self.api.get(&path_of(payment), &[]).await
    }

    async fn report(&self, payment: &Payment<'_>) -> Result<Report> {
        let intent = self.get(payment).await.map_err(|failed| failed.into_error(self.name))?;
        report(&intent, &page_of(payment.intent_id))
    }

    async fn refunds(&self, payment: &Payment<'_>) -> Result<Vec<Refund>> {
        let query =
            [("payment_intent", payment.provider_reference.to_owned()), ("limit", REFUNDS_MAX.to_owned())];
        let list: List<Refund> =
            self.api.get("refunds", &query).await.map_err(|failed| failed.into_error(self.name))?;
        Ok(list.data)
    }

    /// Gives Stripe a file, and answers its name there.
    async fn upload(&self, dispute: &Dispute, evidence: &Evidence) -> Result<String> {
        let Some((content_type, body)) = dispute::multipart(evidence) else {
            return Err(Error::internal("only a file can be uploaded"));
        };
        let key = format!("{}:file:{}", dispute.id, Evidence::digest_of(std::slice::from_ref(evidence)));
        match self.api.upload::<Made>(&content_type, body, &key).await {
            Ok(made) => Ok(made.id),
            Err(Failed::Refused { status, error }) => {
                log_refused(self.name, status, &error);
                Err(error::evidence_refused())
            }
            Err(unknown @ (Failed::NotSent | Failed::Unknown)) => Err(unknown.into_error(self.name)),
        }
    }

    async fn capture(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        let form = [("amount_to_capture", to_stripe(step.amount)?.to_string())];
        let path = format!("{}/capture", path_of(payment));
        match self.api.post::<PaymentIntent>(&path, &form, &step.key).await {
            Ok(intent) => {
                let mut report = report(&intent, "")?;
                let taken = report.moves.iter_mut().filter(|one| one.kind == MoveKind::Captured);
                taken.for_each(|one| one.step = Some(step.reference.to_owned()));
                Ok(Stepped::Done(report))
            }
            Err(Failed::Refused { status, error }) => {
                // Perhaps because it was done before, under a key that Stripe has forgotten.
                let report = self.report(payment).await?;
                if !report.moves.is_empty() {
                    return Ok(Stepped::Done(report));
                }
                log_refused(self.name, status, &error);
                let reason = error.code.unwrap_or_else(|| "CAPTURE_REFUSED".to_owned());
                Ok(refused(reason))
            }
            Err(unknown @ (Failed::NotSent | Failed::Unknown)) => Err(unknown.into_error(self.name)),
        }
    }

    async fn refund(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        let currency = payment.amount.currency;
        let done = |refund: &Refund| {
            let report = Report::of(payment.provider_reference, Outcome::Authorised);
            Ok(Stepped::Done(report.with(moves_of(refund, currency)?)))
        };
        // A key is remembered for a day, and this may be asked again after a week.
        let made = self.refunds(payment).await?;
        if let Some(refund) = made.iter().find(|refund| refund.step() == Some(step.reference)) {
            return done(refund);
        }
        let form = [
            ("payment_intent", payment.provider_reference.to_owned()),
            ("amount", to_stripe(step.amount)?.to_string()),
            ("metadata[argosy_intent]", payment.intent_id.to_string()),
            ("metadata[argosy_step]", step.reference.to_owned()),
        ];
        match self.api.post::<Refund>("refunds", &form, &step.key).await {
            Ok(refund) if refund.has_failed() => Ok(refused("REFUND_FAILED".to_owned())),
            Ok(refund) => done(&refund),
            Err(Failed::Refused { status, error }) => {
                log_refused(self.name, status, &error);
                let reason = error.code.unwrap_or_else(|| "REFUND_REFUSED".to_owned());
                Ok(refused(reason))
            }
            Err(unknown @ (Failed::NotSent | Failed::Unknown)) => Err(unknown.into_error(self.name)),
        }
    }
}

fn refused(reason: String) -> Stepped {
    Stepped::Refused { reason, text: "Stripe refuses it".to_owned() }
}

fn path_of(payment: &Payment<'_>) -> String {
    format!("payment_intents/{}", payment.provider_reference)
}

/// The shop's page from which Stripe's script goes on, where Stripe names no address for that.
fn page_of(intent_id: IntentId) -> String {
    format!("/checkout/card/{intent_id}")
}

fn is_about_the_token(error: &ApiError) -> bool {
    error.param.as_deref() == Some("payment_method")
}

fn unknown_token() -> Error {
    error::invalid_token("is no payment method of this shop's account at Stripe")
}

/// An id of Stripe's is part of an address.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[async_trait]
impl Provider for Stripe {
    /// While Stripe does not answer, buyers are offered the other ways to pay.
    fn methods(&self) -> Vec<PaymentMethod> {
        if self.api.is_away() {
            return Vec::new();
        }
        vec![PaymentMethod {
            provider: self.name.to_owned(),
            method: "card".to_owned(),
            title: "Card".to_owned(),
            description: "Credit or debit card.".to_owned(),
            public_key: self.publishable_key.clone(),
            ..PaymentMethod::default()
        }]
    }

    fn method_of(&self, token: &str) -> Result<String> {
        if is_id(token)
            && (token.starts_with("pm_") || token.starts_with("src_") || token.starts_with("card_"))
        {
            return Ok("card".to_owned());
        }
        Err(error::invalid_token("must be a payment method of Stripe's, pm_…"))
    }

    async fn prepare(&self, payment: &Payment<'_>, means: &Means<'_>) -> Result<Prepared> {
        let mut form = vec![
            ("amount", to_stripe(payment.amount)?.to_string()),
            ("currency", payment.amount.currency.code().to_ascii_lowercase()),
            ("capture_method", "manual".to_owned()),
            ("payment_method_types[]", "card".to_owned()),
            ("metadata[argosy_intent]", payment.intent_id.to_string()),
            ("metadata[argosy_reference]", payment.reference.to_owned()),
            // Nothing is confirmed by that; the answer has the card's fingerprint, without another request.
            ("payment_method", means.token.to_owned()),
            (WITH_CARD.0, WITH_CARD.1.to_owned()),
        ];
        if !means.customer.is_empty() {
            form.push(("customer", means.customer.to_owned()));
        }
        if means.remembers {
            form.push(("setup_future_usage", "on_session".to_owned()));
        }
        // Not the key of releases that sent no payment method: a key stands for one request.
        let key = format!("{}:prepare", payment.intent_id);
        let made: PaymentIntent =
            self.api.post("payment_intents", &form, &key).await.map_err(|failed| match failed {
                Failed::Refused { error, .. } if is_about_the_token(&error) => unknown_token(),
                failed => failed.into_error(self.name),
            })?;
        if !is_id(&made.id) {
            return Err(error::provider_unavailable(self.name));
        }
        Ok(Prepared { card: made.card(), reference: Some(made.id) })
    }

    async fn authorise(&self, payment: &Payment<'_>, means: Means<'_>) -> Result<Report> {
        let page = page_of(payment.intent_id);
        let mut form = vec![("payment_method", means.token.to_owned())];
        if means.return_url.starts_with("http") {
            form.push(("return_url", means.return_url.to_owned()));
        }
        let (path, key) = (format!("{}/confirm", path_of(payment)), format!("{}:confirm", payment.intent_id));
        let (status, refused) = match self.api.post::<PaymentIntent>(&path, &form, &key).await {
            Ok(intent) => return report(&intent, &page),
            Err(Failed::Refused { status, error }) => (status, error),
            Err(Failed::NotSent) => return Err(error::provider_away(self.name)),
            Err(Failed::Unknown) => {
                // It may have been done all the same; if Stripe does not know yet, nobody does.
                let report = self.report(payment).await?;
                let is_known = report.outcome != Outcome::Processing;
                return if is_known { Ok(report) } else { Err(error::provider_unavailable(self.name)) };
            }
        };
        if status == StatusCode::PAYMENT_REQUIRED {
            let card = refused.payment_method.as_deref().and_then(PaidWith::fingerprint);
            let outcome = decline::declined(&refused);
            return Ok(Report::of(payment.provider_reference, outcome).of_card(card));
        }
        // Perhaps it was confirmed before, under a key that Stripe has forgotten, or let go meanwhile.
        let report = self.report(payment).await?;
        if report.outcome != Outcome::Processing {
            return Ok(report);
        }
        log_refused(self.name, status, &refused);
        if is_about_the_token(&refused) {
            return Err(unknown_token());
        }
        Ok(Report::of(payment.provider_reference, decline::not_taken()))
    }

    async fn find(&self, payment: &Payment<'_>) -> Result<Option<Report>> {
        if payment.provider_reference.is_empty() {
            // It was not confirmed before its name was written down.
            return Ok(None);
        }
        let intent = self.get(payment).await.map_err(|failed| failed.into_error(self.name))?;
        let mut report = report(&intent, &page_of(payment.intent_id))?;
        if !report.moves.is_empty() {
            for refund in refunds_of(&intent, self.refunds(payment).await?) {
                report.moves.extend(moves_of(&refund, payment.amount.currency)?);
            }
        }
        Ok(Some(report))
    }

    async fn step(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        match step.movement {
            Movement::Capture => self.capture(payment, step).await,
            Movement::Refund => self.refund(payment, step).await,
        }
    }

    async fn void(&self, payment: &Payment<'_>) -> Result<Report> {
        if payment.provider_reference.is_empty() {
            // Nothing is confirmed before its name is written down, and a payment that is let go is given none.
            return Ok(Report::of("", Outcome::Voided));
        }
        let (path, key) = (format!("{}/cancel", path_of(payment)), format!("{}:void", payment.intent_id));
        match self.api.post::<PaymentIntent>(&path, &[], &key).await {
            Ok(intent) => report(&intent, ""),
            // Perhaps because it is let go already, or because it is taken.
            Err(Failed::Refused { .. }) => self.report(payment).await,
            Err(unknown @ (Failed::NotSent | Failed::Unknown)) => Err(unknown.into_error(self.name)),
        }
    }

    async fn find_dispute(&self, dispute_reference: &str) -> Result<DisputeReport> {
        let found: WireDispute = self
            .api
            .get(&format!("disputes/{dispute_reference}"), &[])
            .await
            .map_err(|failed| failed.into_error(self.name))?;
        dispute::report(&found)
    }

    async fn submit_evidence(&self, dispute: &Dispute, evidence: &[Evidence]) -> Result<DisputeReport> {
        let mut form = Vec::new();
        for one in evidence {
            let value = match &one.content {
                Content::Text(text) => text.clone(),
                Content::File { .. } => self.upload(dispute, one).await?,
                Content::Erased => continue,
            };
            form.push((dispute::field_of(one.kind), value));
        }
        form.push(("submit", "true".to_owned()));
        let path = format!("disputes/{}", dispute.provider_reference);
        // What is sent is part of the key: after a refusal it may be mended and sent again.
        let key = format!("{}:submit:{}", dispute.id, Evidence::digest_of(evidence));
        match self.api.post::<WireDispute>(&path, &form, &key).await {
            Ok(answered) => dispute::report(&answered),
            Err(Failed::Refused { status, error }) => {
                log_refused(self.name, status, &error);
                Err(error::evidence_refused())
            }
            Err(unknown @ (Failed::NotSent | Failed::Unknown)) => Err(unknown.into_error(self.name)),
        }
    }

    fn saving(&self) -> Option<&dyn Saving> {
        Some(self)
    }

    async fn read_message(&self, headers: &HashMap<String, String>, body: &[u8]) -> Result<Message> {
        let signature = headers.get("stripe-signature").map(String::as_str);
        self.signatures.check(signature, body, self.clock.now())?;
        webhook::read(body, page_of)
    }
}
