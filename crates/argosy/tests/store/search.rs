//! `argosy search`: the index of a store that runs is built anew while it answers.

use std::path::Path;

use crate::support::Shop;
use argosy_contracts::search::QueryRequest;
use argosy_testkit::eventually;
use tokio::process::Command;

async fn search(word: &str, folder: &Path, address: Option<&str>) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    if let Some(address) = address {
        command.env("ARGOSY_ADDRESSES__SEARCH", address);
    }
    let done =
        command.args(["search", word, "--data"]).arg(folder).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

#[tokio::test]
async fn the_index_is_built_anew_while_it_answers() {
    let shop = Shop::open_with(|settings| settings.services = Vec::new()).await;
    let buyers = shop.buyers();
    for handle in ["mug", "lamp", "rope"] {
        buyers.stocked(handle, 1).await;
    }
    let find = QueryRequest { currency: "EUR".to_owned(), ..QueryRequest::default() };
    let found = async || {
        let search = shop.process.wiring().search().unwrap();
        search.query(&buyers.ctx, find.clone()).await.unwrap().product_ids.len()
    };
    eventually("all are found", || async { found().await == 3 }).await;

    let folder = shop.folder.path();
    let (code, said) = search("status", folder, None).await;
    assert!(code == 0 && said.starts_with("3 products, position "), "{said}");
    let rebuilt = "the index was built anew: 3 products\n".to_owned();
    assert_eq!(search("rebuild", folder, None).await, (0, rebuilt.clone()));
    assert_eq!(found().await, 3);
    let elsewhere = tempfile::tempdir().unwrap();
    let address = format!("http://{}", shop.process.rpc.unwrap());
    assert_eq!(search("rebuild", elsewhere.path(), Some(&address)).await, (0, rebuilt));

    let (code, said) = search("rebuild", elsewhere.path(), None).await;
    assert!(
        code == 3 && said.contains("no store runs on") && said.contains("addresses.search"),
        "{code} {said}"
    );
}
