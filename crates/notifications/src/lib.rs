#![doc = include_str!("../README.md")]

mod events;
mod languages;
mod letters;
mod mail;
mod post;
mod sender;
mod service;
mod store;

use std::{path::PathBuf, sync::Arc};

use argosy_contracts::{
    notifications::NotificationsClient,
    orders::{DraftsClient, OrdersClient},
};
use argosy_kernel::{Result, Secret};
use argosy_platform::{
    Host, Shop,
    database::{DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

pub use crate::letters::Kind;

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
    /// What buyers are written to in whose own language is not known or not there.
    pub language: String,
    /// A folder of further languages (`fr.ftl`) and of messages said otherwise (`de.ftl`); empty: what is built in.
    pub languages_folder: PathBuf,
    /// Kinds of messages that are not sent, e.g. `return_received`.
    pub without: Vec<Kind>,
}

impl Default for NotificationsConfig {
    fn default() -> Self {
        Self {
            shop: Shop::default(),
            smtp_url: None,
            tries_max: 10,
            language: "en".to_owned(),
            languages_folder: PathBuf::new(),
            without: Vec::new(),
        }
    }
}

/// The services that are asked what a fact is about.
#[derive(Clone)]
pub struct NotificationsClients {
    /// Orders.
    pub orders: OrdersClient,
    /// What staff put together.
    pub drafts: DraftsClient,
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
/// `INVALID_SETTING` if the shop's address, the mail server or a language cannot be read; `INVALID_LANGUAGE_FILE`.
pub async fn start(
    host: &Host,
    config: NotificationsConfig,
    clients: NotificationsClients,
) -> Result<NotificationsClient> {
    let store = store::Store::new(host.database(DATABASE).await?, host.clock());
    let post = Arc::new(post::Post::open(host, &config)?);
    sender::start(host, &store, Arc::clone(&post), config.tries_max);
    let languages = languages::Languages::read(&config)?;
    let listener = events::OrderFacts { clients, store: store.clone(), post, languages, config };
    host.consume(store.database(), events::OrderFacts::SPEC, listener);
    Ok(NotificationsClient::local(service::NotificationsService::new(store)))
}
