//! `argosy backup`: a copy of a store that works is of one moment, and goes on where that moment was.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::support::{Buyers, SERVICES, Shop, settings};
use argosy::serve::Process;
use argosy_contracts::{
    media::{ReadMediaRequest, UploadRequest},
    notifications::ListMessagesRequest,
};
use argosy_kernel::Ctx;
use argosy_testkit::eventually;
use tokio::process::Command;

/// How a command ended, and what it said.
async fn argosy(words: &[&str], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let done = command.args(words).arg("--data").arg(folder).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// One after the other, until told to stop; answers how many were placed.
async fn buy_until(buyers: &Buyers<'_>, variant: &str, over: &AtomicBool) -> usize {
    let mut placed = 0;
    while !over.load(Ordering::Relaxed) {
        let checkout = buyers.ready(&buyers.cart(&[(variant, 1)]).await).await.id;
        buyers.pay(&checkout, "tok_ok", &format!("key-{checkout}")).await.unwrap();
        placed += 1;
    }
    placed
}

async fn messages(buyers: &Buyers<'_>) -> usize {
    let notifications = buyers.wiring.notifications().unwrap();
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let request = ListMessagesRequest { limit: 100, cursor };
        let page = notifications.list_messages(&Ctx::system("test"), request).await.unwrap();
        count += page.messages.len();
        cursor = page.next;
        if cursor.is_empty() {
            return count;
        }
    }
}

const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;";

#[tokio::test]
async fn a_copy_of_a_shop_that_sells_balances_and_sells_on() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10_000).await;
    let upload = UploadRequest { content: PIXEL.to_vec(), ..UploadRequest::default() };
    let picture = buyers.wiring.media().unwrap().upload(&Ctx::system("test"), upload).await.unwrap();
    let (place, over) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
    let copy = place.path().join("copy");
    let selling = futures::future::join_all((0..4).map(|_| buy_until(&buyers, &variant, &over)));
    let copying = async {
        eventually("something is sold", || async { buyers.available(&variant).await < 9_990 }).await;
        let before = 10_000 - buyers.available(&variant).await;
        let copied = argosy(&["backup", text(&copy)], shop.folder.path()).await;
        over.store(true, Ordering::Relaxed);
        (before, copied)
    };
    let (sold, (before, (code, said))) = tokio::join!(selling, copying);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("nobody wrote for"), "{said}");
    assert!(sold.iter().all(|placed| *placed > 0));
    let mode = copy.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "it has the addresses of buyers in it");
    shop.process.stop().await;

    let copied = Process::start(&settings(&copy, SERVICES), None).await.unwrap();
    let there = Buyers { wiring: copied.wiring(), ctx: Ctx::guest() };
    eventually("what was half way is done, and told", || async {
        let sold = 10_000 - there.available(&variant).await;
        sold >= before && usize::try_from(sold).unwrap() == messages(&there).await
    })
    .await;
    let read = ReadMediaRequest { id: picture.id, ..ReadMediaRequest::default() };
    assert_eq!(there.wiring.media().unwrap().read_media(&there.ctx, read).await.unwrap().content, PIXEL);
    let (code, said) = argosy(&["audit"], &copy).await;
    assert_eq!(code, 0, "{said}");
    let checkout = there.ready(&there.cart(&[(&variant, 1)]).await).await.id;
    there.pay(&checkout, "tok_ok", "key-after").await.unwrap();
    copied.stop().await;
}

#[tokio::test]
async fn a_store_that_does_not_run_is_copied_and_nothing_is_overwritten() {
    let shop = Shop::open().await;
    let variant = shop.buyers().stocked("mug", 3).await;
    let folder = shop.folder;
    shop.process.stop().await;
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("copy");
    assert_eq!(argosy(&["backup", text(&copy)], folder.path()).await.0, 0);
    let (code, said) = argosy(&["backup", text(&copy)], folder.path()).await;
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("BACKUP_EXISTS") || said.contains("is there already"), "{said}");
    let under_a_file = place.path().join("copy/orders.db/deeper");
    let (code, said) = argosy(&["backup", text(&under_a_file)], folder.path()).await;
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("cannot write") && said.contains("deeper"), "{said}");
    let empty = tempfile::tempdir().unwrap();
    let (code, said) = argosy(&["backup", text(&place.path().join("none"))], empty.path()).await;
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("no database is a file in"), "{said}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "nothing half done is left");

    let copied = Process::start(&settings(&copy, SERVICES), None).await.unwrap();
    let there = Buyers { wiring: copied.wiring(), ctx: Ctx::guest() };
    assert_eq!(there.available(&variant).await, 3);
    copied.stop().await;
}
