//! The outbox: a table of facts in each service's database.

use std::{fmt::Display, time::Duration};

use argosy_kernel::{Clock, EventId, Result, Timestamp};
use async_trait::async_trait;
use sea_orm::FromQueryResult;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Fact, FactLog, Facts};
use crate::database::{Database, Tx, Value, sql};

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
        let now = clock.now().as_millis();
        let facts: Vec<NewFact> = facts.into_iter().collect();
        for chunk in facts.chunks(ROWS_MAX) {
            let rows = chunk.iter().map(|fact| -> [Value; 6] {
                [
                    EventId::new().to_string().into(),
                    fact.kind.into(),
                    fact.subject.clone().into(),
                    fact.sequence.into(),
                    now.into(),
                    fact.data.clone().into(),
                ]
            });
            let inserted: Vec<PositionRow> =
                sql("insert into outbox (id, kind, subject, sequence, time_ms, data) values ")
                    .rows(rows)
                    .then(" returning position")
                    .all(self)
                    .await?;
            if let Some(newest) = inserted.iter().map(|row| row.position).max() {
                self.note_published(newest);
            }
        }
        Ok(())
    }
}

/// The newest position, 0 if there is none.
pub(crate) async fn head(database: &Database) -> Result<i64> {
    let row: Option<PositionRow> =
        sql("select coalesce(max(position), 0) as position from outbox").optional(database).await?;
    Ok(row.map_or(0, |row| row.position))
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
        let mut head = self.head.clone();
        let news = self.shutdown.run_until_cancelled(head.wait_for(|newest| *newest > after));
        if let Ok(None) = tokio::time::timeout(wait, news).await {
            return Err(super::shutting_down());
        }
        let newest = *self.head.borrow();
        if newest <= after {
            return Ok(Facts { facts: Vec::new(), head: newest });
        }
        let rows: Vec<FactRow> = sql(
            "select position, id, kind, subject, sequence, time_ms, data from outbox where position > $1 order by position limit $2",
        )
        .bind(after)
        .bind(i64::from(limit))
        .all(&self.database)
        .await?;
        Ok(Facts { facts: rows.into_iter().map(Fact::from).collect(), head: newest })
    }
}
