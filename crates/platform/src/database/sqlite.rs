//! The embedded engine: one file a service, write-ahead log, one writer.

use std::{path::Path, time::Duration};

use argosy_kernel::{Error, Result};
use sea_orm::{ConnectionTrait, DatabaseConnection, SqlxSqliteConnector};
use sqlx::{
    ConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};

use super::{DatabaseSpec, Durability, error_of, migrate};

const READERS_MAX: u32 = 4;
pub(super) const WRITER_WAIT: Duration = Duration::from_secs(10);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 256;

pub(super) async fn open(path: &Path, spec: DatabaseSpec) -> Result<(SqlitePool, DatabaseConnection)> {
    let synchronous = match spec.durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::Process => SqliteSynchronous::Normal,
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS_MAX)
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
        .disable_statement_logging();
    let writer = pool(1).connect_with(options.clone()).await.map_err(|error| cannot_open(path, &error))?;
    migrate::run_sqlite(path, &writer, spec.migrations).await?;
    let readers =
        pool(READERS_MAX).connect_lazy_with(options.create_if_missing(false).pragma("query_only", "on"));
    Ok((writer, SqlxSqliteConnector::from_sqlx_sqlite_pool(readers)))
}

fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(WRITER_WAIT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

pub(super) fn cannot_open(path: &Path, error: &sqlx::Error) -> Error {
    let text = error.to_string();
    let path = path.display();
    if text.contains("not a database") || text.contains("malformed") {
        return Error::precondition(
            "DATABASE_CORRUPT",
            format!("{path} is damaged or not a database; restore it from a backup or move it away"),
        )
        .with_source(text);
    }
    Error::unavailable("DATABASE_UNAVAILABLE", format!("cannot open {path}: {text}")).with_source(text)
}

pub(super) async fn checkpoint(writer: &DatabaseConnection) -> Result<()> {
    writer.execute_unprepared("pragma wal_checkpoint(truncate)").await.map_err(error_of)?;
    Ok(())
}
