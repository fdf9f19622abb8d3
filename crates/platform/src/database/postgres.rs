//! PostgreSQL: a schema a service, one pool for reading and writing, if wanted a standby for readers.
//!
//! The schema is chosen by `search_path`, set as the connection starts. Behind a pooler in transaction mode nothing set
//! on a connection lasts, so there it is set in each transaction.

use std::{str::FromStr, sync::Arc, time::Duration};

use argosy_kernel::{Error, Result};
use sea_orm::SqlxPostgresConnector;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor,
    postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions},
};

use super::{
    DatabaseSettings, DatabaseSpec, Migrations, connections::Connections, error::away, health::Renewal,
    migrate, pooled::Pooled, settings::invalid, sql,
};

/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 256;
/// The oldest server whose behaviour is tested.
const VERSION_MIN: i32 = 150_000;
/// A transaction that its process forgot would hold rows and facts back.
const IDLE_IN_TRANSACTION_MAX: Duration = Duration::from_secs(30);
/// Behind this the server may have closed a connection in between.
const IDLE_MAX: Duration = Duration::from_mins(5);

/// How a service's database is reached.
#[derive(Clone)]
pub(super) struct Place {
    /// The setting that named it, for messages.
    setting: String,
    /// The service's schema.
    pub(super) schema: String,
    options: PgConnectOptions,
    /// What begins each transaction behind a pooler.
    begin: Option<Arc<str>>,
}

impl Place {
    pub(super) fn of(settings: &DatabaseSettings, service: &str, setting: String, url: &str) -> Result<Self> {
        let schema = format!("{}{service}", settings.schema_prefix);
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(invalid(&setting, "must start with postgres://"));
        }
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| invalid(&setting, &format!("not a URL of PostgreSQL: {error}")))?
            .application_name(&format!("argosy {service}"))
            .disable_statement_logging();
        let told = [
            ("search_path", schema.clone()),
            ("statement_timeout", settings.statement_timeout_ms.to_string()),
            ("lock_timeout", settings.lock_timeout_ms.to_string()),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_MAX.as_millis().to_string()),
        ];
        if !settings.pooler {
            let options = options.statement_cache_capacity(STATEMENTS_MAX).options(told);
            return Ok(Self { setting, schema, options, begin: None });
        }
        // A pooler refuses what it does not know as a connection starts.
        let options = options.statement_cache_capacity(0).extra_float_digits(None);
        let each = told.iter().map(|(name, value)| format!("; set local {name} to '{value}'"));
        let begin = std::iter::once("begin".to_owned()).chain(each).collect::<String>();
        Ok(Self { setting, schema, options, begin: Some(begin.into()) })
    }

    fn connections(&self, pool: PgPool) -> Connections {
        match &self.begin {
            None => Connections::Direct(SqlxPostgresConnector::from_sqlx_postgres_pool(pool)),
            Some(begin) => Connections::Pooled(Pooled { pool, begin: Arc::clone(begin) }),
        }
    }

    fn cannot_connect(&self, error: &sqlx::Error) -> Error {
        let text = error.to_string();
        let Self { setting, schema, .. } = self;
        let what = match error {
            // PgBouncer's words; it has no code for it.
            sqlx::Error::Database(said) if said.message().contains("unsupported startup parameter") => {
                "a pooler is in between: set database.pooler = true"
            }
            sqlx::Error::Database(said) => match said.code().as_deref() {
                Some("28P01" | "28000") => "the user or its password is wrong",
                Some("3D000") => "there is no such database",
                Some("42501") => "its user lacks the rights",
                Some("53300") => "it has no connection left",
                _ => "it refuses",
            },
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => "it does not answer",
            sqlx::Error::Tls(_) => "TLS fails",
            _ => "it cannot be used",
        };
        Error::unavailable("DATABASE_UNAVAILABLE", format!("{setting} (schema {schema}): {what}: {text}"))
            .with_source(text)
    }
}

