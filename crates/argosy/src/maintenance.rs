//! `argosy maintenance`: closes the doors of the processes on a data folder while the shop is worked on, by a file there.

use std::{path::PathBuf, time::Duration};

use argosy_edge::Edge;
use argosy_kernel::{Error, Result};
use argosy_platform::tasks::Tasks;
use clap::Subcommand;

use crate::{cli::print, settings::Settings};

const FILE: &str = "maintenance";
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Subcommand)]
pub(crate) enum Maintenance {
    /// Answer visitors that the shop is being worked on
    On,
    /// Let them in again
    Off,
}

pub(crate) fn run(settings: &Settings, command: &Maintenance) -> Result<()> {
    let file = file(settings);
    let cannot = |error: std::io::Error| {
        let message = format!("cannot change {}: {error}", file.display());
        Error::unavailable("DATA_FOLDER_UNUSABLE", message)
    };
    match command {
        Maintenance::On => {
            std::fs::write(&file, "").map_err(cannot)?;
            print("the shop closes within a second\n")
        }
        Maintenance::Off => {
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(cannot(error)),
                _ => {}
            }
            print("the shop is open within a second\n")
        }
    }
}

/// Closes the doors now if the file is there, and looks again each second.
pub(crate) async fn follow(settings: &Settings, edge: &Edge, tasks: &Tasks) {
    let (file, edge) = (file(settings), edge.clone());
    // A folder that cannot be looked into closes nothing.
    let is_there = async move || tokio::fs::try_exists(&file).await.unwrap_or(false);
    let mut was_closed = is_there().await;
    edge.set_closed(was_closed);
    tasks.spawn_loop(async move {
        loop {
            tokio::time::sleep(LOOK_INTERVAL).await;
            let is_closed = is_there().await;
            if is_closed != was_closed {
                tracing::info!(closed = is_closed, "maintenance");
                edge.set_closed(is_closed);
                was_closed = is_closed;
            }
        }
    });
}

fn file(settings: &Settings) -> PathBuf {
    settings.data.folder.join(FILE)
}
