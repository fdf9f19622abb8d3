//! What a restart finds: the index, how far it had read, and nothing lost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use argosy_contracts::{
    catalog::{CatalogClient, Product},
    inventory::InventoryClient,
    search::{QueryRequest, SearchClient, StatusRequest, StatusResponse},
};
use argosy_kernel::{Ctx, ProductId};
use argosy_platform::{
    Host,
    bus::NewFact,
    database::{Database, DatabaseSpec, Durability},
};
use argosy_search::{SearchClients, SearchConfig};
use argosy_testkit::eventually;
use serde_json::json;
use shop::{Handed, Shelf, Shop};

/// One run of a process over a folder that outlives it.
struct Run {
    host: Host,
    catalog: Database,
    search: SearchClient,
    ctx: Ctx,
}

impl Run {
    async fn start(folder: &Path, shop: &Arc<Shop<Shelf>>, commit_interval_ms: u32) -> Self {
        Self::start_with(folder, shop, SearchConfig { commit_interval_ms, ..SearchConfig::default() }).await
    }

    async fn start_with(folder: &Path, shop: &Arc<Shop<Shelf>>, config: SearchConfig) -> Self {
        let host = Host::embedded(folder).unwrap();
        let spec = DatabaseSpec { name: "catalog", durability: Durability::Process, migrations: &[] };
        let catalog = host.database(spec).await.unwrap();
        let clients = SearchClients {
            catalog: CatalogClient::local(Handed(Arc::clone(shop))),
            inventory: InventoryClient::local(Handed(Arc::clone(shop))),
        };
        let search = argosy_search::start(&host, config, clients).await.unwrap();
        Self { host, catalog, search, ctx: Ctx::system("test") }
    }

    async fn stop(self) {
        assert!(self.host.stop(Duration::from_secs(10)).await);
    }

