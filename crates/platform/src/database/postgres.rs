//! PostgreSQL: a schema a service, one pool for reading and writing, if wanted a standby for readers.
//!
//! The schema is chosen by `search_path`, set as the connection starts. Behind a pooler in transaction mode nothing
//! set on a connection lasts, so there the role itself must carry it (`alter role … set search_path = …`), which is
//! checked; it also keeps a service's role out of the others' tables.

use std::{str::FromStr, sync::Arc, time::Duration};

use argosy_kernel::{Error, Result};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, SqlxPostgresConnector, Statement};
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};

use super::{
    DatabaseSettings, DatabaseSpec, Migrations,
    error::{away, error_of},
    health::Renewal,
    migrate,
    settings::invalid,
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
    pooler: bool,
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
            .statement_cache_capacity(STATEMENTS_MAX)
            .disable_statement_logging();
        let options = if settings.pooler {
            options
        } else {
            let milliseconds = |time: Duration| time.as_millis().to_string();
            options.options([
                ("search_path", schema.clone()),
                ("statement_timeout", settings.statement_timeout_ms.to_string()),
                ("lock_timeout", settings.lock_timeout_ms.to_string()),
                ("idle_in_transaction_session_timeout", milliseconds(IDLE_IN_TRANSACTION_MAX)),
            ])
        };
        Ok(Self { setting, schema, options, pooler: settings.pooler })
    }

    fn cannot_connect(&self, error: &sqlx::Error) -> Error {
        let text = error.to_string();
        let Self { setting, schema, .. } = self;
        let what = match error {
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
) -> Result<DatabaseConnection> {
    let renewal = Arc::clone(renewal);
    let pool = options(settings).before_acquire(move |_connection, known| {
        let good = !renewal.replaces(known.age);
        Box::pin(std::future::ready(Ok(good)))
    });
    let pool = pool.connect_lazy_with(place.options.clone());
    let version = version(&pool).await.map_err(|error| place.cannot_connect(&error))?;
    if version < VERSION_MIN {
        return Err(Error::precondition(
            "DATABASE_TOO_OLD",
            format!("{}: PostgreSQL 15 or later is needed, this is {}", place.setting, version / 10_000),
        ));
    }
    if place.pooler {
        check_role(place, &pool).await?;
    }
    let schema = place.schema.as_str();
    if migrations == Migrations::Run {
        make_schema(&pool, schema).await.map_err(|error| place.cannot_connect(&error))?;
        migrate::run_postgres(schema, &pool, spec.migrations, !place.pooler).await?;
    }
    if migrations == Migrations::Leave {
        sqlx::query("select 1 from subscription limit 1")
            .fetch_optional(&pool)
            .await
            .map_err(|error| migrate::missing(schema, &error))?;
    } else {
        migrate::check_postgres(schema, &pool, spec.migrations).await?;
    }
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// A standby is connected to when it is first asked: one that is away keeps no service from starting.
pub(super) fn replica(place: &Place, settings: &DatabaseSettings) -> DatabaseConnection {
    SqlxPostgresConnector::from_sqlx_postgres_pool(options(settings).connect_lazy_with(place.options.clone()))
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
pub(super) async fn check_writable(connection: &DatabaseConnection) -> Result<()> {
    let statement = "select 1 where current_setting('transaction_read_only') = 'on'";
    let statement = Statement::from_string(DbBackend::Postgres, statement);
    match connection.query_one_raw(statement).await.map_err(error_of)? {
        None => Ok(()),
        Some(_) => Err(away()),
    }
}

async fn version(pool: &PgPool) -> sqlx::Result<i32> {
    sqlx::query_scalar("select current_setting('server_version_num')::int4").fetch_one(pool).await
}

/// Several processes may start at once, so it is made by one at a time.
async fn make_schema(pool: &PgPool, schema: &str) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let there: Option<i32> = sqlx::query_scalar("select 1 from pg_namespace where nspname = $1")
        .bind(schema)
        .fetch_optional(&mut *tx)
        .await?;
    if there.is_none() {
        sqlx::query("select pg_advisory_xact_lock(hashtext('argosy schemas'))").execute(&mut *tx).await?;
        // The name is letters, digits and underscores: the settings' check and the services' names see to that.
        sqlx::query(sqlx::AssertSqlSafe(format!("create schema if not exists \"{schema}\"")))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await
}

async fn check_role(place: &Place, pool: &PgPool) -> Result<()> {
    let path: String = sqlx::query_scalar("select current_setting('search_path')")
        .fetch_one(pool)
        .await
        .map_err(|error| place.cannot_connect(&error))?;
    let (Place { setting, schema, .. }, path) = (place, path.trim_matches('"'));
    if path == schema {
        return Ok(());
    }
    Err(Error::precondition(
        "DATABASE_ROLE_UNPREPARED",
        format!(
            "{setting}: behind a pooler the role brings the schema, but its search_path is '{path}': \
             alter role … set search_path = {schema}"
        ),
    ))
}
