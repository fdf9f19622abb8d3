//! The outbox: a table of facts in each service's database.

use std::{fmt::Display, time::Duration};

use argosy_kernel::{Clock, EventId, Result, Timestamp};
use async_trait::async_trait;
use sea_orm::FromQueryResult;
use serde::Serialize;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Fact, FactLog, Facts};
use crate::database::{Database, Engine, Sql, Tx, Value, sql};

/// A fact about to be told.
#[derive(Debug, Clone)]
pub struct NewFact {
    kind: &'static str,
    subject: String,
    sequence: i64,
    data: String,
}

impl NewFact {
    /// A fact of a kind about a subject. `sequence` counts within the subject: its version, for one.
    pub fn new(
        kind: &'static str,
        subject: impl Display,
        sequence: i64,
        data: &impl Serialize,
    ) -> Result<Self> {
        let data = serde_json::to_string(data).map_err(argosy_kernel::Error::internal)?;
        Ok(Self { kind, subject: subject.to_string(), sequence, data })
    }
}

#[derive(FromQueryResult)]
struct FactRow {
    position: i64,
    id: String,
    kind: String,
    subject: String,
    sequence: i64,
    time_ms: i64,
    data: String,
}

impl From<FactRow> for Fact {
    fn from(row: FactRow) -> Self {
        let FactRow { position, id, kind, subject, sequence, time_ms, data } = row;
        Self { position, id, kind, subject, sequence, time_ms, data }
    }
}

#[derive(FromQueryResult)]
struct PositionRow {
    position: i64,
}

/// Rows of one insert statement; seven values each.
const ROWS_MAX: usize = 500;

impl Tx {
    /// Tells facts, if and when the transaction commits.
    pub async fn publish(&self, clock: &dyn Clock, facts: impl IntoIterator<Item = NewFact>) -> Result<()> {
        self.publish_at(clock.now().as_millis(), facts.into_iter().collect()).await
    }

    pub(crate) async fn publish_at(&self, now_ms: i64, facts: Vec<NewFact>) -> Result<()> {
        for chunk in facts.chunks(ROWS_MAX) {
            let first = self.next_facts(i64::try_from(chunk.len()).unwrap_or(i64::MAX));
            let inserted: Vec<PositionRow> = insert(self.engine(), first, now_ms, chunk).all(self).await?;
            if let Some(newest) = inserted.iter().map(|row| row.position).max() {
                self.note_published(newest);
            }
        }
        Ok(())
    }
}

/// An insert of facts that answers their positions. SQLite counts them; on PostgreSQL they are made of the transaction
/// and of the place therein, from `first` on (see `platform.postgres.sql`).
pub(crate) fn insert(engine: Engine, first: i64, now_ms: i64, facts: &[NewFact]) -> Sql {
    let values = |fact: &NewFact| -> [Value; 6] {
        [
            EventId::new().to_string().into(),
            fact.kind.into(),
            fact.subject.clone().into(),
            fact.sequence.into(),
            now_ms.into(),
            fact.data.clone().into(),
        ]
    };
    let insert = match engine {
        Engine::Sqlite => {
            let rows = facts.iter().map(values);
            sql("insert into outbox (id, kind, subject, sequence, time_ms, data) values ").rows(rows)
        }
        Engine::Postgres => {
            let rows = (first..).zip(facts).map(|(place, fact)| {
                let [id, kind, subject, sequence, time, data] = values(fact);
                [Value::from(place), id, kind, subject, sequence, time, data]
            });
            sql("insert into outbox (position, id, kind, subject, sequence, time_ms, data) \
                 select fact_position(new.place), new.id, new.kind, new.subject, new.sequence, new.time_ms, new.data \
                   from (values ")
            .rows(rows)
            .then(") as new (place, id, kind, subject, sequence, time_ms, data)")
        }
    };
    insert.then(" returning position")
}

/// The newest position before which no fact will come to be any more; 0 if there is none.
pub(crate) async fn head(database: &Database) -> Result<i64> {
    let statement = match database.engine() {
        Engine::Sqlite => "select coalesce(max(position), 0) as position from outbox",
        Engine::Postgres => {
            "select coalesce(max(position), 0) as position from outbox where position < fact_horizon()"
        }
    };
    let row: Option<PositionRow> = sql(statement).optional(database).await?;
    Ok(row.map_or(0, |row| row.position))
}

