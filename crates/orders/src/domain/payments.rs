//! The payments of one purchase: one of all, or several of parts.

use argosy_kernel::IntentId;
use serde::{Deserialize, Serialize};

use super::{Balance, BalanceState, Order, PaymentStatus, Step, StepKind};

/// The provider whose payments hold what is on a card, and no more.
pub(crate) const GIFT_CARD: &str = "gift_card";

/// A payment of a purchase: all of it, or a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) intent_id: IntentId,
    pub(crate) provider: String,
    /// Minor units. Decided before anything is held, so that whoever goes on holds as much.
    pub(crate) amount: i64,
    /// What tells it from others: the last letters of a gift card's code.
    #[serde(default)]
    pub(crate) hint: String,
    /// Where its token is in the request, among those of the parts; none: beside the main provider.
    #[serde(default)]
    pub(crate) place: Option<usize>,
    /// The buyer pays it by hand, and it is not taken when the order is placed.
    #[serde(default)]
    pub(crate) by_hand: bool,
}

/// A payment of an order, and what was moved by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) part: Part,
    pub(crate) taken: i64,
    /// Given back, or about to be.
    pub(crate) returned: i64,
}

impl Moved {
    /// What can be given back by it.
    pub(crate) const fn left(&self) -> i64 {
        self.taken - self.returned
    }
}

/// What was moved by each payment of an order.
///
/// Steps of an order of one payment name none, like those of earlier releases.
pub(crate) fn moved_by(order: &Order, steps: &[Step]) -> Vec<Moved> {
    let sum = |intent: IntentId, kind: StepKind, states: &[&str]| -> i64 {
        let of_it = steps.iter().filter(|step| {
            step.kind == kind
                && states.contains(&step.state.as_str())
                && step.intent_id.or(order.intent_id) == Some(intent)
        });
        of_it.map(|step| step.amount).sum()
    };
    let moved = |part: &Part| Moved {
        taken: match order.payment_status {
            PaymentStatus::Authorised => 0,
            _ if part.by_hand => sum(part.intent_id, StepKind::Capture, &["done"]),
            PaymentStatus::Captured | PaymentStatus::Pending => part.amount,
        },
        returned: sum(part.intent_id, StepKind::Refund, &["open", "done"]),
        part: part.clone(),
    };
    if order.payments.is_empty() {
        order.intent_id.iter().map(|intent| moved(&unknown(*intent, order, steps))).collect()
    } else {
        order.payments.iter().map(moved).collect()
    }
}

/// The same with what was paid of what was due after the sale, the latest last.
pub(crate) fn all_moved(order: &Order, steps: &[Step], balances: &[Balance]) -> Vec<Moved> {
    let returned = |intent: IntentId| -> i64 {
        let of_it = steps.iter().filter(|step| {
            step.kind == StepKind::Refund && step.state != "refused" && step.intent_id == Some(intent)
        });
        of_it.map(|step| step.amount).sum()
    };
    let paid = balances.iter().filter(|balance| balance.state == BalanceState::Paid);
    moved_by(order, steps)
        .into_iter()
        .chain(paid.map(|balance| balance.moved(returned(balance.id))))
        .collect()
}

/// The payment of an order of a release that did not keep it.
fn unknown(intent_id: IntentId, order: &Order, steps: &[Step]) -> Part {
    let is_awaited = order.payment_status == PaymentStatus::Pending;
    Part {
        intent_id,
        provider: String::new(),
        amount: order.total().map(|total| total.minor).unwrap_or_default(),
        hint: String::new(),
        place: None,
        by_hand: is_awaited
            || steps.iter().any(|step| matches!(step.kind, StepKind::Capture | StepKind::Void)),
    }
}

/// By which payments an amount goes back, in which order: by the last one first, since the buyer knows it best, and by gift
/// cards after all others, since what a buyer paid in money they expect in money. Each gives back no more than it took.
pub(crate) fn distribute(moved: &[Moved], amount: i64) -> Vec<(IntentId, i64)> {
    let (cards, others): (Vec<&Moved>, Vec<&Moved>) =
        moved.iter().rev().partition(|one| one.part.provider == GIFT_CARD);
    let mut left = amount;
    let mut shares = Vec::new();
    for one in others.into_iter().chain(cards) {
        let share = one.left().min(left);
        if share > 0 {
            shares.push((one.part.intent_id, share));
            left -= share;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paid(provider: &str, taken: i64, returned: i64) -> Moved {
        let part = Part {
            intent_id: IntentId::new(),
            provider: provider.to_owned(),
            amount: taken,
            hint: String::new(),
            place: None,
            by_hand: false,
        };
        Moved { part, taken, returned }
    }

    #[test]
    fn money_goes_back_by_the_last_payment_first_and_by_gift_cards_after_all_others() {
        let moved = [paid("gift_card", 500, 0), paid("paypal", 300, 0), paid("test", 1_000, 900)];
        let id = |place: usize| moved[place].part.intent_id;
        assert_eq!(distribute(&moved, 50), [(id(2), 50)]);
        assert_eq!(distribute(&moved, 250), [(id(2), 100), (id(1), 150)]);
        assert_eq!(distribute(&moved, 900), [(id(2), 100), (id(1), 300), (id(0), 500)]);
    }

    proptest! {
        #[test]
        fn law_1_what_goes_back_is_all_that_was_asked_and_by_none_more_than_it_took(
            taken in prop::collection::vec((0..9_000i64, any::<bool>()), 1..6),
            asked in 0..50_000i64,
        ) {
            let provider = |is_card: &bool| if *is_card { GIFT_CARD } else { "test" };
            let moved: Vec<Moved> =
                taken.iter().map(|(amount, is_card)| paid(provider(is_card), *amount, 0)).collect();
            let all: i64 = taken.iter().map(|(amount, _)| amount).sum();
            let shares = distribute(&moved, asked.min(all));
            prop_assert_eq!(shares.iter().map(|(_, share)| share).sum::<i64>(), asked.min(all));
            for (intent, share) in shares {
                let of = moved.iter().find(|one| one.part.intent_id == intent).unwrap();
                prop_assert!(share > 0 && share <= of.left());
            }
        }
    }
}
