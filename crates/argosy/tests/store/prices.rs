//! `argosy markets` and `argosy prices`: files, and what a buyer pays then.

use std::path::Path;

use crate::support::{Shop, http_client};
use serde_json::{Value, json};
use tokio::process::Command;

async fn argosy(words: &[&str], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let done = command.args(words).arg("--data").arg(folder).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

struct Files<'a>(&'a Path);

impl Files<'_> {
    async fn put(&self, command: &[&str], text: &str) -> (i32, String) {
        let file = self.0.join("file.json");
        std::fs::write(&file, text).unwrap();
        let words: Vec<&str> = command.iter().copied().chain([file.to_str().unwrap()]).collect();
        argosy(&words, self.0).await
    }
}

fn markets() -> Value {
    json!({ "markets": [
        { "name": "world", "title": "World", "currency": "EUR", "languages": ["en"], "is_default": true },
        { "name": "dach", "title": "DACH", "countries": ["DE", "AT"], "currency": "EUR", "languages": ["de"] },
    ]})
}

#[tokio::test]
async fn law_7_a_purchase_costs_what_the_list_of_its_market_says_and_the_order_says_why() {
    let doors = ["store-api", "search"];
    let shop = Shop::open_with(|settings| {
        settings.services.extend(doors.map(str::to_owned));
    })
    .await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let mug = buyers.stocked("mug", 20).await;
    let files = Files(folder);
    let (code, said) = files.put(&["markets", "put"], &markets().to_string()).await;
    assert_eq!((code, said.as_str()), (0, "2 markets are in force\n"));
    let lists = json!({ "price_lists": [
        { "name": "dach-sale", "markets": ["dach"], "active": true, "is_sale": true },
        { "name": "bulk", "active": true, "steps": [{ "pieces_min": 10, "rate_ppm": 500_000 }] },
    ]});
    let (code, said) = files.put(&["prices", "put"], &lists.to_string()).await;
    assert_eq!((code, said.as_str()), (0, "2 price lists are put\n"));
    let line = r#"{"price_list":"dach-sale","handle":"mug","sku":"SKU-mug","price":{"amount":1500,"currency":"EUR"}}"#;
    for told in
        ["1 lines were read, 1 prices are others now\n", "1 lines were read, 0 prices are others now\n"]
    {
        assert_eq!(files.put(&["prices", "import"], &format!("{line}\n")).await, (0, told.to_owned()));
    }

    let url = format!("http://{}/store/products/mug", shop.process.http.unwrap());
    let shown = async |market: &str| {
        let answer = http_client().get(format!("{url}?market={market}")).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["variants"][0]["price"]["amount"].clone()
    };
    assert_eq!((shown("dach").await, shown("world").await), (json!(1_500), json!(2_000)));

    let cart = buyers.cart(&[(&mug, 2)]).await;
    let checkout = buyers.ready(&cart).await;
    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    assert_ne!(done.status, "completed", "the address decided on another price than the cart had");
    assert_eq!(done.notices[0].code, "PRICE_CHANGED");
    let tokens = done.notices.iter().map(|notice| notice.token.clone()).collect();
    let accept = argosy_contracts::orders::UpdateCheckoutRequest {
        checkout_id: checkout.id.clone(),
        accepted_notices: tokens,
        ..Default::default()
    };
    buyers.wiring.orders().unwrap().update_checkout(&buyers.ctx, accept).await.unwrap();
    let done = buyers.pay(&checkout.id, "tok_ok", "key-2").await.unwrap();
    assert_eq!(done.status, "completed", "{:?}", done.notices);
    let order = buyers.order(&done.order_id).await;
    let line = order.lines[0].line.clone().unwrap();
    assert_eq!((line.price_list.as_str(), line.unit_price.unwrap().minor), ("dach-sale", 1_500));
    let (code, said) = argosy(&["explain", &order.number], folder).await;
    let told = "30.00 EUR  price_list:dach-sale: 2 × 15.00 EUR, in place of 20.00 EUR each";
    assert!(code == 0 && said.contains(told), "{said}");
}

