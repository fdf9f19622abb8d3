#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod service;
mod store;

use std::time::Duration;

use argosy_contracts::{
    cart::CartClient, catalog::CatalogClient, inventory::InventoryClient, pricing::PricingClient,
};
use argosy_kernel::Result;
use argosy_platform::{
    Host, Shop,
    database::{DatabaseSpec, Durability},
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
    /// How long a cart lives after its last change.
    pub ttl_days: u32,
}

impl Default for CartConfig {
    fn default() -> Self {
        Self { shop: Shop::default(), ttl_days: 30 }
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

/// Opens the service's documents and answers a client of it.
pub async fn start(host: &Host, config: CartConfig, clients: CartClients) -> Result<CartClient> {
    let spec = DatabaseSpec { name: "cart", durability: Durability::Process, migrations: &[] };
    let database = host.database(spec).await?;
    let documents = Documents::in_database(database.clone(), host.clock());
    let swept = documents.clone();
    jobs::every(host, &database, "forget expired carts", SWEEP_INTERVAL, move || {
        let documents = swept.clone();
        async move { documents.sweep().await.map(|_| ()) }
    });
    let store = store::Store::new(documents, host.clock(), config.ttl_days);
    Ok(CartClient::local(service::CartService::new(store, config, clients)))
}
