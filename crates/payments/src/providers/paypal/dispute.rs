//! What PayPal says of a dispute.

use std::collections::HashMap;

use argosy_kernel::{Error, Money, Result, Timestamp};

use super::wire::{Amount, Dispute, DisputeEvidence, MoneyMovement, Order};
use crate::domain::{DisputeMove, DisputeMoveKind, DisputeReport, DisputeState, Submitted};

const INQUIRY: &str = "INQUIRY";
const ASKED: &str = "REQUESTED_FROM_SELLER";
const GIVEN: &str = "SUBMITTED_BY_SELLER";

/// How a dispute of the payment that PayPal calls so stands.
pub(super) fn report(dispute: &Dispute, payment_reference: &str) -> Result<DisputeReport> {
    let amount = dispute.amount.read()?;
    let moves = moves(dispute, amount)?;
    let state = state(dispute, &moves)?;
    let (submitted, asked_at_ms) = answered(dispute, state);
    Ok(DisputeReport {
        provider_reference: dispute.id.clone(),
        payment_reference: payment_reference.to_owned(),
        state,
        reason: dispute.reason.to_ascii_lowercase(),
        amount,
        evidence_due_at_ms: dispute.seller_response_due_date.map_or(0, Timestamp::as_millis),
        submitted,
        asked_at_ms,
        moves,
    })
}

/// The capture that is disputed; of several the first.
pub(super) fn capture(dispute: &Dispute) -> Result<&str> {
    let mut disputed = dispute.disputed_transactions.iter();
    let capture = disputed.find_map(|one| one.seller_transaction_id.as_deref());
    capture.ok_or_else(|| Error::internal("PayPal tells of a dispute without its transaction"))
}

/// In an inquiry buyer and seller talk; then it is a claim, which PayPal or a bank decides.
fn state(dispute: &Dispute, moves: &[DisputeMove]) -> Result<DisputeState> {
    let is_inquiry = dispute.stage.as_deref() == Some(INQUIRY);
    Ok(match dispute.status.as_str() {
        "RESOLVED" => decided(dispute, moves)?,
        "OPEN" | "WAITING_FOR_SELLER_RESPONSE" if is_inquiry => DisputeState::Inquiry,
        "WAITING_FOR_BUYER_RESPONSE" | "UNDER_REVIEW" | "OTHER" if is_inquiry => {
            DisputeState::InquiryUnderReview
        }
        "WAITING_FOR_SELLER_RESPONSE" => DisputeState::NeedsResponse,
        "OPEN" | "WAITING_FOR_BUYER_RESPONSE" | "UNDER_REVIEW" | "OTHER" => DisputeState::UnderReview,
        other => return Err(Error::internal(format!("PayPal says that a dispute is '{other}'"))),
    })
}

/// Some outcomes do not say who paid for them; then the money does.
fn decided(dispute: &Dispute, moves: &[DisputeMove]) -> Result<DisputeState> {
    let sum = |kind| -> i64 { moves.iter().filter(|one| one.kind == kind).map(|one| one.amount.minor).sum() };
    let is_taken = sum(DisputeMoveKind::Withdrawn) > sum(DisputeMoveKind::Reinstated);
    let unless_taken = |state| if is_taken { DisputeState::Lost } else { state };
    let outcome = dispute.outcome.as_ref().and_then(|outcome| outcome.outcome_code.as_deref());
    Ok(match outcome {
        Some("RESOLVED_BUYER_FAVOUR" | "ACCEPTED") => DisputeState::Lost,
        Some("RESOLVED_SELLER_FAVOUR" | "DENIED") => DisputeState::Won,
        Some("RESOLVED_WITH_PAYOUT") => unless_taken(DisputeState::Won),
        Some("CANCELED_BY_BUYER" | "NONE") | None => unless_taken(DisputeState::Closed),
        Some(other) => return Err(Error::internal(format!("PayPal resolved a dispute as '{other}'"))),
    })
}

