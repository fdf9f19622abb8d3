//! A shop whose services are pretended, so that pages are tested without any other crate's rules.

#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::cast_possible_wrap, reason = "a test's own small numbers")]

mod orders;
mod payments;
mod services;

use std::sync::{Arc, Mutex};

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
use argosy_edge::{Edge, EdgeConfig};
use argosy_platform::bus::{Fact, FactLog, Facts};
use argosy_storefront::{StorefrontClients, StorefrontConfig};
use argosy_testkit::TestHost;
use axum::{Router, body::Body, response::Response};
use http::{Request, header};
use tower::ServiceExt;

pub use self::services::{State, category, eur, product, variant_id};

/// The pretended shop and its pages.
pub struct Shop {
    pub test: TestHost,
    pub state: Arc<Mutex<State>>,
    pub router: Router,
    facts: Arc<Told>,
}

impl Shop {
    pub fn start() -> Self {
        Self::with(StorefrontConfig::default(), State::default())
    }

    pub fn with(config: StorefrontConfig, state: State) -> Self {
        let test = TestHost::new();
        let state = Arc::new(Mutex::new(state));
        let fake = services::Fake(Arc::clone(&state));
        let facts = Arc::new(Told::default());
        for source in ["catalog", "inventory", "pricing"] {
            test.host.bus().add(source, facts.clone());
        }
        let clients = StorefrontClients {
            catalog: CatalogClient::local(fake.clone()),
            search: SearchClient::local(fake.clone()),
            pricing: PricingClient::local(fake.clone()),
            inventory: InventoryClient::local(fake.clone()),
            cart: CartClient::local(fake.clone()),
            orders: OrdersClient::local(fake.clone()),
            aftersales: AftersalesClient::local(fake.clone()),
            drafts: DraftsClient::local(fake.clone()),
            payments: PaymentsClient::local(fake.clone()),
            wallets: WalletsClient::local(fake.clone()),
            media: MediaClient::local(fake),
        };
        let router = argosy_storefront::routes(clients, config, &test.host).unwrap();
        Self { test, state, router, facts }
    }

    /// The same shop behind protections.
    pub fn behind(mut self, config: EdgeConfig) -> Self {
        self.router = Edge::new(config).unwrap().protect(self.router);
        self
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form as a browser does that holds `cookies`.
    pub async fn post(&self, path: &str, cookies: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookies);
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Tells a fact of the catalogue.
    pub fn tell(&self, kind: &str, subject: &str) {
        self.facts.tell(kind, subject);
    }
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Self { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub fn html(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The name=value pairs of the cookies that were set.
    pub fn cookies(&self) -> String {
        let set = self.headers.get_all(header::SET_COOKIE).iter();
        let pairs = set.map(|value| value.to_str().unwrap().split(';').next().unwrap());
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// The value of the first hidden field of that name.
    pub fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.html().split_once(&start).unwrap_or_else(|| panic!("no field {name}"));
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A log of facts in memory.
#[derive(Default)]
struct Told {
    facts: Mutex<Vec<Fact>>,
    told: tokio::sync::Notify,
}

impl Told {
    fn tell(&self, kind: &str, subject: &str) {
        let mut facts = self.facts.lock().unwrap();
        let position = facts.len() as i64 + 1;
        facts.push(Fact {
            position,
            id: format!("evt_{position}"),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            sequence: 1,
            time_ms: 0,
            data: "{}".to_owned(),
        });
        self.told.notify_waiters();
    }
}

#[async_trait::async_trait]
impl FactLog for Told {
    async fn read(&self, after: i64, _limit: u32, wait: std::time::Duration) -> argosy_kernel::Result<Facts> {
        let told = self.told.notified();
        let read = || {
            let facts = self.facts.lock().unwrap();
            let later: Vec<Fact> = facts.iter().filter(|fact| fact.position > after).cloned().collect();
            Facts { facts: later, head: facts.len() as i64 }
        };
        let first = read();
        if !first.facts.is_empty() || wait.is_zero() {
            return Ok(first);
        }
        let _ = tokio::time::timeout(wait, told).await;
        Ok(read())
    }
}
