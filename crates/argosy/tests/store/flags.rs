//! `argosy flags`: what is switched while the store sells, and what is refused.

use std::path::Path;

use crate::support::Shop;
use tokio::process::Command;

/// How a command ended, and what it said.
async fn flags(words: &[&str], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let done = command.arg("flags").args(words).arg("--data").arg(folder).kill_on_drop(true).output();
    let done = done.await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

const BATCHED: &str = "inventory.batched_reservations";

#[tokio::test]
async fn a_shop_sells_whichever_way_a_flag_is_flipped() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let variant = buyers.stocked("mug", 10).await;
    for (words, said) in [
        (vec!["set", BATCHED, "off"], "inventory.batched_reservations is off\n"),
        (vec!["set", BATCHED, "50%"], "inventory.batched_reservations is on for 50 %\n"),
        (vec!["clear", BATCHED], "inventory.batched_reservations is on, as released\n"),
    ] {
        assert_eq!(flags(&words, folder).await, (0, said.to_owned()));
        let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
        buyers.pay(&checkout, "tok_ok", &format!("key-{checkout}")).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_said_is_kept_while_the_store_rests() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = flags(&["list"], folder.path()).await;
    assert!(code == 0 && said.contains(&format!("{BATCHED}       on (as released): ")), "{said}");
    let (code, said) = flags(&["set", BATCHED, "off"], folder.path()).await;
    assert!(code == 2 && said.contains("start the store once"), "{code} {said}");

    let shop = Shop::open().await;
    assert_eq!(flags(&["set", BATCHED, "20%"], shop.folder.path()).await.0, 0);
    shop.process.stop().await;
    let (code, said) = flags(&["list"], shop.folder.path()).await;
    assert!(code == 0 && said.contains("on for 20 %: "), "{said}");
}

#[tokio::test]
async fn a_wrong_flag_share_or_market_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (words, named) in [
        (vec!["set", "inventory.unheard", "on"], BATCHED),
        (vec!["set", BATCHED, "120%"], "0% to 100%"),
        (vec!["set", BATCHED, "on", "--markets", "DE"], "markets"),
        (vec!["set", BATCHED, "on", "--markets", "Germany"], "Germany"),
    ] {
        let (code, said) = flags(&words, folder.path()).await;
        assert!(code == 2 && said.contains(named), "{words:?}: {code} {said}");
    }
}
