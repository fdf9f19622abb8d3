//! One card that is tried again and again, from everywhere.

use std::time::Duration;

use argosy_contracts::orders::{PartPayment, PayBalanceRequest, Visitor};
use argosy_kernel::{Code, Ctx, Error, RequestId};
use argosy_orders::{OrdersConfig, RiskConfig};
use argosy_platform::database::sql;
use argosy_testkit::{Mode, contract_stories};
use sea_orm::FromQueryResult;

use crate::{
    shop::{Shop, due},
    world::eur,
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start_with(mode, limit).await)
    }
}

fn limit(config: &mut OrdersConfig) {
    config.risk = RiskConfig { declines_per_card_max: 3, ..RiskConfig::default() };
}

contract_stories! {
    a_card_is_not_tried_again_from_everywhere_for_everything,
    nothing_is_asked_about_cards_while_none_is_at_its_limit,
    a_card_that_the_bank_declines_later_is_counted,
    of_several_payments_the_card_counts_that_was_declined,
    a_card_is_not_tried_at_what_is_due_of_an_order,
    what_is_declined_of_what_is_due_counts_for_purchases,
    law_4_a_card_that_is_refused_is_refused_again_under_its_key,
    law_5_a_card_may_be_used_again_later_and_another_one_at_once,
    law_9_without_a_limit_cards_are_not_counted,
    law_10_a_payment_service_of_before_is_paid_by_any_card,
    law_11_what_is_kept_of_a_card_is_no_fingerprint_and_gone_after_a_day,
}

/// From another place each time, for other goods.
async fn tries(shop: &Shop, number: i64, token: &str) -> Result<String, Error> {
    let checkout = shop.ready(&format!("Kai {number}"), number).await;
    let visitor = Visitor { network: format!("192.0.2.{number}"), device: number.to_string() };
    let answer = shop.pay(&checkout, token, Some(visitor)).await?;
    Ok(answer.status)
}

async fn declined(shop: &Shop, numbers: std::ops::Range<i64>, token: &str) {
    for number in numbers {
        assert_eq!(tries(shop, number, token).await.unwrap(), "ready");
    }
}

fn check_refused<T: std::fmt::Debug>(tried: Result<T, Error>) {
    let refused = tried.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::ResourceExhausted, "TOO_MANY_DECLINES"));
    assert!(refused.retry_after().is_some());
}

async fn a_card_is_not_tried_again_from_everywhere_for_everything(subject: Subject) {
    let shop = subject.0;
    declined(&shop, 1..4, "declined.blue").await;
    check_refused(tries(&shop, 4, "declined.blue").await);
    check_refused(tries(&shop, 5, "tok_ok.blue").await);
    let held = shop.around.world().intents.values().filter(|intent| intent.state == "authorised").count();
    assert_eq!(held, 0, "its bank was not asked");
    assert_eq!(tries(&shop, 6, "tok_ok.red").await.unwrap(), "completed");
    assert_eq!(tries(&shop, 7, "tok_ok").await.unwrap(), "completed", "one that is not told");
}

async fn nothing_is_asked_about_cards_while_none_is_at_its_limit(subject: Subject) {
    let shop = subject.0;
    declined(&shop, 1..3, "declined.blue").await;
    declined(&shop, 3..5, "declined.red").await;
    assert_eq!(tries(&shop, 5, "tok_ok.blue").await.unwrap(), "completed");
    assert_eq!(shop.around.world().looked, 0);
    declined(&shop, 6..7, "declined.blue").await;
    check_refused(tries(&shop, 7, "tok_ok.blue").await);
    assert_eq!(shop.around.world().looked, 1);
    shop.test.clock.advance(Duration::from_secs(3_601));
    assert_eq!(tries(&shop, 8, "tok_ok.blue").await.unwrap(), "completed");
    assert_eq!(shop.around.world().looked, 1, "nor after a while");
}

