//! A process is killed at each step of the saga and started again. Afterwards stock, coupons, orders and the
//! books of the provider agree: nothing is lost, nothing is charged twice. The provider is the pretended one, and where
//! a provider is asked something also Stripe, which is localstripe as a process of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bank;
#[path = "../support/mod.rs"]
mod support;

use std::{path::Path, process::Stdio};

use argosy::{serve::SOCKET, settings::Settings, wiring::Wiring};
use argosy_contracts::{orders::ListOrdersRequest, pricing::ListPromotionsRequest};
use argosy_kernel::Ctx;
use argosy_platform::{Host, rpc};
use argosy_testkit::{
    eventually,
    servers::stripe_gateway::{DECLINED, GOOD},
};
use sqlx::{Connection, SqliteConnection};
use tokio::process::{Child, Command};

use crate::{
    bank::{Bank, Books, Stripe},
    support::{Buyers, SERVICES},
};

/// A store in a process of its own.
struct Store {
    child: Child,
    wiring: Box<Wiring>,
    _client: tempfile::TempDir,
}

impl Store {
    async fn start(data: &Path, bank: &Bank, crash_at: &str) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_argosy"))
            .args(["serve", "--no-demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(["--services", &SERVICES.join(",")])
            .env("ARGOSY_CRASH_AT", crash_at)
            .env("ARGOSY_ORDERS__RESUME_INTERVAL_MS", "20")
            .env("ARGOSY_ORDERS__PAYMENT_PATIENCE_S", "0")
            .env("ARGOSY_PAYMENTS__GIFT_CARDS", "true")
            .env("ARGOSY_PAYMENTS__RESUME_INTERVAL_MS", "50")
            .env("ARGOSY_LOG__FILTER", "error")
            .envs(bank.environment())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let client = tempfile::tempdir().unwrap();
        let host = Host::embedded(client.path()).unwrap();
        let channel = rpc::connect_socket(&data.join(SOCKET));
        let wiring = Box::new(Wiring::of_running_store(&Settings::default(), &host, channel));
        let store = Self { child, wiring, _client: client };
        eventually("the store answers", || async { store.orders_placed().await.is_some() }).await;
        store
    }

    fn buyers(&self) -> Buyers<'_> {
        Buyers { wiring: &self.wiring, ctx: Ctx::system("drill") }
    }

    async fn orders_placed(&self) -> Option<usize> {
        let orders = self.wiring.orders().ok()?;
        let listed = orders.list_orders(&Ctx::system("drill"), ListOrdersRequest::default()).await.ok()?;
        Some(listed.orders.len())
    }

    async fn coupon_uses(&self) -> i64 {
        let pricing = self.wiring.pricing().unwrap();
        let listed =
            pricing.list_promotions(&Ctx::system("drill"), ListPromotionsRequest::default()).await.unwrap();
        listed.promotions[0].uses
    }

    async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}

async fn drill(bank: &Bank, crash_at: &str, token: &str) {
    drill_meanwhile(bank, crash_at, token, async |_| {}).await;
}

/// As if another process had given the attempt up, because the lease of the one that works on it had run out.
async fn given_up_by_another(data: &Path) {
    let path = data.join("orders.db");
    let mut orders = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let failure = r#"{"Payment":{"reason":"INTERRUPTED","text":"It was interrupted."}}"#;
    let moved = sqlx::query(
        "update attempt set state = 'releasing', document = json_set(document, '$.failure', json($1))",
    )
    .bind(failure)
    .execute(&mut orders)
    .await
    .unwrap();
    assert_eq!(moved.rows_affected(), 1);
}

#[tokio::test]
async fn law_3_what_has_sent_its_stock_off_is_not_given_up() {
    drill_meanwhile(&Bank::Pretended, "orders.after_consume", "tok_ok", async |data| {
        given_up_by_another(data).await;
    })
    .await;
}

#[tokio::test]
async fn law_3_what_was_given_up_before_its_stock_left_is_not_paid() {
    drill_meanwhile(&Bank::Pretended, "orders.after_authorise", "tok_ok", async |data| {
        given_up_by_another(data).await;
    })
    .await;
}

