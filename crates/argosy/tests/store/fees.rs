//! `argosy fees`: a file of fees, and what a buyer pays then.

use std::path::Path;

use crate::support::Shop;
use argosy_contracts::cart::{GetCartRequest, SetWrap, command::Command as Change};
use serde_json::{Value, json};
use tokio::process::Command;

async fn argosy(words: &[&str], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let done = command.args(words).arg("--data").arg(folder).kill_on_drop(true).output();
    let done = done.await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

#[tokio::test]
async fn law_12_an_order_keeps_its_fees_says_how_they_came_about_and_gives_back_those_of_its_units() {
    let shop = Shop::open().await;
    let (folder, buyers) = (shop.folder.path(), shop.buyers());
    let mug = buyers.stocked("mug", 10).await;
    let file = folder.join("fees.json");
    let book = json!({ "fees": [
        { "name": "ribbon", "title": "Gift wrap", "kind": "wrap", "amounts": [{ "minor": 350, "currency": "EUR" }],
          "pieces_max": 3, "message_length_max": 60, "active": true },
        { "name": "small-order", "title": "Small order", "kind": "order", "amounts": [{ "minor": 299, "currency": "EUR" }],
          "below": [{ "minor": 5_000, "currency": "EUR" }], "active": true },
    ]});
    std::fs::write(&file, book.to_string()).unwrap();
    let (code, said) = argosy(&["fees", "put", file.to_str().unwrap()], folder).await;
    assert_eq!((code, said.as_str()), (0, "2 fees are in force\n"));

    let cart = buyers.cart(&[(&mug, 2)]).await;
    let request = GetCartRequest { cart_id: cart.clone(), without_quote: false };
    let view = shop.process.wiring().cart().unwrap().get_cart(&buyers.ctx, request).await.unwrap();
    let line_id = view.cart.unwrap().lines.remove(0).id;
    let wrap = SetWrap { line_id, wrap: "ribbon".to_owned(), message: "Ahoy <Ann>".to_owned() };
    buyers.command(&cart, Change::SetWrap(wrap)).await.unwrap();
    let checkout = buyers.ready(&cart).await;
    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    let order = buyers.order(&done.order_id).await;
    let kinds: Vec<(&str, i64)> = order
        .totals
        .iter()
        .filter(|line| line.kind == "fee")
        .map(|line| (line.label.as_str(), line.amount.as_ref().unwrap().minor))
        .collect();
    assert_eq!(kinds, [("Gift wrap", 700), ("Small order", 299)]);

    let (_, said) = argosy(&["explain", &order.number], folder).await;
    assert!(said.contains("fee:ribbon: Gift wrap, 2 × 3.50 EUR, of line line_"), "{said}");
    assert!(said.contains("2.99 EUR  fee:small-order: Small order, 1 × 2.99 EUR"), "{said}");
    let (_, said) = argosy(&["orders", "show", &order.number], folder).await;
    assert!(said.contains("2 × Gift wrap 7.00 EUR, line 1: “Ahoy <Ann>”"), "{said}");
    let (code, said) = argosy(&["orders", "cancel", &order.number, "--line", "1=1"], folder).await;
    assert!(code == 0 && said.contains("refunded"), "{said}");
    let (_, said) = argosy(&["orders", "refund", &order.number, "--fees"], folder).await;
    let refunded: Vec<&str> = said.lines().filter(|line| line.trim_start().starts_with("refunded")).collect();
    assert!(refunded[0].ends_with("26.49 EUR"), "20.00 + 3.50 + 2.99: {said}");
    let (code, said) = argosy(&["audit"], folder).await;
    assert_eq!(code, 0, "{said}");

    let (_, said) = argosy(&["fees", "list"], folder).await;
    let listed: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(listed["fees"][1]["name"], json!("small-order"));
    std::fs::write(&file, &said).unwrap();
    assert_eq!(
        argosy(&["fees", "put", file.to_str().unwrap()], folder).await.0,
        0,
        "what is listed can be put"
    );
    std::fs::write(&file, r#"{"fees": [{"name": "a", "title": "A", "kind": "card"}]}"#).unwrap();
    let (code, said) = argosy(&["fees", "put", file.to_str().unwrap()], folder).await;
    assert!(code == 2 && said.contains("fees/0/amounts"), "{code} {said}");
}