    async fn put(&self, shop: &Shop<Shelf>, title: &str) -> String {
        let id = ProductId::new().to_string();
        let product = Product {
            id: id.clone(),
            title: title.to_owned(),
            status: "active".to_owned(),
            ..Product::default()
        };
        shop.products.0.lock().unwrap().insert(id.clone(), product);
        let tx = self.catalog.begin().await.unwrap();
        let fact = NewFact::new("catalog.product_changed", &id, 1, &json!({"id": id})).unwrap();
        tx.publish(&*self.host.clock(), [fact]).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn status(&self) -> StatusResponse {
        self.search.status(&self.ctx, StatusRequest {}).await.unwrap()
    }

    async fn has(&self, products: u64) {
        eventually("the products are in the index", || async { self.status().await.products == products })
            .await;
    }

    /// The index may have a product from the catalogue itself, before it has read the fact of it.
    async fn has_read(&self, facts: i64) {
        eventually("the facts are read", || async { self.status().await.position == facts }).await;
    }

    async fn found(&self, text: &str) -> usize {
        let request = QueryRequest { text: text.to_owned(), ..QueryRequest::default() };
        self.search.query(&self.ctx, request).await.unwrap().product_ids.len()
    }
}

fn place() -> (tempfile::TempDir, Arc<Shop<Shelf>>) {
    (tempfile::tempdir().unwrap(), Arc::new(Shop::new(Shelf::default())))
}

#[tokio::test]
async fn a_restart_reads_on_from_where_it_was() {
    let (folder, shop) = place();
    let run = Run::start(folder.path(), &shop, 10).await;
    for number in 0..5 {
        run.put(&shop, &format!("Comet {number}")).await;
    }
    run.has_read(5).await;
    run.stop().await;
    let (scanned, read) = (shop.scanned.load(Ordering::SeqCst), shop.read.load(Ordering::SeqCst));

    let run = Run::start(folder.path(), &shop, 10).await;
    assert_eq!(run.status().await.products, 5, "it answers at once");
    run.put(&shop, "Comet after").await;
    run.has(6).await;
    assert_eq!(shop.scanned.load(Ordering::SeqCst), scanned);
    assert_eq!(shop.read.load(Ordering::SeqCst), read + 1);
}

#[tokio::test]
async fn what_was_read_but_not_committed_is_read_again() {
    let (folder, shop) = place();
    let run = Run::start(folder.path(), &shop, 3_600_000).await;
    run.put(&shop, "Comet first").await;
    run.has(1).await; // the next commit is an hour away
    let read = shop.read.load(Ordering::SeqCst);
    run.put(&shop, "Comet second").await;
    eventually("it is read", || async { shop.read.load(Ordering::SeqCst) > read }).await;
    run.stop().await;

    let run = Run::start(folder.path(), &shop, 10).await;
    run.has(2).await;
    assert_eq!(run.found("second").await, 1);
}

#[tokio::test]
async fn a_damaged_index_is_built_anew() {
    for damage in ["meta.json", "current", "segments"] {
        let (folder, shop) = place();
        let run = Run::start(folder.path(), &shop, 10).await;
        run.put(&shop, "Comet").await;
        run.has(1).await;
        run.stop().await;
        let search = folder.path().join("search");
        let index = search.join(fs::read_to_string(search.join("current")).unwrap());
        match damage {
            "segments" => {
                for entry in fs::read_dir(&index).unwrap() {
                    let path = entry.unwrap().path();
                    if path.extension().is_some_and(|kind| kind == "fast" || kind == "term") {
                        fs::write(path, b"damaged").unwrap();
                    }
                }
            }
            "current" => fs::write(search.join("current"), "../../etc").unwrap(),
            file => fs::write(index.join(file), b"{").unwrap(),
        }
        let run = Run::start(folder.path(), &shop, 10).await;
        run.has(1).await;
        assert_eq!(run.found("comet").await, 1, "{damage}");
        run.stop().await;
    }
}

#[tokio::test]
async fn an_index_whose_facts_are_gone_is_built_anew() {
    let (folder, shop) = place();
    let run = Run::start(folder.path(), &shop, 10).await;
    run.put(&shop, "Comet").await;
    run.has_read(1).await;
    run.stop().await;
    for file in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = fs::remove_file(folder.path().join(file)); // not all of them exist
    }
    let product = Product {
        id: ProductId::new().to_string(),
        title: "Meteor".to_owned(),
        status: "active".to_owned(),
        ..Product::default()
    };
    *shop.products.0.lock().unwrap() = [(product.id.clone(), product)].into();
    let run = Run::start(folder.path(), &shop, 10).await;
    eventually("the other catalogue is listed", || async { run.found("meteor").await == 1 }).await;
    assert_eq!(run.found("comet").await, 0);
}

#[tokio::test]
async fn synonyms_are_found_as_the_shop_says_after_a_restart() {
    let (folder, shop) = place();
    let run = Run::start(folder.path(), &shop, 10).await;
    for title in ["Harbour sofa", "Island couch", "Deck chair", "Coach lamp", "Shoes for running"] {
        run.put(&shop, title).await;
    }
    run.has_read(5).await;
    assert_eq!([run.found("sofa").await, run.found("settee").await], [1, 0]);
    run.stop().await;

    let groups = ["sofa, couch, settee", "trainers, running shoes"];
    let config = SearchConfig {
        commit_interval_ms: 10,
        synonyms: groups.map(str::to_owned).to_vec(),
        ..SearchConfig::default()
    };
    let run = Run::start_with(folder.path(), &shop, config).await;
    let titles = async |text: &str| {
        let request = QueryRequest { text: text.to_owned(), ..QueryRequest::default() };
        let found = run.search.query(&run.ctx, request).await.unwrap();
        assert_eq!(found.corrected, "", "{text}");
        let shelf = shop.products.0.lock().unwrap();
        let mut titles: Vec<String> = found.product_ids.iter().map(|id| shelf[id].title.clone()).collect();
        titles.sort_unstable();
        titles
    };
    for text in ["sofas", "couch", "settee"] {
        assert_eq!(titles(text).await, ["Harbour sofa", "Island couch"], "{text}");
    }
    assert_eq!(titles("trainers").await, ["Shoes for running"]);
    run.stop().await;
}