async fn drill_meanwhile(bank: &Bank, crash_at: &str, token: &str, meanwhile: impl AsyncFn(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let store = Store::start(data, bank, crash_at).await;
    let buyers = store.buyers();
    let variant = buyers.stocked("mug", 10).await;
    buyers.coupon("TEN", 5).await;
    let cart = buyers.cart(&[(&variant, 2)]).await;
    buyers.with_code(&cart, "TEN").await;
    let checkout = buyers.ready(&cart).await;
    let total = checkout.quote.as_ref().unwrap().total.clone().unwrap().minor;
    let answer = buyers.pay_with(bank.name(), &checkout.id, token, "key-1").await;
    assert!(answer.is_err(), "{crash_at}: the process was to die, and answered {answer:?}");
    let mut store = store;
    assert!(!store.child.wait().await.unwrap().success());
    meanwhile(data).await;

    let store = Store::start(data, bank, "").await;
    let buyers = store.buyers();
    eventually(&format!("{crash_at}: the attempt comes to an end"), || async {
        matches!(buyers.checkout(&checkout.id).await.status.as_str(), "completed" | "ready")
    })
    .await;
    if buyers.checkout(&checkout.id).await.status == "ready" {
        assert_eq!(buyers.available(&variant).await, 10, "{crash_at}: stock is given back");
        assert_eq!(store.coupon_uses().await, 0, "{crash_at}: the coupon's use is given back");
        if token != "tok_vanishes" {
            assert_eq!(bank.books(data).await, Books::default(), "{crash_at}: nothing is held or taken");
        }
        assert_eq!(store.orders_placed().await, Some(0));
        let token = bank.good_card().await;
        let again = buyers.pay_with(bank.name(), &checkout.id, &token, "key-2").await.unwrap();
        assert_eq!(again.status, "completed", "{crash_at}");
    }
    let done = buyers.checkout(&checkout.id).await;
    eventually(&format!("{crash_at}: the money is taken"), || async {
        buyers.order(&done.order_id).await.payment_status == "captured"
    })
    .await;
    assert_eq!(store.orders_placed().await, Some(1), "{crash_at}");
    assert_eq!(buyers.available(&variant).await, 8, "{crash_at}");
    assert_eq!(store.coupon_uses().await, 1, "{crash_at}");
    eventually(&format!("{crash_at}: charged once, nothing held"), || async {
        bank.books(data).await == Books { taken: total, charges: 1, held: 0 }
    })
    .await;
    store.stop().await;
}

#[tokio::test]
async fn law_4_killed_while_a_dispute_is_written_down_or_posted_it_is_posted_once() {
    for crash_at in ["payments.before_dispute", "orders.before_dispute_posted"] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let bank = &Bank::Pretended;
        let mut store = Store::start(data, bank, crash_at).await;
        let buyers = store.buyers();
        let variant = buyers.stocked("mug", 10).await;
        let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;
        let total = checkout.quote.as_ref().unwrap().total.clone().unwrap().minor;
        let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
        let intent = done.attempts[0].intent_id.clone();
        let _died = buyers.dispute(&intent, "dp_1", "lost").await;
        assert!(!store.child.wait().await.unwrap().success(), "{crash_at}");

        let store = Store::start(data, bank, "").await;
        let buyers = store.buyers();
        // The provider sends a message again that was not answered.
        buyers.dispute(&intent, "dp_1", "lost").await.unwrap();
        let charged_back = async || {
            let money = buyers.order(&done.order_id).await.money.unwrap_or_default();
            (money.charged_back.map(|money| money.minor), money.dispute_fees.map(|money| money.minor))
        };
        eventually(crash_at, async || charged_back().await == (Some(total), Some(1_500))).await;
        store.stop().await;
    }
}

macro_rules! drills {
    ($($name:ident: $place:literal with $token:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            drill(&Bank::Pretended, $place, $token).await;
        }
    )*};
}

drills! {
    law_3_killed_after_the_claim: "orders.after_claim" with "tok_ok";
    law_3_killed_after_the_reservation: "orders.after_reserve" with "tok_ok";
    law_3_killed_after_the_coupon: "orders.after_redeem" with "tok_ok";
    law_3_killed_before_the_provider_is_asked: "payments.before_authorise" with "tok_ok";
    law_3_killed_when_the_provider_has_charged: "payments.after_authorise" with "tok_ok";
    law_3_killed_after_the_authorisation: "orders.after_authorise" with "tok_ok";
    law_3_killed_after_the_stock_left: "orders.after_consume" with "tok_ok";
    law_3_killed_after_the_order_was_placed: "orders.after_place" with "tok_ok";
    law_3_killed_before_the_capture: "payments.before_provider_step" with "tok_ok";
    law_3_killed_when_the_provider_has_captured: "payments.after_provider_step" with "tok_ok";
    law_3_killed_after_the_capture: "orders.after_capture" with "tok_ok";
    law_3_killed_before_giving_back: "orders.before_release" with "tok_declined";
    law_3_killed_after_giving_back: "orders.after_release" with "tok_declined";
    law_4_killed_before_a_payment_that_nobody_answers_is_given_up: "payments.before_let_go_later" with "tok_vanishes";
    law_4_killed_when_a_payment_that_nobody_answers_is_barred: "payments.after_let_go_later" with "tok_vanishes";
    law_4_killed_after_a_payment_that_nobody_answers_was_given_up: "orders.after_release" with "tok_vanishes";
    law_4_killed_when_the_provider_has_let_go: "payments.before_let_go_noted" with "tok_vanishes";
}

