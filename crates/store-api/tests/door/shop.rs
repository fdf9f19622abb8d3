//! The door in front of the fake services.

use std::sync::Arc;

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
use argosy_edge::{Edge, EdgeConfig, Idempotency, unknown_path};
use argosy_platform::{
    bus::NewFact,
    database::{Database, DatabaseSpec, Durability},
};
use argosy_store_api::{KEYS_KEPT_BY_SERVICES, StoreApiConfig, StoreClients, routes};
use argosy_testkit::TestHost;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    fakes::{Fake, Knows},
    samples,
};

pub(crate) struct Shop {
    pub(crate) knows: Arc<Knows>,
    pub(crate) router: Router,
    catalog_facts: Database,
    inventory_facts: Database,
    pricing_facts: Database,
    test: TestHost,
}

/// What the door answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.body);
        self.json()["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn pointers(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }
}

impl Shop {
    /// A shop with a tote and a mug.
    pub(crate) async fn open() -> Self {
        let test = TestHost::new();
        let facts = |name| DatabaseSpec { name, durability: Durability::Process, migrations: &[] };
        let catalog_facts = test.host.database(facts("catalog")).await.unwrap();
        let inventory_facts = test.host.database(facts("inventory")).await.unwrap();
        let pricing_facts = test.host.database(facts("pricing")).await.unwrap();
        let knows = Arc::new(Knows::default());
        *knows.products.lock().unwrap() = vec![samples::tote(), samples::mug()];
        *knows.categories.lock().unwrap() = vec![samples::category()];
        let fake = Fake(Arc::clone(&knows));
        let clients = StoreClients {
            catalog: CatalogClient::local(fake.clone()),
            search: SearchClient::local(fake.clone()),
            inventory: InventoryClient::local(fake.clone()),
            cart: CartClient::local(fake.clone()),
            orders: OrdersClient::local(fake.clone()),
            aftersales: AftersalesClient::local(fake.clone()),
            pricing: PricingClient::local(fake.clone()),
            payments: PaymentsClient::local(fake.clone()),
            media: MediaClient::local(fake.clone()),
            wallets: WalletsClient::local(fake),
        };
        let edge = Edge::new(EdgeConfig::default()).unwrap();
        let idempotency = Idempotency::open(&test.host, &edge, KEYS_KEPT_BY_SERVICES).await.unwrap();
        let door = routes(&test.host, clients, StoreApiConfig::default(), &edge, &idempotency);
        let router = edge.protect(door.fallback(unknown_path));
        Self { knows, router, catalog_facts, inventory_facts, pricing_facts, test }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_unless(&self, path: &str, etag: &str) -> Answer {
        self.send(Request::get(path).header("if-none-match", etag).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.call("POST", path, None, body).await
    }

    /// The catalogue tells that a product changed.
    pub(crate) async fn tell_product_changed(&self, id: &str, handle: &str) {
        let data = serde_json::json!({"id": id, "handle": handle, "version": 2, "status": "active"});
        let fact = NewFact::new("catalog.product_changed", id, 2, &data).unwrap();
        self.tell(&self.catalog_facts, fact).await;
    }

    /// The catalogue tells that its categories changed.
    pub(crate) async fn tell_categories_changed(&self) {
        let fact =
            NewFact::new("catalog.categories_changed", "categories", 2, &serde_json::json!({"revision": 2}));
        self.tell(&self.catalog_facts, fact.unwrap()).await;
    }

    /// Inventory tells that a variant sold out or came back.
    pub(crate) async fn tell_availability_changed(&self, variant: &str) {
        let data = serde_json::json!({"variant_id": variant, "available": false});
        let fact = NewFact::new("inventory.availability_changed", variant, 1, &data).unwrap();
        self.tell(&self.inventory_facts, fact).await;
    }

    /// Pricing tells that something changed.
    pub(crate) async fn tell_pricing(&self, kind: &'static str) {
        let fact = NewFact::new(kind, "rules", 2, &serde_json::json!({"version": 2})).unwrap();
        self.tell(&self.pricing_facts, fact).await;
    }

    async fn tell(&self, facts: &Database, fact: NewFact) {
        let tx = facts.begin().await.unwrap();
        tx.publish(&*self.test.host.clock(), [fact]).await.unwrap();
        tx.commit().await.unwrap();
    }
}
