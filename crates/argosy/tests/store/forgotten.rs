//! Law 11 on the disk: where a person is found in the files of a store, and that they are not once they are forgotten.

use std::path::{Path, PathBuf};

use crate::support::{http_client, settings};
use argosy::serve::Process;
use argosy_contracts::{
    common::Money,
    pricing::{Fee, PutFeesRequest},
};
use argosy_kernel::RequestId;
use argosy_testkit::eventually;
use serde_json::{Value, json};
use tokio::process::Command;

const NAME: &str = "Xanthippe Quillfeather";
const EMAIL: &str = "Xanthippe@quillfeather.example";
const STREET: &str = "17 Zwetschgengasse";
const PHONE: &str = "+49 228 5550199";
const MESSAGE: &str = "Forever yours, dear Zebedee";

/// The files under a folder that hold a text, in whatever case.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if path.is_file() {
            let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
            if bytes.windows(text.len()).any(|window| window == text.to_ascii_lowercase().as_bytes()) {
                found.push(path);
            }
        }
    }
    found
}

fn names(paths: &[PathBuf]) -> Vec<&str> {
    paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect()
}

/// A request to the store API under a key of its own; answers its body.
async fn ask(method: &str, url: String, body: &Value) -> Value {
    let request = http_client().request(method.parse().unwrap(), &url);
    let request = request.header("idempotency-key", RequestId::new().to_string());
    let response = request.json(body).send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status.is_success(), "{method} {url}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// Buys a thing over HTTP, every step under a key, and answers the order's address.
async fn buy(base: &str, variant: &str) -> String {
    let lines = json!({"currency": "EUR", "lines": [{"variant_id": variant, "quantity": 1}]});
    let cart = ask("POST", format!("{base}/store/carts"), &lines).await;
    let (id, line) = (cart["id"].as_str().unwrap(), cart["lines"][0]["id"].as_str().unwrap());
    let wrap = json!({"wrap": "ribbon", "message": MESSAGE});
    ask("PUT", format!("{base}/store/carts/{id}/lines/{line}/wrap"), &wrap).await;
    let checkout = ask("POST", format!("{base}/store/checkouts"), &json!({"cart_id": id})).await;
    let path = format!("{base}/store/checkouts/{}", checkout["id"].as_str().unwrap());
    let contact = json!({"email": EMAIL, "shipping_address": {
        "name": NAME, "line1": STREET, "city": "Bonn", "postal_code": "53111", "country": "DE", "phone": PHONE,
    }});
    let checkout = ask("PATCH", path.clone(), &contact).await;
    let option = &checkout["fulfilment"]["methods"][0]["groups"][0]["options"][0]["id"];
    ask("PATCH", path.clone(), &json!({"shipping_option_id": option})).await;
    let payment = json!({"payment": {"provider": "test", "token": "tok_ok"}});
    let done = ask("POST", format!("{path}/complete"), &payment).await;
    let (id, key) = (done["order"]["id"].as_str().unwrap(), done["order"]["key"].as_str().unwrap());
    format!("/store/orders/{id}?key={key}")
}

#[tokio::test]
async fn law_11_a_person_is_in_one_column_and_their_letters_and_then_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let mut settings = settings(data, &[]);
    settings.edge.rate_limit_per_minute = 0;
    let process = Process::start(&settings, None).await.unwrap();
    let buyers = crate::support::Buyers { wiring: process.wiring(), ctx: argosy_kernel::Ctx::guest() };
    let variant = buyers.stocked("mug", 10).await;
    let ribbon = Fee {
        name: "ribbon".to_owned(),
        title: "Gift wrap".to_owned(),
        kind: "wrap".to_owned(),
        amounts: vec![Money { minor: 300, currency: "EUR".to_owned() }],
        message_length_max: 100,
        active: true,
        ..Fee::default()
    };
    let pricing = process.wiring().pricing().unwrap();
    pricing.put_fees(&buyers.ctx, PutFeesRequest { fees: vec![ribbon] }).await.unwrap();
    let order = buy(&format!("http://{}", process.http.unwrap()), &variant).await;
    let url = format!("http://{}{order}", process.http.unwrap());
    let sold: Value = http_client().get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&sold["lines"][0]["wrap_message"], &sold["total"]["amount"]),
        (&json!(MESSAGE), &json!(2_790))
    );
    eventually("the confirmation is written", || async { !holding(&data.join("mail"), EMAIL).is_empty() })
        .await;
    process.stop().await;

    // The letter, which would be at the mail server; and the address by which the key is found.
    let mut places = holding(data, EMAIL);
    places.retain(|path| !path.starts_with(data.join("mail")));
    assert_eq!(names(&places), ["orders.db"]);
    for text in [NAME, STREET, PHONE, MESSAGE] {
        let places = holding(data, text);
        assert!(places.iter().all(|path| path.starts_with(data.join("mail"))), "{text}: {places:?}");
    }

    let forget =
        Command::new(env!("CARGO_BIN_EXE_argosy")).args(["forget", EMAIL, "--data"]).arg(data).output();
    let said = forget.await.unwrap();
    let text = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
    assert!(said.status.success() && text.contains("1 orders name nobody"), "{text}");

    let process = Process::start(&settings, None).await.unwrap();
    eventually("the letter is gone", || async { holding(&data.join("mail"), EMAIL).is_empty() }).await;
    let url = format!("http://{}{order}", process.http.unwrap());
    let kept: Value = http_client().get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!((&kept["email"], &kept["total"]["amount"]), (&json!(""), &json!(2_790)), "{kept}");
    assert_eq!(
        (&kept["lines"][0]["wrap_message"], &kept["fees"][0]["name"]),
        (&Value::Null, &json!("ribbon"))
    );
    process.stop().await;
    for text in [NAME, EMAIL, STREET, PHONE, MESSAGE] {
        assert_eq!(holding(data, text), Vec::<PathBuf>::new(), "{text}");
    }
}
