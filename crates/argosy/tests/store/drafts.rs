//! `argosy orders draft`: an order that staff put together, from the command line to the buyer's payment.

use std::path::Path;

use crate::support::{Buyers, Shop};
use argosy_contracts::{
    notifications::ListMessagesRequest,
    orders::{Checkout, CompleteCheckoutRequest, OpenDraftRequest},
};
use argosy_kernel::{Ctx, Result};
use argosy_testkit::eventually;
use serde_json::json;
use tokio::process::Command;

async fn argosy(words: &[&str], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let done = command.args(words).arg("--data").arg(folder).kill_on_drop(true).output();
    let done = done.await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

async fn draft(words: &[&str], folder: &Path) -> String {
    let (code, said) = argosy(&[&["orders", "draft"], words].concat(), folder).await;
    assert_eq!(code, 0, "{words:?}: {said}");
    said
}

fn id_of(said: &str) -> String {
    let start = said.find("dft_").unwrap();
    said[start..].split(' ').next().unwrap().to_owned()
}

/// Two mugs for Ann, who reads German.
async fn put_together(folder: &Path) -> String {
    let address = folder.join("ann.json");
    let ann = json!({ "name": "Ann Buyer", "line1": "Hauptstraße 1", "city": "Bonn", "postal_code": "53111", "country": "DE" });
    std::fs::write(&address, ann.to_string()).unwrap();
    let words = [
        "create",
        "--line",
        "SKU-mug=2",
        "--email",
        "ann@example.com",
        "--language",
        "de",
        "--note",
        "Rang up.",
    ];
    let made = draft(&[&words[..], &["--address", address.to_str().unwrap()]].concat(), folder).await;
    assert!(made.contains("2 × The mug (SKU-mug) 40.00 EUR") && made.contains("note: Rang up."), "{made}");
    let id = id_of(&made);
    let delivery = made.lines().skip_while(|line| *line != "Delivery").nth(1).unwrap();
    let option = delivery.trim_start_matches(['*', ' ']).split(' ').next().unwrap();
    draft(&["change", &id, "--shipping", option, "--code", "TEN"], folder).await;
    id
}

async fn seen(buyers: &Buyers<'_>, link: &str) -> Checkout {
    let key = link.split_once("key=").unwrap().1.split(['&', '\n']).next().unwrap().to_owned();
    let drafts = buyers.wiring.drafts().unwrap();
    let opened = drafts.open_draft(&buyers.ctx, OpenDraftRequest { link_key: key }).await.unwrap();
    buyers.checkout(&opened.checkout_id).await
}

async fn pays(buyers: &Buyers<'_>, seen: &Checkout, key: &str) -> Result<Checkout> {
    let request = CompleteCheckoutRequest {
        checkout_id: seen.id.clone(),
        provider: "test".to_owned(),
        token: "tok_ok".to_owned(),
        seen: seen.seen.clone(),
        ..CompleteCheckoutRequest::default()
    };
    buyers.wiring.orders()?.complete_checkout(&buyers.ctx.clone().with_key(key), request).await
}

fn mails(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder.join("mail")).unwrap();
    let read =
        |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(entry.unwrap().path()).unwrap();
    files.map(read).collect()
}

#[tokio::test]
async fn staff_send_an_order_that_they_put_together_and_its_buyer_pays_it() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let mug = buyers.stocked("mug", 10).await;
    buyers.coupon("TEN", 5).await;
    let id = put_together(folder).await;
    assert_eq!(buyers.available(&mug).await, 10, "a draft holds no stock");
    let shown = draft(&["show", &id], folder).await;
    assert!(shown.contains("(draft)") && shown.contains("discount") && !shown.contains("Paid by"), "{shown}");

    let sent = draft(&["send", &id, "--reference", "first"], folder).await;
    draft(&["send", &id, "--reference", "first"], folder).await;
    assert!(sent.contains("(sent)"), "{sent}");
    let link = draft(&["link", &id], folder).await;
    assert!(
        link.contains("/pay?key=") && link.trim_end().ends_with("&in=de") && sent.contains(link.trim()),
        "{link}"
    );
    eventually("the mail is written", || async {
        mails(folder).iter().any(|mail| mail.contains("/pay?key"))
    })
    .await;
    let request = ListMessagesRequest { limit: 10, cursor: String::new() };
    let notifications = buyers.wiring.notifications().unwrap();
    let messages = notifications.list_messages(&Ctx::system("test"), request).await.unwrap().messages;
    assert_eq!(messages.len(), 1, "asked for twice, written once");
    assert_eq!(
        (messages[0].kind.as_str(), messages[0].recipient.as_str()),
        ("payment_link", "ann@example.com")
    );
    assert!(messages[0].subject.contains("kann bezahlt werden"), "{}", messages[0].subject);

    let checkout = seen(&buyers, &link).await;
    draft(&["change", &id, "--line", "SKU-mug=3"], folder).await;
    assert_eq!(pays(&buyers, &checkout, "old").await.unwrap_err().reason(), "DRAFT_CHANGED");
    let checkout = seen(&buyers, &link).await;
    let (one, other) = futures::join!(pays(&buyers, &checkout, "tab-1"), pays(&buyers, &checkout, "tab-2"));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|paid| **paid).count(), 1, "{one:?} {other:?}");
    assert_eq!(buyers.available(&mug).await, 7);
    let placed = draft(&["show", &id], folder).await;
    assert!(placed.contains("(placed)") && placed.contains("It is order 1001"), "{placed}");
    let (_, order) = argosy(&["orders", "show", "1001"], folder).await;
    assert!(order.contains("note of its draft: Rang up.") && order.contains("3 × The mug"), "{order}");
    eventually("the books balance", || async { argosy(&["audit"], folder).await.0 == 0 }).await;
}

