//! A service under test, and what stories ask of it.

use std::sync::Arc;

use argosy_contracts::{
    catalog::{CatalogClient, Product},
    inventory::InventoryClient,
    search::{Facet, Filter, QueryRequest, QueryResponse, SearchClient, StatusRequest},
};
use argosy_kernel::{Ctx, ProductId};
use argosy_platform::{
    bus::NewFact,
    database::{Database, DatabaseSpec, Durability},
};
use argosy_search::{SearchClients, SearchConfig};
use argosy_testkit::{Call, Mode, TestHost, eventually};
use serde_json::json;

pub(crate) use crate::assortment::*;
use crate::shop::{Handed, Shelf, Shop};

pub(crate) struct Subject {
    pub(crate) test: TestHost,
    pub(crate) catalog: Database,
    pub(crate) inventory: Database,
    pub(crate) shop: Arc<Shop<Shelf>>,
    pub(crate) search: SearchClient,
    pub(crate) ctx: Ctx,
}

impl Subject {
    pub(crate) async fn start(mode: Mode) -> Self {
        let test = TestHost::new();
        let spec = |name| DatabaseSpec { name, durability: Durability::Process, migrations: &[] };
        let catalog = test.host.database(spec("catalog")).await.unwrap();
        let inventory = test.host.database(spec("inventory")).await.unwrap();
        let shop = Arc::new(filled_shop());
        let local = start_search(&test, &shop).await;
        let search = match mode.call {
            Call::Local => local,
            Call::Remote => SearchClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        let subject = Self { test, catalog, inventory, shop, search, ctx: Ctx::system("test") };
        eventually("the index is built", || async { subject.products().await == ALL as u64 }).await;
        subject
    }

    pub(crate) async fn products(&self) -> u64 {
        self.search.status(&self.ctx, StatusRequest {}).await.unwrap().products
    }

    pub(crate) async fn query(&self, request: QueryRequest) -> QueryResponse {
        self.search.query(&self.ctx, request).await.unwrap()
    }

    /// The numbers of the products that a query answers.
    pub(crate) async fn numbers(&self, request: QueryRequest) -> Vec<u8> {
        self.query(request).await.product_ids.iter().map(|id| number_of(id)).collect()
    }

    pub(crate) async fn found(&self, text: &str) -> Vec<u8> {
        self.numbers(searching(text)).await
    }

    /// Changes a product and tells of it.
    pub(crate) async fn put(&self, mut product: Product) {
        product.version += 1;
        let id = product.id.clone();
        self.shop.products.0.lock().unwrap().insert(id.clone(), product);
        self.tell(&self.catalog, "catalog.product_changed", json!({"id": id})).await;
    }

    /// Puts products into the collection `window`, in this order.
    pub(crate) async fn arrange(&self, numbers: &[u8]) {
        for number in numbers {
            let mut product = self.product(*number);
            product.collection_ids.push(collection_id(2));
            self.put(product).await;
        }
        self.reorder(numbers).await;
    }

    /// Orders the collection `window` otherwise.
    pub(crate) async fn reorder(&self, numbers: &[u8]) {
        let order = numbers.iter().map(|number| self.product(*number).id).collect();
        self.shop.members.lock().unwrap().insert(collection_id(2), order);
        let told = json!({"revision": 2, "members_of": [collection_id(2)]});
        self.tell(&self.catalog, "catalog.collections_changed", told).await;
    }

    pub(crate) async fn tell(&self, database: &Database, kind: &'static str, data: serde_json::Value) {
        let tx = database.begin().await.unwrap();
        let fact = NewFact::new(kind, "subject", 1, &data).unwrap();
        tx.publish(&*self.test.host.clock(), [fact]).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) fn product(&self, number: u8) -> Product {
        let id = ProductId::from_bytes(id_of(number, 1)).to_string();
        self.shop.products.0.lock().unwrap().get(&id).cloned().unwrap()
    }
}

pub(crate) async fn start_search(test: &TestHost, shop: &Arc<Shop<Shelf>>) -> SearchClient {
    let clients = SearchClients {
        catalog: CatalogClient::local(Handed(Arc::clone(shop))),
        inventory: InventoryClient::local(Handed(Arc::clone(shop))),
    };
    argosy_search::start(&test.host, SearchConfig::default(), clients).await.unwrap()
}

pub(crate) fn number_of(id: &str) -> u8 {
    id.parse::<ProductId>().unwrap().to_bytes()[15]
}

pub(crate) fn searching(text: &str) -> QueryRequest {
    QueryRequest { text: text.to_owned(), limit: 100, ..QueryRequest::default() }
}

pub(crate) fn filter(name: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Filter { name: name.to_owned(), values, ..Filter::default() }
}

pub(crate) fn filtering(filters: Vec<Filter>) -> QueryRequest {
    QueryRequest { filters, limit: 100, currency: "EUR".to_owned(), ..QueryRequest::default() }
}

pub(crate) fn counts<'a>(facets: &'a [Facet], name: &str) -> Vec<(&'a str, u64, bool)> {
    let facet = facets.iter().find(|facet| facet.name == name);
    let values = facet.into_iter().flat_map(|facet| &facet.values);
    values.map(|value| (value.value.as_str(), value.count, value.selected)).collect()
}

pub(crate) fn sorted(mut numbers: Vec<u8>) -> Vec<u8> {
    numbers.sort_unstable();
    numbers
}
