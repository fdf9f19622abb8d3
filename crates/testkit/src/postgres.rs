//! Schemas of a test's own in the PostgreSQL that tests share.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use argosy_kernel::Secret;
use argosy_platform::database::DatabaseSettings;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Where tests find PostgreSQL: `ARGOSY_TEST_POSTGRES_URL`, or what `cargo xtask servers` sets up.
const DEFAULT_URL: &str = "postgres://argosy:argosy@127.0.0.1:5432/argosy_test";
const CLEAN_UP_TIME_MAX: Duration = Duration::from_secs(5);

/// Schemas that begin with a name of their own and are gone when the test is.
pub struct Schemas {
    prefix: String,
    url: String,
}

impl Schemas {
    /// A name that no other test has.
    #[expect(clippy::disallowed_methods, reason = "tests take the servers' addresses from the environment")]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            // The time first: what a killed test leaves behind is found by its age.
            prefix: format!("t{now:08x}_{:x}_{count}_", process::id()),
            url: std::env::var("ARGOSY_TEST_POSTGRES_URL").unwrap_or_else(|_| DEFAULT_URL.to_owned()),
        }
    }

    /// Settings under which a process keeps its data there, over few connections: many tests share one server.
    pub fn settings(&self) -> DatabaseSettings {
        DatabaseSettings {
            url: Some(Secret::new(self.url.clone())),
            schema_prefix: self.prefix.clone(),
            connections_max: 3,
            acquire_timeout_ms: 20_000,
            ..DatabaseSettings::default()
        }
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the schemas' names begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    async fn drop_all(&self) -> sqlx::Result<()> {
        let mut connection = PgConnection::connect(&self.url).await?;
        sqlx::query("set lock_timeout = '2s'").execute(&mut connection).await?;
        let names: Vec<String> =
            sqlx::query_scalar("select nspname::text from pg_namespace where starts_with(nspname, $1)")
                .bind(&self.prefix)
                .fetch_all(&mut connection)
                .await?;
        for name in names {
            let statement = format!("drop schema \"{name}\" cascade");
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        connection.close().await
    }
}

impl Default for Schemas {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Schemas {
    /// On a thread of its own: the test's runtime may be gone already. What stays behind (a lock, a killed test) is
    /// swept by `cargo xtask test`.
    fn drop(&mut self) {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(async {
                    match tokio::time::timeout(CLEAN_UP_TIME_MAX, self.drop_all()).await {
                        Ok(done) => done.map_err(std::io::Error::other),
                        Err(late) => Err(late.into()),
                    }
                })
            });
        });
    }
}
