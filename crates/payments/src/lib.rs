#![doc = include_str!("../README.md")]

mod books;
mod domain;
mod error;
mod events;
mod gift_cards;
#[cfg(test)]
mod model;
mod payer;
mod providers;
mod service;
mod store;

use std::time::Duration;

use argosy_contracts::payments::{BooksClient, PaymentsClient};
use argosy_kernel::Result;
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

pub use crate::providers::{PaypalConfig, StripeConfig, TEST_PROVIDER_DATABASE};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaymentsConfig {
    /// Whether the pretended provider takes payments. Switch it off before real money.
    pub test_provider: bool,
    /// What a buyer who pays by bank transfer is told.
    pub bank_details: String,
    /// How long a provider may take to answer.
    pub provider_timeout_ms: u64,
    /// How often it is looked for captures and refunds whose process died.
    pub resume_interval_ms: u64,
    /// Whether buyers may pay with gift cards.
    pub gift_cards: bool,
    /// Cards through Stripe: taken when its keys are set.
    pub stripe: StripeConfig,
    /// PayPal: taken when its keys are set.
    pub paypal: PaypalConfig,
}

impl Default for PaymentsConfig {
    fn default() -> Self {
        let bank_details = "Please transfer the amount and name your order number.".to_owned();
        Self {
            test_provider: true,
            bank_details,
            provider_timeout_ms: 8_000,
            resume_interval_ms: 30_000,
            gift_cards: false,
            stripe: StripeConfig::default(),
            paypal: PaypalConfig::default(),
        }
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "intents", sql: include_str!("../migrations/0001_intents.sql") },
    Migration { version: 2, name: "moves", sql: include_str!("../migrations/0002_moves.sql") },
    Migration { version: 3, name: "gift cards", sql: include_str!("../migrations/0003_gift_cards.sql") },
];

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "payments", durability: Durability::Full, migrations: MIGRATIONS };

/// The books that are in the service's database and in the pretended provider's, read only, whether they run or not.
pub fn books(database: Database, test_provider: Option<Database>) -> BooksClient {
    BooksClient::local(books::Books { database, test_provider })
}

/// Opens the service's database and answers a client of it.
pub async fn start(host: &Host, config: PaymentsConfig) -> Result<PaymentsClient> {
    let database = host.database(DATABASE).await?;
    let gift_cards = store::GiftCards::new(database.clone(), host.clock());
    let store = store::Store::new(database, host.clock());
    let providers = providers::start(host, &config, &gift_cards).await?;
    let payer = payer::Payer::new(store, providers, &config);
    payer.keep_resuming(host, Duration::from_millis(config.resume_interval_ms.max(10)));
    Ok(PaymentsClient::local(service::PaymentsService::new(payer, gift_cards)))
}