async fn a_card_that_the_bank_declines_later_is_counted(subject: Subject) {
    let shop = subject.0;
    for number in 1..4 {
        let checkout = shop.ready(&format!("Kai {number}"), number).await;
        let waits = shop.pay(&checkout, "needs_buyer.blue", None).await.unwrap();
        assert_eq!(waits.status, "needs_buyer");
        for intent in shop.around.world().intents.values_mut().filter(|one| one.state == "requires_action") {
            "failed".clone_into(&mut intent.state);
            "NOT_AUTHENTICATED".clone_into(&mut intent.failure_reason);
        }
        let request = argosy_contracts::orders::ContinueCheckoutRequest { checkout_id: checkout };
        let failed = shop.orders.continue_checkout(&Ctx::guest(), request).await.unwrap();
        assert_eq!(failed.attempts[0].failure_reason, "NOT_AUTHENTICATED");
    }
    check_refused(tries(&shop, 4, "tok_ok.blue").await);
}

async fn of_several_payments_the_card_counts_that_was_declined(subject: Subject) {
    let shop = subject.0;
    let part = PartPayment { provider: "test".to_owned(), token: "tok_ok.good".to_owned(), amount: eur(500) };
    for number in 1..4 {
        let checkout = shop.ready(&format!("Kai {number}"), number).await;
        let main = ("test", "declined.blue");
        let answer = shop.pay_in_parts(&checkout, main, vec![part.clone()]).await.unwrap();
        assert_eq!(answer.status, "ready");
    }
    assert_eq!(tries(&shop, 4, "tok_ok.good").await.unwrap(), "completed");
    check_refused(tries(&shop, 5, "tok_ok.blue").await);
    let checkout = shop.ready("Kai 6", 6).await;
    let blue = PartPayment { token: "tok_ok.blue".to_owned(), ..part };
    check_refused(shop.pay_in_parts(&checkout, ("test", "tok_ok.red"), vec![blue]).await);
}

async fn pays_balance(
    shop: &Shop,
    order: &argosy_contracts::orders::Order,
    token: &str,
) -> Result<String, Error> {
    let request = PayBalanceRequest {
        order_id: order.id.clone(),
        reference: RequestId::new().to_string(),
        key: order.key.clone(),
        provider: "test".to_owned(),
        token: token.to_owned(),
        visitor: Some(Visitor { network: "192.0.2.99".to_owned(), device: "d".to_owned() }),
        ..PayBalanceRequest::default()
    };
    let answer = shop.aftersales.pay_balance(&Ctx::guest(), request).await?;
    Ok(answer.payment.unwrap().state)
}

async fn a_card_is_not_tried_at_what_is_due_of_an_order(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_by_hand().await;
    declined(&shop, 11..14, "declined.blue").await;
    check_refused(pays_balance(&shop, &order, "tok_ok.blue").await);
    assert!(due(&shop.order(&order.id).await) > 0);
    assert_eq!(pays_balance(&shop, &order, "tok_ok.red").await.unwrap(), "paid");
}

async fn what_is_declined_of_what_is_due_counts_for_purchases(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_by_hand().await;
    for _ in 0..3 {
        assert_eq!(pays_balance(&shop, &order, "declined.blue").await.unwrap(), "failed");
    }
    check_refused(tries(&shop, 1, "tok_ok.blue").await);
    for _ in 3..10 {
        assert_eq!(pays_balance(&shop, &order, "declined").await.unwrap(), "failed");
    }
    // The device's limit, by cards that are not told.
    check_refused(pays_balance(&shop, &order, "tok_ok").await);
    let checkout = shop.ready("Elsewhere 1", 1).await;
    let visitor = Visitor { network: "192.0.2.99".to_owned(), device: "d".to_owned() };
    check_refused(shop.pay(&checkout, "tok_ok", Some(visitor)).await);
}

