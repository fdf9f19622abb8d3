//! What Stripe says of a dispute, and what it is told.

use argosy_kernel::{Currency, Error, Result};

use super::{
    amount::from_stripe,
    wire::{BalanceTransaction, Dispute},
};
use crate::domain::{
    Content, DisputeMove, DisputeMoveKind, DisputeReport, DisputeState, Evidence, EvidenceKind, Submitted,
};

/// How a dispute stands.
pub(super) fn report(dispute: &Dispute) -> Result<DisputeReport> {
    let currency: Currency = dispute.currency.to_ascii_uppercase().parse()?;
    let amount = from_stripe(dispute.amount, currency)?;
    let payment = dispute.payment_intent.as_ref();
    let payment = payment.ok_or_else(|| Error::internal("Stripe tells of a dispute without its payment"))?;
    let mut moves = Vec::new();
    for one in &dispute.balance_transactions {
        moves.extend(moves_of(dispute, one, currency)?);
    }
    Ok(DisputeReport {
        provider_reference: dispute.id.clone(),
        payment_reference: payment.id().to_owned(),
        state: state(&dispute.status)?,
        reason: dispute.reason.clone(),
        amount,
        evidence_due_at_ms: dispute.evidence_details.due_by.unwrap_or(0).saturating_mul(1_000),
        submitted: if dispute.evidence_details.submission_count > 0 { Submitted::Yes } else { Submitted::No },
        asked_at_ms: 0,
        moves,
    })
}

fn state(status: &str) -> Result<DisputeState> {
    Ok(match status {
        "warning_needs_response" => DisputeState::Inquiry,
        "warning_under_review" => DisputeState::InquiryUnderReview,
        "warning_closed" | "prevented" => DisputeState::Closed,
        "needs_response" => DisputeState::NeedsResponse,
        "under_review" => DisputeState::UnderReview,
        "won" => DisputeState::Won,
        "lost" => DisputeState::Lost,
        other => return Err(Error::internal(format!("Stripe says that a dispute is '{other}'"))),
    })
}

/// Money is withdrawn and reinstated in the currency that Stripe pays out, which may be another than the buyer's: what the
/// order lost is then the disputed amount, and a fee that is not in its currency cannot be told in it.
fn moves_of(dispute: &Dispute, one: &BalanceTransaction, currency: Currency) -> Result<Vec<DisputeMove>> {
    let is_ours = one.currency.eq_ignore_ascii_case(currency.code());
    let made = |kind, amount: i64| -> Result<Option<DisputeMove>> {
        let amount = amount.checked_abs().ok_or_else(|| Error::internal("Stripe moved too much"))?;
        let amount = from_stripe(amount, currency)?;
        Ok((amount.minor > 0).then(|| DisputeMove { kind, reference: one.id.clone(), amount }))
    };
    let mut moves = Vec::new();
    let amount = if is_ours { one.amount } else { dispute.amount };
    match one.amount {
        0 => {}
        out if out < 0 => moves.extend(made(DisputeMoveKind::Withdrawn, amount)?),
        _ => moves.extend(made(DisputeMoveKind::Reinstated, amount)?),
    }
    match one.fee {
        0 => {}
        _ if !is_ours => {
            tracing::warn!(
                fee = one.fee,
                currency = one.currency,
                "the fee of a dispute is in another currency than its order"
            );
        }
        fee if fee > 0 => moves.extend(made(DisputeMoveKind::Fee, fee)?),
        fee => moves.extend(made(DisputeMoveKind::FeeReturned, fee)?),
    }
    Ok(moves)
}

