//! `argosy backup`: a copy of a store that lives in files. One that runs is asked by the socket in its folder to copy
//! itself; of one that does not the files are opened.

use std::{
    path::{Path, PathBuf, absolute},
    time::Duration,
};

use argosy_contracts::operations_v1::{BackUpRequest, BackUpResponse, OperationsClient};
use argosy_kernel::{Ctx, Error, Result};
use argosy_platform::{
    backup::{BackedUp, back_up},
    database::Database,
    rpc, telemetry,
};
use clap::Args;

use crate::{cli::print, serve::SOCKET, settings::Settings, targets::DATABASES};

const TIMEOUT: Duration = Duration::from_hours(1);

/// Flags of `argosy backup`.
#[derive(Args)]
pub(crate) struct Backup {
    /// The folder to make; it must not be there yet
    folder: PathBuf,
}

pub(crate) async fn run(settings: &Settings, flags: &Backup) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let into = absolute(&flags.folder).map_err(|error| Error::invalid_field("/folder", error.to_string()))?;
    let made = match settings.host().await {
        Ok(_host) => BackUpResponse::from(at_rest(settings, &into).await?),
        Err(error) if error.reason() == "DATA_FOLDER_IN_USE" => while_it_runs(settings, &into).await?,
        Err(error) => return Err(error),
    };
    let megabytes = made.bytes.div_ceil(1_000_000);
    let (count, paused) = (made.databases.len(), made.paused_ms);
    print(&format!(
        "{}: {count} databases and the pictures, {megabytes} MB; nobody wrote for {paused} ms\n",
        into.display()
    ))
}

async fn at_rest(settings: &Settings, into: &Path) -> Result<BackedUp> {
    let mut databases = Vec::new();
    for spec in DATABASES {
        databases
            .extend(Database::open_as_found(&settings.data.folder, &settings.database, spec.name).await?);
    }
    let made = back_up(&databases, &settings.data.folder, into).await;
    for database in databases {
        database.close().await?;
    }
    made
}

async fn while_it_runs(settings: &Settings, into: &Path) -> Result<BackUpResponse> {
    let folder = into.to_str().ok_or_else(|| Error::invalid_field("/folder", "its name must be UTF-8"))?;
    let store = OperationsClient::remote(rpc::connect_socket(&settings.data.folder.join(SOCKET)));
    let ctx = Ctx::system("backup").with_timeout(TIMEOUT);
    store.back_up(&ctx, BackUpRequest { folder: folder.to_owned() }).await
}
