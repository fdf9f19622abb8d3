#![doc = include_str!("../README.md")]

mod document;
mod doors;
mod markets;
mod products;
mod shapes;
mod state;
mod structure;

use argosy_contracts::{
    cart::CartClient,
    catalog::CatalogClient,
    inventory::InventoryClient,
    media::MediaClient,
    orders::{AftersalesClient, OrdersClient},
    payments::{PaymentsClient, WalletsClient},
    pricing::PricingClient,
    search::SearchClient,
};
use argosy_edge::{Edge, Idempotency};
use argosy_platform::{Host, Shop};
use axum::Router;
use serde::{Deserialize, Serialize};

/// The services that the door calls.
#[derive(Clone)]
pub struct StoreClients {
    /// Products, categories, collections.
    pub catalog: CatalogClient,
    /// Listings and search.
    pub search: SearchClient,
    /// Markets, and what price lists make of prices.
    pub pricing: PricingClient,
    /// Whether something can be bought.
    pub inventory: InventoryClient,
    /// Carts.
    pub cart: CartClient,
    /// Checkouts and orders.
    pub orders: OrdersClient,
    /// Returns.
    pub aftersales: AftersalesClient,
    /// How one can pay, and what providers tell.
    pub payments: PaymentsClient,
    /// Files that are sold.
    pub media: MediaClient,
    /// What buyers have saved to pay with.
    pub wallets: WalletsClient,
}

/// Settings of the store API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreApiConfig {
    /// Its currency is what prices are shown in when a request names none. The process sets it from `[shop]`.
    #[serde(skip)]
    pub shop: Shop,
    /// Memory for rendered products.
    pub product_cache_bytes_max: u64,
}

impl Default for StoreApiConfig {
    fn default() -> Self {
        Self { shop: Shop::default(), product_cache_bytes_max: 64 * 1024 * 1024 }
    }
}

/// Routes whose service keeps the idempotency keys itself, durably: for [`Idempotency::open`].
pub const KEYS_KEPT_BY_SERVICES: &[&str] = &[
    "/store/checkouts/{id}/complete",
    "/store/orders/{id}/returns",
    "/store/wallets/{id}/setups",
    "/store/orders/{id}/payments",
    "/store/payments/webhooks/{provider}",
    "/webhooks/payments/{provider}",
];

/// The store API: `/store/…`, `/webhooks/…`, `/openapi.json` and `/docs/api`.
pub fn routes(
    host: &Host,
    clients: StoreClients,
    config: StoreApiConfig,
    edge: &Edge,
    idempotency: &Idempotency,
) -> Router {
    let state = state::Store::new(host, clients, config);
    let (router, document) = document::described(doors::all());
    let router = idempotency.layer(router.with_state(state));
    edge.api(router.merge(document.routes()).merge(doors::unknown()))
}
