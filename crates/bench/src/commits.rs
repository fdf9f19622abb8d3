//! The baseline of purchases: how many single rows SQLite commits in a second, on the same disk, each one synced.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::task::JoinSet;

/// Commits per second of `workers` that share the one writer that SQLite has, as the platform does.
pub(crate) async fn rate(folder: &Path, workers: usize, time: Duration) -> Result<f64> {
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
    let started = Instant::now();
    let end = started + time;
    let mut tasks = JoinSet::new();
    for _ in 0..workers {
        let pool = pool.clone();
        tasks.spawn(async move {
            let mut commits = 0_u32;
            while Instant::now() < end {
                sqlx::query("insert into line (body) values ($1)")
                    .bind("a row about as long as a ledger entry: one variant, a quantity, a reason")
                    .execute(&pool)
                    .await?;
                commits += 1;
            }
            anyhow::Ok(commits)
        });
    }
    let mut commits = 0.0;
    while let Some(task) = tasks.join_next().await {
        commits += f64::from(task??);
    }
    let rate = commits / started.elapsed().as_secs_f64();
    pool.close().await;
    Ok(rate)
}
