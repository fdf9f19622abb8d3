//! Messages of Stripe's: their signature, and what they are about.
//!
//! <https://docs.stripe.com/webhooks#verify-manually>

use argosy_kernel::{Result, Timestamp};
use ring::hmac;

use super::{
    is_id,
    report::report,
    wire::{Charge, Event, Made, PaymentIntent, Refund},
};
use crate::{error, providers::Message};

/// What messages are checked with.
pub(super) struct Signatures {
    keys: Vec<hmac::Key>,
    tolerance_ms: i64,
}

impl Signatures {
    pub(super) fn new(secrets: &[&str], tolerance_s: u32) -> Self {
        let key = |secret: &&str| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self { keys: secrets.iter().map(key).collect(), tolerance_ms: i64::from(tolerance_s) * 1_000 }
    }

    /// Refuses what Stripe has not signed, or not just now: somebody may have recorded it.
    pub(super) fn check(&self, header: Option<&str>, body: &[u8], now: Timestamp) -> Result<()> {
        if self.keys.is_empty() {
            tracing::error!("a message of Stripe's cannot be checked: set payments.stripe.webhook_secret");
        }
        let header = header.ok_or_else(|| error::invalid_signature("it has no Stripe-Signature"))?;
        let (mut time, mut signatures) = (None, Vec::new());
        for part in header.split(',') {
            match part.trim().split_once('=') {
                Some(("t", text)) => time = Some(text),
                Some(("v1", text)) => signatures.extend(data_encoding::HEXLOWER.decode(text.as_bytes()).ok()),
                _ => {}
            }
        }
        let time = time.ok_or_else(|| error::invalid_signature("its signature has no time"))?;
        let signed = [time.as_bytes(), b".", body].concat();
        // In a time that does not depend on where they differ.
        let is_signed = self
            .keys
            .iter()
            .any(|key| signatures.iter().any(|signature| hmac::verify(key, &signed, signature).is_ok()));
        if !is_signed {
            return Err(error::invalid_signature("its signature is wrong"));
        }
        let age_ms = time
            .parse::<i64>()
            .ok()
            .and_then(|seconds| seconds.checked_mul(1_000))
            .and_then(|at| now.as_millis().checked_sub(at))
            .ok_or_else(|| error::invalid_signature("its time is none"))?;
        if age_ms.abs() > self.tolerance_ms {
            return Err(error::invalid_signature("it is too old, or the clocks differ"));
        }
        Ok(())
    }
}

