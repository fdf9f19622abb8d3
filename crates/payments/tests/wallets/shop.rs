//! A payments service with its pretended provider, and an orders service that only tells facts.

use argosy_contracts::{
    common,
    payments::{
        AuthoriseRequest, GetIntentRequest, GetWalletRequest, HandleWebhookRequest, Intent,
        OpenWalletRequest, PaymentsClient, RemoveMethodRequest, SavedMethod, Setup, SetupRequest,
        StartSetupRequest, Wallet, WalletsClient,
    },
};
use argosy_kernel::{Ctx, IntentId, Result};
use argosy_payments::{PaymentsConfig, WalletsConfig};
use argosy_platform::{
    bus::NewFact,
    database::{Database, DatabaseSpec, Durability, sql},
};
use argosy_testkit::{Call, Mode, TestHost};
use sea_orm::FromQueryResult;
use serde_json::json;

pub(crate) struct Subject {
    pub(crate) test: TestHost,
    pub(crate) payments: PaymentsClient,
    pub(crate) wallets: WalletsClient,
    pub(crate) ctx: Ctx,
    orders: Database,
}

/// What opens a wallet.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) id: String,
    pub(crate) key: String,
}

impl From<Access> for SetupRequest {
    fn from(access: Access) -> Self {
        Self { wallet_id: access.id, key: access.key, setup_id: String::new() }
    }
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}

