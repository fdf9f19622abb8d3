//! Facts: what happened, told once to whoever needs it.
//!
//! A service appends a fact to its outbox in the transaction of the change ([`Tx::publish`]). Whoever listens
//! reads the outbox as a log, in order, from a position it keeps itself. Embedded, the log is the outbox table
//! with a wake-up in process; between processes it is the same log over gRPC, or at scale a stream of NATS JetStream
//! into which each outbox is copied. Pushing to in-memory channels lost: what is not read when the process dies would be gone.

pub(crate) mod consumer;
mod letters;
pub(crate) mod nats;
pub mod operators;
pub(crate) mod outbox;
mod position;

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};

use argosy_kernel::{Error, Result};
use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};

pub use self::{
    consumer::{Consumer, ConsumerSpec},
    letters::{DeadLetter, dead_letters, drop_letters, letters_of, retry_letters},
    nats::{BusSettings, Nats},
    outbox::NewFact,
};
use crate::tasks::Tasks;

#[cfg(doc)]
use crate::database::Tx;

/// Something that happened in a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Fact {
    /// Its place in its service's log.
    pub position: i64,
    /// Unique; what the inbox remembers.
    pub id: String,
    /// `service.what_happened`.
    pub kind: String,
    /// The aggregate it is about.
    pub subject: String,
    /// Counts within the aggregate.
    pub sequence: i64,
    /// When, in milliseconds since the epoch.
    pub time_ms: i64,
    /// JSON; what it holds is documented by the service that publishes it.
    pub data: String,
}

impl Fact {
    /// The data as a type.
    ///
    /// # Errors
    /// `FACT_UNREADABLE` if it is not of that form.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.data).map_err(|error| {
            Error::internal(error).with_source(format!("FACT_UNREADABLE: {} {}", self.kind, self.id))
        })
    }
}

/// A stretch of a log.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// In order of position.
    pub facts: Vec<Fact>,
    /// The newest position of the log.
    pub head: i64,
}

/// A service's facts in order.
#[async_trait]
pub trait FactLog: Send + Sync + 'static {
    /// Facts after a position, waiting up to `wait` for the first.
    ///
    /// # Errors
    /// `FACTS_WENT_BACK` if the log holds less than the position says was read of it.
    async fn read(&self, after: i64, limit: u32, wait: Duration) -> Result<Facts>;

    /// What its positions count, where it is not the outbox: they are kept apart from the outbox's.
    fn kind(&self) -> &'static str {
        ""
    }
}

/// The logs that a process can read, by service.
#[derive(Clone, Default)]
pub struct Bus {
    logs: Arc<RwLock<HashMap<String, Arc<dyn FactLog>>>>,
    stream: Option<Nats>,
    streamed: Arc<RwLock<HashMap<String, Arc<dyn FactLog>>>>,
}

impl Bus {
    /// A bus whose readers all read the stream of a NATS, if there is one.
    pub(crate) fn over(stream: Option<Nats>) -> Self {
        Self { stream, ..Self::default() }
    }

    pub(crate) fn stream(&self) -> Option<&Nats> {
        self.stream.as_ref()
    }

    /// Makes a service's log readable in this process.
    pub fn add(&self, source: &str, log: Arc<dyn FactLog>) {
        if let Ok(mut logs) = self.logs.write() {
            logs.insert(source.to_owned(), log);
        }
    }

    /// The log of a service.
    ///
    /// # Errors
    /// NOT_FOUND/`UNKNOWN_SOURCE` if this process neither runs it nor knows where it runs, and there is no NATS.
    pub fn log(&self, source: &str) -> Result<Arc<dyn FactLog>> {
        let Some(nats) = &self.stream else { return self.outbox(source) };
        let Ok(mut streamed) = self.streamed.write() else { return self.outbox(source) };
        let log = streamed
            .entry(source.to_owned())
            .or_insert_with(|| Arc::new(nats::NatsLog::new(nats.clone(), source)));
        Ok(Arc::clone(log))
    }

    /// The log of a service as its outbox has it, also where this process itself reads a stream.
    ///
    /// # Errors
    /// NOT_FOUND/`UNKNOWN_SOURCE` if this process neither runs it nor knows where it runs.
    pub fn outbox(&self, source: &str) -> Result<Arc<dyn FactLog>> {
        let log = self.logs.read().ok().and_then(|logs| logs.get(source).cloned());
        log.ok_or_else(|| Error::not_found(UNKNOWN_SOURCE, format!("there is no service '{source}' here")))
    }

    /// Tells a read model in memory of each fact of a service from now on, e.g. to drop a cached page. What
    /// happened while the process was down needs no telling: its memory was empty. When reading fails it is
    /// tried again, and `missed` is called first, because facts may have been pruned or skipped in between.
    pub fn follow(
        &self,
        tasks: &Tasks,
        source: &'static str,
        mut each: impl FnMut(&Fact) + Send + 'static,
        missed: impl Fn() + Send + 'static,
    ) {
        let bus = self.clone();
        tasks.spawn_loop(async move {
            let mut position = None;
            loop {
                match bus.read_on(source, position).await {
                    Ok(facts) => {
                        facts.facts.iter().for_each(&mut each);
                        position =
                            facts.facts.last().map(|fact| fact.position).or(Some(facts.head)).max(position);
                    }
                    Err(error) => {
                        note_unreadable(source, &error);
                        if error.reason() == WENT_BACK {
                            position = Some(0);
                        }
                        missed();
                        tokio::time::sleep(RETRY_DELAY).await;
                    }
                }
            }
        });
    }

    async fn read_on(&self, source: &str, position: Option<i64>) -> Result<Facts> {
        let log = self.log(source)?;
        match position {
            None => {
                Ok(Facts { facts: Vec::new(), head: log.read(i64::MAX - 1, 1, Duration::ZERO).await?.head })
            }
            Some(after) => log.read(after, READ_LIMIT, READ_WAIT).await,
        }
    }
}

/// The reason of an error of a log that holds less than was read of it.
pub(crate) const WENT_BACK: &str = "FACTS_WENT_BACK";

/// The reason of who asks for the facts of a service that is not known here.
pub(crate) const UNKNOWN_SOURCE: &str = "UNKNOWN_SOURCE";

const SHUTTING_DOWN: &str = "SHUTTING_DOWN";

pub(crate) fn shutting_down() -> Error {
    Error::unavailable(SHUTTING_DOWN, "the process that tells these facts shuts down")
}

/// A reader whose source shuts down waits for it to come back, without a word.
pub(crate) fn note_unreadable(reader: &str, error: &Error) {
    if error.reason() != SHUTTING_DOWN {
        tracing::warn!(bus.reader = reader, error = ?error, "cannot read facts, trying again");
    }
}

pub(crate) const RETRY_DELAY: Duration = Duration::from_secs(1);
pub(crate) const READ_LIMIT: u32 = 500;
pub(crate) const READ_WAIT: Duration = Duration::from_secs(20);
