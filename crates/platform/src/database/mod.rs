//! SQL over SQLite (embedded) or PostgreSQL (at scale), behind one handle.
//!
//! Statements are written once, in the SQL that both engines understand, with `$1` placeholders. sea-orm is
//! used as the driver of both; its entities lost on the hot paths, where the condition must be in the
//! statement. Each service opens its own database: nobody else reads its tables.

mod migrate;
mod sql;
mod sqlite;

use std::{path::PathBuf, sync::Arc};

use argosy_kernel::{Error, Result};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::watch;

pub use self::{
    migrate::Migration,
    sql::{Executor, Sql, sql},
};
pub use sea_orm::{FromQueryResult, Value};

/// How much a commit must survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: where money or stock is.
    Full,
    /// A killed process. A power cut may lose the last moments, never consistency.
    Process,
}

/// What a service wants opened.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseSpec {
    /// The service's name; the file or schema is called so.
    pub name: &'static str,
    /// How much a commit must survive.
    pub durability: Durability,
    /// The service's own migrations, ascending.
    pub migrations: &'static [Migration],
}

/// A service's database: one writer whose transactions begin immediately, and a pool of readers.
#[derive(Clone)]
pub struct Database {
    name: &'static str,
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    outbox_head: Arc<watch::Sender<i64>>,
}

impl Database {
    /// Opens a service's SQLite file in a folder, and brings its tables up to date.
    ///
    /// # Errors
    /// `DATABASE_CORRUPT`, `DATABASE_NEWER` (a later release wrote it), `DATABASE_UNAVAILABLE` (rights, disk).
    pub async fn open_sqlite(folder: &std::path::Path, spec: DatabaseSpec) -> Result<Self> {
        let path: PathBuf = folder.join(format!("{}.db", spec.name));
        let (writer, readers) = sqlite::open(&path, spec).await?;
        let database =
            Self { name: spec.name, writer, readers, outbox_head: Arc::new(watch::Sender::new(0)) };
        let head = crate::bus::outbox::head(&database).await?;
        database.outbox_head.send_replace(head);
        Ok(database)
    }

    /// The service's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Begins a transaction that may write. It is rolled back unless it is committed.
    ///
    /// # Errors
    /// `DATABASE_BUSY` (UNAVAILABLE) when the writer is not free in time.
    pub async fn begin(&self) -> Result<Tx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.writer.begin_with_options(options).await.map_err(error_of)?;
        Ok(Tx { inner, outbox_head: Arc::clone(&self.outbox_head), published: std::sync::Mutex::new(None) })
    }

    /// Moves when a committed transaction published facts; its value is the newest position.
    pub(crate) fn outbox_head(&self) -> watch::Receiver<i64> {
        self.outbox_head.subscribe()
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<()> {
        self.readers.ping().await.map_err(error_of)
    }

    /// Folds the write-ahead log into the file, so that it does not grow without end.
    pub async fn checkpoint(&self) -> Result<()> {
        sqlite::checkpoint(&self.writer).await
    }

    /// Closes all connections; what is running ends first.
    pub async fn close(&self) -> Result<()> {
        self.readers.clone().close().await.map_err(error_of)?;
        self.writer.clone().close().await.map_err(error_of)
    }

    pub(crate) fn readers(&self) -> &DatabaseConnection {
        &self.readers
    }
}

/// A transaction that may write.
pub struct Tx {
    inner: DatabaseTransaction,
    outbox_head: Arc<watch::Sender<i64>>,
    published: std::sync::Mutex<Option<i64>>,
}

impl Tx {
    /// Makes all of it last, then wakes those who wait for its facts.
    ///
    /// # Errors
    /// When the commit fails nothing of it lasts.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await.map_err(error_of)?;
        let published = self.published.lock().map_or(None, |mut published| published.take());
        if let Some(position) = published {
            self.outbox_head.send_if_modified(|head| {
                let newer = position > *head;
                *head = position.max(*head);
                newer
            });
        }
        Ok(())
    }

    pub(crate) fn inner(&self) -> &DatabaseTransaction {
        &self.inner
    }

    pub(crate) fn note_published(&self, position: i64) {
        if let Ok(mut published) = self.published.lock() {
            *published = Some(published.map_or(position, |earlier| earlier.max(position)));
        }
    }
}

/// A database failure as a caller sees it: busy is worth another try, all else is ours.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
pub(crate) fn error_of(error: DbErr) -> Error {
    let text = error.to_string();
    let busy = matches!(error, DbErr::ConnectionAcquire(_)) || text.contains("database is locked");
    if busy {
        return Error::unavailable("DATABASE_BUSY", "the database is busy").with_source(text);
    }
    if text.contains("database or disk is full") {
        return Error::unavailable("DISK_FULL", "there is no space left to store this").with_source(text);
    }
    Error::internal(text)
}
