//! `argosy maintenance`: visitors are told, programs too, and the shop opens as it was.

use std::path::Path;

use crate::support::Shop;
use argosy_testkit::eventually;
use tokio::process::Command;

async fn maintenance(word: &str, folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let done = command.args(["maintenance", word, "--data"]).arg(folder).kill_on_drop(true).output();
    let done = done.await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

#[tokio::test]
async fn a_closed_shop_says_so_and_opens_as_it_was() {
    let shop = Shop::open_with(|settings| settings.services = Vec::new()).await;
    let variant = shop.buyers().stocked("mug", 5).await;
    let base = format!("http://{}", shop.process.http.unwrap());
    let client = crate::support::http_client();
    let get = async |path: &str, accepts: &str| {
        client.get(format!("{base}{path}")).header("accept", accepts).send().await.unwrap()
    };
    assert_eq!(get("/products/mug", "text/html").await.status(), 200);

    assert_eq!(maintenance("on", shop.folder.path()).await.0, 0);
    eventually("the shop closes", || async { get("/products/mug", "text/html").await.status() == 503 }).await;
    let page = get("/", "text/html").await;
    assert_eq!(page.headers()["retry-after"], "120");
    assert!(page.text().await.unwrap().contains("<h1>We are back soon</h1>"));
    let program = get("/store/products", "*/*").await.text().await.unwrap();
    assert!(program.contains("\"code\":\"MAINTENANCE\""), "{program}");
    assert_eq!(get("/readyz", "*/*").await.status(), 200, "it is not out of order");
    assert_eq!(shop.buyers().available(&variant).await, 5, "staff go on");

    let (code, said) = maintenance("off", shop.folder.path()).await;
    assert_eq!((code, said.as_str()), (0, "the shop is open within a second\n"));
    eventually("it opens", || async { get("/products/mug", "text/html").await.status() == 200 }).await;
    assert_eq!(maintenance("off", shop.folder.path()).await.0, 0, "off is off");
    let (code, said) = maintenance("on", &shop.folder.path().join("none")).await;
    assert!(code == 3 && said.contains("maintenance"), "{code} {said}");
}
