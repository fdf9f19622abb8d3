//! Facts that this service tells. What it hears is in `wallets/leaving.rs`.

use argosy_kernel::Result;
use argosy_platform::bus::NewFact;
use serde::Serialize;

use crate::domain::{Dispute, DisputeMove, Intent};

#[derive(Serialize)]
struct IntentChanged<'a> {
    intent_id: String,
    reference: &'a str,
    state: &'static str,
}

#[derive(Serialize)]
struct DisputeChanged<'a> {
    dispute_id: String,
    intent_id: String,
    reference: &'a str,
    state: &'static str,
    reason: &'a str,
    currency: &'static str,
    amount: i64,
    evidence_due_at_ms: i64,
    moves: Vec<Moved<'a>>,
}

#[derive(Serialize)]
struct Moved<'a> {
    kind: &'static str,
    reference: &'a str,
    amount: i64,
}

impl<'a> From<&'a DisputeMove> for Moved<'a> {
    fn from(one: &'a DisputeMove) -> Self {
        let kind = one.kind.event().trim_start_matches("dispute_");
        Self { kind, reference: &one.reference, amount: one.amount.minor }
    }
}

/// A dispute moved on, with all money that moved for it so far. The sequence is its version.
pub(crate) fn dispute_changed(dispute: &Dispute, moves: &[DisputeMove]) -> Result<NewFact> {
    let data = DisputeChanged {
        dispute_id: dispute.id.to_string(),
        intent_id: dispute.intent_id.to_string(),
        reference: &dispute.reference,
        state: dispute.state.as_str(),
        reason: &dispute.reason,
        currency: dispute.amount.currency.code(),
        amount: dispute.amount.minor,
        evidence_due_at_ms: dispute.evidence_due_at_ms,
        moves: moves.iter().map(Moved::from).collect(),
    };
    NewFact::new("payments.dispute_changed", dispute.id, dispute.version, &data)
}

/// An intent moved on. The sequence is its version.
pub(crate) fn intent_changed(intent: &Intent) -> Result<NewFact> {
    let data = IntentChanged {
        intent_id: intent.id.to_string(),
        reference: &intent.reference,
        state: intent.state.as_str(),
    };
    NewFact::new("payments.intent_changed", intent.id, intent.version, &data)
}
