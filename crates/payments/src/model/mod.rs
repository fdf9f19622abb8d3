//! Any order of what buyer, merchant, provider, messages and crashes do: money is never taken twice, and in the end our
//! sums are the provider's.
//!
//! The provider is a model with books of its own, and so is what may happen to each call: it never arrives, its answer
//! is lost (we time out, or die before we write it down), a message overtakes it. All else is the real service on a
//! real database.

mod bank;

use std::sync::{Arc, PoisonError};

use argosy_kernel::{Currency, IntentId, Money, Result};
use argosy_testkit::TestHost;
use proptest::prelude::*;

use self::bank::{AMOUNT, Bank, Card, Fate, declined};
use crate::{
    DATABASE, PaymentsConfig,
    domain::{Intent, MoveKind, Movement, Outcome, State},
    payer::Payer,
    providers::{Means, Providers},
    store::{NewIntent, OpenStep, Store},
};

/// What somebody does.
#[derive(Debug, Clone)]
enum Deed {
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

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

struct World {
    bank: Arc<Bank>,
    payer: Payer,
    test: TestHost,
}

impl World {
    async fn start() -> Self {
        let test = TestHost::new();
        let bank = Arc::new(Bank::default());
        let mut providers = Providers::new();
        providers.insert("bank", Arc::new(Arc::clone(&bank)));
        let store = Store::new(test.host.database(DATABASE).await.unwrap(), test.host.clock());
        let payer = Payer::new(store, providers, &PaymentsConfig::default()).unwrap();
        assert!(bank.payer.set(payer.clone()).is_ok());
        Self { bank, payer, test }
    }

    async fn opened(&self, id: IntentId) -> Result<Intent> {
        let new = NewIntent { id, provider: "bank", method: "card", reference: "chk_1", amount: eur(AMOUNT) };
        self.payer.store().open(new, State::Processing).await
    }

    /// What it comes to is no matter here: it may be refused, or not be known.
    async fn does(&self, id: IntentId, deed: &Deed) -> Result<()> {
        match deed {
            Deed::Authorise => {
                let means = Means { token: "t", return_url: "" };
                self.payer.authorise(self.opened(id).await?, means).await?;
            }
            Deed::Capture { reference, amount } => {
                self.step(id, Movement::Capture, format!("order-{reference}"), *amount).await?;
            }
            Deed::Refund { reference, amount } => {
                self.step(id, Movement::Refund, format!("return-{reference}"), *amount).await?;
            }
            Deed::Void => {
                let intent = self.opened(id).await?;
                if intent.state.may_void() {
                    self.payer.void(intent).await?;
                }
            }
            Deed::GiveUp => {
                let intent = self.opened(id).await?;
                if intent.state.may_void() {
                    let intent = self.payer.void_even_if_away(intent).await?;
                    assert!(intent.state.is_over(), "nobody waits: {intent:?}");
                }
            }
            Deed::Refresh => drop(self.payer.refresh(self.opened(id).await?).await?),
            Deed::Decide { approve } => self.bank.with(id, |charge| {
                let may_decide = match charge.outcome {
                    Some(Outcome::RequiresAction { .. }) => true,
                    Some(Outcome::Declined { .. }) => charge.asks_the_buyer,
                    _ => false,
                };
                if may_decide {
                    charge.outcome = Some(if *approve { Outcome::Authorised } else { declined() });
                    charge.message(id);
                }
            }),
            Deed::RefundElsewhere { amount } => self.elsewhere(id, Movement::Refund, *amount),
            Deed::CaptureElsewhere { amount } => self.elsewhere(id, Movement::Capture, *amount),
            Deed::Deliver { which } => {
                let message = self.bank.with(id, |charge| {
                    (!charge.messages.is_empty()).then(|| which.get(&charge.messages).clone())
                });
                if let Some(message) = message {
                    self.payer.heard(self.opened(id).await?, &message).await?;
                }
            }
        }
        Ok(())
    }

    fn elsewhere(&self, id: IntentId, movement: Movement, amount: i64) {
        self.bank.with(id, |charge| {
            let key = format!("elsewhere-{}-{id}", charge.moves.len());
            if charge.step(movement, eur(amount), &key, None) {
                charge.message(id);
            }
        });
    }

    async fn step(&self, id: IntentId, movement: Movement, reference: String, amount: i64) -> Result<()> {
        let step = OpenStep { intent_id: id, movement, reference, amount: eur(amount) };
        self.payer.take_or_give(self.opened(id).await?, &step).await.map(drop)
    }