/// A purchase that a gift card and a card pay, killed at a place; `token` is the card's. Nothing is spent twice or lost.
async fn split_drill(crash_at: &str, token: &str) {
    let (folder, bank) = (tempfile::tempdir().unwrap(), &Bank::Pretended);
    let data = folder.path();
    let mut store = Store::start(data, bank, crash_at).await;
    let buyers = store.buyers();
    let variant = buyers.stocked("mug", 10).await;
    buyers.gift_card(GIFT, 1_500).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 2)]).await).await;
    let total = checkout.quote.as_ref().unwrap().total.clone().unwrap().minor;
    let answer = buyers.pay_with_gift_card(GIFT, &checkout.id, token, "key-1").await;
    assert!(answer.is_err(), "{crash_at}: the process was to die, and answered {answer:?}");
    assert!(!store.child.wait().await.unwrap().success());

    let store = Store::start(data, bank, "").await;
    let buyers = store.buyers();
    eventually(&format!("{crash_at}: the attempt comes to an end"), || async {
        matches!(buyers.checkout(&checkout.id).await.status.as_str(), "completed" | "ready")
    })
    .await;
    if buyers.checkout(&checkout.id).await.status == "ready" {
        assert_eq!(buyers.available(&variant).await, 10, "{crash_at}: stock is given back");
        assert_eq!(buyers.on_gift_card(GIFT).await, 1_500, "{crash_at}: the gift card is whole again");
        assert_eq!(bank.books(data).await, Books::default(), "{crash_at}: nothing is held or taken");
        let again = buyers.pay_with_gift_card(GIFT, &checkout.id, "tok_ok", "key-2").await.unwrap();
        assert_eq!(again.status, "completed", "{crash_at}");
    }
    let done = buyers.checkout(&checkout.id).await;
    eventually(&format!("{crash_at}: the money is taken"), || async {
        buyers.order(&done.order_id).await.payment_status == "captured"
    })
    .await;
    assert_eq!((store.orders_placed().await, buyers.available(&variant).await), (Some(1), 8), "{crash_at}");
    assert_eq!(buyers.on_gift_card(GIFT).await, 0, "{crash_at}");
    eventually(&format!("{crash_at}: each is charged once, nothing held"), || async {
        bank.books(data).await == Books { taken: total - 1_500, charges: 1, held: 0 }
    })
    .await;
    let money = buyers.order(&done.order_id).await.money.unwrap();
    assert_eq!((money.paid.unwrap().minor, money.due.unwrap().minor), (total, 0), "{crash_at}");
    store.stop().await;
}

const GIFT: &str = "GIFTABCDEFGHJKLM";

macro_rules! split_drills {
    ($($name:ident: $place:literal with $token:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            split_drill($place, $token).await;
        }
    )*};
}

split_drills! {
    law_3_split_killed_after_the_claim: "orders.after_claim" with "tok_ok";
    law_3_split_killed_before_the_gift_card_is_held: "payments.before_authorise" with "tok_ok";
    law_3_split_killed_when_the_gift_card_is_held: "payments.after_authorise" with "tok_ok";
    law_3_split_killed_between_the_payments: "orders.after_payment" with "tok_ok";
    law_3_split_killed_when_all_is_held: "orders.after_authorise" with "tok_ok";
    law_3_split_killed_after_the_stock_left: "orders.after_consume" with "tok_ok";
    law_3_split_killed_after_the_order_was_placed: "orders.after_place" with "tok_ok";
    law_3_split_killed_when_the_gift_card_was_taken: "payments.after_provider_step" with "tok_ok";
    law_3_split_killed_between_what_is_taken: "orders.after_payment_taken" with "tok_ok";
    law_3_split_killed_when_all_is_taken: "orders.after_capture" with "tok_ok";
    law_3_split_killed_before_all_is_let_go: "orders.before_release" with "tok_declined";
    law_3_split_killed_between_what_is_let_go: "orders.after_payment_let_go" with "tok_declined";
    law_3_split_killed_when_all_is_let_go: "orders.after_release" with "tok_declined";
}

