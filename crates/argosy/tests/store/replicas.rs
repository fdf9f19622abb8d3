//! Several processes of the same services on one PostgreSQL: any of them serves, none is missed.

use std::path::Path;

use crate::support::{Buyers, SERVICES, settings};
use argosy::{serve::Process, settings::Settings};
use argosy_contracts::{
    catalog::ScanProductsRequest,
    notifications::{ListMessagesRequest, Message},
};
use argosy_kernel::Ctx;
use argosy_testkit::{Schemas, eventually};

struct Replica {
    process: Process,
    _folder: tempfile::TempDir,
}

fn replica_settings(folder: &Path, schemas: &Schemas) -> Settings {
    let mut settings = settings(folder, SERVICES);
    settings.database = schemas.settings();
    settings.database.connections_max = 2;
    settings
}

impl Replica {
    async fn start(schemas: &Schemas) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = replica_settings(folder.path(), schemas);
        Self { process: Process::start(&settings, None).await.unwrap(), _folder: folder }
    }

    fn buyers(&self) -> Buyers<'_> {
        Buyers { wiring: self.process.wiring(), ctx: Ctx::guest() }
    }

    async fn messages(&self) -> Vec<Message> {
        let request = ListMessagesRequest { limit: 100, cursor: String::new() };
        let notifications = self.process.wiring().notifications().unwrap();
        notifications.list_messages(&Ctx::system("test"), request).await.unwrap().messages
    }
}

#[tokio::test]
async fn a_purchase_goes_from_process_to_process_and_one_message_tells_of_it() {
    let schemas = Schemas::new();
    let (one, two) = (Replica::start(&schemas).await, Replica::start(&schemas).await);
    let variant = one.buyers().stocked("mug", 3).await;
    let cart = two.buyers().cart(&[(&variant, 1)]).await;
    let checkout = one.buyers().ready(&cart).await;
    let done = two.buyers().pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    assert_eq!(done.status, "completed");
    let again = one.buyers().pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    assert_eq!(again.order_id, done.order_id, "the same key at another process is the same purchase");
    assert_eq!(one.buyers().available(&variant).await, 2);
    eventually("the buyer is written to", || async { one.messages().await.len() == 1 }).await;

    one.process.stop().await;
    let cart = two.buyers().cart(&[(&variant, 1)]).await;
    let checkout = two.buyers().ready(&cart).await;
    two.buyers().pay(&checkout.id, "tok_ok", "key-2").await.unwrap();
    eventually("the one that is left goes on", || async { two.messages().await.len() == 2 }).await;
    two.process.stop().await;
}

#[tokio::test]
async fn law_2_buyers_at_two_processes_get_what_there_is_and_no_more() {
    let schemas = Schemas::new();
    let (one, two) = (Replica::start(&schemas).await, Replica::start(&schemas).await);
    let variant = one.buyers().stocked("last", 5).await;
    let (at_one, at_two) = (one.buyers(), two.buyers());
    let mut checkouts = Vec::new();
    for _ in 0..20 {
        checkouts.push(at_one.ready(&at_one.cart(&[(&variant, 1)]).await).await.id);
    }
    let paying = checkouts.iter().enumerate().map(|(number, checkout)| {
        let buyers = if number % 2 == 0 { &at_one } else { &at_two };
        buyers.pay(checkout, "tok_ok", "key")
    });
    let outcomes = futures::future::join_all(paying).await;
    let (placed, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(placed.len(), 5);
    assert!(refused.into_iter().all(|outcome| outcome.unwrap_err().reason() == "OUT_OF_STOCK"));
    assert_eq!(two.buyers().available(&variant).await, 0);
    one.process.stop().await;
    two.process.stop().await;
}

#[tokio::test]
async fn a_process_with_an_empty_folder_leaves_the_shop_in_the_database_as_it_is() {
    let schemas = Schemas::new();
    let merchant = Replica::start(&schemas).await;
    merchant.buyers().priced("mug", 1_000).await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = replica_settings(folder.path(), &schemas);
    settings.data.demo = true;
    let newcomer = Process::start(&settings, None).await.unwrap();
    let marker = folder.path().join("demo.loading");
    eventually("it has looked", || async { !marker.exists() }).await;
    let request = ScanProductsRequest { after_id: String::new(), limit: 10 };
    let catalog = newcomer.wiring().catalog().unwrap();
    let found = catalog.scan_products(&Ctx::system("test"), request).await.unwrap().products;
    assert_eq!(found.iter().map(|product| product.handle.as_str()).collect::<Vec<_>>(), ["mug"]);
    newcomer.stop().await;
    merchant.process.stop().await;
}
