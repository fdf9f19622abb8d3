#![doc = include_str!("../README.md")]

mod books;
mod domain;
mod error;
mod events;
mod parcels;
mod service;
mod store;
mod sweeper;

use argosy_contracts::inventory::{BooksClient, InventoryClient};
use argosy_kernel::Result;
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration},
    flags::{Asked, FlagSpec, Flags, Switch},
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

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "stock", sql: include_str!("../migrations/0001_stock.sql") },
    Migration { version: 2, name: "pickup", sql: include_str!("../migrations/0002_pickup.sql") },
    Migration { version: 3, name: "backorders", sql: include_str!("../migrations/0003_backorders.sql") },
];

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "inventory", durability: Durability::Full, migrations: MIGRATIONS };

/// The books that are in the service's database, read only, whether it runs or not.
pub fn books(database: Database) -> BooksClient {
    BooksClient::local(store::Books::new(database))
}

/// Reservations that are asked at once are held as one.
const BATCHED_RESERVATIONS: &str = "inventory.batched_reservations";

/// What may be switched while the service runs.
pub const FLAGS: &[FlagSpec] = &[FlagSpec {
    key: BATCHED_RESERVATIONS,
    about: "reservations that are asked at once are held as one",
    default: Switch::On,
    asked: Asked::ByKey,
}];

/// Opens the service's database and answers a client of it.
pub async fn start(host: &Host, config: InventoryConfig) -> Result<InventoryClient> {
    let database = host.database(DATABASE).await?;
    let flags = Flags::open(host, &database, FLAGS).await?;
    let store = store::Store::new(database, host.clock());
    store.ensure_default_location().await?;
    sweeper::start(host, &store, &config);
    Ok(InventoryClient::local(service::InventoryService::new(store, config, flags, host.tasks())))
}
