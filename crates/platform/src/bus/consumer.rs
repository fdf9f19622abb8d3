//! Consumers: each fact has its effect once, however often it comes.
//!
//! The effect, the note that it happened (inbox) and the position are written in one transaction, for as many facts at
//! once as have come. A fact that keeps failing is put aside as a dead letter after some tries, so that one bad fact
//! cannot stop the rest. Of the processes that share a database one has its turn; the others stand by.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Error, Result};
use async_trait::async_trait;
use sea_orm::FromQueryResult;

use super::{Bus, Fact, READ_LIMIT, READ_WAIT, RETRY_DELAY};
use crate::{
    database::{Database, Executor, Tx, sql},
    host::Host,
    turn::Turn,
};

/// What a consumer does with a fact.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// Applies a fact within a transaction. Calls to other services must be idempotent by the fact's id: the
    /// transaction may be rolled back and the fact handled again.
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()>;
}

/// Who reads what.
#[derive(Debug, Clone, Copy)]
pub struct ConsumerSpec {
    /// Names the consumer within its service; its position is kept under it.
    pub name: &'static str,
    /// The service whose facts it reads.
    pub source: &'static str,
    /// The kinds it wants; others are passed over.
    pub kinds: &'static [&'static str],
    /// How often a fact is tried before it is put aside.
    pub tries_max: u32,
}

/// Facts that are applied in one transaction.
const TOGETHER_MAX: usize = 50;

struct Reader {
    spec: ConsumerSpec,
    turn: Turn,
    database: Database,
    clock: Arc<dyn Clock>,
    bus: Bus,
    consumer: Box<dyn Consumer>,
}

#[derive(FromQueryResult)]
struct PositionRow {
    position: i64,
}

/// Starts a consumer; it reads on from where it was until the process shuts down.
pub(crate) fn start(host: &Host, database: &Database, spec: ConsumerSpec, consumer: impl Consumer) {
    let reader = Reader {
        spec,
        turn: Turn::new(host, database, format!("consume {} {}", spec.name, spec.source)),
        database: database.clone(),
        clock: host.clock(),
        bus: host.bus().clone(),
        consumer: Box::new(consumer),
    };
    let shutdown = host.tasks().shutdown();
    host.tasks().spawn(async move {
        shutdown.run_until_cancelled(reader.run_on()).await;
        if let Err(error) = reader.turn.hand_back().await {
            tracing::warn!(bus.consumer = spec.name, error = ?error, "cannot hand the turn back, it ends by itself");
        }
    });
}

