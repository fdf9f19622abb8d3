//! `argosy stock`: what there is of a product, and how much of it may be sold before it is there, in a store that runs.

use argosy_contracts::{
    catalog::CatalogClient,
    inventory::{
        Availability, BackorderPolicy, GetAvailabilityRequest, InventoryClient, SetBackordersRequest,
    },
};
use argosy_kernel::{Ctx, Day, Result};
use argosy_platform::telemetry;
use clap::{Args, Subcommand};

use crate::{
    cli::print,
    place,
    settings::Settings,
    variants::{chosen, product},
};

/// Variants that inventory answers for at once.
const VARIANTS_MAX: usize = 500;

#[derive(Subcommand)]
pub(crate) enum Stock {
    /// Show what can be sold of a product's variants, at once and later
    Show {
        /// The product
        #[arg(value_name = "HANDLE")]
        handle: String,
    },
    /// Sell a variant before it is there: on backorder, or as a pre-order
    ///
    /// Said again it is said anew: what is left out is as if it had never been said. Buyers who wait for it are told of
    /// another day.
    Backorder(Backorder),
}

#[derive(Args)]
pub(crate) struct Backorder {
    /// The product
    #[arg(value_name = "HANDLE")]
    handle: String,
    /// The variant; may be left out if there is only one
    #[arg(long, value_name = "SKU")]
    sku: Option<String>,
    /// Where it comes in [default: the first location]
    #[arg(long, value_name = "ID")]
    location: Option<String>,
    /// From when it is sent, e.g. 2027-03-12 [default: nobody knows]
    #[arg(long, value_name = "DAY")]
    expected: Option<Day>,
    /// So many at most beyond what is there [default: any number]
    #[arg(long, value_name = "UNITS")]
    at_most: Option<u32>,
    /// It is not out yet
    #[arg(long)]
    preorder: bool,
    /// Not any more: only what is there is sold
    #[arg(long, conflicts_with_all = ["expected", "at_most", "preorder"])]
    off: bool,
}

pub(crate) async fn run(settings: &Settings, command: Stock) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let catalog = CatalogClient::remote(place::channel_to(settings, CatalogClient::SERVICE)?);
    let inventory = InventoryClient::remote(place::channel_to(settings, InventoryClient::SERVICE)?);
    let ctx = Ctx::system("stock");
    match command {
        Stock::Show { handle } => {
            let product = product(&catalog, &ctx, &handle).await?;
            for variants in product.variants.chunks(VARIANTS_MAX) {
                let variant_ids = variants.iter().map(|variant| variant.id.clone()).collect();
                let request = GetAvailabilityRequest { variant_ids, ..GetAvailabilityRequest::default() };
                let stock = inventory.get_availability(&ctx, request).await?.items;
                let rows = variants
                    .iter()
                    .zip(&stock)
                    .map(|(variant, stock)| format!("{:<24} {}\n", variant.sku, in_words(stock)));
                print(&rows.collect::<String>())?;
            }
            Ok(())
        }
        Stock::Backorder(asked) => {
            let product = product(&catalog, &ctx, &asked.handle).await?;
            let variant = chosen(&product, asked.sku.as_deref())?;
            let policy = BackorderPolicy {
                variant_id: variant.id.clone(),
                location_id: asked.location.unwrap_or_default(),
                allowed: !asked.off,
                units_max: asked.at_most.map(i64::from),
                expected_on: Day::text(asked.expected),
                preorder: asked.preorder,
            };
            let request = SetBackordersRequest { policies: vec![policy] };
            let changed = inventory.set_backorders(&ctx, request).await?.changed;
            let request = GetAvailabilityRequest {
                variant_ids: vec![variant.id.clone()],
                ..GetAvailabilityRequest::default()
            };
            let stock = inventory.get_availability(&ctx, request).await?.items;
            let now = stock.first().map(in_words).unwrap_or_default();
            let done = if changed == 0 { "as before" } else { "now" };
            print(&format!("{} is {done}: {now}\n", variant.sku))
        }
    }
}

/// What can be sold, for people.
fn in_words(stock: &Availability) -> String {
    if !stock.tracked {
        return "never runs out".to_owned();
    }
    let there = format!("{} there", stock.available);
    if !stock.backorder {
        return there;
    }
    let kind = if stock.preorder { "as pre-orders" } else { "on backorder" };
    let count = stock.backorder_left.map_or_else(|| "any number".to_owned(), |left| format!("{left} more"));
    let day = match stock.expected_on.as_str() {
        "" => "no day known".to_owned(),
        day => format!("from {day}"),
    };
    format!("{there}, {count} {kind}, {day}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_is_told_in_words() {
        let stock = Availability { available: 3, tracked: true, ..Availability::default() };
        assert_eq!(in_words(&stock), "3 there");
        let later = Availability { backorder: true, ..stock };
        assert_eq!(in_words(&later), "3 there, any number on backorder, no day known");
        let bounded = Availability {
            backorder_left: Some(50),
            expected_on: "2027-03-12".to_owned(),
            preorder: true,
            ..later
        };
        assert_eq!(in_words(&bounded), "3 there, 50 more as pre-orders, from 2027-03-12");
        assert_eq!(in_words(&Availability { tracked: false, ..bounded }), "never runs out");
    }
}
