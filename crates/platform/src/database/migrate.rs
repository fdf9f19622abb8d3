//! Brings a service's tables up to date at start.
//!
//! Migrations only ever add (law 10). sqlx's migrator runs them: it keeps checksums, so a migration that was
//! changed after it ran is refused, and it knows a database that a later release wrote.

use std::{borrow::Cow, path::Path};

use argosy_kernel::{Error, Result};
use sqlx::{
    AssertSqlSafe, SqlSafeStr, SqlitePool,
    migrate::{MigrateError, MigrationType, Migrator},
};

/// One step of a schema: its number within the service, what it does, and its SQL.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Ascending from 1.
    pub version: i64,
    /// A few words.
    pub name: &'static str,
    /// Statements that run on both engines. `{{identity}}` is the engine's type of a key that counts up.
    pub sql: &'static str,
}

/// The tables that the platform itself keeps in each service's database.
const PLATFORM_MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "platform tables", sql: include_str!("platform.sql") }];

/// The services' own come after the platform's.
const SERVICE_VERSIONS_FROM: i64 = 1_000;

const IDENTITY_SQLITE: &str = "integer primary key autoincrement";

fn migrator(identity: &str, service: &[Migration]) -> Migrator {
    let step = |offset: i64, migration: &Migration| {
        sqlx::migrate::Migration::new(
            offset + migration.version,
            Cow::Borrowed(migration.name),
            MigrationType::Simple,
            AssertSqlSafe(migration.sql.replace("{{identity}}", identity)).into_sql_str(),
            false,
        )
    };
    let platform = PLATFORM_MIGRATIONS.iter().map(|migration| step(0, migration));
    let service = service.iter().map(|migration| step(SERVICE_VERSIONS_FROM, migration));
    Migrator::with_migrations(platform.chain(service).collect())
}

pub(super) async fn run_sqlite(path: &Path, pool: &SqlitePool, service: &[Migration]) -> Result<()> {
    let done = migrator(IDENTITY_SQLITE, service).run(pool).await;
    done.map_err(|error| match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Error::precondition(
            "DATABASE_NEWER",
            format!(
                "{} was written by a later release of Argosy; start that one, or restore a backup",
                path.display()
            ),
        ),
        MigrateError::VersionMismatch(version) => Error::precondition(
            "MIGRATION_CHANGED",
            format!("{} holds another form of migration {version} than this release", path.display()),
        ),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            super::sqlite::cannot_open(path, &error)
        }
        other => Error::internal(other),
    })
}
