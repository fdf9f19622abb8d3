//! The baseline of purchases: how many single rows the same engine commits in a second, each one made to last.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Result;
use sqlx::{
    AssertSqlSafe,
    postgres::{PgPool, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::task::JoinSet;

const INSERT: &str = "insert into line (body) values ($1)";
const BODY: &str = "a row about as long as a ledger entry: one variant, a quantity, a reason";

/// What keeps the shop's data, and the baseline's.
#[derive(Clone)]
pub(crate) enum Disk {
    /// In this folder, by its one writer.
    Sqlite(PathBuf),
    /// In schemas whose names begin so.
    Postgres { url: String, prefix: String },
}

impl Disk {
    /// Commits per second of so many workers. What `pgbench` does with one insert, from here.
    pub(crate) async fn commits_per_second(&self, workers: usize, time: Duration) -> Result<f64> {
        match self {
            Self::Sqlite(folder) => {
                let pool = sqlite(folder).await?;
                let insert = move || {
                    let pool = pool.clone();
                    async move { sqlx::query(INSERT).bind(BODY).execute(&pool).await.map(drop) }
                };
                rate(insert, workers, time).await
            }
            Self::Postgres { url, prefix } => {
                let pool = postgres(url, prefix, workers).await?;
                let insert = move || {
                    let pool = pool.clone();
                    async move { sqlx::query(INSERT).bind(BODY).execute(&pool).await.map(drop) }
                };
                rate(insert, workers, time).await
            }
        }
    }

    /// Leaves nothing behind in a server that others use too.
    pub(crate) async fn clean_up(&self) -> Result<()> {
        let Self::Postgres { url, prefix } = self else { return Ok(()) };
        let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
        let schemas: Vec<String> =
            sqlx::query_scalar("select nspname::text from pg_namespace where starts_with(nspname, $1)")
                .bind(prefix)
                .fetch_all(&pool)
                .await?;
        for schema in schemas {
            let drop = format!("drop schema \"{schema}\" cascade");
            sqlx::query(AssertSqlSafe(drop)).execute(&pool).await?;
        }
        pool.close().await;
        Ok(())
    }
}

async fn sqlite(folder: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("commits.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool =
        SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options).await?;
    sqlx::query("create table if not exists line (id integer primary key, body text not null)")
        .execute(&pool)
        .await?;
    Ok(pool)
}

async fn postgres(url: &str, prefix: &str, workers: usize) -> Result<PgPool> {
    let schema = format!("{prefix}baseline");
    let options = url.parse::<sqlx::postgres::PgConnectOptions>()?.options([("search_path", &schema)]);
    let pool = PgPoolOptions::new()
        .max_connections(u32::try_from(workers)?)
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    sqlx::query(AssertSqlSafe(format!("create schema if not exists \"{schema}\""))).execute(&pool).await?;
    let table = "create table if not exists line \
                 (id bigint generated always as identity primary key, body text not null)";
    sqlx::query(table).execute(&pool).await?;
    Ok(pool)
}

async fn rate<F>(insert: impl Fn() -> F, workers: usize, time: Duration) -> Result<f64>
where
    F: Future<Output = sqlx::Result<()>> + Send + 'static,
{
    let started = Instant::now();
    let mut under_way = JoinSet::new();
    for _ in 0..workers {
        under_way.spawn(insert());
    }
    let mut commits = 0_u32;
    while let Some(done) = under_way.join_next().await {
        done??;
        commits += 1;
        if started.elapsed() < time {
            under_way.spawn(insert());
        }
    }
    Ok(f64::from(commits) / started.elapsed().as_secs_f64())
}
