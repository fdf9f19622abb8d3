//! PayPal: the buyer goes there, approves, and comes back; only then can money be held.
//!
//! Its notifications are not believed: one only says which payment or dispute to ask about, and PayPal's answer to that is
//! what counts. So there is no secret to keep for them, and a forged one costs a question.

mod api;
mod config;
mod dispute;
mod evidence;
mod wire;

use std::{collections::HashMap, sync::Arc};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Clock, Money, Result, Timestamp};
use argosy_platform::outgoing::StatusCode;
use async_trait::async_trait;
use serde_json::{Value, json};

pub use self::config::PaypalConfig;
use self::{
    api::{Api, Failed},
    evidence::Multipart,
    wire::{Amount, Dispute as WireDispute, Notification, Order, Part},
};
use super::{Means, Message, Payment, Prepared, Provider, Step};
use crate::{
    domain::{
        Dispute, DisputeReport, Evidence, Move, MoveKind, Movement, Outcome, Report, Stepped, Submitted,
    },
    error,
};

pub(super) const NAME: &str = "paypal";
/// The only token there is: the buyer shows who they are at PayPal.
const TOKEN: &str = "paypal";

pub(super) struct Paypal {
    api: Api,
}

impl Paypal {
    /// `None` without keys.
    pub(super) fn start(config: &PaypalConfig, clock: Arc<dyn Clock>) -> Result<Option<Self>> {
        let Some(keys) = config.keys()? else { return Ok(None) };
        Ok(Some(Self { api: Api::new(config, keys, clock)? }))
    }

    async fn order(&self, payment: &Payment<'_>) -> Result<Order, Failed> {
        self.api.get(&path_of(payment)).await
    }

    /// The money of an order that the buyer has approved is held.
    async fn hold(&self, payment: &Payment<'_>) -> Result<Report> {
        let key = format!("{}:authorise", payment.intent_id);
        match self.api.post::<Order>(&format!("{}/authorize", path_of(payment)), &json!({}), &key).await {
            Ok(order) => order.report(),
            Err(Failed::Refused { issue, .. }) => {
                let present = self.order(payment).await.map_err(Failed::into_error)?.report()?;
                if present.outcome != Outcome::Processing {
                    return Ok(present);
                }
                tracing::info!(intent.id = %payment.intent_id, issue, "PayPal holds no money");
                let text = "PayPal did not accept the payment. Please pay in another way.".to_owned();
                let outcome = Outcome::Declined { reason: "DECLINED".to_owned(), text };
                Ok(Report::of(payment.provider_reference, outcome))
            }
            Err(unknown @ Failed::Unknown) => Err(unknown.into_error()),
        }
    }

    async fn capture(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        let order = self.order(payment).await.map_err(Failed::into_error)?;
        let Some(authorisation) = order.authorisation() else {
            return Ok(refused("NOT_AUTHORISED"));
        };
        let path = format!("/v2/payments/authorizations/{}/capture", authorisation.id);
        let body = json!({ "amount": Amount::from(step.amount), "final_capture": false });
        self.moved(payment, step, &path, &body, MoveKind::Captured).await
    }

    /// An amount goes back of one capture; one that was taken in parts goes back in parts.
    async fn refund(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        let order = self.order(payment).await.map_err(Failed::into_error)?;
        if let Some(made) =
            order.refunds().iter().find(|part| part.custom_id.as_deref() == Some(step.reference))
        {
            return done(payment, step, made, MoveKind::Refunded);
        }
        for capture in order.captures().iter().filter(|part| part.status != "REFUNDED") {
            let path = format!("/v2/payments/captures/{}/refund", capture.id);
            let body = json!({ "amount": Amount::from(step.amount), "custom_id": step.reference });
            let stepped = self.moved(payment, step, &path, &body, MoveKind::Refunded).await?;
            if matches!(stepped, Stepped::Done(_)) {
                return Ok(stepped);
            }
        }
        Ok(refused("REFUND_REFUSED"))
    }

    async fn moved(
        &self,
        payment: &Payment<'_>,
        step: &Step<'_>,
        path: &str,
        body: &Value,
        kind: MoveKind,
    ) -> Result<Stepped> {
        // Of several captures each is another request.
        let key = format!("{}@{path}", step.key);
        match self.api.post::<Part>(path, body, &key).await {
            Ok(part) if matches!(part.status.as_str(), "DECLINED" | "FAILED" | "CANCELLED") => {
                Ok(refused(&part.status))
            }
            Ok(part) => done(payment, step, &part, kind),
            Err(Failed::Refused { issue, .. }) => Ok(refused(&issue)),
            Err(unknown @ Failed::Unknown) => Err(unknown.into_error()),
        }
    }

    async fn dispute(&self, reference: &str) -> Result<WireDispute> {
        if !is_id(reference) {
            return Err(error::dispute_not_found(reference));
        }
        self.api.get(&path_of_dispute(reference)).await.map_err(|failed| match failed {
            Failed::Refused { status: StatusCode::NOT_FOUND, .. } => error::dispute_not_found(reference),
            failed @ (Failed::Refused { .. } | Failed::Unknown) => failed.into_error(),
        })
    }