async fn law_4_a_card_that_is_refused_is_refused_again_under_its_key(subject: Subject) {
    let shop = subject.0;
    declined(&shop, 1..4, "declined.blue").await;
    let checkout_id = shop.ready("Kai 9", 9).await;
    let ctx = Ctx::guest().with_key("one");
    let complete = argosy_contracts::orders::CompleteCheckoutRequest {
        checkout_id,
        provider: "test".to_owned(),
        token: "tok_ok.blue".to_owned(),
        ..Default::default()
    };
    check_refused(shop.orders.complete_checkout(&ctx, complete.clone()).await);
    let looked = shop.around.world().looked;
    check_refused(shop.orders.complete_checkout(&ctx, complete).await);
    assert_eq!(shop.around.world().looked, looked, "the outcome was kept");
}

async fn law_5_a_card_may_be_used_again_later_and_another_one_at_once(subject: Subject) {
    let shop = subject.0;
    declined(&shop, 1..4, "declined.blue").await;
    let checkout = shop.ready("Kai 9", 9).await;
    check_refused(shop.pay(&checkout, "tok_ok.blue", None).await);
    assert_eq!(shop.pay(&checkout, "tok_ok.red", None).await.unwrap().status, "completed");
    let checkout = shop.ready("Kai 10", 10).await;
    shop.test.clock.advance(Duration::from_secs(3_601));
    assert_eq!(shop.pay(&checkout, "tok_ok.blue", None).await.unwrap().status, "completed");
}

async fn law_9_without_a_limit_cards_are_not_counted(subject: Subject) {
    let test = subject.0.test;
    let shop = Shop::start_on(test, argosy_testkit::Call::Local, |config| {
        config.risk.declines_per_card_max = 0;
    })
    .await;
    declined(&shop, 1..8, "declined.blue").await;
    assert_eq!(tries(&shop, 8, "tok_ok.blue").await.unwrap(), "completed");
    let kept = kept(&shop).await;
    assert_eq!((shop.around.world().looked, kept), (0, Vec::new()));
}

async fn law_10_a_payment_service_of_before_is_paid_by_any_card(subject: Subject) {
    let shop = subject.0;
    declined(&shop, 1..4, "declined.blue").await;
    shop.around.world().is_old = true;
    assert_eq!(tries(&shop, 4, "tok_ok.blue").await.unwrap(), "completed");
}

#[derive(FromQueryResult)]
struct Kept {
    trail: String,
}

/// Trails of cards, once each.
async fn kept(shop: &Shop) -> Vec<String> {
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    let rows: Vec<Kept> =
        sql("select distinct trail from payment_try where trail like 'card:%' or trail = 'some_card' order by trail")
            .all(&database)
            .await
            .unwrap();
    rows.into_iter().map(|row| row.trail).collect()
}

async fn law_11_what_is_kept_of_a_card_is_no_fingerprint_and_gone_after_a_day(subject: Subject) {
    let shop = subject.0;
    let fingerprint = "Xt5EWLLDS7FJjR1c";
    declined(&shop, 1..4, &format!("declined.{fingerprint}")).await;
    check_refused(tries(&shop, 4, &format!("tok_ok.{fingerprint}")).await);
    let trails = kept(&shop).await;
    assert_eq!((trails.len(), trails[1].as_str()), (2, "some_card"));
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    for (table, columns) in
        [("attempt", "document"), ("attempt", "coalesce(outcome, '')"), ("checkout", "document")]
    {
        let statement = format!("select {columns} as trail from {table}");
        let rows: Vec<Kept> = sql(statement).all(&database).await.unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| !row.trail.contains(fingerprint)), "{table}");
    }
    shop.test.clock.advance(Duration::from_hours(25));
    declined(&shop, 5..6, &format!("declined.{fingerprint}")).await;
    let again = kept(&shop).await;
    assert!(again.iter().any(|trail| trail.starts_with("card:") && !trails.contains(trail)), "another day");
}