#[tokio::test]
async fn what_is_listed_can_be_put_and_what_is_wrong_is_told() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let mug = buyers.stocked("mug", 20).await;
    let files = Files(folder);
    files.put(&["markets", "put"], &markets().to_string()).await;
    let (code, said) = argosy(&["markets", "list"], folder).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(files.put(&["markets", "put"], &said).await.0, 0);
    assert_eq!(argosy(&["markets", "list"], folder).await.1, said, "put again it is the same");
    let lists = r#"{"price_lists": [{"name": "all", "active": true}]}"#;
    assert_eq!(files.put(&["prices", "put"], lists).await.0, 0);
    let line = |more: &str| {
        format!(
            r#"{{"price_list":"all","variant_id":"{mug}","price":{{"amount":900,"currency":"EUR"}}{more}}}"#
        )
    };
    let both = format!("{}\n\n{}", line(""), line(r#","pieces_min":5"#));
    assert_eq!(
        files.put(&["prices", "import"], &both).await.1,
        "3 lines were read, 2 prices are others now\n"
    );
    let (_, exported) = argosy(&["prices", "export", "all"], folder).await;
    assert_eq!(exported.lines().count(), 2, "{exported}");
    assert_eq!(
        files.put(&["prices", "import"], &exported).await.1,
        "2 lines were read, 0 prices are others now\n"
    );
    let (_, said) = argosy(&["prices", "list"], folder).await;
    assert_eq!(files.put(&["prices", "put"], &said).await.0, 0);

    let no_such = r#"{"price_list":"all","handle":"cup","price":{"amount":1,"currency":"EUR"}}"#;
    let no_sku = r#"{"price_list":"all","handle":"mug","sku":"X","price":{"amount":1,"currency":"EUR"}}"#;
    for (command, text, told) in [
        (["markets", "put"], r#"{"market": []}"#.to_owned(), "unknown field `market`"),
        (["markets", "put"], r#"{"markets": [{"name": "a"}]}"#.to_owned(), "markets/0/countries"),
        (["prices", "put"], r#"{"price_lists": [{"name": "A"}]}"#.to_owned(), "price_lists/0/name"),
        (["prices", "import"], format!("{}\nnonsense\n", line("")), "line 2: "),
        (["prices", "import"], format!("{}\n{no_such}\n", line("")), "line 2: there is no product 'cup'"),
        (["prices", "import"], no_sku.to_owned(), "line 1: 'mug' has no variant of the SKU 'X'"),
        (
            ["prices", "import"],
            format!("\n{}", line("").replace("\"all\"", "\"none\"")),
            "line 2: price_list there is no price list 'none'",
        ),
        (["prices", "import"], "x".repeat(5_000), "line 1: is longer than 4096 bytes"),
    ] {
        let (code, said) = files.put(&command, &text).await;
        assert!(code == 2 && said.contains(told), "{told}: {code} {said}");
    }
}

#[tokio::test]
async fn a_code_that_a_merchant_hands_out_has_its_buyer_pay_the_prices_of_the_group() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let mug = buyers.stocked("mug", 20).await;
    let lists = r#"{"price_lists": [{"name": "dealers", "customer_groups": ["dealer"], "active": true,
        "steps": [{"pieces_min": 1, "rate_ppm": 750000}]}]}"#;
    assert_eq!(Files(folder).put(&["prices", "put"], lists).await.0, 0);
    let (code, said) = argosy(&["groups", "make", "dealer", "--count", "2"], folder).await;
    let made: Vec<&str> = said.lines().collect();
    assert_eq!((code, made.len()), (0, 2), "{said}");
    let cart = buyers.cart(&[(&mug, 2)]).await;
    buyers.with_code(&cart, made[0]).await;
    let checkout = buyers.ready(&cart).await;
    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    assert_eq!(done.status, "completed", "{:?}", done.notices);
    let order = buyers.order(&done.order_id).await;
    let line = order.lines[0].line.clone().unwrap();
    assert_eq!((line.price_list.as_str(), line.unit_price.unwrap().minor), ("dealers", 1_500));
    let (_, said) = argosy(&["explain", &order.number], folder).await;
    assert!(said.contains("customer_group:dealer: the buyer is in it by the code"), "{said}");

    let off = format!("{}\tdealer\toff\n", made[0]);
    assert_eq!(argosy(&["groups", "off", made[0]], folder).await, (0, "1 codes are off\n".to_owned()));
    let (_, listed) = argosy(&["groups", "list", "dealer"], folder).await;
    assert!(listed.contains(&off) && listed.lines().count() == 2, "{listed}");
    let (code, said) = argosy(&["groups", "off", "DEALER-NONE"], folder).await;
    assert!(code == 2 && said.contains("there is no code DEALER-NONE"), "{code} {said}");
}
