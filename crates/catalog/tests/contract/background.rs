//! What the catalogue does by itself.

use std::time::Duration;

use argosy_catalog::CatalogConfig;
use argosy_contracts::catalog::{Product, PutCollectionsRequest, PutProductsRequest, ScanProductsRequest};
use argosy_kernel::{Clock, Ctx};
use argosy_platform::{Host, database::DatabaseSettings};
use argosy_testkit::{TestHost, contract_stories, eventually};

use crate::subject::{Subject, by_rule, input, simple};

contract_stories! {
    a_scheduled_product_is_shown_and_told_when_its_time_comes,
    a_new_rule_gathers_the_products_that_are_there_already,
    a_changed_rule_lets_products_go,
}

async fn a_scheduled_product_is_shown_and_told_when_its_time_comes(s: Subject) {
    let hour = Duration::from_hours(1);
    let publish_at_ms = Some(s.test.clock.now().as_millis() + 3_600_000);
    s.put(Product { publish_at_ms, ..simple("hat") }).await;
    s.put(Product { publish_at_ms, status: "draft".to_owned(), ..simple("cap") }).await;
    assert!(s.shown("hat").await.is_none());
    s.test.clock.advance(hour);
    assert!(s.shown("hat").await.is_some());
    eventually("a second fact of the hat", async || s.facts().await.len() == 3).await;
    let told = s.facts().await.pop().unwrap();
    let hat = s.get("hat").await.unwrap();
    assert_eq!(
        (told.kind.as_str(), told.subject, told.sequence),
        ("catalog.product_changed", hat.id.clone(), 2)
    );
    assert_eq!(hat.version, 2);
    assert_eq!(s.put(Product { publish_at_ms, ..simple("hat") }).await.result, "unchanged");
    assert!(s.shown("cap").await.is_none());
}

fn tagged(number: usize) -> Product {
    let tag = if number.is_multiple_of(3) { "summer" } else { "winter" };
    Product { tags: vec![tag.to_owned()], ..simple(&format!("product-{number:03}")) }
}

async fn members(s: &Subject, collection: &str) -> usize {
    let mut members = 0;
    for number in 0..450 {
        let product = s.get(&format!("product-{number:03}")).await.unwrap();
        members += usize::from(product.collection_ids.iter().any(|id| id == collection));
    }
    members
}

async fn a_new_rule_gathers_the_products_that_are_there_already(s: Subject) {
    s.put_inputs((0..450).map(|number| input(tagged(number))).collect()).await;
    let summer = s.put_collection(by_rule("summer", "tag equals summer")).await.unwrap();
    eventually("a third of the products are in", async || members(&s, &summer.id).await == 150).await;
    let product = s.get("product-000").await.unwrap();
    assert_eq!(product.version, 2);
    assert_eq!(s.get("product-001").await.unwrap().version, 1, "what does not change is not written");
}

async fn a_changed_rule_lets_products_go(s: Subject) {
    let season = s.put_collection(by_rule("season", "tag equals summer")).await.unwrap();
    s.put_inputs((0..450).map(|number| input(tagged(number))).collect()).await;
    assert_eq!(members(&s, &season.id).await, 150);
    s.put_collection(by_rule("season", "tag equals winter")).await.unwrap();
    eventually("the others are in", async || members(&s, &season.id).await == 300).await;
}

#[tokio::test]
async fn a_pass_over_the_rules_goes_on_after_a_restart() {
    let test = TestHost::new();
    let folder = test.folder().join("restarted");
    let first = Host::new(&folder, DatabaseSettings::default(), test.clock.clone()).unwrap();
    let catalog = argosy_catalog::start(&first, CatalogConfig::default()).await.unwrap();
    let ctx = Ctx::system("test");
    let request = PutProductsRequest {
        products: (0..450).map(|number| input(tagged(number))).collect(),
        dry_run: false,
    };
    catalog.put_products(&ctx, request).await.unwrap();
    let request = PutCollectionsRequest { collections: vec![by_rule("summer", "tag equals summer")] };
    catalog.put_collections(&ctx, request).await.unwrap();
    assert!(first.stop(Duration::from_secs(10)).await);
    drop((catalog, first));

    let second = Host::new(&folder, DatabaseSettings::default(), test.clock.clone()).unwrap();
    test.clock.advance(Duration::from_hours(1));
    let catalog = argosy_catalog::start(&second, CatalogConfig::default()).await.unwrap();
    let members = async || {
        let request = ScanProductsRequest { after_id: String::new(), limit: 500 };
        let products = catalog.scan_products(&ctx, request).await.unwrap().products;
        products.iter().filter(|product| !product.collection_ids.is_empty()).count()
    };
    eventually("a third of the products are in", async || members().await == 150).await;
    second.stop(Duration::from_secs(10)).await;
}
