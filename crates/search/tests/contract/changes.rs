//! What changes in the shop changes in the index.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use argosy_contracts::search::{QueryRequest, RebuildRequest};
use argosy_testkit::eventually;
use serde_json::json;

use crate::subject::*;

pub(crate) async fn drafts_and_scheduled_products_are_not_shown(s: Subject) {
    let mut draft = product(8, "Draft Comet", "Acme", "Lamps", 1);
    draft.status = "draft".into();
    s.put(draft).await;
    let mut scheduled = product(9, "Scheduled Comet", "Acme", "Lamps", 1);
    scheduled.publish_at_ms = Some(s.test.host.clock().now().as_millis() + 60_000);
    s.put(scheduled).await;
    s.put(product(7, "Shown Comet", "Acme", "Lamps", 1)).await;
    eventually("the last one is seen", || async { !s.found("comet").await.is_empty() }).await;
    assert_eq!(s.found("comet").await, [7]);
    s.test.clock.advance(Duration::from_secs(61));
    s.put(s.product(9)).await; // as the catalogue does when its time has come
    eventually("its time has come", || async { sorted(s.found("comet").await) == [7, 9] }).await;
}

pub(crate) async fn a_change_is_visible_within_a_second(s: Subject) {
    for round in 0..5 {
        let mut changed = s.product(20);
        changed.title = format!("Beacon{round}");
        let began = Instant::now();
        s.put(changed).await;
        eventually("it is seen", || async { s.found(&format!("beacon{round}")).await == [20] }).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
    assert_eq!(s.products().await, ALL as u64);
}

pub(crate) async fn a_product_that_is_gone_is_gone(s: Subject) {
    let id = s.product(2).id;
    s.shop.products.0.lock().unwrap().remove(&id);
    s.tell(&s.catalog, "catalog.product_changed", json!({"id": id})).await;
    eventually("it is gone", || async { s.found("earbuds").await.is_empty() }).await;
}

pub(crate) async fn a_moved_category_moves_its_products(s: Subject) {
    s.shop.categories.lock().unwrap()[1] = category(2, "audio", "Audio", Some(3));
    let read = s.shop.read.load(Ordering::SeqCst);
    s.tell(&s.catalog, "catalog.categories_changed", json!({"revision": 2})).await;
    let home = QueryRequest { category: "home".to_owned(), ..filtering(Vec::new()) };
    eventually("they moved", || async { s.numbers(home.clone()).await.len() == 43 }).await;
    assert_eq!(s.shop.read.load(Ordering::SeqCst), read, "no product is read anew");
}

pub(crate) async fn an_attribute_that_becomes_searchable_is_searched(s: Subject) {
    s.shop.attributes.lock().unwrap()[2].searchable = true;
    s.tell(&s.catalog, "catalog.attributes_changed", json!({"revision": 2})).await;
    eventually("it is searched", || async { s.found("zebra").await == [1] }).await;
}

pub(crate) async fn selling_out_takes_a_product_out_of_what_is_in_stock(s: Subject) {
    let variant = s.product(1).variants[0].id.clone();
    s.shop.sold_out.lock().unwrap().insert(variant.clone());
    s.tell(
        &s.inventory,
        "inventory.availability_changed",
        json!({"variant_id": variant, "available": false}),
    )
    .await;
    let sony = || filtering(vec![filter("in_stock", &["true"]), filter("vendor", &["Sony"])]);
    eventually("it is sold out", || async { s.numbers(sony()).await.is_empty() }).await;
    s.shop.sold_out.lock().unwrap().clear();
    s.tell(&s.inventory, "inventory.availability_changed", json!({"variant_id": variant, "available": true}))
        .await;
    eventually("it is back", || async { s.numbers(sony()).await == [1] }).await;
}

pub(crate) async fn a_new_index_is_built_while_the_old_one_answers(s: Subject) {
    let rebuilding = s.search.rebuild(&s.ctx, RebuildRequest {});
    let asking = async {
        for _ in 0..20 {
            assert_eq!(s.numbers(filtering(Vec::new())).await.len(), ALL);
        }
    };
    let (rebuilt, ()) = tokio::join!(rebuilding, asking);
    assert_eq!(rebuilt.unwrap().products, ALL as u64);
    s.put(product(9, "After The Rebuild", "Acme", "Lamps", 1)).await;
    eventually("facts go on", || async { s.found("rebuild").await == [9] }).await;
    let indexes = std::fs::read_dir(s.test.folder().join("search")).unwrap();
    let names: Vec<String> = indexes.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("index-")).count(), 1, "{names:?}");
}

pub(crate) async fn law_8_a_change_costs_what_the_change_costs(s: Subject) {
    let (scanned, read) = (s.shop.scanned.load(Ordering::SeqCst), s.shop.read.load(Ordering::SeqCst));
    s.put(product(9, "One Change", "Acme", "Lamps", 1)).await;
    eventually("it is seen", || async { s.found("change").await == [9] }).await;
    assert_eq!(s.shop.scanned.load(Ordering::SeqCst), scanned, "the catalogue is not read");
    assert_eq!(s.shop.read.load(Ordering::SeqCst), read + 1, "one product is read and written");
}

pub(crate) async fn a_new_order_of_a_collection_is_seen_and_writes_no_product(s: Subject) {
    s.arrange(&[3, 1, 2]).await;
    let window = || QueryRequest { collection: "window".to_owned(), ..filtering(Vec::new()) };
    eventually("it is in order", || async { s.numbers(window()).await == [3, 1, 2] }).await;
    let (read, asked) = (s.shop.read.load(Ordering::SeqCst), s.shop.members_read.load(Ordering::SeqCst));
    s.reorder(&[2, 3, 1]).await;
    eventually("it is in the new order", || async { s.numbers(window()).await == [2, 3, 1] }).await;
    assert_eq!(s.shop.read.load(Ordering::SeqCst), read, "no product is read anew");
    assert_eq!(s.shop.members_read.load(Ordering::SeqCst), asked + 1, "and no other collection's order");
}
