//! `argosy markets`: markets as a file, into a store that runs and out of it.

use std::path::PathBuf;

use argosy_contracts::pricing::{ListMarketsRequest, Market, PricingClient, PutMarketsRequest};
use argosy_kernel::{Ctx, Result};
use argosy_platform::telemetry;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::{cli::print, files, place, settings::Settings};

#[derive(Subcommand)]
pub(crate) enum Markets {
    /// Write the store's markets as JSON
    List,
    /// Put the markets of a file, as `list` writes it, in place of all there are; none: the shop has no markets
    ///
    /// A market is countries that are sold to alike: in one currency, in some languages, with prices that hold tax or not. One
    /// of them is the default, for all other countries.
    Put {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    markets: Vec<Market>,
}

pub(crate) async fn run(settings: &Settings, command: Markets) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let pricing = PricingClient::remote(place::channel_to(settings, PricingClient::SERVICE)?);
    let ctx = Ctx::system("markets");
    match command {
        Markets::List => {
            let markets = pricing.list_markets(&ctx, ListMarketsRequest {}).await?.markets;
            files::show(&Book { markets })
        }
        Markets::Put { file } => {
            let book: Book = files::read(&file)?;
            let markets = book.markets.len();
            pricing.put_markets(&ctx, PutMarketsRequest { markets: book.markets }).await?;
            print(&format!("{markets} markets are in force\n"))
        }
    }
}