    fn check(&self, id: IntentId, ours: &Intent) {
        self.bank.with(id, |charge| {
            assert!(charge.times_charged <= 1, "charged twice");
            for (place, step) in charge.made.iter().enumerate() {
                assert!(!charge.made[..place].contains(step), "{step:?} was made twice");
            }
            assert!(charge.sum(MoveKind::Captured) <= AMOUNT, "more taken than agreed");
            assert!(
                charge.sum(MoveKind::Refunded) <= charge.sum(MoveKind::Captured),
                "more given than taken"
            );
            assert!(
                ours.moved.captured.minor <= charge.sum(MoveKind::Captured),
                "we say more than was taken"
            );
            assert!(
                ours.moved.refunded.minor <= charge.sum(MoveKind::Refunded),
                "we say more than was given"
            );
        });
    }

    /// Somebody goes on with all that is left under way, and asks how it stands; all messages come before that, or never.
    async fn settle(&self, id: IntentId, end: End) -> Intent {
        *self.bank.fate.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let messages = match end {
            End::MessagesCome => self.bank.with(id, |charge| charge.messages.clone()),
            End::MessagesAreLost => Vec::new(),
        };
        for message in messages {
            self.payer.heard(self.opened(id).await.unwrap(), &message).await.unwrap();
        }
        let left = self.payer.store().open_steps(id).await.unwrap();
        for step in left {
            // A step that the provider refuses is over, too.
            let _refused = self.payer.take_or_give(self.opened(id).await.unwrap(), &step).await;
        }
        self.payer.let_go(&*self.test.host.clock()).await.unwrap();
        self.payer.refresh(self.opened(id).await.unwrap()).await.unwrap();
        self.opened(id).await.unwrap()
    }
}

/// How a story ends.
#[derive(Debug, Clone, Copy)]
enum End {
    MessagesCome,
    MessagesAreLost,
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

#[test]
fn law_4_money_is_taken_once_and_both_books_agree_whatever_happens_in_which_order() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = runtime.block_on(World::start());
    let card = prop_oneof![3 => Just(Card::Good), 2 => Just(Card::AsksTheBank), 1 => Just(Card::Bad)];
    let end = prop_oneof![Just(End::MessagesCome), Just(End::MessagesAreLost)];
    let story = (card, prop::collection::vec(deeds(), 1..16), end);
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let told = runner.run(&story, |(card, deeds, end)| {
        runtime.block_on(async {
            let id = IntentId::new();
            *world.bank.card.lock().unwrap() = Some(card);
            let mut deeds = deeds.into_iter().peekable();
            while let Some((deed, fate, with_next)) = deeds.next() {
                *world.bank.fate.lock().unwrap() = Some(fate);
                // Two tabs, or a buyer and a job.
                match deeds.next_if(|_| with_next) {
                    Some((other, _, _)) => {
                        let _refused = tokio::join!(world.does(id, &deed), world.does(id, &other));
                    }
                    None => drop(world.does(id, &deed).await),
                }
                world.check(id, &world.opened(id).await.unwrap());
            }
            let ours = world.settle(id, end).await;
            world.check(id, &ours);
            world.bank.with(id, |charge| {
                assert_eq!(ours.moved.captured.minor, charge.sum(MoveKind::Captured));
                assert_eq!(ours.moved.refunded.minor, charge.sum(MoveKind::Refunded));
                assert!(!ours.has_steps_under_way(), "{ours:?}");
                let holds = charge.outcome == Some(Outcome::Authorised);
                assert!(!(ours.state.is_over() && holds), "money is held for nothing: {ours:?}");
                let wanted = charge.outcome.as_ref().map_or(State::Processing, |outcome| match outcome {
                    Outcome::Authorised => Intent::state_of(State::Authorised, ours.amount, &ours.moved),
                    Outcome::RequiresAction { .. } => State::RequiresAction,
                    Outcome::Declined { .. } => State::Failed,
                    Outcome::Voided => State::Voided,
                    Outcome::Processing | Outcome::Pending { .. } => unreachable!("this bank decides"),
                });
                assert!(
                    ours.state == wanted || (ours.state.is_over() && wanted.is_over()),
                    "{ours:?} {wanted:?}"
                );
            });
        });
        Ok(())
    });
    if let Err(failed) = told {
        panic!("{failed}");
    }
}
