//! Who holds the money, and what its own books say. They outlive the store.

use std::path::Path;

use argosy_testkit::{
    TestHost,
    servers::{
        StripeServer,
        stripe_gateway::{GOOD, Gateway},
    },
};
use sqlx::{Connection, Row, SqliteConnection};

/// Of all payments together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Books {
    pub(crate) taken: i64,
    /// How many payments money was taken of.
    pub(crate) charges: i64,
    /// How many payments money is still held for.
    pub(crate) held: i64,
}

/// The provider of a drill.
pub(crate) enum Bank {
    /// The store's own, in a database of its own.
    Pretended,
    Stripe(Box<Stripe>),
}

impl Bank {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Pretended => "test",
            Self::Stripe(_) => "stripe",
        }
    }

    /// How a store reaches it.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Pretended => Vec::new(),
            Self::Stripe(stripe) => vec![
                ("ARGOSY_PAYMENTS__STRIPE__SECRET_KEY", "sk_test_shop".to_owned()),
                ("ARGOSY_PAYMENTS__STRIPE__PUBLISHABLE_KEY", "pk_test_shop".to_owned()),
                ("ARGOSY_PAYMENTS__STRIPE__API_BASE", stripe.url.clone()),
                ("ARGOSY_PAYMENTS__STRIPE__FILES_BASE", stripe.url.clone()),
            ],
        }
    }

    pub(crate) async fn good_card(&self) -> String {
        match self {
            Self::Pretended => "tok_ok".to_owned(),
            Self::Stripe(stripe) => stripe.gateway.token(GOOD).await,
        }
    }

    pub(crate) async fn books(&self, data: &Path) -> Books {
        match self {
            Self::Pretended => pretended(&data.join("payments_test_provider.db")).await,
            Self::Stripe(stripe) => stripe.books().await,
        }
    }
}

async fn pretended(path: &Path) -> Books {
    let mut books = SqliteConnection::connect(&format!("sqlite://{}?mode=ro", path.display())).await.unwrap();
    let row = sqlx::query(
        "select coalesce(sum(captured), 0), coalesce(sum(captured > 0), 0), \
                coalesce(sum(state = 'authorised' and captured < amount), 0) \
           from charge",
    )
    .fetch_one(&mut books)
    .await
    .unwrap();
    Books { taken: row.get(0), charges: row.get(1), held: row.get(2) }
}

/// Stripe, as localstripe behind the gateway that adds what it lacks.
pub(crate) struct Stripe {
    pub(crate) gateway: Gateway,
    url: String,
    _server: StripeServer,
    /// Serves the gateway.
    _host: TestHost,
}

impl Stripe {
    pub(crate) async fn start() -> Self {
        let server = StripeServer::start().await;
        let gateway = Gateway::new(server.url());
        let host = TestHost::new();
        let url = format!("http://{}", host.serve_http(gateway.router()).await);
        Self { gateway, url, _server: server, _host: host }
    }

    async fn books(&self) -> Books {
        let mut books = Books::default();
        for intent in self.gateway.payment_intents().await {
            match intent["status"].as_str().unwrap_or_default() {
                "succeeded" => {
                    books.taken += intent["amount_received"].as_i64().unwrap();
                    books.charges += 1;
                }
                "requires_capture" => books.held += 1,
                // Never confirmed, declined, or let go.
                "requires_payment_method" | "requires_confirmation" | "canceled" => {}
                _ => panic!("money may be under way: {intent}"),
            }
        }
        books
    }
}
