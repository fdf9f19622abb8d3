//! Stores in which nothing is wrong, wherever and however they are looked at.

use argosy::serve::Process;
use argosy_contracts::{
    common::Money,
    orders::{CompleteCheckoutRequest, PartPayment, RefundOrderRequest},
};
use argosy_kernel::Ctx;
use argosy_testkit::{Call, Engine, Mode, Schemas, eventually};
use sqlx::{Connection, SqliteConnection};

use crate::{
    Answer, audit, audit_with,
    support::{Buyers, SERVICES, Shop, settings},
};

/// Purchases that end in every way that there is.
pub(crate) async fn trade(buyers: &Buyers<'_>) {
    let variant = buyers.stocked("mug", 3).await;
    buyers.coupon("TEN", 10).await;
    let mut ready = Vec::new();
    for _ in 0..5 {
        let cart = buyers.cart(&[(&variant, 1)]).await;
        buyers.with_code(&cart, "TEN").await;
        ready.push(buyers.ready(&cart).await.id);
    }
    assert_eq!(buyers.pay(&ready[0], "tok_ok", "key").await.unwrap().status, "completed");
    assert_eq!(buyers.pay(&ready[1], "tok_declined", "key").await.unwrap().status, "ready");
    assert_eq!(buyers.pay(&ready[2], "tok_needs_action", "key").await.unwrap().status, "needs_buyer");
    let by_hand = CompleteCheckoutRequest {
        checkout_id: ready[3].clone(),
        provider: "manual".to_owned(),
        token: "bank_transfer".to_owned(),
        ..CompleteCheckoutRequest::default()
    };
    let orders = buyers.wiring.orders().unwrap();
    let done = orders.complete_checkout(&Ctx::guest().with_key("key"), by_hand).await.unwrap();
    assert_eq!(done.status, "completed");
    buyers.pay(&ready[4], "tok_ok", "key").await.unwrap_err();
}

fn balances(answer: &Answer) {
    assert_eq!((answer.code, answer.differences()), (0, Vec::new()), "{}", answer.said);
    assert_eq!(answer.compared("orders"), 2);
    assert_eq!((answer.compared("checkouts"), answer.compared("attempts_at_the_bank")), (5, 1));
    assert_eq!((answer.compared("payments"), answer.compared("charges")), (4, 3));
    assert!(answer.compared("reservations") >= 4 && answer.compared("redemptions") >= 4);
    assert_eq!((answer.compared("levels"), answer.compared("promotions")), (1, 1));
    // One that has heard nothing yet has no position to compare.
    assert!((3..=5).contains(&answer.compared("consumers")));
}

/// Facts are told and read in the background, which an audit without patience does not wait for.
async fn settled(audited: impl AsyncFn() -> Answer) -> Answer {
    eventually("consumers have read", async || audited().await.code == 0).await;
    audited().await
}

#[tokio::test]
async fn a_good_store_balances_while_it_runs_and_when_it_is_stopped() {
    let shop = Shop::open().await;
    trade(&shop.buyers()).await;
    balances(&settled(async || audit(shop.folder.path(), None).await).await);
    shop.process.stop().await;
    balances(&audit(shop.folder.path(), None).await);
}

#[tokio::test]
async fn a_good_store_in_postgres_balances() {
    let schemas = Schemas::new();
    let database = schemas.settings();
    let shop = Shop::open_in(Mode { engine: Engine::Sqlite, call: Call::Local }, |settings| {
        settings.database = database;
    })
    .await;
    trade(&shop.buyers()).await;
    let elsewhere = tempfile::tempdir().unwrap();
    balances(&settled(async || audit(elsewhere.path(), Some(&schemas)).await).await);
    shop.process.stop().await;
}

#[tokio::test]
async fn a_good_fleet_balances_asked_by_its_addresses_or_by_the_socket_of_one() {
    let mut processes = Vec::new();
    let mut addresses = std::collections::BTreeMap::new();
    for name in SERVICES {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path(), &[name]);
        settings.addresses = addresses.clone();
        let process = Process::start(&settings, None).await.unwrap();
        addresses.insert((*name).to_owned(), format!("http://{}", process.rpc.unwrap()));
        processes.push((process, folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut door = settings(folder.path(), &["store-api"]);
    let search = format!("http://{}", processes[0].0.rpc.unwrap());
    door.addresses = addresses.clone();
    door.addresses.insert("search".to_owned(), search);
    let door = Process::start(&door, None).await.unwrap();
    trade(&Buyers { wiring: door.wiring(), ctx: Ctx::guest() }).await;

    let env: Vec<(String, String)> = addresses
        .iter()
        .map(|(name, address)| (format!("ARGOSY_ADDRESSES__{}", name.to_uppercase()), address.clone()))
        .collect();
    let nowhere = tempfile::tempdir().unwrap();
    balances(&settled(async || audit_with(nowhere.path(), None, &env).await).await);
    balances(&audit(folder.path(), None).await);
    door.stop().await;
    for (process, _) in processes {
        process.stop().await;
    }
}

#[tokio::test]
async fn law_1_a_store_whose_payments_are_disputed_balances() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 3).await;
    for (state, key) in [("needs_response", "1"), ("won", "2"), ("lost", "3")] {
        let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;
        let done = buyers.pay(&checkout.id, "tok_ok", key).await.unwrap();
        buyers.disputes(&done.attempts[0].intent_id, &format!("dp_{key}"), state).await;
        eventually("the order's ledger follows", async || {
            buyers.order(&done.order_id).await.disputes.iter().any(|dispute| dispute.state == state)
        })
        .await;
    }
    let answer = settled(async || audit(shop.folder.path(), None).await).await;
    assert_eq!((answer.code, answer.differences()), (0, Vec::new()), "{}", answer.said);
    shop.process.stop().await;
    let orders = format!("sqlite://{}", shop.folder.path().join("orders.db").display());
    let mut orders = SqliteConnection::connect(&orders).await.unwrap();
    let lost = "delete from order_dispute_posting where account in ('withdrawn', 'disputed') and reference like '%fee%'";
    sqlx::query(lost).execute(&mut orders).await.unwrap();
    orders.close().await.unwrap();
    let answer = audit(shop.folder.path(), None).await;
    let kinds: Vec<_> = answer.differences().into_iter().map(|(kind, _)| kind).collect();
    assert!(
        kinds.contains(&"order-disputes".to_owned()) && kinds.contains(&"order-ledger".to_owned()),
        "{kinds:?}"
    );
}