    /// A dispute names a capture, and payments are known by their orders. Of a transaction that has none, which was not
    /// made by this shop, the capture's name has to do: nobody knows it.
    async fn report(&self, dispute: &WireDispute) -> Result<DisputeReport> {
        let capture = dispute::capture(dispute)?;
        let Some(order) = self.order_of(capture).await? else { return dispute::report(dispute, capture) };
        let report = dispute::report(dispute, &order)?;
        if report.moves.is_empty() {
            return Ok(report);
        }
        let order: Order =
            self.api.get(&format!("/v2/checkout/orders/{order}")).await.map_err(Failed::into_error)?;
        dispute::without_refunds(report, dispute, &order)
    }

    async fn order_of(&self, capture: &str) -> Result<Option<String>> {
        if !is_id(capture) {
            return Ok(None);
        }
        match self.api.get::<Part>(&format!("/v2/payments/captures/{capture}")).await {
            Ok(capture) => Ok(capture.order_id().filter(|id| is_id(id)).map(str::to_owned)),
            Err(Failed::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(None),
            Err(failed @ (Failed::Refused { .. } | Failed::Unknown)) => Err(failed.into_error()),
        }
    }

    /// Sends evidence where PayPal asks for it. In an inquiry in which it asks for none, the buyer is answered.
    async fn answer(&self, dispute: &Dispute, found: &WireDispute, evidence: &[Evidence]) -> Result<()> {
        // What is sent is part of the key, and so is how the dispute stood: PayPal may ask for the same again.
        let stood = found.update_time.map_or(0, Timestamp::as_millis);
        let key = format!("{}:{}@{stood}", dispute.id, Evidence::digest_of(evidence));
        if found.offers("provide-evidence") {
            let body = Multipart::new(&evidence::evidences(evidence), evidence);
            return self.say(found, "provide-evidence", body, &key).await;
        }
        if !found.offers("send-message") {
            tracing::warn!(dispute.id = %dispute.id, status = found.status, "PayPal takes no evidence now");
            return Err(error::evidence_refused());
        }
        let messages = evidence::messages(evidence, found);
        for (place, message) in messages.iter().enumerate() {
            let files = if place == 0 { evidence } else { &[] };
            let body = Multipart::new(&json!({ "message": message }), files);
            self.say(found, "send-message", body, &format!("{key}:{place}")).await?;
        }
        Ok(())
    }

    async fn say(&self, found: &WireDispute, action: &str, body: Multipart, key: &str) -> Result<()> {
        let path = format!("{}/{action}", path_of_dispute(&found.id));
        match self.api.upload::<Value>(&path, body, key).await {
            Ok(_) => Ok(()),
            Err(Failed::Refused { status, issue }) => {
                tracing::error!(
                    payment.provider = NAME,
                    http.status = status.as_u16(),
                    issue,
                    "evidence is refused"
                );
                Err(error::evidence_refused())
            }
            Err(unknown @ Failed::Unknown) => Err(unknown.into_error()),
        }
    }
}

/// A part that was made for a step.
fn done(payment: &Payment<'_>, step: &Step<'_>, part: &Part, kind: MoveKind) -> Result<Stepped> {
    let made = part.moved(kind)?.map(|one| Move { step: Some(step.reference.to_owned()), ..one });
    Ok(Stepped::Done(Report::of(payment.provider_reference, Outcome::Authorised).with(made)))
}

fn refused(reason: &str) -> Stepped {
    Stepped::Refused { reason: reason.to_owned(), text: "PayPal refuses it".to_owned() }
}

fn path_of(payment: &Payment<'_>) -> String {
    format!("/v2/checkout/orders/{}", payment.provider_reference)
}

fn path_of_dispute(reference: &str) -> String {
    format!("/v1/customer/disputes/{reference}")
}

/// An id of PayPal's is part of an address.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// PayPal takes these in whole units, whatever ISO 4217 says.
const WHOLE: [&str; 3] = ["HUF", "JPY", "TWD"];

fn check(amount: Money) -> Result<()> {
    let unit =
        if WHOLE.contains(&amount.currency.code()) { 10_i64.pow(amount.currency.exponent()) } else { 1 };
    if amount.minor % unit == 0 && amount.currency.exponent() <= 2 {
        return Ok(());
    }
    let text = format!("{amount} cannot be paid with PayPal");
    Err(argosy_kernel::Error::precondition("AMOUNT_NOT_PAYABLE", text)
        .with_field("/amount", "is finer than the provider takes"))
}

#[async_trait]
impl Provider for Paypal {
    /// While PayPal does not answer, buyers are offered the other ways to pay.
    fn methods(&self) -> Vec<PaymentMethod> {
        if self.api.is_away() {
            return Vec::new();
        }
        vec![PaymentMethod {
            provider: NAME.to_owned(),
            method: TOKEN.to_owned(),
            title: "PayPal".to_owned(),
            description: "You go on to PayPal and come back.".to_owned(),
            public_key: String::new(),
            ..PaymentMethod::default()
        }]
    }