/// Whether what PayPal asked for last was given, and since when it asks otherwise. It may ask several times, and a claim
/// asks anew for what was given in the inquiry before.
fn answered(dispute: &Dispute, state: DisputeState) -> (Submitted, i64) {
    let is_of_now = |one: &&DisputeEvidence| one.stage.is_none() || one.stage == dispute.stage;
    let given = || dispute.evidences.iter().filter(|one| one.source == GIVEN);
    let asked_at =
        dispute.evidences.iter().filter(|one| one.source == ASKED).filter_map(|one| one.date).max();
    let given_at = given().filter(is_of_now).filter_map(|one| one.date).max();
    let changed_at = dispute.update_time.or(dispute.create_time);
    let asks_since = if given().any(|one| is_of_now(&one)) {
        asked_at.filter(|asked| given_at.is_some_and(|given| *asked > given))
    } else {
        asked_at.max(changed_at)
    };
    match asks_since.filter(|_| state.may_answer()) {
        Some(at) => (Submitted::No, at.as_millis()),
        None if given().next().is_some() || has_written(dispute) => (Submitted::Yes, 0),
        None => (Submitted::No, 0),
    }
}

/// In an inquiry the buyer is answered, by a message.
fn has_written(dispute: &Dispute) -> bool {
    dispute.stage.as_deref() == Some(INQUIRY) && dispute.messages.iter().any(|one| one.posted_by == "SELLER")
}

/// What moved on the seller's account. PayPal's account may be in another currency than the order: what the order lost is
/// then the disputed amount, and a fee cannot be told in its currency.
fn moves(dispute: &Dispute, disputed: Money) -> Result<Vec<DisputeMove>> {
    let mut moves = Vec::new();
    let mut alike = HashMap::new();
    for one in dispute.money_movements.iter().filter(|one| one.affected_party == "SELLER") {
        let Some(amount) = &one.amount else { continue };
        let amount = amount.read()?;
        if amount.is_zero() {
            continue;
        }
        if amount.is_negative() {
            return Err(Error::internal("PayPal moved less than nothing"));
        }
        // They have no names. The n-th of those that are alike is the same one whenever, and in whatever order, it is told.
        let nth = alike.entry((&one.direction, &one.reason, amount.minor, amount.currency)).or_insert(0);
        *nth += 1;
        let kind = kind_of(one)?;
        let is_fee = matches!(kind, DisputeMoveKind::Fee | DisputeMoveKind::FeeReturned);
        let is_ours = amount.currency == disputed.currency;
        if is_fee && !is_ours {
            tracing::warn!(%amount, "the fee of a dispute is in another currency than its order");
            continue;
        }
        let (minor, code) = (amount.minor, amount.currency.code());
        let reference = format!("{}-{}-{code}{minor}-{nth}", dispute.id, one.reason);
        moves.push(DisputeMove { kind, reference, amount: if is_ours { amount } else { disputed } });
    }
    Ok(moves)
}

fn kind_of(one: &MoneyMovement) -> Result<DisputeMoveKind> {
    Ok(match (one.direction.as_str(), one.reason.ends_with("_FEE")) {
        ("DEBIT", false) => DisputeMoveKind::Withdrawn,
        ("CREDIT", false) => DisputeMoveKind::Reinstated,
        ("DEBIT", true) => DisputeMoveKind::Fee,
        ("CREDIT", true) => DisputeMoveKind::FeeReturned,
        (other, _) => return Err(Error::internal(format!("PayPal moved money by '{other}'"))),
    })
}

