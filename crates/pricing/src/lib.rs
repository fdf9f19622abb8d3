#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic)]

mod books;
mod config;
mod defaults;
pub mod domain;
mod error;
pub mod events;
mod messages;
mod rules;
mod service;
mod store;

use argosy_contracts::{
    catalog::CatalogClient,
    pricing::{BooksClient, PricingClient},
};
use argosy_kernel::Result;
use argosy_platform::{Host, database::Database};

pub use crate::{config::PricingConfig, store::DATABASE};
use crate::{rules::CurrentRules, service::PricingService, store::Store};

/// The books that are in the service's database, read only, whether it runs or not.
pub fn books(database: Database) -> BooksClient {
    BooksClient::local(store::Books::new(database))
}

/// Opens the service's database, fills a new one with the default zones, and answers a client of the service.
/// `catalog` is asked for list prices, once a quote.
///
/// # Errors
/// `INVALID_SETTING`, or why the database cannot be opened.
pub async fn start(host: &Host, catalog: CatalogClient, config: PricingConfig) -> Result<PricingClient> {
    let store = Store::open(host).await?;
    let rules = CurrentRules::start(host, &store, config).await?;
    Ok(PricingClient::local(PricingService { store, rules, catalog, clock: host.clock() }))
}
