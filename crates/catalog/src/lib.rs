#![doc = include_str!("../README.md")]

mod background;
mod cache;
mod contract;
mod domain;
mod error;
mod events;
mod put_products;
mod put_structure;
mod service;
mod store;

use argosy_contracts::catalog::CatalogClient;
use argosy_kernel::Result;
use argosy_platform::{
    Host,
    database::{DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CatalogConfig {
    /// How much memory may be used to keep products that were read.
    pub cache_mb: u32,
    /// How often products whose time has come are looked for.
    pub publish_interval_s: u32,
}

impl Default for CatalogConfig {
    fn default() -> Self {
        Self { cache_mb: 64, publish_interval_s: 10 }
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "catalog", sql: include_str!("../migrations/0001_catalog.sql") },
    Migration { version: 2, name: "size_charts", sql: include_str!("../migrations/0002_size_charts.sql") },
];

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "catalog", durability: Durability::Process, migrations: MIGRATIONS };

/// Opens the service's database and answers a client of it.
pub async fn start(host: &Host, config: CatalogConfig) -> Result<CatalogClient> {
    let store = store::Store::new(host.database(DATABASE).await?, host.clock());
    let products = cache::Products::new(store.clone(), config.cache_mb);
    products.follow(host);
    let service = service::CatalogService::new(store, products, host.tasks().clone());
    background::start(host, &service, &config);
    Ok(CatalogClient::local(service))
}