/// A dispute may be settled by a refund that the order shows too. What is counted there as given back is not counted here
/// as withdrawn as well: a refund that the shop did not ask for, made since the dispute began, of what the buyer got.
pub(super) fn without_refunds(
    mut report: DisputeReport,
    dispute: &Dispute,
    order: &Order,
) -> Result<DisputeReport> {
    let is_of_dispute = |made: Option<Timestamp>| made.is_none() || made >= dispute.create_time;
    let unasked = order.refunds().iter().filter(|part| part.custom_id.is_none() && part.has_moved());
    let mut refunded = Vec::new();
    for part in unasked.filter(|part| is_of_dispute(part.made_at())) {
        refunded.extend(part.amount.as_ref().map(Amount::read).transpose()?);
    }
    let credits = dispute.money_movements.iter();
    let credits = credits.filter(|one| one.affected_party == "BUYER" && one.direction == "CREDIT");
    for one in credits {
        let Some(amount) = &one.amount else { continue };
        let amount = amount.read()?;
        let Some(place) = refunded.iter().position(|made| *made == amount) else { continue };
        refunded.swap_remove(place);
        if let Some(place) = report.moves.iter().position(|one| one.kind == DisputeMoveKind::Withdrawn) {
            report.moves.remove(place);
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(change: &Value) -> Dispute {
        let mut object = json!({
            "dispute_id": "PP-D-1", "status": "WAITING_FOR_SELLER_RESPONSE", "dispute_life_cycle_stage": "CHARGEBACK",
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
            "dispute_amount": { "currency_code": "EUR", "value": "10.00" },
            "create_time": "2026-06-01T10:00:00.000Z", "update_time": "2026-06-01T10:00:00.926Z",
            "seller_response_due_date": "2026-06-11T06:59:59.000Z",
            "disputed_transactions": [{ "buyer_transaction_id": "B1", "seller_transaction_id": "CAP-1" }],
        });
        for (key, value) in change.as_object().unwrap() {
            object[key] = value.clone();
        }
        serde_json::from_value(object).unwrap()
    }

    fn reported(change: &Value) -> DisputeReport {
        report(&told(change), "ORDER1").unwrap()
    }

    fn movement(party: &str, direction: &str, reason: &str, value: &str, currency: &str) -> Value {
        json!({ "affected_party": party, "type": direction, "reason": reason,
                "amount": { "currency_code": currency, "value": value }, "initiated_time": "2026-06-09T10:00:00.000Z" })
    }

    #[test]
    fn a_dispute_says_where_it_stands() {
        let one = reported(&json!({}));
        assert_eq!((one.provider_reference.as_str(), one.payment_reference.as_str()), ("PP-D-1", "ORDER1"));
        assert_eq!(one.reason, "merchandise_or_service_not_received");
        assert_eq!((one.amount.minor, one.evidence_due_at_ms), (1_000, 1_781_161_199_000));
        assert_eq!(capture(&told(&json!({}))).unwrap(), "CAP-1");
        assert!(capture(&told(&json!({ "disputed_transactions": [] }))).is_err());
        let state = |stage: &str, status: &str| {
            reported(&json!({ "dispute_life_cycle_stage": stage, "status": status })).state
        };
        for status in ["OPEN", "WAITING_FOR_SELLER_RESPONSE"] {
            assert_eq!(state("INQUIRY", status), DisputeState::Inquiry, "{status}");
        }
        for status in ["WAITING_FOR_BUYER_RESPONSE", "UNDER_REVIEW", "OTHER"] {
            assert_eq!(state("INQUIRY", status), DisputeState::InquiryUnderReview, "{status}");
        }
        for stage in ["CHARGEBACK", "PRE_ARBITRATION", "ARBITRATION"] {
            assert_eq!(state(stage, "WAITING_FOR_SELLER_RESPONSE"), DisputeState::NeedsResponse, "{stage}");
            for status in ["OPEN", "WAITING_FOR_BUYER_RESPONSE", "UNDER_REVIEW", "OTHER"] {
                assert_eq!(state(stage, status), DisputeState::UnderReview, "{stage} {status}");
            }
        }
        assert!(report(&told(&json!({ "status": "NEW" })), "ORDER1").is_err());
    }

    #[test]
    fn an_outcome_that_does_not_say_who_paid_is_read_from_the_money() {
        let state = |outcome: Value, moved: Value| {
            let change =
                json!({ "status": "RESOLVED", "dispute_outcome": outcome, "money_movements": moved });
            report(&told(&change), "ORDER1").map(|report| report.state)
        };
        let coded = |code: &str, moved: Value| state(json!({ "outcome_code": code }), moved).unwrap();
        let taken = json!([movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT", "10.00", "EUR")]);
        for code in ["RESOLVED_BUYER_FAVOUR", "ACCEPTED"] {
            assert_eq!(coded(code, json!([])), DisputeState::Lost, "{code}");
        }
        for code in ["RESOLVED_SELLER_FAVOUR", "DENIED"] {
            assert_eq!(coded(code, json!([])), DisputeState::Won, "{code}");
        }
        for (code, else_state) in [
            ("RESOLVED_WITH_PAYOUT", DisputeState::Won),
            ("CANCELED_BY_BUYER", DisputeState::Closed),
            ("NONE", DisputeState::Closed),
        ] {
            assert_eq!(coded(code, json!([])), else_state, "{code}");
            assert_eq!(coded(code, taken.clone()), DisputeState::Lost, "{code}");
        }
        assert_eq!(state(Value::Null, json!([])).unwrap(), DisputeState::Closed);
        assert!(state(json!({ "outcome_code": "SPLIT" }), json!([])).is_err());
    }

    #[test]
    fn money_that_has_no_name_is_named_alike_whenever_it_is_told() {
        let moves = |all: &[Value]| {
            let told = reported(&json!({ "money_movements": all })).moves;
            let mut told: Vec<_> =
                told.into_iter().map(|one| (one.kind.event(), one.amount.minor, one.reference)).collect();
            told.sort();
            told
        };
        let buyer = movement("BUYER", "CREDIT", "DISPUTE_SETTLEMENT", "100.00", "EUR");
        let out = movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT", "96.02", "EUR");
        let fee = movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT_FEE", "0.49", "EUR");
        let back = movement("SELLER", "CREDIT", "DISPUTE_SETTLEMENT", "96.02", "EUR");
        let fee_back = movement("SELLER", "CREDIT", "CHARGEBACK_FEE", "0.49", "EUR");
        let first = moves(&[buyer.clone(), out.clone(), fee.clone()]);
        assert_eq!(
            first,
            [
                ("dispute_fee", 49, "PP-D-1-DISPUTE_SETTLEMENT_FEE-EUR49-1".to_owned()),
                ("dispute_withdrawn", 9_602, "PP-D-1-DISPUTE_SETTLEMENT-EUR9602-1".to_owned()),
            ]
        );
        let all = moves(&[fee_back, back, out.clone(), fee, buyer, out]);
        assert_eq!(all.len(), 5);
        assert!(first.iter().all(|one| all.contains(one)), "{all:?}");
        let kinds: Vec<_> = all.iter().map(|(kind, minor, _)| (*kind, *minor)).collect();
        assert!(
            kinds.contains(&("dispute_reinstated", 9_602)) && kinds.contains(&("dispute_fee_returned", 49))
        );
        assert!(all.iter().any(|one| one.2.ends_with("EUR9602-2")), "two that are alike are two: {all:?}");
        for (direction, value) in [("UP", "1.00"), ("DEBIT", "-1.00")] {
            let wrong = json!({ "money_movements": [movement("SELLER", direction, "X", value, "EUR")] });
            assert!(report(&told(&wrong), "ORDER1").is_err());
        }
    }

    #[test]
    fn an_account_in_another_currency_loses_what_is_disputed() {
        let moves = reported(&json!({ "money_movements": [
            movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT", "11.20", "USD"),
            movement("SELLER", "DEBIT", "DISPUTE_FEE", "20.00", "USD"),
        ] }))
        .moves;
        let told: Vec<_> = moves.iter().map(|one| (one.kind, one.amount.to_string())).collect();
        assert_eq!(told, [(DisputeMoveKind::Withdrawn, "10.00 EUR".to_owned())]);
    }

    #[test]
    fn what_was_asked_for_last_is_answered_or_not() {
        let evidence = |source: &str, at: &str, stage: &str| {
            json!({ "evidence_type": "OTHER", "source": source, "date": format!("2026-06-0{at}T00:00:00.000Z"),
                    "dispute_life_cycle_stage": stage })
        };
        let answered = |status: &str, all: &[Value]| {
            let told = reported(&json!({ "status": status, "evidences": all }));
            (told.submitted, told.asked_at_ms)
        };
        let day = |day: i64| 1_780_272_000_000 + (day - 1) * 86_400_000;
        let waits = "WAITING_FOR_SELLER_RESPONSE";
        let changed = "2026-06-01T10:00:00.926Z".parse::<Timestamp>().unwrap().as_millis();
        assert_eq!(answered(waits, &[]), (Submitted::No, changed));
        let asked = evidence(ASKED, "2", "CHARGEBACK");
        let given = evidence(GIVEN, "3", "CHARGEBACK");
        assert_eq!(answered(waits, std::slice::from_ref(&asked)), (Submitted::No, day(2)));
        assert_eq!(answered(waits, &[asked.clone(), given.clone()]), (Submitted::Yes, 0));
        assert_eq!(answered("UNDER_REVIEW", &[asked.clone(), given.clone()]), (Submitted::Yes, 0));
        assert_eq!(answered("UNDER_REVIEW", std::slice::from_ref(&asked)), (Submitted::No, 0));
        let again = [asked.clone(), given, evidence(ASKED, "5", "CHARGEBACK")];
        assert_eq!(answered(waits, &again), (Submitted::No, day(5)));
        let in_the_inquiry = [evidence(GIVEN, "1", "INQUIRY"), asked];
        assert_eq!(answered(waits, &in_the_inquiry), (Submitted::No, day(2)), "the claim asks anew");
        let written = |stage: &str, status: &str| {
            let messages = json!([{ "posted_by": "SELLER", "content": "It is on its way." }]);
            reported(&json!({ "dispute_life_cycle_stage": stage, "status": status, "messages": messages }))
                .submitted
        };
        assert_eq!(written("INQUIRY", "WAITING_FOR_BUYER_RESPONSE"), Submitted::Yes);
        assert_eq!(written("INQUIRY", waits), Submitted::No, "there is more to say");
        assert_eq!(written("CHARGEBACK", "UNDER_REVIEW"), Submitted::No, "PayPal was told nothing");
    }

    #[test]
    fn what_is_given_back_by_a_refund_is_not_withdrawn_as_well() {
        let dispute = told(&json!({ "money_movements": [
            movement("BUYER", "CREDIT", "DISPUTE_SETTLEMENT", "10.00", "EUR"),
            movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT", "9.60", "EUR"),
        ] }));
        let left = |refunds: Value| {
            let order = json!({ "id": "ORDER1", "status": "COMPLETED",
                                "purchase_units": [{ "payments": { "refunds": refunds } }] });
            let report = report(&dispute, "ORDER1").unwrap();
            without_refunds(report, &dispute, &serde_json::from_value(order).unwrap()).unwrap().moves.len()
        };
        let refund = |value: &str, custom_id: Option<&str>, at: &str| {
            json!([{ "id": "R1", "status": "COMPLETED", "amount": { "currency_code": "EUR", "value": value },
                     "custom_id": custom_id, "create_time": at }])
        };
        let (before, since) = ("2026-05-30T00:00:00Z", "2026-06-09T10:00:00Z");
        assert_eq!(left(json!([])), 1);
        assert_eq!(left(refund("10.00", None, since)), 0);
        assert_eq!(left(refund("10.00", Some("return_1"), since)), 1, "the shop asked for it");
        assert_eq!(left(refund("10.00", None, before)), 1, "it was made before");
        assert_eq!(left(refund("4.00", None, since)), 1, "it is another one");
    }
}
