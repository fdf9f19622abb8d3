//! The only place with SQL.

mod books;
mod disputes;
mod forgetting;
mod gift_cards;
mod intents;
mod setups;
mod steps;
mod wallets;

use std::sync::Arc;

use argosy_kernel::{Clock, Code, Error, IntentId, Money, Result, Timestamp};
use argosy_platform::database::{Database, Sql, Together, sql, together};

pub(crate) use self::{
    books::{intents_in_books, moves},
    disputes::DisputeEvent,
    forgetting::LeavingCustomer,
    gift_cards::{GiftCards, Hold},
    intents::NewIntent,
    setups::{NewSetup, WalletLimits},
    steps::{OpenStep, StepState},
    wallets::{NewMethod, UseOf, WalletStore},
};
use crate::{
    domain::{Intent, Move, MoveKind, Outcome, Report, State},
    error, events,
};

/// Intents in a database. A payment has one writer at a time: every change names the version that it was decided on.
#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
}

/// What an event is called that says that a provider is to let go of a payment, and one that says that it did.
const LET_GO_ASKED: &str = "let_go_asked";
const LET_GO: &str = "let_go";

/// How often a change is decided anew because somebody else was faster.
const TRIES_MAX: u32 = 20;

/// One line of an intent's history.
#[derive(Clone, Copy)]
struct Event<'a> {
    intent_id: IntentId,
    kind: &'a str,
    reference: &'a str,
    amount: i64,
    /// With the provider's name for it, if it has one: nobody can write it twice.
    provider: &'a str,
    provider_reference: &'a str,
}

