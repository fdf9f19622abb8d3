#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod service;
mod store;

use std::time::Duration;

use argosy_contracts::{
    cart::CartClient, catalog::CatalogClient, inventory::InventoryClient, pricing::PricingClient,
};
use argosy_kernel::{Error, Result};
use argosy_platform::{
    Host, Shop,
    database::{Database, DatabaseSpec, Durability},
    documents::Documents,
    jobs,
};
use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CartConfig {
    /// Its currency is that of a cart that does not name one. The process sets it from `[shop]`.
    #[serde(skip)]
    pub shop: Shop,
    /// Where carts are kept: `database` or `redis`; unset: in Redis if `redis.url` names one.
    pub store: Option<CartStore>,
    /// How long a cart lives after its last change.
    pub ttl_days: u32,
}

/// Where carts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartStore {
    /// The service's own database.
    Database,
    /// The Redis that processes share. Carts that the database has move there when they are next read.
    Redis,
}

impl Default for CartConfig {
    fn default() -> Self {
        Self { shop: Shop::default(), store: None, ttl_days: 30 }
    }
}

/// The services that carts call.
#[derive(Clone)]
pub struct CartClients {
    /// Which variants there are.
    pub catalog: CatalogClient,
    /// What they cost.
    pub pricing: PricingClient,
    /// What is left of them.
    pub inventory: InventoryClient,
}

const SWEEP_INTERVAL: Duration = Duration::from_mins(10);

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "cart", durability: Durability::Process, migrations: &[] };

/// Opens the service's documents and answers a client of it.
///
/// # Errors
/// What is wrong with the database or Redis; `INVALID_SETTING` if carts are to be in a Redis that nobody named.
pub async fn start(host: &Host, config: CartConfig, clients: CartClients) -> Result<CartClient> {
    let database = host.database(DATABASE).await?;
    let documents = documents(host, &config, database.clone()).await?;
    let swept = documents.clone();
    jobs::every(host, &database, "forget expired carts", SWEEP_INTERVAL, move || {
        let documents = swept.clone();
        async move { documents.sweep().await.map(|_| ()) }
    });
    let store = store::Store::new(documents, host.clock(), config.ttl_days);
    Ok(CartClient::local(service::CartService::new(store, config, clients)))
}

async fn documents(host: &Host, config: &CartConfig, database: Database) -> Result<Documents> {
    match (config.store, host.redis()) {
        (Some(CartStore::Database), _) | (None, None) => Ok(Documents::in_database(database, host.clock())),
        (Some(CartStore::Redis) | None, Some(redis)) => {
            Documents::moving_to_redis(database, redis.clone(), host.clock()).await
        }
        (Some(CartStore::Redis), None) => {
            Err(Error::invalid("INVALID_SETTING", "cart.store: is `redis`, so redis.url is needed"))
        }
    }
}