/// Where Stripe wants a piece of evidence.
pub(super) const fn field_of(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Explanation => "evidence[uncategorized_text]",
        EvidenceKind::ProductDescription => "evidence[product_description]",
        EvidenceKind::ShippingCarrier => "evidence[shipping_carrier]",
        EvidenceKind::TrackingNumber => "evidence[shipping_tracking_number]",
        EvidenceKind::ShippingDate => "evidence[shipping_date]",
        EvidenceKind::RefundPolicy => "evidence[refund_policy_disclosure]",
        EvidenceKind::Receipt => "evidence[receipt]",
        EvidenceKind::Correspondence => "evidence[customer_communication]",
        EvidenceKind::ProofOfDelivery => "evidence[shipping_documentation]",
        EvidenceKind::OtherFile => "evidence[uncategorized_file]",
    }
}

/// A file as the body of a request, and the type of that body. Its boundary is made from the content, which cannot hold it.
pub(super) fn multipart(evidence: &Evidence) -> Option<(String, Vec<u8>)> {
    let Content::File { name, content_type, bytes } = &evidence.content else { return None };
    let boundary = blake3::hash(bytes).to_hex();
    let mut body = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: {content_type}\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Some((format!("multipart/form-data; boundary={boundary}"), body))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(change: &Value) -> Dispute {
        let mut object = json!({
            "id": "dp_1", "status": "needs_response", "reason": "fraudulent", "amount": 1_000, "currency": "eur",
            "payment_intent": "pi_1", "evidence_details": { "due_by": 100, "submission_count": 0 },
            "balance_transactions": [{ "id": "txn_1", "amount": -1_000, "currency": "eur", "fee": 1_500 }],
        });
        for (key, value) in change.as_object().unwrap() {
            object[key] = value.clone();
        }
        serde_json::from_value(object).unwrap()
    }

    fn moves(change: &Value) -> Vec<(&'static str, i64)> {
        let report = report(&told(change)).unwrap();
        report.moves.iter().map(|one| (one.kind.event(), one.amount.minor)).collect()
    }

    #[test]
    fn money_is_withdrawn_with_a_fee_and_comes_back() {
        assert_eq!(moves(&json!({})), [("dispute_withdrawn", 1_000), ("dispute_fee", 1_500)]);
        let back = json!({ "balance_transactions": [
            { "id": "txn_1", "amount": -1_000, "currency": "eur", "fee": 1_500 },
            { "id": "txn_2", "amount": 1_000, "currency": "eur", "fee": -1_500 },
        ] });
        let returned = [("dispute_reinstated", 1_000), ("dispute_fee_returned", 1_500)];
        assert_eq!(moves(&back)[2..], returned);
        let foreign = json!({ "balance_transactions": [
            { "id": "txn_1", "amount": -1_120, "currency": "usd", "fee": 1_500 },
        ] });
        assert_eq!(moves(&foreign), [("dispute_withdrawn", 1_000)], "what the order lost, in its currency");
    }

    #[test]
    fn a_dispute_says_where_it_stands() {
        let one = report(&told(&json!({}))).unwrap();
        assert_eq!(
            (one.state, one.evidence_due_at_ms, one.submitted),
            (DisputeState::NeedsResponse, 100_000, Submitted::No)
        );
        let asked = report(&told(&json!({ "status": "warning_needs_response", "balance_transactions": [] })))
            .unwrap();
        assert_eq!((asked.state, asked.moves.len()), (DisputeState::Inquiry, 0));
        assert!(report(&told(&json!({ "status": "new" }))).is_err());
    }

    #[test]
    fn a_file_is_sent_as_it_is() {
        let file = Evidence::file(EvidenceKind::Receipt, "receipt.pdf", b"%PDF-1.7\r\n--x".to_vec()).unwrap();
        let (content_type, body) = multipart(&file).unwrap();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let body = String::from_utf8(body).unwrap();
        assert!(body.ends_with(&format!("%PDF-1.7\r\n--x\r\n--{boundary}--\r\n")), "{body}");
        assert!(body.contains("name=\"purpose\"\r\n\r\ndispute_evidence\r\n"));
        assert_eq!(multipart(&Evidence::text(EvidenceKind::Explanation, "x").unwrap()), None);
    }
}