impl Store {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().as_millis()
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) async fn get(&self, id: IntentId) -> Result<Option<Intent>> {
        intents::load(&self.database, id).await
    }

    /// The intent that a provider calls so.
    pub(crate) async fn called(&self, provider: &str, provider_reference: &str) -> Result<Option<Intent>> {
        match intents::id_of(&self.database, provider, provider_reference).await? {
            Some(id) => self.get(id).await,
            None => Ok(None),
        }
    }

    async fn present(&self, id: IntentId) -> Result<Intent> {
        self.get(id).await?.ok_or_else(|| error::intent_not_found(id))
    }

    /// Opens an intent in `state`, or answers the one of that id.
    pub(crate) async fn open(&self, new: NewIntent<'_>, state: State) -> Result<Intent> {
        let opened = together()
            .must_touch(1, new.insert(state, self.clock.now()))
            .and(self.note(Event::plain(new.id, "opened", "", new.amount.minor)))
            .commit(&self.database)
            .await?;
        if opened { Ok(new.opened(state)) } else { self.present(new.id).await }
    }

    /// Notes what the provider calls the payment, before money can move.
    pub(crate) async fn prepared(&self, intent: Intent, provider_reference: &str) -> Result<Intent> {
        self.decide(intent, |intent| {
            let event = Event::plain(intent.id, "prepared", provider_reference, 0);
            Ok(intent.prepared(provider_reference).map(|next| (next, self.note(event))))
        })
        .await
    }

    /// Writes down what a provider says, once.
    pub(crate) async fn apply(&self, mut intent: Intent, report: &Report) -> Result<Intent> {
        for _ in 0..TRIES_MAX {
            let fresh = self.fresh(&intent, &report.moves).await?;
            let Some(mut next) = intent.reported(report, &fresh)? else { return Ok(intent) };
            let open = self.steps_for(&intent, &fresh).await?;
            let (events, mut moves) = (self.events_of_state(&intent, &next, report), Vec::new());
            for one in &fresh {
                let step = steps::made_by(&open, one);
                if let Some(step) = step {
                    next.end_step(step.movement, step.amount)?;
                }
                moves.push(self.note(Event {
                    intent_id: intent.id,
                    kind: one.kind.event(),
                    reference: step.map_or(&*one.reference, |step| &*step.reference),
                    amount: one.amount.minor,
                    provider: &intent.provider,
                    provider_reference: &one.reference,
                }));
            }
            if self.move_on(events, moves, &intent, &next).await? {
                return Ok(next);
            }
            intent = self.present(intent.id).await?;
        }
        Err(too_many_writers())
    }

    /// Ends a payment for which the provider was surely not asked for money. Perhaps something of it is there all the
    /// same, made known and not used: that is let go of later.
    ///
    /// # Errors
    /// `PROVIDER_UNAVAILABLE` if somebody else has begun to ask meanwhile.
    pub(crate) async fn never_asked(&self, intent: Intent) -> Result<Intent> {
        let outcome = Outcome::Declined {
            reason: error::PROVIDER_AWAY.to_owned(),
            text: "The payment provider cannot be reached. Nothing was taken; please pay in another way."
                .to_owned(),
        };
        let known_as = intent.provider_reference.clone();
        let ended = self.come_to_nothing(intent, &outcome, |present| {
            if !present.state.is_asking() || present.provider_reference != known_as {
                return Err(error::provider_unavailable(&present.provider));
            }
            Ok(!known_as.is_empty())
        });
        ended.await
    }

    /// Bars a payment whose provider does not let go of it yet, and notes that it has to.
    pub(crate) async fn let_go_later(&self, intent: Intent) -> Result<Intent> {
        self.come_to_nothing(intent, &Outcome::Voided, |_| Ok(true)).await
    }

    /// Ends a payment that is not ended; `rest` says whether its provider is yet to let go of it.
    async fn come_to_nothing(
        &self,
        mut intent: Intent,
        outcome: &Outcome,
        rest: impl Fn(&Intent) -> Result<bool>,
    ) -> Result<Intent> {
        let report = Report::of("", outcome.clone());
        for _ in 0..TRIES_MAX {
            if intent.state.is_over() {
                return Ok(intent);
            }
            if !intent.state.may_void() {
                return Err(error::intent_state(intent.id, intent.state, "voided"));
            }
            let is_to_be_let_go = rest(&intent)?;
            let Some(next) = intent.reported(&report, &[])? else { return Ok(intent) };
            let mut events = self.events_of_state(&intent, &next, &report);
            if is_to_be_let_go {
                events.push(self.note(Event::plain(intent.id, LET_GO_ASKED, "", 0)));
            }
            if self.move_on(events, Vec::new(), &intent, &next).await? {
                return Ok(next);
            }
            intent = self.present(intent.id).await?;
        }
        Err(too_many_writers())
    }

    /// Payments that are barred here and that their providers are yet to let go of, the oldest first.
    pub(crate) async fn to_be_let_go(&self, from: Timestamp, limit: i64) -> Result<Vec<IntentId>> {
        intents::to_be_let_go(&self.database, from, limit).await
    }

    /// The provider has let go of a payment.
    pub(crate) async fn note_let_go(&self, id: IntentId) -> Result<()> {
        self.note(Event::plain(id, LET_GO, "", 0)).commit(&self.database).await.map(|_| ())
    }

    /// Those moves that are not written down yet.
    async fn fresh(&self, intent: &Intent, moves: &[Move]) -> Result<Vec<Move>> {
        let known = |kind: MoveKind| match kind {
            MoveKind::Voided => !intent.moved.voided.is_zero(),
            // What is taken was written down before what is given back, and a refund that failed is in no sum.
            MoveKind::Captured | MoveKind::Refunded | MoveKind::RefundFailed => {
                !intent.moved.captured.is_zero()
            }
        };
        if !moves.iter().any(|one| known(one.kind)) {
            return Ok(moves.to_vec());
        }
        let known = intents::moves_known(&self.database, intent.id).await?;
        Ok(moves.iter().filter(|one| !known.iter().any(|event| event.is_of(one))).cloned().collect())
    }

    /// What is written down of an authorisation.
    fn events_of_state(&self, intent: &Intent, next: &Intent, report: &Report) -> Vec<Sql> {
        if next.state == intent.state {
            return Vec::new();
        }
        let (moved, before) = (&next.moved, &intent.moved);
        let amount = match next.state {
            State::Authorised => moved.authorised.minor,
            State::Voided => moved.voided.minor - before.voided.minor,
            _ => 0,
        };
        let mut events = Vec::new();
        if report.outcome == Outcome::Authorised && next.state.has_taken() && before.authorised.is_zero() {
            // Taken before anybody told us that it was held.
            events.push(self.note(Event::plain(intent.id, "authorised", "", moved.authorised.minor)));
        }
        if !next.state.has_taken() {
            events.push(self.note(Event::plain(intent.id, next.state.as_str(), "", amount)));
        }
        events
    }

    /// Moves an intent on, from its present version if somebody else was faster.
    async fn decide(
        &self,
        mut intent: Intent,
        decision: impl Fn(&Intent) -> Result<Option<(Intent, Sql)>>,
    ) -> Result<Intent> {
        for _ in 0..TRIES_MAX {
            let Some((next, event)) = decision(&intent)? else { return Ok(intent) };
            if self.move_on(vec![event], Vec::new(), &intent, &next).await? {
                return Ok(next);
            }
            intent = self.present(intent.id).await?;
        }
        Err(too_many_writers())
    }

    /// Stores what became of an intent with its events and tells it; false if it is not as it was `before` any more.
    async fn move_on(
        &self,
        events: Vec<Sql>,
        moves: Vec<Sql>,
        before: &Intent,
        next: &Intent,
    ) -> Result<bool> {
        let also = events.into_iter().fold(together(), Together::and);
        // A sum that has a move in it and no event of it must not last.
        let also = moves.into_iter().fold(also, |also, one| also.must_touch(1, one));
        let changed = also.must_touch(1, intents::update(before, next));
        let changed = if next.state == before.state && next.moved == before.moved {
            changed
        } else {
            changed.tell(&*self.clock, [events::intent_changed(next)?])
        };
        changed.commit(&self.database).await
    }

    /// What happened, unless the same was noted before.
    fn note(&self, event: Event<'_>) -> Sql {
        sql("insert into payment_event (intent_id, kind, reference, amount, time_ms, provider, provider_reference) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing")
        .bind(event.intent_id.to_string())
        .bind(event.kind)
        .bind(event.reference)
        .bind(event.amount)
        .bind(self.clock.now().as_millis())
        .bind(event.provider)
        .bind(event.provider_reference)
    }
}

impl<'a> Event<'a> {
    /// One that no provider has a name for.
    fn plain(intent_id: IntentId, kind: &'a str, reference: &'a str, amount: i64) -> Self {
        Self { intent_id, kind, reference, amount, provider: "", provider_reference: "" }
    }
}

fn too_many_writers() -> Error {
    Error::new(Code::Aborted, "TOO_MANY_WRITERS", "too many changes at once; try again")
}

/// An amount from a row.
fn money(minor: i64, like: Money) -> Money {
    Money::new(minor, like.currency)
}
