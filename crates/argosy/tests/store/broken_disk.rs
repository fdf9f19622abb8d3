//! The disk fails: it is full, or cannot be written. What cannot be kept is refused, what was kept stays.
//!
//! Each process gets a file system of its own in a mount namespace: nobody else sees it, and it goes with the
//! process. A limit on file sizes lost: its error is another than that of a full disk.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::support::{Buyers, http_client};
use argosy::{serve::SOCKET, settings::Settings, wiring::Wiring};
use argosy_contracts::orders::ListOrdersRequest;
use argosy_kernel::Ctx;
use argosy_platform::{Host, rpc};
use argosy_testkit::eventually;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

const STOCK: i64 = 10;
/// What is left free: for some purchases, and not for all.
const FREE_BYTES: u64 = 400_000;

/// `argosy` after a script has prepared the file systems that only it sees. `$1` is the data folder.
fn in_its_own_mounts(script: &str, data: &Path, log: &Path) -> Command {
    let log = File::create(log).unwrap();
    let mut command = Command::new("unshare");
    command
        .args([
            "--mount",
            "--map-root-user",
            "sh",
            "-ec",
            &format!("{script}; exec \"$2\" serve --data \"$1\""),
        ])
        .arg("sh")
        .arg(data)
        .arg(env!("CARGO_BIN_EXE_argosy"))
        .envs([("ARGOSY_DATA__DEMO", "false"), ("ARGOSY_HTTP__LISTEN", "127.0.0.1:0")])
        .envs([
            ("ARGOSY_ORDERS__RESUME_INTERVAL_MS", "20"),
            ("ARGOSY_ORDERS__ATTEMPT_LEASE_S", "1"),
            ("ARGOSY_EDGE__RATE_LIMIT_PER_MINUTE", "0"),
        ])
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .stdin(Stdio::null());
    command
}

/// A shop on a small disk.
struct SmallDisk {
    child: Child,
    base: String,
    /// The data folder as the process sees it.
    data: PathBuf,
    client: Client,
    wiring: Wiring,
    _folder: tempfile::TempDir,
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

impl SmallDisk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, log) = (folder.path().join("data"), folder.path().join("log"));
        fs::create_dir(&data).unwrap();
        let script = "mount -t tmpfs -o size=48m tmpfs \"$1\"";
        let child = in_its_own_mounts(script, &data, &log).spawn().unwrap();
        let said = || fs::read_to_string(&log).unwrap();
        eventually("the shop is open", || async { address_in(&said()).is_some() }).await;
        let base = address_in(&said()).unwrap();
        let seen = PathBuf::from(format!("/proc/{}/root{}", child.id(), data.display()));
        let host = Host::embedded(&folder.path().join("client")).unwrap();
        let channel = rpc::connect_socket(&seen.join(SOCKET));
        let wiring = Wiring::of_running_store(&Settings::default(), &host, channel);
        Self { child, base, data: seen, client: http_client(), wiring, _folder: folder }
    }

    /// Writes until nothing more goes in, and gives a little back.
    fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        let block = vec![0; 4096];
        while ballast.write_all(&block).is_ok() {}
        let length = ballast.metadata().unwrap().len();
        ballast.set_len(length - FREE_BYTES).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.data.join("ballast")
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, (StatusCode, Value)> {
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status.is_success() { Ok(body) } else { Err((status, body)) }
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, (StatusCode, Value)> {
        self.send(self.client.post(format!("{}{path}", self.base)).json(body)).await
    }

    /// A whole purchase of one unit; where it fails, the answer.
    async fn buy(&self, variant: &str, checkouts: &mut Vec<String>) -> Result<Value, (StatusCode, Value)> {
        let lines = json!([{"variant_id": variant, "quantity": 1}]);
        let cart = self.post("/store/carts", &json!({"lines": lines})).await?;
        let checkout = self.post("/store/checkouts", &json!({"cart_id": cart["id"]})).await?;
        let id = checkout["id"].as_str().unwrap().to_owned();
        checkouts.push(id.clone());
        let path = format!("{}/store/checkouts/{id}", self.base);
        let address = json!({
            "name": "Ann Buyer", "line1": "Hauptstraße 1", "city": "Bonn", "postal_code": "53111", "country": "DE",
        });
        let about = json!({"email": "ann@example.com", "shipping_address": address});
        let checkout = self.send(self.client.patch(&path).json(&about)).await?;
        let option = &checkout["fulfilment"]["methods"][0]["groups"][0]["options"][0]["id"];
        self.send(self.client.patch(&path).json(&json!({"shipping_option_id": option}))).await?;
        let payment = json!({"payment": {"provider": "test", "token": "tok_ok"}});
        let complete = self.client.post(format!("{path}/complete")).header("idempotency-key", &id);
        self.send(complete.json(&payment)).await
    }

    async fn orders(&self) -> i64 {
        let request = ListOrdersRequest { limit: 100, ..ListOrdersRequest::default() };
        let orders = self.wiring.orders().unwrap();
        let listed = orders.list_orders(&Ctx::system("test"), request).await.unwrap().orders.len();
        i64::try_from(listed).unwrap()
    }
}

