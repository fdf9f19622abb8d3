//! The only place with SQL.

mod books;

use std::sync::Arc;

use argosy_kernel::{Clock, Code, Currency, Error, IntentId, Money, Result};
use argosy_platform::database::{Database, Executor, Sql, Together, sql, together};
use sea_orm::FromQueryResult;

pub(crate) use self::books::intents_in_books;
use crate::{
    domain::{Answer, Intent, Movement, State},
    error, events,
};

/// Intents in a database.
#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
}

/// An intent about to be opened.
pub(crate) struct NewIntent<'a> {
    pub(crate) id: IntentId,
    pub(crate) provider: &'a str,
    pub(crate) method: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) amount: Money,
}

/// How often a change is decided anew because somebody else was faster.
const TRIES_MAX: u32 = 20;

impl Store {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    pub(crate) async fn get(&self, id: IntentId) -> Result<Option<Intent>> {
        load(&self.database, id).await
    }

    /// Opens an intent in `state`, or answers the one of that id.
    pub(crate) async fn open(&self, new: NewIntent<'_>, state: State) -> Result<Intent> {
        let opened = together()
            .must_touch(
                1,
                sql("insert into intent (id, provider, method, reference, state, currency, amount, created_at_ms) \
                     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing")
                .bind(new.id.to_string())
                .bind(new.provider)
                .bind(new.method)
                .bind(new.reference)
                .bind(state.as_str())
                .bind(new.amount.currency.code())
                .bind(new.amount.minor)
                .bind(self.clock.now().as_millis()),
            )
            .and(self.note(new.id, "opened", "", new.amount.minor))
            .commit(&self.database)
            .await?;
        if opened { Ok(new.opened(state)) } else { self.present(new.id).await }
    }

    async fn present(&self, id: IntentId) -> Result<Intent> {
        self.get(id).await?.ok_or_else(|| error::intent_not_found(id))
    }

    /// Applies a provider's answer, if the intent still waits for one.
    pub(crate) async fn answer(&self, intent: Intent, answer: &Answer) -> Result<Intent> {
        self.decide(intent, |intent| intent.answered(answer)).await
    }

    /// Lets an intent go, if it may be.
    pub(crate) async fn void(&self, intent: Intent) -> Result<Intent> {
        self.decide(intent, Intent::voided).await
    }

    /// Moves an intent on, from its present version if somebody else was faster.
    async fn decide(
        &self,
        mut intent: Intent,
        decision: impl Fn(&Intent) -> Option<Intent>,
    ) -> Result<Intent> {
        for _ in 0..TRIES_MAX {
            let Some(next) = decision(&intent) else { return Ok(intent) };
            let noted = self.note(next.id, next.state.as_str(), "", 0);
            if self.move_on(together().and(noted), &intent, &next).await? {
                return Ok(next);
            }
            intent = self.present(intent.id).await?;
        }
        Err(too_many_writers())
    }

    /// Whether money moved under this reference before.
    pub(crate) async fn has_moved(&self, id: IntentId, movement: Movement, reference: &str) -> Result<bool> {
        let row: Option<AmountRow> =
            sql("select amount from payment_event where intent_id = $1 and kind = $2 and reference = $3")
                .bind(id.to_string())
                .bind(movement.event())
                .bind(reference)
                .optional(&self.database)
                .await?;
        Ok(row.is_some())
    }

    /// Notes that money moved, once per reference and never more than there is.
    pub(crate) async fn moved(
        &self,
        mut intent: Intent,
        movement: Movement,
        amount: Money,
        reference: &str,
    ) -> Result<Intent> {
        for _ in 0..TRIES_MAX {
            let next = intent.moved(movement, amount)?;
            let once = self.note(intent.id, movement.event(), reference, amount.minor);
            if self.move_on(together().must_touch(1, once), &intent, &next).await? {
                return Ok(next);
            }
            intent = self.present(intent.id).await?;
            if self.has_moved(intent.id, movement, reference).await? {
                return self.present(intent.id).await;
            }
        }
        Err(too_many_writers())
    }

