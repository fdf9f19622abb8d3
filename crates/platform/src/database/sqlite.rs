//! The embedded engine: one file a service, write-ahead log, one writer.

use std::{path::Path, time::Duration};

use argosy_kernel::{Error, Result};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, RuntimeErr, SqlxSqliteConnector};
use sqlx::{
    ConnectOptions, Connection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    DatabaseSpec, Durability, Migrations,
    damage::{CORRUPT, mark_of},
    error_of, migrate,
};

const READERS_MAX: u32 = 4;
pub(super) const WRITER_WAIT: Duration = Duration::from_secs(10);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 256;

pub(super) async fn open(
    path: &Path,
    spec: DatabaseSpec,
    migrations: Migrations,
) -> Result<(SqlitePool, DatabaseConnection)> {
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
        // What is deleted is overwritten, so that a person who is forgotten is not found in the file either.
        .pragma("secure_delete", "on")
        .disable_statement_logging();
    let writer = pool(1).connect_with(options.clone()).await.map_err(|error| cannot_open(path, &error))?;
    check_if_marked(path, &writer).await?;
    if migrations != Migrations::Leave {
        migrate::run_sqlite(path, &writer, spec.migrations).await?;
    }
    let readers =
        pool(READERS_MAX).connect_lazy_with(options.create_if_missing(false).pragma("query_only", "on"));
    Ok((writer, SqlxSqliteConnector::from_sqlx_sqlite_pool(readers)))
}

/// A file that was found damaged is read from end to end before it is used again.
async fn check_if_marked(path: &Path, writer: &SqlitePool) -> Result<()> {
    let mark = mark_of(path);
    if !mark.exists() {
        return Ok(());
    }
    let said: String = sqlx::query_scalar("pragma quick_check(1)")
        .fetch_one(writer)
        .await
        .map_err(|error| cannot_open(path, &error))?;
    if said != "ok" {
        return Err(corrupt(path, said));
    }
    std::fs::remove_file(mark).map_err(Error::internal)
}

fn corrupt(path: &Path, said: String) -> Error {
    let path = path.display();
    Error::precondition(
        CORRUPT,
        format!("{path} is damaged or not a database; restore it from a backup or move it away"),
    )
    .with_source(said)
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
    if text.contains("not a database") || text.contains("malformed") {
        return corrupt(path, text);
    }
    let path = path.display();
    Error::unavailable("DATABASE_UNAVAILABLE", format!("cannot open {path}: {text}")).with_source(text)
}

/// SQLite makes the copy itself: another that opened and closed the file here would drop the locks on it.
pub(super) async fn copy(from: &Path, to: &Path) -> Result<()> {
    let options =
        SqliteConnectOptions::new().filename(from).busy_timeout(BUSY_TIMEOUT).disable_statement_logging();
    let mut connection = options.connect().await.map_err(|error| cannot_open(from, &error))?;
    let to =
        to.to_str().ok_or_else(|| Error::invalid("BACKUP_UNWRITABLE", "the folder's name is not UTF-8"))?;
    let copied = sqlx::query("vacuum into $1").bind(to).execute(&mut connection).await;
    let closed = connection.close().await;
    copied.map(drop).and(closed).map_err(|error| error_of(DbErr::Exec(RuntimeErr::SqlxError(error.into()))))
}

pub(super) async fn checkpoint(writer: &DatabaseConnection) -> Result<()> {
    writer.execute_unprepared("pragma wal_checkpoint(truncate)").await.map_err(error_of)?;
    Ok(())
}
