//! `argosy shipping`: shipping zones and their rates as a file, into a store that runs and out of it.

use std::path::PathBuf;

use argosy_contracts::pricing::{
    ListShippingZonesRequest, PricingClient, PutShippingZonesRequest, ShippingZone,
};
use argosy_kernel::{Ctx, Result};
use argosy_platform::telemetry;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::{cli::print, files, place, settings::Settings};

#[derive(Subcommand)]
pub(crate) enum Shipping {
    /// Write the store's shipping zones as JSON
    List,
    /// Put the zones of a file, as `list` writes it, in place of all there are
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
    zones: Vec<ShippingZone>,
}

pub(crate) async fn run(settings: &Settings, command: Shipping) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let pricing = PricingClient::remote(place::channel_to(settings, PricingClient::SERVICE)?);
    let ctx = Ctx::system("shipping");
    match command {
        Shipping::List => {
            let zones = pricing.list_shipping_zones(&ctx, ListShippingZonesRequest {}).await?.zones;
            files::show(&Book { zones })
        }
        Shipping::Put { file } => {
            let book: Book = files::read(&file)?;
            let zones = book.zones.len();
            pricing.put_shipping_zones(&ctx, PutShippingZonesRequest { zones: book.zones }).await?;
            print(&format!("{zones} shipping zones are in force\n"))
        }
    }
}
