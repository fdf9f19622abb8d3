//! A service in a process of its own is killed and comes back; the shop goes on as far as it can.

use std::{net::SocketAddr, path::Path, process::Stdio};

use crate::support::{Buyers, SERVICES, http_client, settings};
use argosy::serve::Process;
use argosy_contracts::inventory::GetAvailabilityRequest;
use argosy_kernel::Ctx;
use argosy_platform::http::Listener;
use argosy_testkit::eventually;
use reqwest::{Response, StatusCode};
use serde_json::json;
use tokio::process::{Child, Command};

/// Inventory, and nothing else, in a process of its own.
fn inventory(data: &Path, listen: SocketAddr) -> Child {
    Command::new(env!("CARGO_BIN_EXE_argosy"))
        .args(["serve", "--no-demo", "--listen", "127.0.0.1:0", "--services", "inventory", "--data"])
        .arg(data)
        .env("ARGOSY_RPC__LISTEN", listen.to_string())
        .env("ARGOSY_LOG__FILTER", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn free_address() -> SocketAddr {
    Listener::bind(([127, 0, 0, 1], 0).into(), "test").await.unwrap().address()
}

struct Door(String);

impl Door {
    async fn get(&self, path: &str) -> Response {
        http_client().get(format!("{}{path}", self.0)).send().await.unwrap()
    }

    async fn buy(&self, variant: &str) -> Response {
        let cart = json!({"lines": [{"variant_id": variant, "quantity": 1}]});
        http_client().post(format!("{}/store/carts", self.0)).json(&cart).send().await.unwrap()
    }
}

#[tokio::test]
async fn the_shop_is_read_while_inventory_is_away_and_sells_when_it_is_back() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let listen = free_address().await;
    let mut apart = inventory(one.path(), listen);
    let here = SERVICES.iter().copied().filter(|name| *name != "inventory");
    let here: Vec<&str> = here.chain(["search", "store-api", "storefront"]).collect();
    let mut settings = settings(two.path(), &here);
    settings.addresses.insert("inventory".to_owned(), format!("http://{listen}"));
    let shop = Process::start(&settings, None).await.unwrap();
    let door = Door(format!("http://{}", shop.http.unwrap()));
    let buyers = Buyers { wiring: shop.wiring(), ctx: Ctx::system("test") };
    eventually("inventory is up", || async {
        let client = buyers.wiring.inventory().unwrap();
        client.get_availability(&buyers.ctx, GetAvailabilityRequest::default()).await.is_ok()
    })
    .await;
    let variant = buyers.stocked("mug", 5).await;
    assert_eq!(door.get("/products/mug").await.status(), StatusCode::OK);
    assert_eq!(door.buy(&variant).await.status(), StatusCode::CREATED);

    apart.kill().await.unwrap();
    let refused = door.buy(&variant).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    let problem: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(problem["code"], "SERVICE_AWAY");
    let form = [("variant", variant.as_str()), ("quantity", "1")];
    let post = http_client().post(format!("{}/cart/lines", door.0)).form(&form).send().await.unwrap();
    assert_eq!(post.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(post.headers().contains_key("retry-after"));
    assert!(post.text().await.unwrap().contains("Buying pauses for a moment"));
    assert_eq!(door.get("/products/mug").await.status(), StatusCode::OK);
    assert_eq!(door.get("/readyz").await.status(), StatusCode::OK, "the door is ready without it");

    let _apart = inventory(one.path(), listen);
    eventually("it sells again", || async { door.buy(&variant).await.status() == StatusCode::CREATED }).await;
    shop.stop().await;
}
