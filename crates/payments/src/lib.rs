#![doc = include_str!("../README.md")]

mod books;
mod disputes;
mod domain;
mod error;
mod events;
mod gift_cards;
#[cfg(test)]
mod model;
mod offering;
mod payer;
mod providers;
mod service;
mod store;
mod wallets;

use std::{collections::BTreeMap, time::Duration};

use argosy_contracts::payments::{BooksClient, PaymentsClient, WalletsClient};
use argosy_kernel::Result;
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

pub use crate::{
    providers::{PaypalConfig, StripeConfig, TEST_PROVIDER_DATABASE},
    wallets::WalletsConfig,
};

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
    /// Cards through a second account at Stripe, for `preference`: taken when its keys are set.
    pub stripe_backup: StripeConfig,
    /// PayPal: taken when its keys are set.
    pub paypal: PaypalConfig,
    /// Providers in the order in which buyers are offered them. Of several here that take the same kind of payment only
    /// one is offered at a time: the first that answers. Empty: all are offered.
    pub preference: Vec<String>,
    /// What each provider is offered for, by its name; one that is not named here takes payments of every market.
    pub markets: BTreeMap<String, MarketConfig>,
    /// What buyers may save to pay with.
    pub wallets: WalletsConfig,
}

/// Which payments a provider takes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MarketConfig {
    /// In these currencies, ISO 4217; empty: in all.
    pub currencies: Vec<String>,
    /// Of buyers in these countries, ISO 3166-1 alpha-2; empty: in all.
    pub countries: Vec<String>,
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
            stripe_backup: StripeConfig::default(),
            paypal: PaypalConfig::default(),
            preference: Vec::new(),
            markets: BTreeMap::new(),
            wallets: WalletsConfig::default(),
        }
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "intents", sql: include_str!("../migrations/0001_intents.sql") },
    Migration { version: 2, name: "moves", sql: include_str!("../migrations/0002_moves.sql") },
    Migration { version: 3, name: "gift cards", sql: include_str!("../migrations/0003_gift_cards.sql") },
    Migration { version: 4, name: "let go later", sql: include_str!("../migrations/0004_let_go_later.sql") },
    Migration { version: 5, name: "disputes", sql: include_str!("../migrations/0005_disputes.sql") },
    Migration { version: 6, name: "wallets", sql: include_str!("../migrations/0006_wallets.sql") },
];

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "payments", durability: Durability::Full, migrations: MIGRATIONS };

/// The books that are in the service's database and in the pretended provider's, read only, whether they run or not.
pub fn books(database: Database, test_provider: Option<Database>) -> BooksClient {
    BooksClient::local(books::Books { database, test_provider })
}

/// Clients of the service.
pub struct Started {
    /// Payments.
    pub payments: PaymentsClient,
    /// What buyers have saved to pay with.
    pub wallets: WalletsClient,
}

/// Opens the service's database and answers clients of it.
pub async fn start(host: &Host, config: PaymentsConfig) -> Result<Started> {
    let database = host.database(DATABASE).await?;
    let gift_cards = store::GiftCards::new(database.clone(), host.clock());
    let in_wallets = store::WalletStore::new(database.clone(), host.clock());
    let store = store::Store::new(database.clone(), host.clock());
    let providers = providers::start(host, &config, &gift_cards).await?;
    let payer = payer::Payer::new(store, providers, &config)?;
    let interval = Duration::from_millis(config.resume_interval_ms.max(10));
    payer.keep_resuming(host, interval);
    let wallets = wallets::Wallets::new(payer.clone(), in_wallets, &config.wallets, host.clock());
    wallets.keep_going(host, interval);
    host.consume(
        &database,
        wallets::PersonForgotten::SPEC,
        wallets::PersonForgotten(wallets.store().clone()),
    );
    Ok(Started {
        payments: PaymentsClient::local(service::PaymentsService::new(payer, gift_cards, wallets.clone())),
        wallets: WalletsClient::local(wallets),
    })
}
