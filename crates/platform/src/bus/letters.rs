//! Dead letters: facts that could not be applied, kept until somebody looks.
//!
//! Who wants one tried again says so in its row; the consumer itself tries it, with what it needs and in its own turn.

use std::time::Duration;

use argosy_kernel::{Error, Result, Timestamp};
use sea_orm::FromQueryResult;
use tokio::time::Instant;

use super::Fact;
use crate::database::{Database, Tx, sql};

/// How often a consumer looks whether something is asked of it.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Letters tried again at once.
const AGAIN_MAX: i64 = 100;
/// The number of tries of a letter that is to be tried again.
const ASKED_AGAIN: i64 = 0;

/// A fact that a consumer could not apply.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct DeadLetter {
    /// Who could not.
    pub consumer: String,
    /// Which fact.
    pub event_id: String,
    /// Whose fact.
    pub source: String,
    /// The fact as JSON.
    pub fact: String,
    /// Why.
    pub error: String,
    /// How often it was tried; 0 if it is about to be tried again.
    pub tries: i64,
    /// When it was put aside.
    pub time_ms: i64,
}

/// Why a fact is put aside.
pub(crate) struct Reason<'a> {
    pub(crate) consumer: &'a str,
    pub(crate) source: &'a str,
    pub(crate) error: &'a Error,
    pub(crate) tries: u32,
}

const COLUMNS: &str = "select consumer, event_id, source, fact, error, tries, time_ms from dead_letter";

/// The facts put aside in a service's database, newest first.
pub async fn dead_letters(database: &Database, limit: u32) -> Result<Vec<DeadLetter>> {
    sql(format!("{COLUMNS} order by time_ms desc, event_id limit $1"))
        .bind(i64::from(limit))
        .all(database)
        .await
}

/// The letters of one fact: one for each consumer that could not apply it.
pub async fn letters_of(database: &Database, event_id: &str) -> Result<Vec<DeadLetter>> {
    sql(format!("{COLUMNS} where event_id = $1 order by consumer")).bind(event_id).all(database).await
}

/// Has a fact's letters tried again by their consumers; answers how many.
pub async fn retry_letters(database: &Database, event_id: &str) -> Result<u64> {
    sql("update dead_letter set tries = $2 where event_id = $1")
        .bind(event_id)
        .bind(ASKED_AGAIN)
        .commit(database)
        .await
}

/// Forgets a fact's letters: it is never applied there. Answers how many.
pub async fn drop_letters(database: &Database, event_id: &str) -> Result<u64> {
    sql("delete from dead_letter where event_id = $1").bind(event_id).commit(database).await
}

/// Whether it is time to look again.
pub(crate) fn is_due(looked: &mut Option<Instant>) -> bool {
    let due = looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY);
    if due {
        *looked = Some(Instant::now());
    }
    due
}

/// Letters that somebody wants tried again, the earliest first.
pub(crate) async fn asked_again(
    database: &Database,
    consumer: &str,
    source: &str,
) -> Result<Vec<DeadLetter>> {
    sql(format!(
        "{COLUMNS} where consumer = $1 and source = $2 and tries = $3 order by time_ms, event_id limit $4"
    ))
    .bind(consumer)
    .bind(source)
    .bind(ASKED_AGAIN)
    .bind(AGAIN_MAX)
    .all(database)
    .await
}

pub(crate) async fn put_aside(tx: &Tx, now: Timestamp, fact: &Fact, reason: &Reason<'_>) -> Result<()> {
    let Reason { consumer, source, error, tries } = reason;
    tracing::error!(bus.consumer = consumer, fact.id, fact.kind, tries, error = ?error, "a fact is put aside");
    metrics::counter!("argosy_dead_letters_total", "consumer" => (*consumer).to_owned()).increment(1);
    sql("insert into dead_letter (consumer, event_id, source, fact, error, tries, time_ms) \
         values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (consumer, event_id) do update set error = excluded.error, tries = excluded.tries")
    .bind(*consumer)
    .bind(fact.id.as_str())
    .bind(*source)
    .bind(serde_json::to_string(fact).map_err(Error::internal)?)
    .bind(format!("{error:?}"))
    .bind(i64::from(*tries))
    .bind(now.as_millis())
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn forget(on: &Database, consumer: &str, event_id: &str) -> Result<()> {
    let tx = on.begin().await?;
    forget_in(&tx, consumer, event_id).await?;
    tx.commit().await
}

pub(crate) async fn forget_in(tx: &Tx, consumer: &str, event_id: &str) -> Result<()> {
    sql("delete from dead_letter where consumer = $1 and event_id = $2")
        .bind(consumer)
        .bind(event_id)
        .execute(tx)
        .await
        .map(|_| ())
}