    /// Stores what became of an intent and tells it; false if it is not as it was `before` any more.
    async fn move_on(&self, also: Together, before: &Intent, next: &Intent) -> Result<bool> {
        let update = sql("update intent set state = $3, captured = $4, refunded = $5, provider_reference = $6, action_url = $7, \
                    failure_reason = $8, failure_text = $9, instructions = $10, version = $11 \
              where id = $1 and version = $2")
        .bind(before.id.to_string())
        .bind(before.version)
        .bind(next.state.as_str())
        .bind(next.captured.minor)
        .bind(next.refunded.minor)
        .bind(next.provider_reference.as_str())
        .bind(next.action_url.as_str())
        .bind(next.failure_reason.as_str())
        .bind(next.failure_text.as_str())
        .bind(next.instructions.as_str())
        .bind(next.version);
        also.must_touch(1, update)
            .tell(&*self.clock, [events::intent_changed(next)?])
            .commit(&self.database)
            .await
    }

    /// What happened, unless the same was noted before.
    fn note(&self, id: IntentId, kind: &str, reference: &str, amount: i64) -> Sql {
        sql("insert into payment_event (intent_id, kind, reference, amount, time_ms) \
             values ($1, $2, $3, $4, $5) on conflict do nothing")
        .bind(id.to_string())
        .bind(kind)
        .bind(reference)
        .bind(amount)
        .bind(self.clock.now().as_millis())
    }
}

impl NewIntent<'_> {
    fn opened(&self, state: State) -> Intent {
        let nothing = Money::zero(self.amount.currency);
        Intent {
            id: self.id,
            provider: self.provider.to_owned(),
            method: self.method.to_owned(),
            reference: self.reference.to_owned(),
            state,
            amount: self.amount,
            captured: nothing,
            refunded: nothing,
            provider_reference: String::new(),
            action_url: String::new(),
            failure_reason: String::new(),
            failure_text: String::new(),
            instructions: String::new(),
            version: 1,
        }
    }
}

fn too_many_writers() -> Error {
    Error::new(Code::Aborted, "TOO_MANY_WRITERS", "too many changes at once; try again")
}

#[derive(FromQueryResult)]
#[expect(dead_code, reason = "only its presence is asked for")]
struct AmountRow {
    amount: i64,
}

#[derive(FromQueryResult)]
struct IntentRow {
    id: String,
    provider: String,
    method: String,
    reference: String,
    state: String,
    currency: String,
    amount: i64,
    captured: i64,
    refunded: i64,
    provider_reference: String,
    action_url: String,
    failure_reason: String,
    failure_text: String,
    instructions: String,
    version: i64,
}

async fn load(on: &impl Executor, id: IntentId) -> Result<Option<Intent>> {
    let row: Option<IntentRow> = sql(
        "select id, provider, method, reference, state, currency, amount, captured, refunded, provider_reference, \
                action_url, failure_reason, failure_text, instructions, version \
           from intent where id = $1",
    )
    .bind(id.to_string())
    .optional(on)
    .await?;
    row.map(Intent::try_from).transpose()
}

impl TryFrom<IntentRow> for Intent {
    type Error = Error;

    fn try_from(row: IntentRow) -> Result<Self> {
        let currency: Currency = row.currency.parse()?;
        let money = |minor| Money::new(minor, currency);
        Ok(Self {
            id: row.id.parse()?,
            provider: row.provider,
            method: row.method,
            reference: row.reference,
            state: row.state.parse()?,
            amount: money(row.amount),
            captured: money(row.captured),
            refunded: money(row.refunded),
            provider_reference: row.provider_reference,
            action_url: row.action_url,
            failure_reason: row.failure_reason,
            failure_text: row.failure_text,
            instructions: row.instructions,
            version: row.version,
        })
    }
}
