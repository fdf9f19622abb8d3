//! Any order of what buyer, merchant, provider, messages and crashes do: money is never taken twice, and in the end our
//! sums are the provider's.
//!
//! The provider is a model with books of its own, and so is what may happen to each call: it never arrives, its answer
//! is lost (we time out, or die before we write it down), a message overtakes it. All else is the real service on a
//! real database.

mod bank;
mod deeds;
mod runs;

use std::{collections::HashMap, sync::Arc};

use argosy_kernel::{Currency, IntentId, Money, Result};
use argosy_testkit::TestHost;
use proptest::test_runner::TestCaseError;
use tokio::task::JoinSet;

use self::{
    bank::{AMOUNT, Bank, declined},
    deeds::{Deed, End, Story},
    runs::Runs,
};
use crate::{
    DATABASE, PaymentsConfig,
    domain::{Intent, MoveKind, Movement, Outcome, State, WalletUse},
    payer::Payer,
    providers::{Means, Providers},
    store::{NewIntent, OpenStep, Store},
};

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
        let wallet = WalletUse::default();
        let new = NewIntent {
            id,
            provider: "bank",
            method: "card",
            reference: "chk_1",
            amount: eur(AMOUNT),
            wallet,
        };
        self.payer.store().open(new, State::Processing).await
    }

    /// What it comes to is no matter here: it may be refused, or not be known.
    async fn does(&self, id: IntentId, deed: &Deed) -> Result<()> {
        match deed {
            Deed::Authorise => {
                let means = Means { token: "t", ..Means::default() };
                self.payer.authorise(self.opened(id).await?, means).await?;
            }
            Deed::Capture { reference, amount } => {
                self.step(id, Movement::Capture, format!("order-{reference}"), *amount).await?;
            }
            Deed::Refund { reference, amount } => {
                self.step(id, Movement::Refund, format!("return-{reference}"), *amount).await?;
            }
            Deed::Void => {
                let intent = self.payer.intent(id).await?;
                if intent.state.may_void() {
                    self.payer.void(intent).await?;
                }
            }
            Deed::GiveUp => {
                let intent = self.payer.intent(id).await?;
                if intent.state.may_void() {
                    let intent = self.payer.void_even_if_away(intent).await?;
                    assert!(intent.state.is_over(), "nobody waits: {intent:?}");
                }
            }
            Deed::Refresh => drop(self.payer.refresh(self.payer.intent(id).await?).await?),
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
                    self.payer.heard(self.payer.intent(id).await?, &message).await?;
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
        self.payer.take_or_give(self.payer.intent(id).await?, &step).await.map(drop)
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

    /// What happens before the end.
    async fn play(&self, id: IntentId, story: Story) {
        self.bank.with(id, |charge| charge.card = Some(story.card));
        self.opened(id).await.unwrap();
        let mut deeds = story.deeds.into_iter().peekable();
        while let Some((deed, fate, with_next)) = deeds.next() {
            self.bank.with(id, |charge| charge.fate = Some(fate));
            // Two tabs, or a buyer and a job.
            match deeds.next_if(|_| with_next) {
                Some((other, _, _)) => {
                    let _refused = tokio::join!(self.does(id, &deed), self.does(id, &other));
                }
                None => drop(self.does(id, &deed).await),
            }
            self.check(id, &self.payer.intent(id).await.unwrap());
        }
        self.go_on(id, story.end).await;
    }

    /// Somebody goes on with all that is left under way; all messages come before that, or never.
    async fn go_on(&self, id: IntentId, end: End) {
        self.bank.with(id, |charge| charge.fate = None);
        let messages = match end {
            End::MessagesCome => self.bank.with(id, |charge| charge.messages.clone()),
            End::MessagesAreLost => Vec::new(),
        };
        for message in messages {
            self.payer.heard(self.payer.intent(id).await.unwrap(), &message).await.unwrap();
        }
        let left = self.payer.store().open_steps(id).await.unwrap();
        for step in left {
            // A step that the provider refuses is over, too.
            let _refused = self.payer.take_or_give(self.payer.intent(id).await.unwrap(), &step).await;
        }
    }

    /// Asks how it stands, after the job that lets go has been there.
    async fn end(&self, id: IntentId) {
        self.payer.refresh(self.payer.intent(id).await.unwrap()).await.unwrap();
        let ours = self.payer.intent(id).await.unwrap();
        self.check(id, &ours);
        self.bank.with(id, |charge| {
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
    }
}

/// Tells stories at once, each of a payment of its own; the place of the first that fails, with what was wrong.
async fn tell(world: &Arc<World>, stories: Vec<Story>) -> Option<(usize, String)> {
    let ids: Vec<IntentId> = stories.iter().map(|_| IntentId::new()).collect();
    let played = ids.iter().zip(stories).map(|(&id, story)| {
        let world = Arc::clone(world);
        async move { Box::pin(world.play(id, story)).await }
    });
    if let Some(failed) = together(played).await {
        return Some(failed);
    }
    // One job for all: nothing happens to any of them meanwhile.
    world.payer.let_go(&*world.test.host.clock()).await.unwrap();
    let ended = ids.iter().map(|&id| {
        let world = Arc::clone(world);
        async move { world.end(id).await }
    });
    together(ended).await
}

/// Does all at once; the place of the first that panics, with what it said.
async fn together(
    works: impl Iterator<Item = impl Future<Output = ()> + Send + 'static>,
) -> Option<(usize, String)> {
    let mut running = JoinSet::new();
    let places: HashMap<_, _> =
        works.enumerate().map(|(place, work)| (running.spawn(work).id(), place)).collect();
    let mut failed = None;
    while let Some(done) = running.join_next().await {
        if let Err(error) = done {
            let place = places[&error.id()];
            let said = error.into_panic();
            let text = said.downcast_ref::<String>().cloned();
            let text = text.or_else(|| said.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            failed.get_or_insert((place, text.unwrap_or_default()));
        }
    }
    failed
}

#[test]
fn law_4_money_is_taken_once_and_both_books_agree_whatever_happens_in_which_order() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = Arc::new(runtime.block_on(World::start()));
    let runs = Runs::from_environment();
    let mut number = 0;
    while number < runs.runs {
        let seeds: Vec<u64> = runs.seeds(number).collect();
        number += seeds.len() as u64;
        let stories = seeds.iter().map(|&seed| runs::story(seed)).collect();
        let Some((place, said)) = runtime.block_on(tell(&world, stories)) else {
            continue;
        };
        let seed = seeds[place];
        let alone = runs::shortened(seed, |story| match runtime.block_on(tell(&world, vec![story])) {
            Some((_, said)) => Err(TestCaseError::fail(said)),
            None => Ok(()),
        });
        panic!("{}", runs::report(seed, &said, alone));
    }
}
