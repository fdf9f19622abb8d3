//! `argosy taxes`: tax zones as a file, into a store that runs and out of it.

use std::path::PathBuf;

use argosy_contracts::pricing::{ListTaxZonesRequest, PricingClient, PutTaxZonesRequest, TaxZone};
use argosy_kernel::{Ctx, Result};
use argosy_platform::telemetry;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::{cli::print, files, place, settings::Settings};

#[derive(Subcommand)]
pub(crate) enum Taxes {
    /// Write the store's tax zones as JSON
    List,
    /// Put the zones of a file, as `list` writes it, in place of all there are
    Put {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write the zones that this release knows, whether a store runs or not
    ///
    /// The countries of the European Union, GB, CH, NO and the states of the US. Keep the states in which you must collect,
    /// check the rates, and `put` the file.
    Known,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    zones: Vec<TaxZone>,
}

pub(crate) async fn run(settings: &Settings, command: Taxes) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    if matches!(command, Taxes::Known) {
        return show(argosy_pricing::known_taxes()?);
    }
    let pricing = PricingClient::remote(place::channel_to(settings, PricingClient::SERVICE)?);
    let ctx = Ctx::system("taxes");
    match command {
        Taxes::Known | Taxes::List => show(pricing.list_tax_zones(&ctx, ListTaxZonesRequest {}).await?.zones),
        Taxes::Put { file } => {
            let book: Book = files::read(&file)?;
            let zones = book.zones.len();
            pricing.put_tax_zones(&ctx, PutTaxZonesRequest { zones: book.zones }).await?;
            print(&format!("{zones} tax zones are in force\n"))
        }
    }
}

fn show(zones: Vec<TaxZone>) -> Result<()> {
    files::show(&Book { zones })
}