/// The position before the first fact told at an instant or later; the newest if there is none.
pub(crate) async fn before(database: &Database, time: Timestamp) -> Result<i64> {
    let row: Option<PositionRow> =
        sql("select coalesce(min(position) - 1, -1) as position from outbox where time_ms >= $1")
            .bind(time.as_millis())
            .optional(database)
            .await?;
    match row {
        Some(row) if row.position >= 0 => Ok(row.position),
        _ => head(database).await,
    }
}

/// How long the facts of other processes that share a database may go unnoticed.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// The same while nothing has happened for some time.
const LOOK_INTERVAL_IDLE: Duration = Duration::from_millis(500);

/// Looks for facts that other processes told, until that fails. `LISTEN` lost: its commits wait for each other.
pub(crate) async fn look(database: &Database) -> Result<std::convert::Infallible> {
    let mut known = head(database).await?;
    let mut interval = LOOK_INTERVAL;
    loop {
        tokio::time::sleep(interval).await;
        let newest = head(database).await?;
        database.raise_outbox_head(newest);
        interval = if newest > known { LOOK_INTERVAL } else { (interval * 2).min(LOOK_INTERVAL_IDLE) };
        known = newest;
    }
}

/// Forgets facts older than an instant; at most 10,000 at a time. Answers how many.
pub(crate) async fn prune(database: &Database, before: Timestamp) -> Result<u64> {
    let tx = database.begin().await?;
    let facts = sql("delete from outbox where position in (select position from outbox where time_ms < $1 order by position limit 10000)")
        .bind(before.as_millis())
        .execute(&tx)
        .await?;
    sql("delete from inbox where time_ms < $1").bind(before.as_millis()).execute(&tx).await?;
    tx.commit().await?;
    Ok(facts)
}

/// The log of a service that runs in this process.
pub(crate) struct OutboxLog {
    database: Database,
    head: watch::Receiver<i64>,
    shutdown: CancellationToken,
}

impl OutboxLog {
    /// Whoever waits for facts is let go at `shutdown`, so that it does not hold the process up.
    pub(crate) fn new(database: Database, shutdown: CancellationToken) -> Self {
        let head = database.outbox_head();
        Self { database, head, shutdown }
    }
}

#[async_trait]
impl FactLog for OutboxLog {
    async fn read(&self, after: i64, limit: u32, wait: Duration) -> Result<Facts> {
        let ends = Instant::now() + wait;
        loop {
            let newest = self.newest_after(after, ends).await?;
            if newest <= after {
                return Ok(Facts { facts: Vec::new(), head: self.settled(newest, wait).await? });
            }
            let facts = self.after(after, limit).await?;
            if !facts.is_empty() || Instant::now() >= ends {
                return Ok(Facts { facts, head: newest });
            }
            // Told already, but an earlier transaction still runs that may tell more before it.
            tokio::time::sleep(UNSETTLED_DELAY).await;
        }
    }
}

impl OutboxLog {
    async fn newest_after(&self, after: i64, ends: Instant) -> Result<i64> {
        let mut head = self.head.clone();
        let news = self.shutdown.run_until_cancelled(head.wait_for(|newest| *newest > after));
        if let Ok(None) = tokio::time::timeout_at(ends, news).await {
            return Err(super::shutting_down());
        }
        Ok(*self.head.borrow())
    }

    async fn after(&self, after: i64, limit: u32) -> Result<Vec<Fact>> {
        let columns =
            "select position, id, kind, subject, sequence, time_ms, data from outbox where position > $1";
        let settled = match self.database.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " and position < fact_horizon()",
        };
        let rows: Vec<FactRow> = sql(format!("{columns}{settled} order by position limit $2"))
            .bind(after)
            .bind(i64::from(limit))
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(Fact::from).collect())
    }

    /// Where to begin for whoever only wants what comes: the newest position may be one that others still overtake.
    async fn settled(&self, newest: i64, wait: Duration) -> Result<i64> {
        match self.database.engine() {
            Engine::Postgres if wait.is_zero() => head(&self.database).await,
            _ => Ok(newest),
        }
    }
}

/// How long a reader waits for transactions that began before what it could read.
const UNSETTLED_DELAY: Duration = Duration::from_millis(2);
