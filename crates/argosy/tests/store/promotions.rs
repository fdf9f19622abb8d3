//! `argosy promotions`: a file of campaigns and codes, and what a buyer pays then.

use std::path::Path;

use crate::support::Shop;
use argosy_contracts::orders::UpdateCheckoutRequest;
use serde_json::{Value, json};
use tokio::process::Command;

async fn promotions(words: &[&str], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let done = command.arg("promotions").args(words).arg("--data").arg(folder).kill_on_drop(true).output();
    let done = done.await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

#[tokio::test]
async fn law_12_a_purchase_with_a_campaign_and_a_code_keeps_what_each_gave() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let variant = buyers.stocked("mug", 10).await;
    let file = folder.join("summer.json");
    let book = json!({
        "campaigns": [{
            "name": "three-mugs", "title": "Three for two", "product_ids": ["mug"],
            "kind": "buy_get", "buy": 2, "get": 1, "rate_ppm": 1_000_000, "active": true,
        }],
        "promotions": [{ "code": "TEN", "title": "Ten", "kind": "percentage", "rate_ppm": 100_000, "active": true }],
    });
    std::fs::write(&file, book.to_string()).unwrap();
    let (code, said) = promotions(&["put", file.to_str().unwrap()], folder).await;
    assert_eq!((code, said.as_str()), (0, "1 campaigns and 1 codes are in force\n"));

    let cart = buyers.cart(&[(&variant, 3)]).await;
    buyers.with_code(&cart, "TEN").await;
    let checkout = buyers.ready(&cart).await;
    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    assert_eq!(done.status, "completed");
    let order = buyers.order(&done.order_id).await;
    let given: Vec<(&str, i64)> = order
        .discounts
        .iter()
        .map(|discount| (discount.title.as_str(), discount.amount.as_ref().unwrap().minor))
        .collect();
    assert_eq!(given, [("Three for two", -2_000), ("Ten", -400)], "three mugs at 20.00");
    let steps: Vec<&str> =
        order.lines[0].line.as_ref().unwrap().trace.iter().map(|step| step.rule.as_str()).collect();
    assert_eq!(steps[..3], ["list_price", "campaign:three-mugs", "coupon:TEN"]);

    let explained = async |named: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
        let done =
            command.args(["explain", named, "--data"]).arg(folder).kill_on_drop(true).output().await.unwrap();
        (done.status.code().unwrap(), String::from_utf8([done.stdout, done.stderr].concat()).unwrap())
    };
    let (code, said) = explained(&order.number).await;
    assert_eq!((code, &said), (0, &explained(&order.id).await.1));
    for told in [
        "3 × The mug (SKU-mug)",
        "     60.00 EUR  list_price: 3 × 20.00 EUR",
        "    -20.00 EUR  campaign:three-mugs: of 3 the cheapest 1 at 100 % less",
        "     -4.00 EUR  coupon:TEN: 10 % of what is left of the line",
        "total: what the buyer pays",
    ] {
        assert!(said.contains(told), "{told} is not in {said}");
    }
    let (code, said) = explained("7").await;
    assert!(code == 2 && said.contains("there is no order 7"), "{code} {said}");

    let (code, said) = promotions(&["list"], folder).await;
    let listed: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &listed["campaigns"][0]["name"]), (0, &json!("three-mugs")));
    assert_eq!(
        (&listed["promotions"][0]["code"], &listed["promotions"][0]["uses"]),
        (&json!("TEN"), &json!(1))
    );
    std::fs::write(&file, &said).unwrap();
    assert_eq!(promotions(&["put", file.to_str().unwrap()], folder).await.0, 0, "what is listed can be put");
}

#[tokio::test]
async fn a_file_that_is_wrong_changes_nothing_and_is_told() {
    let shop = Shop::open().await;
    let folder = shop.folder.path();
    let file = folder.join("wrong.json");
    for (book, told) in [
        ("{", "wrong.json"),
        (r#"{"campaign": []}"#, "unknown field `campaign`"),
        (r#"{"campaigns": [{"name": "a", "title": "A", "product_ids": ["none"]}]}"#, "no product 'none'"),
        (r#"{"campaigns": [{"name": "a", "title": "A", "collection_ids": ["x"]}]}"#, "no collection 'x'"),
        (r#"{"campaigns": [{"name": "A!"}]}"#, "must be 1 to 64 of a to z"),
    ] {
        std::fs::write(&file, book).unwrap();
        let (code, said) = promotions(&["put", file.to_str().unwrap()], folder).await;
        assert!(code == 2 && said.contains(told), "{book}: {code} {said}");
    }
    let (_, said) = promotions(&["list"], folder).await;
    assert!(said.contains("\"campaigns\": []"), "{said}");
}

#[tokio::test]
async fn law_7_the_second_of_two_who_were_shown_the_last_use_of_a_campaign_is_told_before_they_pay() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let variant = buyers.stocked("mug", 10).await;
    let file = folder.join("launch.json");
    let book = json!({ "campaigns": [{
        "name": "launch", "title": "Launch", "kind": "percentage", "rate_ppm": 100_000, "active": true,
        "uses_max": 1, "budgets": [{ "amount": { "minor": 500, "currency": "EUR" } }],
    }]});
    std::fs::write(&file, book.to_string()).unwrap();
    assert_eq!(promotions(&["put", file.to_str().unwrap()], folder).await.0, 0);
    let mut checkouts = Vec::new();
    for _ in 0..2 {
        let ready = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;
        let total = ready.quote.unwrap().total.unwrap().minor;
        checkouts.push((ready.id, total));
    }
    let (first, second) = (&checkouts[0], &checkouts[1]);
    assert_eq!(first.1, second.1, "both were shown it");
    let declined = buyers.pay(&first.0, "tok_declined", "key-0").await.unwrap();
    assert_eq!(declined.status, "ready", "a payment that fails gives the use back");
    assert_eq!(buyers.pay(&first.0, "tok_ok", "key-1").await.unwrap().status, "completed");
    let told = buyers.pay(&second.0, "tok_ok", "key-1").await.unwrap();
    assert_eq!((told.status.as_str(), told.notices[0].code.as_str()), ("ready", "TOTAL_CHANGED"));
    assert_eq!(told.quote.unwrap().total.unwrap().minor, second.1 + 200);
    let accept = UpdateCheckoutRequest {
        checkout_id: second.0.clone(),
        accepted_notices: vec![told.notices[0].token.clone()],
        ..UpdateCheckoutRequest::default()
    };
    buyers.wiring.orders().unwrap().update_checkout(&buyers.ctx, accept).await.unwrap();
    assert_eq!(buyers.pay(&second.0, "tok_ok", "key-2").await.unwrap().status, "completed");
    let (_, said) = promotions(&["list"], folder).await;
    let listed: Value = serde_json::from_str(&said).unwrap();
    let campaign = &listed["campaigns"][0];
    assert_eq!((&campaign["uses"], &campaign["budgets"][0]["spent"]["minor"]), (&json!(1), &json!(200)));
}