impl Reader {
    async fn run_on(&self) {
        loop {
            if let Err(error) = self.run().await {
                super::note_unreadable(self.spec.name, &error);
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }

    async fn run(&self) -> Result<()> {
        self.turn.wait().await?;
        let mut position = self.position(&self.database).await?;
        let log = self.bus.log(self.spec.source)?;
        while self.turn.keep().await? {
            let read = log.read(position, READ_LIMIT, self.turn.patience(READ_WAIT)).await?;
            for facts in read.facts.chunks(TOGETHER_MAX) {
                self.apply_all(facts).await?;
            }
            position = read.facts.last().map_or(position, |last| last.position);
            metrics::gauge!("argosy_consumer_lag", "consumer" => self.spec.name, "source" => self.spec.source)
                .set(u32::try_from(read.head.saturating_sub(position)).unwrap_or(u32::MAX));
        }
        Ok(())
    }

    fn wants(&self, fact: &Fact) -> bool {
        self.spec.kinds.contains(&fact.kind.as_str())
    }

    /// All of them together; if that fails, those that can be, one by one.
    async fn apply_all(&self, facts: &[Fact]) -> Result<()> {
        if self.try_together(facts).await.is_ok() {
            return Ok(());
        }
        for fact in facts.iter().filter(|fact| self.wants(fact)) {
            self.apply(fact).await?;
        }
        match facts.last() {
            Some(last) if !self.wants(last) => self.pass_over(last.position).await,
            _ => Ok(()),
        }
    }

    async fn try_together(&self, facts: &[Fact]) -> Result<()> {
        let Some(last) = facts.last() else { return Ok(()) };
        let tx = self.database.begin().await?;
        for fact in facts.iter().filter(|fact| self.wants(fact)) {
            if self.mark_done(&tx, fact).await? {
                self.consumer.handle(&tx, fact).await?;
            }
        }
        self.move_on(&tx, last.position).await?;
        tx.commit().await
    }

    async fn position(&self, on: &impl Executor) -> Result<i64> {
        let row: Option<PositionRow> =
            sql("select position from subscription where consumer = $1 and source = $2")
                .bind(self.spec.name)
                .bind(self.spec.source)
                .optional(on)
                .await?;
        Ok(row.map_or(0, |row| row.position))
    }

    /// Tries a fact until it is applied or put aside.
    async fn apply(&self, fact: &Fact) -> Result<()> {
        let mut delay = Duration::from_millis(100);
        let mut tries = 1;
        loop {
            let Err(error) = self.try_once(fact).await else { return Ok(()) };
            if tries >= self.spec.tries_max {
                return self.put_aside(fact, &error, tries).await;
            }
            tracing::warn!(bus.consumer = self.spec.name, fact.id, fact.kind, tries, error = ?error, "a fact failed");
            tokio::time::sleep(delay).await;
            delay = (delay * 2).min(Duration::from_secs(30));
            tries += 1;
        }
    }

    async fn try_once(&self, fact: &Fact) -> Result<()> {
        let tx = self.database.begin().await?;
        if self.mark_done(&tx, fact).await? {
            self.consumer.handle(&tx, fact).await?;
        }
        self.move_on(&tx, fact.position).await?;
        tx.commit().await
    }

    /// False if the fact's effect was there before.
    async fn mark_done(&self, tx: &Tx, fact: &Fact) -> Result<bool> {
        let marked =
            sql("insert into inbox (consumer, event_id, time_ms) values ($1, $2, $3) on conflict do nothing")
                .bind(self.spec.name)
                .bind(fact.id.as_str())
                .bind(self.clock.now().as_millis())
                .execute(tx)
                .await?;
        Ok(marked == 1)
    }

    async fn move_on(&self, tx: &Tx, position: i64) -> Result<()> {
        sql("insert into subscription (consumer, source, position) values ($1, $2, $3) \
             on conflict (consumer, source) do update set position = excluded.position \
             where subscription.position < excluded.position")
        .bind(self.spec.name)
        .bind(self.spec.source)
        .bind(position)
        .execute(tx)
        .await?;
        Ok(())
    }

    async fn pass_over(&self, position: i64) -> Result<()> {
        let tx = self.database.begin().await?;
        self.move_on(&tx, position).await?;
        tx.commit().await
    }

    async fn put_aside(&self, fact: &Fact, error: &Error, tries: u32) -> Result<()> {
        tracing::error!(bus.consumer = self.spec.name, fact.id, fact.kind, tries, error = ?error, "a fact is put aside");
        metrics::counter!("argosy_dead_letters_total", "consumer" => self.spec.name).increment(1);
        let tx = self.database.begin().await?;
        sql("insert into dead_letter (consumer, event_id, source, fact, error, tries, time_ms) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing")
        .bind(self.spec.name)
        .bind(fact.id.as_str())
        .bind(self.spec.source)
        .bind(serde_json::to_string(fact).map_err(Error::internal)?)
        .bind(format!("{error:?}"))
        .bind(i64::from(tries))
        .bind(self.clock.now().as_millis())
        .execute(&tx)
        .await?;
        self.move_on(&tx, fact.position).await?;
        tx.commit().await
    }
}

/// A fact that a consumer could not apply.
#[derive(Debug, Clone, FromQueryResult)]
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
    /// How often it was tried.
    pub tries: i64,
    /// When it was put aside.
    pub time_ms: i64,
}

/// The facts put aside in a service's database, newest first.
pub async fn dead_letters(database: &Database, limit: u32) -> Result<Vec<DeadLetter>> {
    sql("select consumer, event_id, source, fact, error, tries, time_ms from dead_letter order by time_ms desc limit $1")
        .bind(i64::from(limit))
        .all(database)
        .await
}