    fn method_of(&self, token: &str) -> Result<String> {
        match token {
            TOKEN => Ok(TOKEN.to_owned()),
            _ => Err(error::invalid_token("must be paypal for provider 'paypal'")),
        }
    }

    async fn prepare(&self, payment: &Payment<'_>, means: &Means<'_>) -> Result<Prepared> {
        check(payment.amount)?;
        let body = json!({
            "intent": "AUTHORIZE",
            "purchase_units": [{
                "reference_id": "1",
                "custom_id": payment.intent_id.to_string(),
                "amount": Amount::from(payment.amount),
            }],
            "payment_source": { "paypal": { "experience_context": {
                "return_url": means.return_url,
                "cancel_url": means.return_url,
                "user_action": "PAY_NOW",
                "shipping_preference": "NO_SHIPPING",
            } } },
        });
        let key = format!("{}:create", payment.intent_id);
        let made: Order =
            self.api.post("/v2/checkout/orders", &body, &key).await.map_err(Failed::into_error)?;
        if is_id(&made.id) {
            // What the buyer pays with there, PayPal does not tell.
            Ok(Prepared { reference: Some(made.id), card: None })
        } else {
            Err(error::provider_unavailable(NAME))
        }
    }

    async fn authorise(&self, payment: &Payment<'_>, _means: Means<'_>) -> Result<Report> {
        match self.find(payment).await {
            Ok(report) => report.ok_or_else(|| error::provider_unavailable(NAME)),
            // Nobody has been told yet where to approve it.
            Err(error) if error.is_transient() => Err(error::provider_away(NAME)),
            Err(error) => Err(error),
        }
    }

    /// What the buyer has approved there is held now, if it is still wanted here.
    async fn find(&self, payment: &Payment<'_>) -> Result<Option<Report>> {
        if payment.provider_reference.is_empty() {
            return Ok(None);
        }
        let order = self.order(payment).await.map_err(Failed::into_error)?;
        if order.status == "APPROVED" && order.authorisation().is_none() && payment.state.is_open() {
            return self.hold(payment).await.map(Some);
        }
        order.report().map(Some)
    }

    async fn step(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        match step.movement {
            Movement::Capture => self.capture(payment, step).await,
            Movement::Refund => self.refund(payment, step).await,
        }
    }

    /// An order that is not approved holds nothing and ends by itself; nobody here holds its money later.
    async fn void(&self, payment: &Payment<'_>) -> Result<Report> {
        if payment.provider_reference.is_empty() {
            return Ok(Report::of("", Outcome::Voided));
        }
        let order = self.order(payment).await.map_err(Failed::into_error)?;
        let Some(authorisation) = order.authorisation() else {
            return Ok(Report::of(payment.provider_reference, Outcome::Voided));
        };
        if authorisation.status != "CREATED" {
            return order.report();
        }
        let path = format!("/v2/payments/authorizations/{}/void", authorisation.id);
        match self.api.post::<Value>(&path, &json!({}), &format!("{}:void", payment.intent_id)).await {
            Ok(_) => Ok(Report::of(payment.provider_reference, Outcome::Voided)),
            // Perhaps because it is let go already, or because it is taken.
            Err(Failed::Refused { .. }) => self.order(payment).await.map_err(Failed::into_error)?.report(),
            Err(unknown @ Failed::Unknown) => Err(unknown.into_error()),
        }
    }

    async fn find_dispute(&self, dispute_reference: &str) -> Result<DisputeReport> {
        let found = self.dispute(dispute_reference).await?;
        self.report(&found).await
    }

    /// PayPal promises no effect of a key here, so what it has is looked at before anything is sent.
    async fn submit_evidence(&self, dispute: &Dispute, evidence: &[Evidence]) -> Result<DisputeReport> {
        let found = self.dispute(&dispute.provider_reference).await?;
        let report = self.report(&found).await?;
        if report.submitted == Submitted::Yes {
            return Ok(report);
        }
        self.answer(dispute, &found, evidence).await?;
        self.find_dispute(&dispute.provider_reference).await
    }

    async fn read_message(&self, _headers: &HashMap<String, String>, body: &[u8]) -> Result<Message> {
        let told: Notification = serde_json::from_slice(body).map_err(error::invalid_message)?;
        if let Some(dispute_reference) = told.resource.dispute_id {
            let is_known = is_id(&dispute_reference);
            return Ok(if is_known { Message::Disputed { dispute_reference } } else { Message::Ignored });
        }
        let related = told.resource.supplementary_data.and_then(|data| data.related_ids.order_id);
        let about = related.or(told.resource.id).filter(|id| is_id(id));
        Ok(about.map_or(Message::Ignored, |provider_reference| Message::AskAbout { provider_reference }))
    }
}
