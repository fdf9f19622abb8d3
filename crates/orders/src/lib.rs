#![doc = include_str!("../README.md")]

mod books;
mod domain;
mod error;
mod events;
mod messages;
mod persons;
mod quoting;
mod resumer;
mod saga;
mod service;
mod store;

use std::sync::Arc;

use argosy_contracts::{
    cart::CartClient,
    inventory::InventoryClient,
    orders::{BooksClient, OrdersClient, PersonsClient},
    payments::PaymentsClient,
    pricing::PricingClient,
};
use argosy_kernel::{Clock, Result};
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrdersConfig {
    /// How long a checkout that nobody touches stays open.
    pub checkout_ttl_s: u32,
    /// How long one process works on an attempt before another may take it over.
    pub attempt_lease_s: u32,
    /// How often attempts are looked for that nobody works on.
    pub resume_interval_ms: u32,
    /// How long a buyer may take at the bank.
    pub needs_buyer_ttl_s: u32,
}

impl Default for OrdersConfig {
    fn default() -> Self {
        Self {
            checkout_ttl_s: 86_400,
            attempt_lease_s: 20,
            resume_interval_ms: 500,
            needs_buyer_ttl_s: 1_800,
        }
    }
}

/// The services that a checkout calls.
#[derive(Clone)]
pub struct OrdersClients {
    /// What is bought.
    pub cart: CartClient,
    /// What it costs.
    pub pricing: PricingClient,
    /// Whether it is there.
    pub inventory: InventoryClient,
    /// Who pays.
    pub payments: PaymentsClient,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "orders", sql: include_str!("../migrations/0001_orders.sql") },
    Migration {
        version: 2,
        name: "order numbers",
        sql: include_str!("../migrations/0002_order_numbers.sql"),
    },
    Migration { version: 3, name: "persons", sql: include_str!("../migrations/0003_persons.sql") },
];

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "orders", durability: Durability::Full, migrations: MIGRATIONS };

/// The books that are in the service's database, read only, whether it runs or not.
pub fn books(database: Database, clock: Arc<dyn Clock>) -> BooksClient {
    BooksClient::local(books::Books(store::Store::new(database, clock)))
}

/// The persons in the service's database, whether it runs or not.
pub fn persons(database: Database, clock: Arc<dyn Clock>) -> PersonsClient {
    PersonsClient::local(persons::Persons(store::Store::new(database, clock)))
}

/// Opens the service's database, goes on with what was under way, and answers a client of it.
pub async fn start(host: &Host, config: OrdersConfig, clients: OrdersClients) -> Result<OrdersClient> {
    let store = store::Store::new(host.database(DATABASE).await?, host.clock());
    let saga = Arc::new(saga::Saga::new(store.clone(), clients.clone(), &config));
    resumer::start(host, &store, &saga, &config).await?;
    Ok(OrdersClient::local(service::OrdersService::new(store, saga, clients, config)))
}