impl Subject {
    pub(crate) async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let facts = DatabaseSpec { name: "orders", durability: Durability::Process, migrations: &[] };
        let orders = test.host.database(facts).await.unwrap();
        let config = PaymentsConfig {
            provider_timeout_ms: 500,
            resume_interval_ms: 50,
            wallets: WalletsConfig { methods_max: 3, setups_per_hour_max: 5 },
            ..PaymentsConfig::default()
        };
        let started = argosy_payments::start(&test.host, config).await.unwrap();
        let (payments, wallets) = match mode.call {
            Call::Local => (started.payments, started.wallets),
            Call::Remote => {
                let channel = test
                    .serve(|routes| {
                        started.payments.add_to(routes);
                        started.wallets.add_to(routes);
                    })
                    .await;
                (PaymentsClient::remote(channel.clone()), WalletsClient::remote(channel))
            }
        };
        Self { test, payments, wallets, ctx: Ctx::guest(), orders }
    }

    pub(crate) async fn open(&self) -> Access {
        let opened = self.wallets.open_wallet(&self.ctx, OpenWalletRequest::default()).await.unwrap();
        Access { id: opened.wallet_id, key: opened.key }
    }

    pub(crate) async fn get(&self, wallet: &Access) -> Result<Wallet> {
        let request = GetWalletRequest { wallet_id: wallet.id.clone(), key: wallet.key.clone() };
        self.wallets.get_wallet(&self.ctx, request).await
    }

    pub(crate) async fn methods(&self, wallet: &Access) -> Vec<SavedMethod> {
        self.get(wallet).await.unwrap().methods
    }

    pub(crate) async fn pay(&self, wallet: &Access, token: &str, remember: bool) -> Result<Intent> {
        self.payments.authorise(&self.ctx, request(wallet, token, remember)).await
    }

    pub(crate) async fn intent(&self, id: &str) -> Intent {
        self.payments.get_intent(&self.ctx, GetIntentRequest { intent_id: id.to_owned() }).await.unwrap()
    }

    pub(crate) async fn setup_with(&self, wallet: &Access, token: &str, key: Option<&str>) -> Result<Setup> {
        let ctx = key.map_or_else(|| self.ctx.clone(), |key| self.ctx.clone().with_key(key));
        self.wallets.start_setup(&ctx, setup_request(wallet, "test", token)).await
    }

    pub(crate) async fn setup_of(&self, wallet: &Access, token: &str, key: &str) -> Result<Setup> {
        self.setup_with(wallet, token, Some(key)).await
    }

    /// A card that is in the wallet from now on.
    pub(crate) async fn save(&self, wallet: &Access, token: &str) -> SavedMethod {
        let setup = self.setup_of(wallet, token, token).await.unwrap();
        assert_eq!(setup.state, "saved", "{setup:?}");
        setup.method.unwrap()
    }

    /// One whose bank asks each time.
    pub(crate) async fn save_at_bank(&self, wallet: &Access) -> SavedMethod {
        let waits = self.setup_of(wallet, "tok_needs_action", "at-bank").await.unwrap();
        self.bank_says(&format!(r#"{{"setup_id":"{}","approve":true}}"#, waits.id)).await;
        let saved = self.setup_of(wallet, "tok_needs_action", "at-bank").await.unwrap();
        saved.method.unwrap()
    }

    pub(crate) async fn remove(&self, wallet: &Access, method_id: &str) -> Result<Wallet> {
        let request = RemoveMethodRequest {
            wallet_id: wallet.id.clone(),
            key: wallet.key.clone(),
            method_id: method_id.to_owned(),
        };
        self.wallets.remove_method(&self.ctx, request).await
    }

    /// A message of the pretended bank.
    pub(crate) async fn bank_says(&self, body: &str) {
        let request = HandleWebhookRequest {
            provider: "test".to_owned(),
            body: body.as_bytes().to_vec(),
            ..HandleWebhookRequest::default()
        };
        self.payments.handle_webhook(&self.ctx, request).await.unwrap();
    }

    /// As orders does when it forgets somebody.
    pub(crate) async fn tell_forgotten(&self, person: &str) {
        let fact =
            NewFact::new("orders.person_forgotten", person, 1, &json!({ "person_id": person })).unwrap();
        let tx = self.orders.begin().await.unwrap();
        tx.publish(&*self.test.host.clock(), [fact]).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn database(&self, name: &str) -> Database {
        self.test.host.databases().into_iter().find(|database| database.name() == name).unwrap()
    }

    /// How many cards the pretended provider has in a state.
    pub(crate) async fn cards(&self, state: &str) -> i64 {
        let row: CountRow = sql("select count(*) as count from card where state = $1")
            .bind(state)
            .one(&self.database("payments_test_provider"))
            .await
            .unwrap();
        row.count
    }

    /// How many customers of providers are known here.
    pub(crate) async fn customers_known(&self) -> i64 {
        let row: CountRow = sql("select count(*) as count from wallet_customer")
            .one(&self.database("payments"))
            .await
            .unwrap();
        row.count
    }

    /// What is known of the cards of a wallet, whoever has its key.
    pub(crate) async fn remembered(&self, wallet: &Access) -> String {
        let rows: Vec<TextRow> =
            sql("select brand || last_four as text from saved_method where wallet_id = $1")
                .bind(wallet.id.as_str())
                .all(&self.database("payments"))
                .await
                .unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }

    /// Whether a text is in what is kept of wallets.
    pub(crate) async fn database_has(&self, text: &str) -> bool {
        let rows: Vec<TextRow> =
            sql("select id || key_digest as text from wallet").all(&self.database("payments")).await.unwrap();
        rows.iter().any(|row| row.text.contains(text))
    }
}

pub(crate) fn eur(minor: i64) -> common::Money {
    common::Money { minor, currency: "EUR".to_owned() }
}

pub(crate) fn request(wallet: &Access, token: &str, remember: bool) -> AuthoriseRequest {
    AuthoriseRequest {
        intent_id: IntentId::new().to_string(),
        reference: "chk_1".to_owned(),
        amount: Some(eur(1_000)),
        provider: "test".to_owned(),
        token: token.to_owned(),
        wallet_id: wallet.id.clone(),
        wallet_key: wallet.key.clone(),
        remember,
        ..AuthoriseRequest::default()
    }
}

pub(crate) fn setup_request(wallet: &Access, provider: &str, token: &str) -> StartSetupRequest {
    StartSetupRequest {
        wallet_id: wallet.id.clone(),
        key: wallet.key.clone(),
        provider: provider.to_owned(),
        token: token.to_owned(),
        return_url: String::new(),
    }
}
