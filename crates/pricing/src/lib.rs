#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic)]

mod books;
mod carriers;
mod config;
mod defaults;
pub mod domain;
mod error;
pub mod events;
mod messages;
mod prices;
mod rules;
mod service;
mod store;
mod tax_engine;

use std::{sync::Arc, time::Duration};

use argosy_contracts::{
    catalog::CatalogClient,
    pricing::{BooksClient, PricingClient, TaxZone},
};
use argosy_kernel::Result;
use argosy_platform::{Host, database::Database};

use crate::{
    carriers::Carriers,
    rules::CurrentRules,
    service::PricingService,
    store::Store,
    tax_engine::{Asking, HttpTaxEngine},
};
pub use crate::{
    carriers::{Carrier, CarrierAnswer, CarrierParcel, CarrierPlace, CarrierQuestion, CarrierService},
    config::{CarrierConfig, PricingConfig},
    store::DATABASE,
    tax_engine::{TaxEngine, TaxPlace, TaxQuestion},
};

/// The books that are in the service's database, read only, whether it runs or not.
pub fn books(database: Database) -> BooksClient {
    BooksClient::local(store::Books::new(database))
}

/// All taxes that the project knows, as a file for `PutTaxZones`: figures with their sources in `src/defaults`.
///
/// # Errors
/// If those files were wrong, which tests rule out.
pub fn known_taxes() -> Result<Vec<TaxZone>> {
    Ok(defaults::known_taxes()?.iter().map(messages::tax::message).collect())
}

/// Opens the service's database, fills a new one with the default zones, and answers a client of the service.
/// `catalog` is asked for list prices, once a quote.
///
/// # Errors
/// `INVALID_SETTING`, or why the database cannot be opened.
pub async fn start(host: &Host, catalog: CatalogClient, config: PricingConfig) -> Result<PricingClient> {
    let engine = config.tax_engine_url.as_deref().map(|url| {
        let (secret, timeout) = (config.tax_engine_secret.clone(), timeout(&config));
        HttpTaxEngine::new(url, secret, timeout).map(|engine| Arc::new(engine) as Arc<dyn TaxEngine>)
    });
    start_with(host, catalog, config.clone(), engine.transpose()?).await
}

/// The same with a tax engine of the caller's.
///
/// # Errors
/// As [`start`].
pub async fn start_with(
    host: &Host,
    catalog: CatalogClient,
    config: PricingConfig,
    engine: Option<Arc<dyn TaxEngine>>,
) -> Result<PricingClient> {
    let store = Store::open(host).await?;
    let asking = engine.map(|engine| Asking::new(engine, timeout(&config), host.clock()));
    let carriers = Carriers::new(&config.carriers, host.clock())?;
    let rules = CurrentRules::start(host, &store, config).await?;
    Ok(PricingClient::local(PricingService { store, rules, catalog, clock: host.clock(), asking, carriers }))
}

fn timeout(config: &PricingConfig) -> Duration {
    Duration::from_millis(config.tax_engine_timeout_ms.into())
}