fn address_in(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("the shop is open at ")?;
    let end = rest.find(|c: char| c.is_whitespace() || c.is_control())?;
    Some(rest[..end].to_owned())
}

#[tokio::test]
async fn law_3_a_full_disk_refuses_purchases_and_halves_none() {
    let mut shop = SmallDisk::open().await;
    let mut checkouts = Vec::new();
    let (variant, stock) = {
        let buyers = Buyers { wiring: &shop.wiring, ctx: Ctx::system("test") };
        (buyers.stocked("mug", STOCK * 100).await, STOCK * 100)
    };
    shop.buy(&variant, &mut checkouts).await.unwrap();

    shop.fill();
    let mut refusals = 0;
    for _ in 0..200 {
        if let Err((status, problem)) = shop.buy(&variant, &mut checkouts).await {
            let clear = (StatusCode::SERVICE_UNAVAILABLE, Some("DISK_FULL"));
            assert_eq!((status, problem["code"].as_str()), clear, "{problem}");
            refusals += 1;
        }
        if refusals == 5 {
            break;
        }
    }
    assert_eq!(refusals, 5, "the disk was to be full by now");
    let page = shop.client.get(format!("{}/products/mug", shop.base)).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK, "what is there can be looked at");
    assert!(shop.child.try_wait().unwrap().is_none(), "the process goes on");

    shop.make_room();
    eventually("it sells again", || async { shop.buy(&variant, &mut Vec::new()).await.is_ok() }).await;
    let buyers = Buyers { wiring: &shop.wiring, ctx: Ctx::system("test") };
    eventually("what was begun comes to an end", || async {
        let mut states = Vec::new();
        for id in &checkouts {
            states.push(buyers.checkout(id).await.status);
        }
        states.iter().all(|status| status != "completing")
    })
    .await;
    let orders = shop.orders().await;
    let mut completed = 0;
    for id in &checkouts {
        let checkout = buyers.checkout(id).await;
        if checkout.status == "completed" {
            completed += 1;
            eventually("its money is taken", || async {
                buyers.order(&checkout.order_id).await.payment_status == "captured"
            })
            .await;
        }
    }
    assert!(orders > completed && completed > 0, "{orders} orders, {completed} of them looked at");
    eventually("each order took one unit, and nothing else did", || async {
        buyers.available(&variant).await == stock - shop.orders().await
    })
    .await;
}

#[test]
fn a_folder_that_cannot_be_written_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    fs::create_dir(&data).unwrap();
    let script = "mount --bind \"$1\" \"$1\"; mount -o remount,ro,bind \"$1\"";
    let refused = in_its_own_mounts(script, &data, &log).status().unwrap();
    let said = fs::read_to_string(&log).unwrap();
    assert_eq!(refused.code(), Some(3), "{said}");
    assert!(
        said.contains("cannot write in the data folder") && said.contains(data.to_str().unwrap()),
        "{said}"
    );
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
}
