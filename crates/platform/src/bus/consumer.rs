//! Consumers: each fact has its effect once, however often it comes.
//!
//! The effect, the note that it happened (inbox) and the position are written in one transaction, for as many facts at
//! once as have come. A fact that keeps failing is put aside as a dead letter after some tries, so that one bad fact
//! cannot stop the rest. Of the processes that share a database one has its turn; the others stand by.

use std::{collections::HashSet, sync::Arc, time::Duration};

use argosy_kernel::{Clock, Error, Result};
use async_trait::async_trait;

use super::{Bus, Fact, FactLog, READ_LIMIT, READ_WAIT, RETRY_DELAY, WENT_BACK, letters, position};
use crate::{
    database::{Database, FromQueryResult, Tx, Value, sql},
    host::{FACTS_KEPT, Host},
    tasks::caught,
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
/// What the inbox remembers, less what clocks and housekeeping may differ by.
const REMEMBERED: Duration = FACTS_KEPT.saturating_sub(Duration::from_hours(1));

#[derive(FromQueryResult)]
struct MarkedRow {
    event_id: String,
}

struct Reader {
    spec: ConsumerSpec,
    turn: Turn,
    database: Database,
    clock: Arc<dyn Clock>,
    bus: Bus,
    consumer: Box<dyn Consumer>,
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

/// A service of this process that starts after those who listen to it is not there yet.
const LATE_TRIES_MAX: u32 = 10;

impl Reader {
    async fn run_on(&self) {
        let mut tries_without_word = LATE_TRIES_MAX;
        loop {
            if let Err(error) = self.run().await {
                if error.reason() == super::UNKNOWN_SOURCE && tries_without_word > 0 {
                    tries_without_word -= 1;
                } else {
                    super::note_unreadable(self.spec.name, &error);
                }
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }

    async fn run(&self) -> Result<()> {
        self.turn.wait().await?;
        let log = self.bus.log(self.spec.source)?;
        let name = position::name_in(self.spec.source, &*log);
        let reading = Reading { reader: self, name: &name };
        let mut at = position::get(&self.database, self.spec.name, &name).await?;
        let mut looked = None;
        while self.turn.keep().await? {
            if letters::is_due(&mut looked) {
                self.try_letters().await?;
                at = position::go_back(&self.database, self.spec.name, &name).await?.unwrap_or(at);
            }
            at = reading.read_on(&*log, at).await?;
        }
        Ok(())
    }

    /// Applies facts that were put aside and are to be tried again.
    async fn try_letters(&self) -> Result<()> {
        for letter in letters::asked_again(&self.database, self.spec.name, self.spec.source).await? {
            let fact: Fact = serde_json::from_str(&letter.fact).map_err(Error::internal)?;
            if let Err(error) = self.try_letter(&fact).await {
                let tx = self.database.begin().await?;
                self.put_aside(&tx, &fact, &error, 1).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    async fn try_letter(&self, fact: &Fact) -> Result<()> {
        let tx = self.database.begin().await?;
        if self.mark_done(&tx, fact).await? {
            self.handle(&tx, fact).await?;
        }
        letters::forget_in(&tx, self.spec.name, &fact.id).await?;
        tx.commit().await
    }

    /// Whether it is of a kind that is wanted, and not older than what the inbox remembers: such a fact, read from a
    /// stream that got it late, may have been applied long ago.
    fn wants(&self, fact: &Fact) -> bool {
        self.spec.kinds.contains(&fact.kind.as_str())
            && fact.time_ms > self.clock.now().minus(REMEMBERED).as_millis()
    }

    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        caught(self.consumer.handle(tx, fact)).await
    }

    /// False if the fact's effect was there before.
    async fn mark_done(&self, tx: &Tx, fact: &Fact) -> Result<bool> {
        Ok(!self.mark_all_done(tx, &[fact]).await?.is_empty())
    }

    /// The ids of those whose effect was not there before.
    async fn mark_all_done(&self, tx: &Tx, facts: &[&Fact]) -> Result<HashSet<String>> {
        let now = self.clock.now().as_millis();
        let rows = facts
            .iter()
            .map(|fact| -> [Value; 3] { [self.spec.name.into(), fact.id.as_str().into(), now.into()] });
        let marked: Vec<MarkedRow> = sql("insert into inbox (consumer, event_id, time_ms) values ")
            .rows(rows)
            .then(" on conflict do nothing returning event_id")
            .all(tx)
            .await?;
        Ok(marked.into_iter().map(|row| row.event_id).collect())
    }

    async fn put_aside(&self, tx: &Tx, fact: &Fact, error: &Error, tries: u32) -> Result<()> {
        let reason = letters::Reason { consumer: self.spec.name, source: self.spec.source, error, tries };
        letters::put_aside(tx, self.clock.now(), fact, &reason).await
    }
}

/// A reader and the name of its position in the log that it reads.
struct Reading<'a> {
    reader: &'a Reader,
    name: &'a str,
}

impl Reading<'_> {
    /// Applies what comes next; answers the position behind it.
    async fn read_on(&self, log: &dyn FactLog, at: i64) -> Result<i64> {
        let Reader { spec, turn, .. } = self.reader;
        let read = match log.read(at, READ_LIMIT, turn.patience(READ_WAIT)).await {
            Err(error) if error.reason() == WENT_BACK => return self.begin_again(&error).await,
            read => read?,
        };
        for facts in read.facts.chunks(TOGETHER_MAX) {
            self.apply_all(facts).await?;
        }
        let at = read.facts.last().map_or(at, |last| last.position);
        metrics::gauge!("argosy_consumer_lag", "consumer" => spec.name, "source" => spec.source)
            .set(u32::try_from(read.head.saturating_sub(at)).unwrap_or(u32::MAX));
        Ok(at)
    }

    /// The log lost what was read of it: whatever it has is read, and passed over by the inbox where it is done.
    async fn begin_again(&self, error: &Error) -> Result<i64> {
        let spec = &self.reader.spec;
        tracing::warn!(bus.consumer = spec.name, error = ?error, "reading from the beginning");
        let tx = self.reader.database.begin().await?;
        position::set(&tx, spec.name, self.name, 0).await?;
        tx.commit().await.map(|()| 0)
    }

    /// All of them together; if that fails, those that can be, one by one.
    async fn apply_all(&self, facts: &[Fact]) -> Result<()> {
        if self.try_together(facts).await.is_ok() {
            return Ok(());
        }
        for fact in facts.iter().filter(|fact| self.reader.wants(fact)) {
            self.apply(fact).await?;
        }
        match facts.last() {
            Some(last) if !self.reader.wants(last) => self.pass_over(last.position).await,
            _ => Ok(()),
        }
    }

    async fn try_together(&self, facts: &[Fact]) -> Result<()> {
        let Some(last) = facts.last() else { return Ok(()) };
        let wanted: Vec<&Fact> = facts.iter().filter(|fact| self.reader.wants(fact)).collect();
        if wanted.is_empty() {
            return self.pass_over(last.position).await;
        }
        let tx = self.reader.database.begin().await?;
        let new = self.reader.mark_all_done(&tx, &wanted).await?;
        for fact in wanted.into_iter().filter(|fact| new.contains(&fact.id)) {
            self.reader.handle(&tx, fact).await?;
        }
        self.move_on(&tx, last.position).await?;
        tx.commit().await
    }

    /// Tries a fact until it is applied or put aside.
    async fn apply(&self, fact: &Fact) -> Result<()> {
        let mut delay = Duration::from_millis(100);
        let mut tries = 1;
        loop {
            let Err(error) = self.try_once(fact).await else { return Ok(()) };
            if tries >= self.reader.spec.tries_max {
                return self.put_aside(fact, &error, tries).await;
            }
            tracing::warn!(bus.consumer = self.reader.spec.name, fact.id, fact.kind, tries, error = ?error, "a fact failed");
            tokio::time::sleep(delay).await;
            delay = (delay * 2).min(Duration::from_secs(30));
            tries += 1;
        }
    }

    async fn try_once(&self, fact: &Fact) -> Result<()> {
        let tx = self.reader.database.begin().await?;
        if self.reader.mark_done(&tx, fact).await? {
            self.reader.handle(&tx, fact).await?;
        }
        self.move_on(&tx, fact.position).await?;
        tx.commit().await
    }

    async fn put_aside(&self, fact: &Fact, error: &Error, tries: u32) -> Result<()> {
        let tx = self.reader.database.begin().await?;
        self.reader.put_aside(&tx, fact, error, tries).await?;
        self.move_on(&tx, fact.position).await?;
        tx.commit().await
    }

    async fn move_on(&self, tx: &Tx, at: i64) -> Result<()> {
        position::move_on(self.reader.spec.name, self.name, at).execute(tx).await.map(|_| ())
    }

    async fn pass_over(&self, at: i64) -> Result<()> {
        let Reader { spec, database, .. } = self.reader;
        position::move_on(spec.name, self.name, at).commit(database).await.map(|_| ())
    }
}