/// Connects, makes the schema and brings its tables up to date if that is wanted.
pub(super) async fn open(
    place: &Place,
    settings: &DatabaseSettings,
    spec: DatabaseSpec,
    migrations: Migrations,
    renewal: &Arc<Renewal>,
) -> Result<Connections> {
    let renewal = Arc::clone(renewal);
    let pool = options(settings).before_acquire(move |_connection, known| {
        let good = !renewal.replaces(known.age);
        Box::pin(std::future::ready(Ok(good)))
    });
    let pool = pool.connect_lazy_with(place.options.clone());
    let failed = |error: sqlx::Error| place.cannot_connect(&error);
    match &place.begin {
        None => {
            let mut connection = pool.acquire().await.map_err(failed)?;
            prepare(place, &mut connection, spec, migrations).await?;
        }
        Some(begin) => {
            // The migrator prepares statements, whose names would stay behind.
            let mut tx = pool.begin_with(AssertSqlSafe(begin.to_string())).await.map_err(failed)?;
            tx.execute("deallocate all").await.map_err(failed)?;
            if migrations == Migrations::Run {
                tx.execute("select pg_advisory_xact_lock(hashtext('argosy tables'))")
                    .await
                    .map_err(failed)?;
            }
            prepare(place, &mut tx, spec, migrations).await?;
            tx.execute("deallocate all").await.map_err(failed)?;
            tx.commit().await.map_err(failed)?;
        }
    }
    Ok(place.connections(pool))
}

async fn prepare(
    place: &Place,
    connection: &mut PgConnection,
    spec: DatabaseSpec,
    migrations: Migrations,
) -> Result<()> {
    let version = version(connection).await.map_err(|error| place.cannot_connect(&error))?;
    if version < VERSION_MIN {
        return Err(Error::precondition(
            "DATABASE_TOO_OLD",
            format!("{}: PostgreSQL 15 or later is needed, this is {}", place.setting, version / 10_000),
        ));
    }
    let schema = place.schema.as_str();
    if migrations == Migrations::Run && !make(place, connection, spec).await? {
        migrate::run_postgres(schema, connection, spec.migrations, place.begin.is_none()).await?;
    }
    if migrations == Migrations::Leave {
        sqlx::query("select 1 from subscription limit 1")
            .fetch_optional(connection)
            .await
            .map_err(|error| migrate::missing(schema, &error))?;
        return Ok(());
    }
    migrate::check_postgres(schema, connection, spec.migrations).await
}

/// A standby is connected to when it is first asked: one that is away keeps no service from starting.
pub(super) fn replica(place: &Place, settings: &DatabaseSettings) -> Connections {
    place.connections(options(settings).connect_lazy_with(place.options.clone()))
}

fn options(settings: &DatabaseSettings) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(settings.connections_max)
        .acquire_timeout(Duration::from_millis(settings.acquire_timeout_ms))
        .idle_timeout(IDLE_MAX)
        // A round trip saved at each use; a connection that died in between is told by what it answers.
        .test_before_acquire(false)
}

/// Refuses a standby, also one that was the primary when its connection was made.
pub(super) async fn check_writable(connections: &Connections) -> Result<()> {
    let only_reads = sql("select 1 where current_setting('transaction_read_only') = 'on'");
    if connections.query(only_reads).await?.is_empty() { Ok(()) } else { Err(away()) }
}

async fn version(connection: &mut PgConnection) -> sqlx::Result<i32> {
    sqlx::query_scalar("select current_setting('server_version_num')::int4").fetch_one(connection).await
}

/// Makes a schema with all its tables, at one go: each migration in a transaction of its own would wait for the disk a dozen
/// times, and for whoever makes other schemas. Several processes may start at once, so it is made by one at a time. False: it
/// is there.
async fn make(place: &Place, connection: &mut PgConnection, spec: DatabaseSpec) -> Result<bool> {
    let schema = place.schema.as_str();
    let failed = |error: sqlx::Error| place.cannot_connect(&error);
    let mut tx = connection.begin().await.map_err(failed)?;
    if is_there(&mut tx, schema).await.map_err(failed)? {
        return Ok(false);
    }
    let lock =
        sqlx::query("select pg_advisory_xact_lock(hashtextextended('argosy schema ' || $1, 0))").bind(schema);
    lock.execute(&mut *tx).await.map_err(failed)?;
    if is_there(&mut tx, schema).await.map_err(failed)? {
        return Ok(false);
    }
    // The name is letters, digits and underscores: the settings' check and the services' names see to that.
    let statement = AssertSqlSafe(format!("create schema \"{schema}\""));
    sqlx::query(statement).execute(&mut *tx).await.map_err(failed)?;
    migrate::run_postgres(schema, &mut tx, spec.migrations, false).await?;
    tx.commit().await.map_err(failed)?;
    Ok(true)
}

async fn is_there(tx: &mut PgConnection, schema: &str) -> sqlx::Result<bool> {
    let there: Option<i32> = sqlx::query_scalar("select 1 from pg_namespace where nspname = $1")
        .bind(schema)
        .fetch_optional(tx)
        .await?;
    Ok(there.is_some())
}
