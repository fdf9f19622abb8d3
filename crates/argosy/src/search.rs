//! `argosy search`: how far the index is, and building it anew. The process that has the index does it: the one at
//! `addresses.search`, else the store that runs on the files here.

use std::time::Duration;

use argosy_contracts::search::{RebuildRequest, SearchClient, StatusRequest};
use argosy_kernel::{Ctx, Result};
use argosy_platform::telemetry;
use clap::Subcommand;

use crate::{cli::print, place, settings::Settings};

/// A hundred thousand products take seconds; nobody waits longer than this for more.
const REBUILD_TIMEOUT: Duration = Duration::from_hours(1);

#[derive(Subcommand)]
pub(crate) enum Search {
    /// Build the index anew from the catalogue while the old one answers
    Rebuild,
    /// Show how many products the index has, and how far it is in the catalogue's facts
    Status,
}

pub(crate) async fn run(settings: &Settings, command: Search) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let client = SearchClient::remote(place::channel_to(settings, SearchClient::SERVICE)?);
    let ctx = Ctx::system("search");
    match command {
        Search::Rebuild => {
            let ctx = ctx.with_timeout(REBUILD_TIMEOUT);
            let built = client.rebuild(&ctx, RebuildRequest {}).await?;
            print(&format!("the index was built anew: {} products\n", built.products))
        }
        Search::Status => {
            let status = client.status(&ctx, StatusRequest {}).await?;
            print(&format!("{} products, position {}\n", status.products, status.position))
        }
    }
}