/// What a message is about. One about money that went back, or about a charge, only says that there is something to be
/// asked: it does not tell all that there is to know.
pub(super) fn read(body: &[u8], page: impl Fn(argosy_kernel::IntentId) -> String) -> Result<Message> {
    let event: Event = serde_json::from_slice(body).map_err(error::invalid_message)?;
    let object = event.data.object;
    tracing::debug!(event.id, event.kind, "Stripe tells");
    let kind = event.kind.as_str();
    if kind.starts_with("payment_intent.") {
        let intent: PaymentIntent = serde_json::from_value(object).map_err(error::invalid_message)?;
        return match intent.intent_id() {
            Some(_) if intent.status == "succeeded" && intent.amount_received.is_none() => {
                Ok(Message::AskAbout { provider_reference: intent.id })
            }
            Some(intent_id) => {
                let report = report(&intent, &page(intent_id))?;
                Ok(Message::Says { intent_id, report })
            }
            None => Ok(Message::Ignored),
        };
    }
    if kind.starts_with("setup_intent.") {
        let setup: Made = serde_json::from_value(object).map_err(error::invalid_message)?;
        if !is_id(&setup.id) {
            return Err(error::invalid_message("its setup has no name"));
        }
        return Ok(Message::SetUp { setup_reference: setup.id });
    }
    if kind.starts_with("charge.dispute.") {
        let dispute: Made = serde_json::from_value(object).map_err(error::invalid_message)?;
        if !is_id(&dispute.id) {
            return Err(error::invalid_message("its dispute has no name"));
        }
        return Ok(Message::Disputed { dispute_reference: dispute.id });
    }
    let payment = if kind.starts_with("refund.") || kind == "charge.refund.updated" {
        serde_json::from_value::<Refund>(object).map_err(error::invalid_message)?.payment_intent
    } else if kind.starts_with("charge.") {
        serde_json::from_value::<Charge>(object).map_err(error::invalid_message)?.payment_intent
    } else {
        None
    };
    Ok(payment.map_or(Message::Ignored, |payment| Message::AskAbout {
        provider_reference: payment.id().to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;
    const NOW_S: i64 = 1_780_315_200;

    fn signed(secret: &str, at_s: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signed = [format!("{at_s}.").as_bytes(), body].concat();
        data_encoding::HEXLOWER.encode(hmac::sign(&key, &signed).as_ref())
    }

    fn check(secrets: &[&str], header: &str) -> Result<()> {
        let now = Timestamp::from_millis(NOW_S * 1_000);
        Signatures::new(secrets, 300).check(Some(header), BODY, now)
    }

    #[test]
    fn a_signature_is_the_one_of_the_specification() {
        // Computed with another implementation: printf '1780315200.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_1
        let known = include_str!("signature.txt").trim();
        assert!(check(&["whsec_1"], &format!("t={NOW_S},v1={known}")).is_ok());
    }

    #[test]
    fn what_stripe_has_not_signed_is_refused() {
        let good = signed("whsec_1", NOW_S, BODY);
        assert!(check(&["whsec_1"], &format!("t={NOW_S},v1={good}")).is_ok());
        assert!(check(&["whsec_1"], &format!("t={NOW_S},v1=00,v1={good},v0=1")).is_ok(), "one of several");
        assert!(
            check(&["whsec_2", "whsec_1"], &format!("t={NOW_S},v1={good}")).is_ok(),
            "while one replaces another"
        );
        let other = signed("whsec_1", NOW_S, b"{}");
        for wrong in [
            format!("t={NOW_S},v1={other}"),
            format!("t={NOW_S},v0={good}"),
            format!("t={},v1={good}", NOW_S + 1),
            format!("v1={good}"),
            format!("t={NOW_S}"),
            format!("t={NOW_S},v1="),
            String::new(),
        ] {
            assert_eq!(check(&["whsec_1"], &wrong).unwrap_err().reason(), "INVALID_SIGNATURE", "{wrong}");
        }
        assert!(check(&["whsec_2"], &format!("t={NOW_S},v1={good}")).is_err());
        assert!(check(&[], &format!("t={NOW_S},v1={good}")).is_err(), "nothing to check with");
    }

    #[test]
    fn an_old_message_is_refused_and_one_from_the_future_too() {
        for (at, is_good) in [
            (NOW_S - 300, true),
            (NOW_S - 301, false),
            (NOW_S + 300, true),
            (NOW_S + 301, false),
            (i64::MAX, false),
        ] {
            let header = format!("t={at},v1={}", signed("whsec_1", at, BODY));
            assert_eq!(check(&["whsec_1"], &header).is_ok(), is_good, "{at}");
        }
    }

    #[test]
    fn what_is_none_of_our_concern_is_passed_over() {
        let read = |text: &str| read(text.as_bytes(), |_| String::new());
        let foreign = r#"{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":
            {"id":"pi_1","status":"succeeded","amount":1,"currency":"eur","metadata":{}}}}"#;
        assert!(matches!(read(foreign).unwrap(), Message::Ignored));
        let other = r#"{"id":"evt_1","type":"customer.created","data":{"object":{"id":"cus_1"}}}"#;
        assert!(matches!(read(other).unwrap(), Message::Ignored));
        let refunded =
            r#"{"id":"evt_1","type":"charge.refunded","data":{"object":{"payment_intent":"pi_1"}}}"#;
        assert!(matches!(read(refunded).unwrap(), Message::AskAbout { .. }));
        assert_eq!(read("{").err().unwrap().reason(), "INVALID_MESSAGE");
    }
}
