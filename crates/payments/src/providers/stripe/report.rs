//! What a payment intent of Stripe's and its refunds say of a payment.

use argosy_kernel::{Currency, Error, Result};

use super::{
    amount::from_stripe,
    decline::declined,
    wire::{PaymentIntent, Refund},
};
use crate::domain::{Move, MoveKind, Outcome, Report};

/// How a payment stands. `page` is where the buyer goes on if Stripe names no address.
pub(super) fn report(intent: &PaymentIntent, page: &str) -> Result<Report> {
    let currency: Currency = intent.currency.to_ascii_uppercase().parse()?;
    let report = Report::of(&*intent.id, outcome(intent, page)?).of_card(intent.card());
    if intent.status != "succeeded" {
        return Ok(report);
    }
    let charge = intent.latest_charge.as_ref().map_or(&*intent.id, |charge| charge.id());
    let moved = |kind, reference: &str, amount| {
        Ok::<_, Error>(Move {
            kind,
            reference: reference.to_owned(),
            amount: from_stripe(amount, currency)?,
            step: None,
        })
    };
    let received =
        intent.amount_received.ok_or_else(|| Error::internal("Stripe does not say how much was taken"))?;
    let report = report.with([moved(MoveKind::Captured, charge, received)?]);
    match intent.amount - received {
        0 => Ok(report),
        rest => Ok(report.with([moved(MoveKind::Voided, &intent.id, rest)?])),
    }
}

fn outcome(intent: &PaymentIntent, page: &str) -> Result<Outcome> {
    Ok(match intent.status.as_str() {
        "requires_payment_method" => intent.last_payment_error.as_ref().map_or(Outcome::Processing, declined),
        "requires_confirmation" | "processing" => Outcome::Processing,
        "requires_action" => {
            let redirect = intent.next_action.as_ref().and_then(|action| action.redirect_to_url.as_ref());
            let url = redirect.and_then(|redirect| redirect.url.as_deref()).unwrap_or(page);
            Outcome::RequiresAction {
                url: url.to_owned(),
                client_secret: intent.client_secret.clone().unwrap_or_default(),
            }
        }
        "requires_capture" | "succeeded" => Outcome::Authorised,
        "canceled" => Outcome::Voided,
        other => return Err(Error::internal(format!("Stripe says that a payment is '{other}'"))),
    })
}

/// What a refund moved: back and forth, if it failed later.
pub(super) fn moves_of(refund: &Refund, currency: Currency) -> Result<Vec<Move>> {
    let moved = |kind| {
        Ok::<_, Error>(Move {
            kind,
            reference: refund.id.clone(),
            amount: from_stripe(refund.amount, currency)?,
            step: refund.step().map(str::to_owned),
        })
    };
    let mut all = vec![moved(MoveKind::Refunded)?];
    if refund.has_failed() {
        all.push(moved(MoveKind::RefundFailed)?);
    }
    Ok(all)
}

/// The refunds that gave taken money back. When a part is captured, the rest may be let go by a refund of that amount,
/// which nobody asked for: it is counted as what it is, money that was never taken.
pub(super) fn refunds_of(intent: &PaymentIntent, mut refunds: Vec<Refund>) -> Vec<Refund> {
    let rest = intent.amount - intent.amount_received.unwrap_or(intent.amount);
    refunds.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    if rest > 0
        && let Some(place) =
            refunds.iter().position(|refund| refund.step().is_none() && refund.amount == rest)
    {
        refunds.remove(place);
    }
    refunds
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn intent(fields: &Value) -> PaymentIntent {
        let mut all = json!({ "id": "pi_1", "status": "succeeded", "amount": 1_000, "currency": "eur" });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn refund(id: &str, amount: i64, created: i64, step: Option<&str>) -> Refund {
        let metadata = step.map_or(json!({}), |step| json!({ "argosy_step": step }));
        serde_json::from_value(
            json!({ "id": id, "amount": amount, "created": created, "metadata": metadata }),
        )
        .unwrap()
    }

    #[test]
    fn a_payment_that_was_declined_is_told_from_one_that_was_never_confirmed() {
        let new = intent(&json!({ "status": "requires_payment_method" }));
        assert_eq!(report(&new, "").unwrap().outcome, Outcome::Processing);
        let error = json!({ "code": "card_declined", "decline_code": "insufficient_funds" });
        let declined = intent(&json!({ "status": "requires_payment_method", "last_payment_error": error }));
        let Outcome::Declined { reason, .. } = report(&declined, "").unwrap().outcome else { panic!() };
        assert_eq!(reason, "INSUFFICIENT_FUNDS");
    }

    #[test]
    fn that_a_card_is_reported_stolen_is_not_told() {
        let error = json!({ "code": "card_declined", "decline_code": "stolen_card" });
        let declined = intent(&json!({ "status": "requires_payment_method", "last_payment_error": error }));
        let Outcome::Declined { reason, text } = report(&declined, "").unwrap().outcome else { panic!() };
        assert_eq!((reason.as_str(), text.contains("stolen")), ("DECLINED", false));
    }

    #[test]
    fn an_action_leads_to_the_bank_or_to_our_own_page() {
        let at_bank = json!({ "redirect_to_url": { "url": "https://bank.example/3ds" } });
        let url = |action: Value| {
            let waits =
                intent(&json!({ "status": "requires_action", "next_action": action, "client_secret": "s" }));
            match report(&waits, "/page").unwrap().outcome {
                Outcome::RequiresAction { url, client_secret } => (url, client_secret),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(url(at_bank), ("https://bank.example/3ds".to_owned(), "s".to_owned()));
        assert_eq!(url(json!({ "type": "use_stripe_sdk" })), ("/page".to_owned(), "s".to_owned()));
    }

    #[test]
    fn what_a_partial_capture_lets_go_is_no_refund() {
        let part = intent(&json!({ "amount_received": 600, "latest_charge": "ch_1" }));
        let kinds: Vec<_> =
            report(&part, "").unwrap().moves.iter().map(|one| (one.kind, one.amount.minor)).collect();
        assert_eq!(kinds, [(MoveKind::Captured, 600), (MoveKind::Voided, 400)]);
        let refunds = vec![
            refund("re_3", 400, 30, None),
            refund("re_2", 400, 20, Some("return-1")),
            refund("re_1", 400, 10, None),
        ];
        let counted: Vec<_> = refunds_of(&part, refunds).into_iter().map(|refund| refund.id).collect();
        assert_eq!(counted, ["re_2", "re_3"], "the one that came with the capture is none");
    }
}
