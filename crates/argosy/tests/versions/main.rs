//! Law 10, in a running fleet: each process calls processes of another release, and they call it, and the store sells.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod contracts;
mod peer;
#[path = "../support/mod.rs"]
mod support;

use std::{collections::BTreeMap, sync::Arc};

use argosy::serve::Process;
use argosy_contracts::inventory::{
    GetAvailabilityRequest, InventoryClient, ListLocationsRequest, SetLevelsRequest, StockLevel,
};
use argosy_kernel::{Code, Ctx, VariantId};
use argosy_platform::rpc;
use argosy_testkit::eventually;
use contracts::{Contracts, Release};
use peer::Speech;
use support::{Buyers, settings};
use tempfile::TempDir;

/// Services in processes of their own, called before those that call them; the last two are the edge's.
const APART: &[&str] =
    &["catalog", "inventory", "payments", "search", "pricing", "cart", "orders", "notifications"];
const EDGE: &[&str] = &["media", "store-api", "storefront"];

/// A fleet in which whoever calls another process gets answers of another release, and calls as one.
struct Fleet {
    processes: Vec<(Process, TempDir)>,
}

impl Fleet {
    async fn start(speech: &Arc<Speech>) -> Self {
        let mut addresses = BTreeMap::new();
        let mut processes = Vec::new();
        for services in APART.iter().map(std::slice::from_ref).chain([EDGE]) {
            let folder = tempfile::tempdir().unwrap();
            let mut settings = settings(folder.path(), services);
            settings.addresses = addresses.clone();
            let process = Process::start(&settings, None).await.unwrap();
            let address = speech.stand_before(process.rpc.unwrap()).await;
            addresses.extend(services.iter().map(|service| ((*service).to_owned(), address.clone())));
            processes.push((process, folder));
        }
        Self { processes }
    }

    fn edge(&self) -> &Process {
        &self.processes.last().unwrap().0
    }

    fn notifications(&self) -> &TempDir {
        &self.processes[APART.len() - 1].1
    }

    async fn stop(self) {
        for (process, _folder) in self.processes.into_iter().rev() {
            process.stop().await;
        }
    }
}

async fn sells(release: Release) {
    let speech = Speech::new(release, Contracts::released(&[]));
    let fleet = Fleet::start(&speech).await;
    let buyers = Buyers { wiring: fleet.edge().wiring(), ctx: Ctx::guest() };
    let variant = buyers.stocked("mug", 5).await;
    buyers.coupon("TEN", 1).await;

    let page = format!("http://{}/search?q=mug", fleet.edge().http.unwrap());
    let client = support::http_client();
    eventually("a fact crosses processes and the product is found", || async {
        let found = client.get(&page).send().await.unwrap();
        found.status() == 200 && found.text().await.unwrap().contains("/products/mug")
    })
    .await;

    let cart = buyers.cart(&[(&variant, 2)]).await;
    buyers.with_code(&cart, "TEN").await;
    let checkout = buyers.ready(&cart).await.id;
    let declined = buyers.pay(&checkout, "tok_declined", "key-1").await.unwrap();
    assert_eq!(declined.attempts[0].failure_reason, "DECLINED");
    let done = buyers.pay(&checkout, "tok_ok", "key-2").await.unwrap();
    assert_eq!(done.status, "completed");
    let again = buyers.pay(&checkout, "tok_ok", "key-2").await.unwrap();
    assert_eq!(again.order_id, done.order_id, "a key is known across releases");
    assert_eq!(buyers.order(&done.order_id).await.payment_status, "captured");
    assert_eq!(buyers.available(&variant).await, 3);

    let mail = fleet.notifications().path().join("mail");
    eventually("a message is written", || async {
        std::fs::read_dir(&mail).is_ok_and(|files| files.count() == 1)
    })
    .await;
    assert!(speech.calls() > 50, "{} calls were translated", speech.calls());
    fleet.stop().await;
}

#[tokio::test]
async fn law_10_a_fleet_sells_beside_the_release_before() {
    sells(Release::Previous).await;
}

#[tokio::test]
async fn law_10_a_fleet_sells_beside_the_release_after() {
    sells(Release::Next).await;
}

/// What the double takes away is gone: the stories above would fail if something needed it.
#[tokio::test]
async fn what_the_other_release_does_not_have_is_told_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&settings(folder.path(), &["inventory"]), None).await.unwrap();
    let speech = Speech::new(
        Release::Previous,
        Contracts::released(&[
            "field argosy.inventory.v1.Availability 2 ",
            "method argosy.inventory.v1.Inventory.ListLocations ",
        ]),
    );
    let ctx = Ctx::system("test");
    let ours = rpc::connect(&format!("http://{}", process.rpc.unwrap())).unwrap();
    let (ours, theirs) = (InventoryClient::remote(ours), {
        let address = speech.stand_before(process.rpc.unwrap()).await;
        InventoryClient::remote(rpc::connect(&address).unwrap())
    });
    let variant_id = VariantId::new().to_string();
    let level =
        StockLevel { variant_id: variant_id.clone(), on_hand: 5, tracked: true, ..StockLevel::default() };
    theirs.set_levels(&ctx, SetLevelsRequest { levels: vec![level] }).await.unwrap();

    let request =
        GetAvailabilityRequest { variant_ids: vec![variant_id], ..GetAvailabilityRequest::default() };
    let known = ours.get_availability(&ctx, request.clone()).await.unwrap();
    assert_eq!(known.items[0].available, 5);
    let known = theirs.get_availability(&ctx, request).await.unwrap();
    assert_eq!((known.items[0].available, known.items[0].tracked), (0, true));

    let unknown = theirs.list_locations(&ctx, ListLocationsRequest::default()).await.unwrap_err();
    assert_eq!((unknown.code(), unknown.reason()), (Code::Unimplemented, "CONTRACT_UNKNOWN"));
    assert!(unknown.message().contains("another release"), "{}", unknown.message());
    process.stop().await;
}
