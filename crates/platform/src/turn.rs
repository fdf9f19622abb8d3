//! Whose turn it is to do what one process at a time does.
//!
//! A turn is a row that ends by itself, so a process that dies holds nobody up for long. It saves work, it does not
//! guard it: with clocks apart two processes may both think it is theirs, so what is done in a turn is safe to do twice.
//! An advisory lock lost: it ends with its connection, and behind a pooler nobody knows when that is.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use argosy_kernel::{Clock, RequestId, Result, Timestamp};

use crate::{
    database::{Database, Engine, sql},
    host::Host,
};

/// How long a turn lasts unless it is kept.
const LASTS: Duration = Duration::from_secs(6);
/// A turn is kept when this much of it is over.
const KEPT_AFTER: Duration = Duration::from_secs(2);
/// How often one who stands by asks.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// The turn of this process at something.
pub(crate) struct Turn {
    database: Database,
    clock: Arc<dyn Clock>,
    name: String,
    holder: String,
    taken_at: Mutex<Option<Timestamp>>,
}

impl Turn {
    /// `name` is unique within the database.
    pub(crate) fn new(host: &Host, database: &Database, name: String) -> Self {
        Self {
            database: database.clone(),
            clock: host.clock(),
            name,
            holder: RequestId::new().to_string(),
            taken_at: Mutex::default(),
        }
    }

    /// A file of one process is always its turn.
    fn is_alone(&self) -> bool {
        self.database.engine() == Engine::Sqlite
    }

    /// Waits until the turn is this process's.
    pub(crate) async fn wait(&self) -> Result<()> {
        while !self.is_alone() && !self.take().await? {
            tokio::time::sleep(ASKED_EVERY).await;
        }
        Ok(())
    }

    /// Keeps the turn; false if it was lost to another.
    pub(crate) async fn keep(&self) -> Result<bool> {
        let taken_at = self.taken_at.lock().map_or(None, |taken_at| *taken_at);
        let fresh = taken_at.is_some_and(|at| at.plus(KEPT_AFTER) > self.clock.now());
        Ok(self.is_alone() || fresh || self.take().await?)
    }

    /// How long something may take without the turn ending meanwhile.
    pub(crate) fn patience(&self, wanted: Duration) -> Duration {
        if self.is_alone() { wanted } else { wanted.min(KEPT_AFTER) }
    }

    async fn take(&self) -> Result<bool> {
        let now = self.clock.now();
        let taken = sql("insert into lease (name, holder, until_ms, due_ms) values ($1, $2, $3, 0) \
                         on conflict (name) do update set holder = excluded.holder, until_ms = excluded.until_ms \
                         where lease.until_ms <= $4 or lease.holder = excluded.holder")
        .bind(self.name.as_str())
        .bind(self.holder.as_str())
        .bind(now.plus(LASTS).as_millis())
        .bind(now.as_millis())
        .commit(&self.database)
        .await?
            == 1;
        if let Ok(mut taken_at) = self.taken_at.lock() {
            *taken_at = taken.then_some(now);
        }
        Ok(taken)
    }

    /// Lets another process go on at once.
    pub(crate) async fn hand_back(&self) -> Result<()> {
        let held = self.taken_at.lock().map_or(None, |mut taken_at| taken_at.take()).is_some();
        if !held {
            return Ok(());
        }
        sql("update lease set until_ms = 0 where name = $1 and holder = $2")
            .bind(self.name.as_str())
            .bind(self.holder.as_str())
            .commit(&self.database)
            .await
            .map(|_| ())
    }
}