/// What is due of an order, paid by card and killed at a place: it is paid once.
async fn balance_drill(crash_at: &str) {
    let (folder, bank) = (tempfile::tempdir().unwrap(), &Bank::Pretended);
    let data = folder.path();
    let mut store = Store::start(data, bank, "").await;
    let buyers = store.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 2)]).await).await;
    let total = checkout.quote.as_ref().unwrap().total.clone().unwrap().minor;
    let done = buyers.pay_with("manual", &checkout.id, "bank_transfer", "key-1").await.unwrap();
    let order = buyers.order(&done.order_id).await;
    store.child.kill().await.unwrap();

    // Only now: the purchase passes such places, too.
    let mut store = Store::start(data, bank, crash_at).await;
    let buyers = store.buyers();
    let answer = buyers.pay_balance(&order, "tab-1").await;
    assert!(answer.is_err(), "{crash_at}: the process was to die, and answered {answer:?}");
    assert!(!store.child.wait().await.unwrap().success());

    let store = Store::start(data, bank, "").await;
    let buyers = store.buyers();
    let state =
        async || buyers.order(&order.id).await.balance.map(|balance| balance.state).unwrap_or_default();
    eventually(&format!("{crash_at}: it comes to an end"), async || {
        matches!(state().await.as_str(), "paid" | "failed")
    })
    .await;
    if state().await == "failed" {
        assert_eq!(bank.books(data).await, Books::default(), "{crash_at}: nothing is held or taken");
        buyers.pay_balance(&order, "tab-2").await.unwrap();
    }
    let now = buyers.order(&order.id).await;
    let money = now.money.unwrap();
    assert_eq!((money.paid.unwrap().minor, money.due.unwrap().minor), (total, 0), "{crash_at}");
    assert_eq!(now.payment_status, "captured", "{crash_at}");
    eventually(&format!("{crash_at}: charged once, nothing held"), || async {
        bank.books(data).await == Books { taken: total, charges: 1, held: 0 }
    })
    .await;
    store.stop().await;
}

macro_rules! balance_drills {
    ($($name:ident: $place:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            balance_drill($place).await;
        }
    )*};
}

balance_drills! {
    law_4_due_killed_after_the_claim: "orders.after_balance_claim";
    law_4_due_killed_when_the_provider_has_charged: "payments.after_authorise";
    law_4_due_killed_when_it_is_held: "orders.after_balance_hold";
    law_4_due_killed_before_it_is_taken: "orders.before_balance_taken";
    law_4_due_killed_when_the_provider_has_captured: "payments.after_provider_step";
    law_4_due_killed_when_it_is_taken: "orders.after_balance_taken";
    law_4_due_killed_when_it_is_posted: "orders.after_change";
}

macro_rules! stripe_drills {
    ($($name:ident: $place:literal with $card:ident;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let stripe = Stripe::start().await;
            let token = stripe.gateway.token($card).await;
            drill(&Bank::Stripe(Box::new(stripe)), $place, &token).await;
        }
    )*};
}

stripe_drills! {
    law_3_killed_when_stripe_knows_of_the_payment_and_we_not_its_name: "payments.before_prepared" with GOOD;
    law_3_killed_before_stripe_charges: "payments.before_authorise" with GOOD;
    law_3_killed_when_stripe_has_charged: "payments.after_authorise" with GOOD;
    law_3_killed_after_the_authorisation_by_stripe: "orders.after_authorise" with GOOD;
    law_3_killed_after_the_stock_left_for_what_stripe_holds: "orders.after_consume" with GOOD;
    law_3_killed_after_the_order_that_stripe_holds_money_for: "orders.after_place" with GOOD;
    law_3_killed_before_stripe_captures: "payments.before_provider_step" with GOOD;
    law_3_killed_when_stripe_has_captured: "payments.after_provider_step" with GOOD;
    law_3_killed_after_giving_back_what_stripe_declined: "orders.after_release" with DECLINED;
}

#[tokio::test]
async fn law_3_what_was_given_up_before_its_stock_left_is_let_go_by_stripe() {
    let stripe = Stripe::start().await;
    let token = stripe.gateway.token(GOOD).await;
    drill_meanwhile(&Bank::Stripe(Box::new(stripe)), "orders.after_authorise", &token, async |data| {
        given_up_by_another(data).await;
    })
    .await;
}