#[tokio::test]
async fn drafts_are_placed_dropped_listed_and_forget_their_person() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    buyers.stocked("mug", 10).await;
    buyers.coupon("TEN", 5).await;
    let (by_hand, dropped, forgotten) =
        (put_together(folder).await, put_together(folder).await, put_together(folder).await);
    draft(&["send", &forgotten], folder).await;
    let placed = draft(&["place", &by_hand], folder).await;
    assert!(placed.contains("(placed)") && placed.contains("It is order 1001"), "{placed}");
    let (_, order) = argosy(&["orders", "show", "1001"], folder).await;
    assert!(order.contains("payment pending"), "{order}");
    draft(&["drop", &dropped], folder).await;
    let (code, said) = argosy(&["orders", "draft", "link", &dropped], folder).await;
    assert_eq!(code, 3, "{said}");
    let listed = draft(&["list"], folder).await;
    let states: Vec<&str> = listed.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(states, ["sent", "dropped", "placed"], "{listed}");

    let (code, said) = argosy(&["forget", "ann@example.com"], folder).await;
    assert!(code == 0 && said.contains("1 orders") && said.contains("1 open checkouts"), "{said}");
    let now = draft(&["show", &forgotten], folder).await;
    assert!(
        !now.contains("ann@example.com") && !now.contains("Rang up") && !now.contains("Hauptstra"),
        "{now}"
    );
    assert!(!draft(&["list"], folder).await.contains("ann@example.com"));
    let (_, order) = argosy(&["orders", "show", "1001"], folder).await;
    assert!(!order.contains("Rang up"), "{order}");
    eventually("nothing of what was written to her is left", || async { mails(folder).is_empty() }).await;
    eventually("the books balance", || async { argosy(&["audit"], folder).await.0 == 0 }).await;
}

/// What `argosy orders` says of an order.
async fn orders(words: &[&str], folder: &Path) -> String {
    let (code, said) = argosy(&[&["orders"], words].concat(), folder).await;
    assert_eq!(code, 0, "{words:?}: {said}");
    said
}

/// A row of an order's money, in minor units.
fn money(shown: &str, name: &str) -> String {
    let row = shown.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    row.split_whitespace().rev().nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn staff_agree_on_prices_before_and_after_the_sale() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let mug = buyers.stocked("mug", 10).await;
    buyers.coupon("TEN", 5).await;
    let id = put_together(folder).await;
    let prices =
        ["change", &id, "--line", "SKU-mug=2@15.00", "--shipping-price", "1.00", "--remove-code", "TEN"];
    let agreed = draft(&prices, folder).await;
    assert!(agreed.contains("31.00 EUR"), "{agreed}");
    draft(&["place", &id], folder).await;
    assert_eq!(money(&orders(&["show", "1001"], folder).await, "charged"), "31.00");
    let explained = argosy(&["explain", "1001"], folder).await.1;
    assert!(explained.contains("agreed_price"), "{explained}");
    orders(&["paid", "1001"], folder).await;
    eventually("it is paid", || async { money(&orders(&["show", "1001"], folder).await, "paid") == "31.00" })
        .await;

    let proposed = orders(&["edit", "1001", "--price", "1=12.00", "--shipping-price", "0"], folder).await;
    let edit = &proposed[proposed.find("edit_").unwrap()..];
    let edit = edit.split(' ').next().unwrap();
    assert_eq!(money(&proposed, "due"), "0.00", "{proposed}");
    let applied = orders(&["edit", "1001", "--apply", edit], folder).await;
    assert_eq!((money(&applied, "charged"), money(&applied, "due")), ("24.00".into(), "-7.00".into()));
    assert_eq!(buyers.available(&mug).await, 8, "the same two mugs");

    orders(&["fulfil", "1001"], folder).await;
    let replaced = orders(&["replace", "1001", "--line", "2=1", "--reason", "damaged"], folder).await;
    assert!(replaced.contains("sent again (damaged)"), "{replaced}");
    assert_eq!(money(&replaced, "charged"), "24.00");
    eventually("its stock is taken", || async { buyers.available(&mug).await == 7 }).await;
    let (code, said) = argosy(&["orders", "edit", "1001", "--price", "1=x"], folder).await;
    assert!(code == 2 && said.contains("--price 1=x"), "{code} {said}");
    eventually("the books balance", || async { argosy(&["audit"], folder).await.0 == 0 }).await;
}

#[tokio::test]
async fn a_line_that_is_none_is_refused_with_its_reason() {
    let shop = Shop::open().await;
    shop.buyers().stocked("mug", 10).await;
    for (line, why) in
        [("mug", "write SKU=UNITS"), ("SKU-mug=x", "whole number"), ("SKU-cup=1", "has this SKU")]
    {
        let (code, said) = argosy(&["orders", "draft", "create", "--line", line], shop.folder.path()).await;
        assert!(code == 2 && said.contains(why), "{line}: {code} {said}");
    }
}
