#![doc = include_str!("../README.md")]

mod aftersales;
mod arrivals;
mod balances;
mod books;
mod disputes;
mod domain;
mod drafts;
mod error;
mod events;
mod messages;
mod papers;
mod parcels;
mod parts;
mod paying;
mod persons;
mod quoting;
mod resumer;
mod risk;
mod saga;
mod service;
mod steps;
mod store;
mod till;

use std::sync::Arc;

use argosy_contracts::{
    cart::CartClient,
    inventory::InventoryClient,
    orders::{AftersalesClient, BooksClient, DraftsClient, OrdersClient, PersonsClient},
    payments::PaymentsClient,
    pricing::PricingClient,
};
use argosy_kernel::{Clock, Result};
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

pub use crate::{
    papers::{MarketPapers, PapersConfig},
    risk::RiskConfig,
};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrdersConfig {
    /// How long a checkout that nobody touches stays open.
    pub checkout_ttl_s: u32,
    /// How many days a draft stays open that nobody touches, and its link with it; at most as long as its cart is kept.
    pub draft_ttl_days: u32,
    /// How long one process works on an attempt before another may take it over.
    pub attempt_lease_s: u32,
    /// How often attempts are looked for that nobody works on.
    pub resume_interval_ms: u32,
    /// How long a buyer may take at the bank.
    pub needs_buyer_ttl_s: u32,
    /// How long a payment provider may leave a payment without an answer, asked again and again, before the buyer may pay
    /// in another way. What it holds for that payment is then let go, as soon as it answers.
    pub payment_patience_s: u32,
    /// For how many days after the last parcel a buyer may ask to send goods back; staff may at any time.
    pub return_window_days: u32,
    /// How often a buyer may download a file that they bought; 0: as often as they like.
    pub downloads_max: u32,
    /// Invoices, credit notes and packing slips.
    pub papers: PapersConfig,
    /// Limits on declined payments, and purchases that are looked at or refused.
    pub risk: RiskConfig,
}

impl Default for OrdersConfig {
    fn default() -> Self {
        Self {
            checkout_ttl_s: 86_400,
            draft_ttl_days: 14,
            attempt_lease_s: 20,
            resume_interval_ms: 500,
            needs_buyer_ttl_s: 1_800,
            payment_patience_s: 20,
            return_window_days: 30,
            downloads_max: 10,
            papers: PapersConfig::default(),
            risk: RiskConfig::default(),
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
    Migration { version: 4, name: "after the sale", sql: include_str!("../migrations/0004_after_sale.sql") },
    Migration { version: 5, name: "parcels", sql: include_str!("../migrations/0005_parcels.sql") },
    Migration { version: 6, name: "risk", sql: include_str!("../migrations/0006_risk.sql") },
    Migration { version: 7, name: "disputes", sql: include_str!("../migrations/0007_disputes.sql") },
    Migration {
        version: 8,
        name: "split payments",
        sql: include_str!("../migrations/0008_split_payments.sql"),
    },
    Migration { version: 9, name: "balances", sql: include_str!("../migrations/0009_balances.sql") },
    Migration { version: 10, name: "awaited goods", sql: include_str!("../migrations/0010_awaited.sql") },
    Migration { version: 11, name: "downloads", sql: include_str!("../migrations/0011_downloads.sql") },
    Migration { version: 12, name: "drafts", sql: include_str!("../migrations/0012_drafts.sql") },
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

/// Clients of the service.
pub struct Started {
    /// Checkouts and orders.
    pub orders: OrdersClient,
    /// What becomes of orders.
    pub aftersales: AftersalesClient,
    /// What staff put together.
    pub drafts: DraftsClient,
}

/// Opens the service's database, goes on with what was under way, and answers clients of it.
pub async fn start(host: &Host, config: OrdersConfig, clients: OrdersClients) -> Result<Started> {
    config.papers.check()?;
    let store = store::Store::new(host.database(DATABASE).await?, host.clock());
    let guard = Arc::new(risk::Guard::new(store.clone(), config.risk.clone(), host.clock())?);
    let saga = Arc::new(saga::Saga::new(store.clone(), clients.clone(), Arc::clone(&guard), &config));
    let steps = Arc::new(steps::Steps::new(store.clone(), clients.clone()));
    let for_balances = (Arc::clone(&steps), Arc::clone(&guard));
    let balances = Arc::new(balances::Balances::new(store.clone(), clients.clone(), for_balances, &config));
    resumer::start(host, &store, (&saga, &steps, &balances), &config).await?;
    let (for_aftersales, config_again) = (clients.clone(), config.clone());
    let aftersales =
        aftersales::Aftersales::new(store.clone(), steps, balances, for_aftersales, config_again);
    let till = till::Till::new(store, clients, config);
    let orders = OrdersClient::local(service::OrdersService::new(till.clone(), saga, guard));
    Ok(Started {
        drafts: DraftsClient::local(drafts::Drafts::new(till, orders.clone())),
        orders,
        aftersales: AftersalesClient::local(aftersales),
    })
}
