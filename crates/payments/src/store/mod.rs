//! The only place with SQL.

mod books;

use std::sync::Arc;

use argosy_kernel::{Clock, Currency, Error, IntentId, Money, Result};
use argosy_platform::database::{Database, Executor, Tx, sql};
use sea_orm::FromQueryResult;

pub(crate) use self::books::intents_in_books;
use crate::{
    domain::{Answer, Intent, Outcome, State},
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

/// Which way money of an intent moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    Capture,
    Refund,
}

impl Movement {
    const fn event(self) -> &'static str {
        match self {
            Self::Capture => "captured",
            Self::Refund => "refunded",
        }
    }
}

impl Store {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    pub(crate) async fn get(&self, id: IntentId) -> Result<Option<Intent>> {
        load(&self.database, id).await
    }

    /// Opens an intent in `state`, or answers the one of that id.
    pub(crate) async fn open(&self, new: NewIntent<'_>, state: State) -> Result<Intent> {
        let tx = self.database.begin().await?;
        let opened = sql(
            "insert into intent (id, provider, method, reference, state, currency, amount, created_at_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        )
        .bind(new.id.to_string())
        .bind(new.provider)
        .bind(new.method)
        .bind(new.reference)
        .bind(state.as_str())
        .bind(new.amount.currency.code())
        .bind(new.amount.minor)
        .bind(self.clock.now().as_millis())
        .execute(&tx)
        .await?;
        if opened == 1 {
            self.note(&tx, new.id, "opened", "", new.amount.minor).await?;
        }
        let intent = load(&tx, new.id).await?.ok_or_else(|| error::intent_not_found(new.id))?;
        tx.commit().await?;
        Ok(intent)
    }

    /// Applies a provider's answer, if the intent still waits for one.
    pub(crate) async fn answer(&self, id: IntentId, answer: &Answer) -> Result<Intent> {
        let (mut url, mut reason, mut text, mut instructions) = ("", "", "", "");
        match &answer.outcome {
            Outcome::Authorised => {}
            Outcome::RequiresAction { url: at } => url = at,
            Outcome::Pending { instructions: how } => instructions = how,
            Outcome::Declined { reason: why, text: said } => (reason, text) = (why, said),
        }
        let state = answer.outcome.state();
        let tx = self.database.begin().await?;
        let moved = sql(
            "update intent set state = $2, provider_reference = $3, action_url = $4, failure_reason = $5, \
                    failure_text = $6, instructions = $7, version = version + 1 \
              where id = $1 and state in ('processing', 'requires_action') and state <> $2",
        )
        .bind(id.to_string())
        .bind(state.as_str())
        .bind(answer.provider_reference.as_str())
        .bind(url)
        .bind(reason)
        .bind(text)
        .bind(instructions)
        .execute(&tx)
        .await?;
        self.finish(tx, id, (moved == 1).then_some(state.as_str()), "", 0).await
    }

    /// Lets an intent go, if it may be.
    pub(crate) async fn void(&self, id: IntentId) -> Result<Intent> {
        let tx = self.database.begin().await?;
        let moved = sql("update intent set state = 'voided', version = version + 1 \
              where id = $1 and state in ('processing', 'requires_action', 'authorised', 'pending')")
        .bind(id.to_string())
        .execute(&tx)
        .await?;
        self.finish(tx, id, (moved == 1).then_some("voided"), "", 0).await
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
        id: IntentId,
        movement: Movement,
        amount: Money,
        reference: &str,
    ) -> Result<Intent> {
        let tx = self.database.begin().await?;
        if !self.note(&tx, id, movement.event(), reference, amount.minor).await? {
            let intent = load(&tx, id).await?.ok_or_else(|| error::intent_not_found(id))?;
            return tx.rollback().await.map(|()| intent);
        }
        let statement = match movement {
            Movement::Capture => {
                "update intent set captured = captured + $2, state = 'captured', version = version + 1 \
                  where id = $1 and captured + $2 <= amount"
            }
            Movement::Refund => {
                "update intent set refunded = refunded + $2, version = version + 1 \
                  where id = $1 and refunded + $2 <= captured"
            }
        };
        if sql(statement).bind(id.to_string()).bind(amount.minor).execute(&tx).await? == 0 {
            return Err(error::amount_too_large(movement.event()));
        }
        let intent = load(&tx, id).await?.ok_or_else(|| error::intent_not_found(id))?;
        tx.publish(&*self.clock, [events::intent_changed(&intent)?]).await?;
        tx.commit().await?;
        Ok(intent)
    }

    async fn finish(
        &self,
        tx: Tx,
        id: IntentId,
        event: Option<&str>,
        reference: &str,
        amount: i64,
    ) -> Result<Intent> {
        let intent = load(&tx, id).await?.ok_or_else(|| error::intent_not_found(id))?;
        if let Some(kind) = event {
            self.note(&tx, id, kind, reference, amount).await?;
            tx.publish(&*self.clock, [events::intent_changed(&intent)?]).await?;
        }
        tx.commit().await?;
        Ok(intent)
    }

    /// False if the same was noted before.
    async fn note(&self, tx: &Tx, id: IntentId, kind: &str, reference: &str, amount: i64) -> Result<bool> {
        let noted = sql("insert into payment_event (intent_id, kind, reference, amount, time_ms) \
             values ($1, $2, $3, $4, $5) on conflict do nothing")
        .bind(id.to_string())
        .bind(kind)
        .bind(reference)
        .bind(amount)
        .bind(self.clock.now().as_millis())
        .execute(tx)
        .await?;
        Ok(noted == 1)
    }
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
