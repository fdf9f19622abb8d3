//! The shop that an empty data folder starts with.

use crate::support::{SERVICES, settings};
use argosy::{serve::Process, wiring::Wiring};
use argosy_contracts::{
    catalog::{ListCollectionsRequest, Product, ScanProductsRequest},
    inventory::GetAvailabilityRequest,
    media::ReadMediaRequest,
    pricing::ListPromotionsRequest,
};
use argosy_demo::{DemoClients, Loaded};
use argosy_kernel::Ctx;
use argosy_testkit::eventually;

fn clients(wiring: &Wiring) -> DemoClients {
    DemoClients {
        catalog: wiring.catalog().unwrap(),
        inventory: wiring.inventory().unwrap(),
        pricing: wiring.pricing().unwrap(),
        media: wiring.media().unwrap(),
    }
}

async fn products(wiring: &Wiring) -> Vec<Product> {
    let request = ScanProductsRequest { after_id: String::new(), limit: 500 };
    wiring.catalog().unwrap().scan_products(&Ctx::system("test"), request).await.unwrap().products
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_folder_becomes_the_demo_shop_and_a_second_load_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path(), SERVICES);
    settings.data.demo = true;
    let process = Process::start(&settings, None).await.unwrap();
    let wiring = process.wiring();
    for handle in
        ["harbour-mug", "cook-knife", "island-blanket", "market-tote", "deck-brush", "logbook", "oiled-cap"]
    {
        eventually("the departments open one by one", || async {
            products(wiring).await.iter().any(|product| product.handle == handle)
        })
        .await;
    }
    let marker = folder.path().join("demo.loading");
    eventually("the demo shop is open", || async { !marker.exists() }).await;

    let ctx = Ctx::system("test");
    let before = products(wiring).await;
    let loaded = argosy_demo::load(clients(wiring), ctx.clone()).await.unwrap();
    let as_it_was = Loaded { unchanged: u64::try_from(before.len()).unwrap(), ..Loaded::default() };
    assert_eq!(loaded, as_it_was);

    for product in &before {
        assert!(!product.images.is_empty() && !product.category_ids.is_empty(), "{}", product.handle);
        for related in &product.related_handles {
            assert!(before.iter().any(|other| other.handle == *related), "{} → {related}", product.handle);
        }
        for image in &product.images {
            let id = image.url.trim_start_matches("/media/").to_owned();
            let request = ReadMediaRequest { id, ..ReadMediaRequest::default() };
            let read = wiring.media().unwrap().read_media(&ctx, request).await.unwrap();
            assert_eq!(read.content_type, "image/png");
            assert_eq!((image.width, image.height), (960, 960));
        }
        for variant in &product.variants {
            assert_eq!(variant.prices.len(), 3, "{} in EUR, USD and GBP", variant.sku);
            assert!(!variant.image_url.is_empty(), "{}", variant.sku);
        }
    }
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_shop_has_something_of_everything() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&settings(folder.path(), SERVICES), None).await.unwrap();
    let (wiring, ctx) = (process.wiring(), Ctx::system("test"));
    assert_eq!(products(wiring).await, [], "without a demo the shop is empty");

    argosy_demo::load(clients(wiring), ctx.clone()).await.unwrap();

    let all = products(wiring).await;
    assert_eq!(all.len(), 301);
    let variants: Vec<_> = all.iter().flat_map(|product| &product.variants).collect();
    assert!(variants.iter().any(|variant| !variant.requires_shipping), "something digital");
    let prices = variants.iter().flat_map(|variant| &variant.prices);
    assert!(prices.clone().any(|price| price.compare_at.is_some()), "something reduced");
    let mut stock = Vec::new();
    for some in variants.chunks(500) {
        let variant_ids = some.iter().map(|variant| variant.id.clone()).collect();
        let request = GetAvailabilityRequest { variant_ids, ..GetAvailabilityRequest::default() };
        stock.extend(wiring.inventory().unwrap().get_availability(&ctx, request).await.unwrap().items);
    }
    assert!(
        stock.iter().any(|item| item.available == 0 && item.tracked && !item.backorder),
        "something sold out"
    );
    assert!(stock.iter().any(|item| item.available == 0 && item.backorder), "something on backorder");
    assert!(stock.iter().any(|item| !item.tracked), "something that never runs out");
    let promotions =
        wiring.pricing().unwrap().list_promotions(&ctx, ListPromotionsRequest::default()).await.unwrap();
    let codes: Vec<&str> = promotions.promotions.iter().map(|promotion| promotion.code.as_str()).collect();
    assert!(codes.contains(&"WELCOME10") && codes.contains(&"FAIRWIND"), "{codes:?}");
    let collections = wiring
        .catalog()
        .unwrap()
        .list_collections(&ctx, ListCollectionsRequest {})
        .await
        .unwrap()
        .collections;
    eventually("every collection has members", || async {
        let all = products(wiring).await;
        collections
            .iter()
            .all(|collection| all.iter().any(|product| product.collection_ids.contains(&collection.id)))
    })
    .await;
    process.stop().await;
}
