#![doc = include_str!("../README.md")]

mod answer;
mod assets;
mod config;
mod countries;
mod edition;
mod freshness;
mod language;
mod page_cache;
mod pages;
mod price;
mod products;
mod regions;
mod request;
mod routes;
mod shop;
mod structure;
mod templates;
mod view;
mod wallet;

use argosy_contracts::{
    cart::CartClient,
    catalog::CatalogClient,
    inventory::InventoryClient,
    media::MediaClient,
    orders::{AftersalesClient, DraftsClient, OrdersClient},
    payments::{PaymentsClient, WalletsClient},
    pricing::PricingClient,
    search::SearchClient,
};

pub use crate::{config::StorefrontConfig, routes::routes};

/// The services behind the pages.
#[derive(Clone)]
pub struct StorefrontClients {
    /// Products, categories, collections.
    pub catalog: CatalogClient,
    /// Listings and full text.
    pub search: SearchClient,
    /// Where the shop ships to.
    pub pricing: PricingClient,
    /// What is in stock.
    pub inventory: InventoryClient,
    /// Carts.
    pub cart: CartClient,
    /// Checkouts and orders.
    pub orders: OrdersClient,
    /// Returns.
    pub aftersales: AftersalesClient,
    /// What the shop has put together for somebody.
    pub drafts: DraftsClient,
    /// How one can pay, and the pretended bank.
    pub payments: PaymentsClient,
    /// What buyers have saved to pay with.
    pub wallets: WalletsClient,
    /// Pictures.
    pub media: MediaClient,
}
