#![doc = include_str!("../README.md")]

mod confirmation;
mod events;
mod post;
mod sender;
mod service;
mod store;

use std::sync::Arc;

use argosy_contracts::{notifications::NotificationsClient, orders::OrdersClient};
use argosy_kernel::{Result, Secret};
use argosy_platform::{
    Host, Shop,
    database::{DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationsConfig {
    /// Whom messages are from, and where their links lead. The process sets it from `[shop]`.
    #[serde(skip)]
    pub shop: Shop,
    /// The mail server, e.g. `smtps://user:password@mail.example.com`; unset: messages are files.
    pub smtp_url: Option<Secret<String>>,
    /// How often a message is tried before it is given up.
    pub tries_max: u32,
}

impl Default for NotificationsConfig {
    fn default() -> Self {
        Self { shop: Shop::default(), smtp_url: None, tries_max: 10 }
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "messages", sql: include_str!("../migrations/0001_messages.sql") },
    Migration { version: 2, name: "letters", sql: include_str!("../migrations/0002_letters.sql") },
];

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "notifications", durability: Durability::Process, migrations: MIGRATIONS };

/// Opens the service's database, listens, and answers a client of it.
///
/// # Errors
/// `INVALID_SETTING` if the shop's address or the mail server cannot be read.
pub async fn start(
    host: &Host,
    config: NotificationsConfig,
    orders: OrdersClient,
) -> Result<NotificationsClient> {
    let store = store::Store::new(host.database(DATABASE).await?, host.clock());
    let post = Arc::new(post::Post::open(host, &config)?);
    sender::start(host, &store, Arc::clone(&post), config.tries_max);
    let listener = events::OrderFacts { orders, store: store.clone(), post, config };
    host.consume(store.database(), events::OrderFacts::SPEC, listener);
    Ok(NotificationsClient::local(service::NotificationsService::new(store)))
}
