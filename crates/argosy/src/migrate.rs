//! `argosy migrate`: brings all tables up to date before the processes of a new release start.

use argosy_kernel::Result;
use argosy_platform::{
    database::{Database, Engine},
    telemetry,
};

use crate::{cli::print, settings::Settings, targets::DATABASES};

/// Opens each service's database in turn. What is up to date stays as it is, so it may be run again and beside
/// processes of the release before.
pub(crate) async fn migrate(settings: &Settings) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    settings.check_databases()?;
    let mut database_settings = settings.database.clone();
    database_settings.migrate_at_start = true;
    // Held until the end: files are this process's alone.
    let _host = settings.host().await?;
    for spec in DATABASES {
        let database = Database::open(&settings.data.folder, &database_settings, *spec).await?;
        let place = match database.engine() {
            Engine::Sqlite => settings.data.folder.join(format!("{}.db", spec.name)).display().to_string(),
            Engine::Postgres => format!("schema {}{}", settings.database.schema_prefix, spec.name),
        };
        database.close().await?;
        print(&format!("{:<24} {place} is up to date\n", spec.name))?;
    }
    Ok(())
}
