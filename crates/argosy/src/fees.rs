//! `argosy fees`: fees as a file, into a store that runs and out of it.

use std::path::PathBuf;

use argosy_contracts::pricing::{Fee, ListFeesRequest, PricingClient, PutFeesRequest};
use argosy_kernel::{Ctx, Result};
use argosy_platform::telemetry;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::{cli::print, files, place, settings::Settings};

#[derive(Subcommand)]
pub(crate) enum Fees {
    /// Write the store's fees as JSON
    List,
    /// Put the fees of a file, as `list` writes it, in place of all there are; none: the shop has no fees
    ///
    /// A fee is what is charged beside goods and shipping: gift wrap (wrap), bulky goods (piece), small orders (order), parcels
    /// (parcel).
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
    fees: Vec<Fee>,
}

pub(crate) async fn run(settings: &Settings, command: Fees) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let pricing = PricingClient::remote(place::channel_to(settings, PricingClient::SERVICE)?);
    let ctx = Ctx::system("fees");
    match command {
        Fees::List => {
            let fees = pricing.list_fees(&ctx, ListFeesRequest {}).await?.fees;
            files::show(&Book { fees })
        }
        Fees::Put { file } => {
            let book: Book = files::read(&file)?;
            let fees = book.fees.len();
            pricing.put_fees(&ctx, PutFeesRequest { fees: book.fees }).await?;
            print(&format!("{fees} fees are in force\n"))
        }
    }
}