#[tokio::test]
async fn law_1_an_order_that_several_payments_paid_balances_and_tampering_with_one_is_found() {
    let mode = Mode { engine: Engine::Sqlite, call: Call::Local };
    let shop = Shop::open_in(mode, |settings| settings.payments.gift_cards = true).await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 9).await;
    buyers.gift_card("GIFTABCDEFGHJKLM", 3_000).await;
    let mut orders = Vec::new();
    for (token, key) in [("tok_ok", "1"), ("tok_declined", "2"), ("tok_ok", "3")] {
        let checkout = buyers.ready(&buyers.cart(&[(&variant, 2)]).await).await;
        let part = PartPayment {
            provider: "gift_card".to_owned(),
            token: "GIFTABCDEFGHJKLM".to_owned(),
            amount: Some(Money { minor: 1_000, currency: "EUR".to_owned() }),
        };
        let request = CompleteCheckoutRequest {
            checkout_id: checkout.id.clone(),
            provider: "test".to_owned(),
            token: token.to_owned(),
            also: vec![part],
            ..CompleteCheckoutRequest::default()
        };
        let orders_client = buyers.wiring.orders().unwrap();
        let done = orders_client.complete_checkout(&Ctx::guest().with_key(key), request).await.unwrap();
        if !done.order_id.is_empty() {
            eventually("it is settled", async || {
                buyers.order(&done.order_id).await.payment_status == "captured"
            })
            .await;
            orders.push(buyers.order(&done.order_id).await);
        }
    }
    let refund = RefundOrderRequest {
        order_id: orders[0].id.clone(),
        reference: "most".to_owned(),
        amount: Some(Money { minor: 4_000, currency: "EUR".to_owned() }),
        ..RefundOrderRequest::default()
    };
    buyers.wiring.aftersales().unwrap().refund_order(&Ctx::system("test"), refund).await.unwrap();
    // What is paid after the sale is compared as well.
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;
    let by_hand = buyers.pay_with("manual", &checkout.id, "bank_transfer", "4").await.unwrap();
    let late = buyers.order(&by_hand.order_id).await;
    let paid = buyers.pay_balance(&late, "tab").await.unwrap().payment.unwrap();
    assert_eq!(paid.state, "paid");
    let answer = settled(async || audit(shop.folder.path(), None).await).await;
    assert_eq!((answer.code, answer.differences()), (0, Vec::new()), "{}", answer.said);
    assert_eq!(answer.compared("payments"), 8);
    shop.process.stop().await;
    let path = format!("sqlite://{}", shop.folder.path().join("orders.db").display());
    let mut tables = SqliteConnection::connect(&path).await.unwrap();
    // Money that went back by one payment is said to have gone back by the other.
    let card = orders[0].payments[1].id.as_str();
    let moved = sqlx::query("update order_step set intent_id = $1 where kind = 'refund'").bind(card);
    assert_eq!(moved.execute(&mut tables).await.unwrap().rows_affected(), 2);
    // A payment is said to have been asked for another amount.
    let less = sqlx::query(
        "update attempt set document = replace(document, '\"amount\":1000', '\"amount\":999') where checkout_id = $1",
    );
    let less = less.bind(&orders[1].checkout_id).execute(&mut tables).await.unwrap();
    assert_eq!(less.rows_affected(), 1);
    // A payment after the sale is said to have come to nothing.
    let lost = sqlx::query("update order_balance set state = 'failed'").execute(&mut tables).await.unwrap();
    assert_eq!(lost.rows_affected(), 1);
    tables.close().await.unwrap();
    let answer = audit(shop.folder.path(), None).await;
    let found = answer.differences();
    assert!(found.contains(&("payment-without-order".to_owned(), paid.id.clone())), "{found:?}");
    for (kind, order) in [("order-refunds", 0), ("payment-amount", 1)] {
        assert!(found.contains(&(kind.to_owned(), orders[order].id.clone())), "{kind}: {found:?}");
    }
}

#[tokio::test]
async fn where_there_is_no_store_it_says_so_and_does_not_say_that_it_balances() {
    let empty = tempfile::tempdir().unwrap();
    let answer = audit(empty.path(), None).await;
    assert_eq!(answer.code, 2);
    assert!(answer.said.contains("inventory.db is not there"), "{}", answer.said);
    let away = [("ARGOSY_DATABASE__URL".to_owned(), "postgres://nobody@127.0.0.1:1/none".to_owned())];
    let answer = audit_with(empty.path(), None, &away).await;
    assert_eq!(answer.code, 3, "{}", answer.said);
    assert!(std::fs::read_dir(empty.path()).unwrap().next().is_none(), "looking leaves nothing behind");
}
