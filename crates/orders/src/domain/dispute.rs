//! A dispute of an order's payment, as `payments` tells of it.

use argosy_kernel::{DisputeId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use super::Entry;

/// What is known of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dispute {
    pub(crate) id: DisputeId,
    pub(crate) order_id: OrderId,
    /// The word of `payments`.
    pub(crate) state: String,
    pub(crate) reason: String,
    /// In the order's currency.
    pub(crate) amount: i64,
    pub(crate) evidence_due_at_ms: i64,
    /// All that moved so far.
    pub(crate) moves: Vec<DisputeMoved>,
    pub(crate) version: i64,
    pub(crate) at: Timestamp,
}

/// Money that moved for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DisputeMoved {
    pub(crate) kind: DisputeMove,
    /// The provider's name for it.
    pub(crate) reference: String,
    pub(crate) amount: i64,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeMove {
    Withdrawn,
    Reinstated,
    Fee,
    FeeReturned,
}

impl Dispute {
    /// The entries of its money; those that are written already are known by their references.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entry = |one: &DisputeMoved| {
            let kind = match one.kind {
                DisputeMove::Withdrawn => "withdrawn",
                DisputeMove::Reinstated => "reinstated",
                DisputeMove::Fee => "fee",
                DisputeMove::FeeReturned => "fee_returned",
            };
            Entry::disputed(format!("dispute:{}:{kind}:{}", self.id, one.reference), one.kind, one.amount)
        };
        self.moves.iter().map(entry).collect()
    }

    /// What of it is lost for good, as it stands.
    pub(crate) fn lost(&self) -> i64 {
        let sum =
            |kind| -> i64 { self.moves.iter().filter(|one| one.kind == kind).map(|one| one.amount).sum() };
        match self.state.as_str() {
            "lost" => sum(DisputeMove::Withdrawn) - sum(DisputeMove::Reinstated),
            _ => 0,
        }
    }

    /// What staff read among the order's events.
    pub(crate) fn told(&self) -> String {
        let what = match self.state.as_str() {
            "inquiry" => "The buyer's bank asks about the payment",
            "inquiry_under_review" => "The buyer's bank looks at what was said about the payment",
            "closed" => "The buyer's bank asks about the payment no more",
            "needs_response" => "The payment is disputed",
            "under_review" => "The buyer's bank looks at the evidence about the payment",
            "won" => "The dispute of the payment is won",
            "lost" => "The dispute of the payment is lost",
            other => other,
        };
        if self.reason.is_empty() { format!("{what}.") } else { format!("{what} ({}).", self.reason) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Account, Ledger, Parts};

    fn dispute(state: &str, moves: &[(DisputeMove, i64)]) -> Dispute {
        let one = |(kind, amount): &(DisputeMove, i64)| DisputeMoved {
            kind: *kind,
            reference: format!("txn_{kind:?}"),
            amount: *amount,
        };
        Dispute {
            id: DisputeId::new(),
            order_id: OrderId::new(),
            state: state.to_owned(),
            reason: "fraudulent".to_owned(),
            amount: 1_000,
            evidence_due_at_ms: 0,
            moves: moves.iter().map(one).collect(),
            version: 1,
            at: Timestamp::from_millis(0),
        }
    }

    fn paid() -> Ledger {
        let mut ledger = Ledger::default();
        let goods = Parts { value: 1_000, tax: 160, ..Parts::default() };
        ledger.post(&Entry::charged("opening".into(), goods, Parts::default()).unwrap()).unwrap();
        ledger.post(&Entry::paid("capture".into(), 1_000)).unwrap();
        ledger
    }

    #[test]
    fn law_1_what_is_withdrawn_is_not_given_back_again_and_the_buyer_owes_none_of_it() {
        let lost = dispute("lost", &[(DisputeMove::Withdrawn, 1_000), (DisputeMove::Fee, 1_500)]);
        let mut ledger = paid();
        lost.entries().iter().for_each(|entry| ledger.post(entry).unwrap());
        assert_eq!((ledger.refundable(), ledger.due(), ledger.balance(Account::Disputed)), (0, 0, 1_000));
        ledger.post(&Entry::charged_back("lost".into(), lost.lost())).unwrap();
        let balance = |account| ledger.balance(account);
        assert_eq!((balance(Account::Disputed), balance(Account::ChargedBack)), (0, 1_000));
        assert_eq!((balance(Account::Withdrawn), balance(Account::DisputeFees)), (-2_500, 1_500));
        assert_eq!((ledger.refundable(), ledger.due(), balance(Account::Paid)), (0, 0, 1_000));
    }

    #[test]
    fn law_1_what_is_won_is_there_again() {
        let moves = [
            (DisputeMove::Withdrawn, 1_000),
            (DisputeMove::Fee, 1_500),
            (DisputeMove::Reinstated, 1_000),
            (DisputeMove::FeeReturned, 1_500),
        ];
        let won = dispute("won", &moves);
        let mut ledger = paid();
        won.entries().iter().for_each(|entry| ledger.post(entry).unwrap());
        assert_eq!((ledger.refundable(), ledger.balance(Account::Withdrawn), won.lost()), (1_000, 0, 0));
    }
}
