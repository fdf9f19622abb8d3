//! The same binary as a fleet: services in processes of their own, facts and calls over gRPC.

use crate::support::{Buyers, SERVICES, settings};
use argosy::serve::Process;
use argosy_contracts::inventory::{GetAvailabilityRequest, InventoryClient};
use argosy_testkit::eventually;

/// Two processes: `apart` alone, and all the rest.
async fn purchase_with(apart: &str) {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let alone = Process::start(&settings(one.path(), &[apart]), None).await.unwrap();
    let rest: Vec<&str> = SERVICES.iter().copied().filter(|name| *name != apart).collect();
    let mut rest = settings(two.path(), &rest);
    rest.addresses.insert(apart.to_owned(), format!("http://{}", alone.rpc.unwrap()));
    let rest = Process::start(&rest, None).await.unwrap();

    let buyers = Buyers { wiring: rest.wiring(), ctx: argosy_kernel::Ctx::guest() };
    let variant = buyers.stocked("mug", 2).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 2)]).await).await.id;
    let done = buyers.pay(&checkout, "tok_ok", "key-1").await.unwrap();
    assert_eq!(done.status, "completed");
    assert_eq!(buyers.order(&done.order_id).await.payment_status, "captured");
    assert_eq!(buyers.available(&variant).await, 0);
    let late = buyers.cart(&[(&variant, 1)]).await;
    let start = argosy_contracts::orders::StartCheckoutRequest { cart_id: late };
    let late = buyers.wiring.orders().unwrap().start_checkout(&buyers.ctx, start).await.unwrap();
    assert_eq!(late.notices[0].code, "OUT_OF_STOCK");
    let command = argosy_platform::rpc::connect_socket(&two.path().join(argosy::serve::SOCKET));
    let request =
        GetAvailabilityRequest { variant_ids: vec![variant.clone()], ..GetAvailabilityRequest::default() };
    let asked = InventoryClient::remote(command).get_availability(&buyers.ctx, request).await.unwrap();
    assert_eq!(asked.items[0].variant_id, variant, "commands reach what runs elsewhere");
    rest.stop().await;
    alone.stop().await;
}

#[tokio::test]
async fn inventory_runs_apart() {
    Box::pin(purchase_with("inventory")).await;
}

#[tokio::test]
async fn payments_run_apart() {
    Box::pin(purchase_with("payments")).await;
}

#[tokio::test]
async fn a_process_without_a_door_says_how_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path(), &["inventory"]);
    settings.edge.metrics_listen = Some(([127, 0, 0, 1], 0).into());
    let process = Process::start(&settings, None).await.unwrap();
    assert_eq!(process.http, None);
    let base = format!("http://{}", process.metrics.unwrap());
    let client = crate::support::http_client();
    let get = async |path: &str| client.get(format!("{base}{path}")).send().await.unwrap();
    assert_eq!(get("/healthz").await.text().await.unwrap(), "ok\n");
    assert_eq!(get("/readyz").await.text().await.unwrap(), "inventory ok\n");
    assert_eq!(get("/metrics").await.status(), 200);
    process.stop().await;
}

#[tokio::test]
async fn every_service_runs_apart() {
    let names = ["catalog", "inventory", "payments", "pricing", "cart", "orders", "notifications"];
    let mut processes = Vec::new();
    let mut addresses = std::collections::BTreeMap::new();
    for name in names {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path(), &[name]);
        settings.addresses = addresses.clone();
        let process = Process::start(&settings, None).await.unwrap();
        addresses.insert(name.to_owned(), format!("http://{}", process.rpc.unwrap()));
        processes.push((process, folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path(), &["media"]);
    settings.addresses = addresses;
    let edge = Process::start(&settings, None).await.unwrap();
    let buyers = Buyers { wiring: edge.wiring(), ctx: argosy_kernel::Ctx::guest() };
    let variant = buyers.stocked("mug", 5).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let done = buyers.pay(&checkout, "tok_ok", "key-1").await.unwrap();
    assert_eq!(done.status, "completed");
    let mail = processes[6].1.path().join("mail");
    eventually("the fact crosses processes and a message is written", || async {
        std::fs::read_dir(&mail).is_ok_and(|files| files.count() == 1)
    })
    .await;
    for (process, _) in processes {
        process.stop().await;
    }
    edge.stop().await;
}
