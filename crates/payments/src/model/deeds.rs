//! What may happen to a payment: stories, and where they come from.

use proptest::prelude::*;

use super::bank::{AMOUNT, Card, Fate};

/// What somebody does.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Authorise,
    Capture {
        reference: u8,
        amount: i64,
    },
    Refund {
        reference: u8,
        amount: i64,
    },
    Void,
    /// The buyer is not to wait for a provider that is away.
    GiveUp,
    Refresh,
    /// The buyer at the bank.
    Decide {
        approve: bool,
    },
    /// The merchant, in the provider's own pages.
    RefundElsewhere {
        amount: i64,
    },
    CaptureElsewhere {
        amount: i64,
    },
    /// One of the messages so far, whether it came before or not.
    Deliver {
        which: prop::sample::Index,
    },
}

/// How a story ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    MessagesCome,
    MessagesAreLost,
}

/// What happens to one payment.
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub(super) card: Card,
    /// Each with the fate of its call, and whether it happens together with the next.
    pub(super) deeds: Vec<(Deed, Fate, bool)>,
    pub(super) end: End,
}

pub(super) fn stories() -> impl Strategy<Value = Story> {
    let card = prop_oneof![3 => Just(Card::Good), 2 => Just(Card::AsksTheBank), 1 => Just(Card::Bad)];
    let end = prop_oneof![Just(End::MessagesCome), Just(End::MessagesAreLost)];
    (card, prop::collection::vec(deeds(), 1..16), end).prop_map(|(card, deeds, end)| Story {
        card,
        deeds,
        end,
    })
}

fn deeds() -> impl Strategy<Value = (Deed, Fate, bool)> {
    // Few amounts, so that a step is often asked for again as it was.
    let amount = || prop::sample::select(vec![10, 40, 60, AMOUNT]);
    let deed = prop_oneof![
        4 => Just(Deed::Authorise),
        4 => (0..2_u8, amount())
            .prop_map(|(reference, amount)| Deed::Capture { reference, amount }),
        3 => (0..2_u8, amount()).prop_map(|(reference, amount)| Deed::Refund { reference, amount }),
        1 => Just(Deed::Void),
        2 => Just(Deed::GiveUp),
        2 => Just(Deed::Refresh),
        2 => any::<bool>().prop_map(|approve| Deed::Decide { approve }),
        1 => amount().prop_map(|amount| Deed::RefundElsewhere { amount }),
        1 => amount().prop_map(|amount| Deed::CaptureElsewhere { amount }),
        4 => any::<prop::sample::Index>().prop_map(|which| Deed::Deliver { which }),
    ];
    let fate = prop_oneof![
        4 => Just(Fate::Answered),
        1 => Just(Fate::NeverArrives),
        3 => Just(Fate::AnswerLost),
        2 => Just(Fate::MessageFirst),
    ];
    (deed, fate, prop::bool::weighted(0.3))
}
