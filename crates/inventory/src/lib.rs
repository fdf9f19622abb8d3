#![doc = include_str!("../README.md")]

mod books;
mod domain;
mod error;
mod events;
mod service;
mod store;
mod sweeper;

use argosy_contracts::inventory::{BooksClient, InventoryClient};
use argosy_kernel::Result;
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InventoryConfig {
    /// How long stock is held for a checkout that does not say.
    pub reservation_ttl_s: u32,
    /// How often expired reservations are given back.
    pub sweep_interval_s: u32,
}

impl Default for InventoryConfig {
    fn default() -> Self {
        Self { reservation_ttl_s: 900, sweep_interval_s: 10 }
    }
}

const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "stock", sql: include_str!("../migrations/0001_stock.sql") }];

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "inventory", durability: Durability::Full, migrations: MIGRATIONS };

/// The books that are in the service's database, read only, whether it runs or not.
pub fn books(database: Database) -> BooksClient {
    BooksClient::local(store::Books::new(database))
}

/// Opens the service's database and answers a client of it.
pub async fn start(host: &Host, config: InventoryConfig) -> Result<InventoryClient> {
    let store = store::Store::new(host.database(DATABASE).await?, host.clock());
    store.ensure_default_location().await?;
    sweeper::start(host, &store, &config);
    Ok(InventoryClient::local(service::InventoryService::new(store, config, host.tasks())))
}
