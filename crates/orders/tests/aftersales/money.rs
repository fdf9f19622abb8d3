//! Refunds, and payments by hand.

use argosy_contracts::orders::{CancelOrderRequest, Order, RefundOrderRequest, TakePaymentRequest};
use argosy_testkit::{Mode, contract_stories, eventually};
use futures::future::join_all;
use std::time::Duration;

use crate::{
    shop::{Shop, due, kinds, units},
    world::{Mood, eur},
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start(mode).await)
    }
}

contract_stories! {
    units_that_the_buyer_keeps_are_let_off_with_or_without_delivery,
    an_amount_is_let_off,
    law_1_who_was_let_off_an_amount_gets_back_the_rest_when_the_order_is_canceled,
    law_1_refunds_at_once_never_exceed_what_was_paid,
    law_4_a_refund_whose_answer_was_lost_is_found_and_not_made_twice,
    law_4_a_refund_whose_provider_is_away_is_made_later,
    law_4_a_process_that_dies_with_a_refund_made_and_not_noted_is_followed_by_another_that_notes_it,
    a_refund_that_is_refused_leaves_the_money_with_the_shop_and_the_books_balanced,
    nothing_owed_is_not_refunded,
    money_that_came_by_hand_is_taken_once,
    what_was_canceled_before_the_money_came_is_not_asked_for,
}

fn refund(order: &Order, reference: &str) -> RefundOrderRequest {
    RefundOrderRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        ..RefundOrderRequest::default()
    }
}

fn refunded(order: &Order) -> (i64, i64) {
    let money = order.money.as_ref().unwrap();
    (money.refunded.as_ref().unwrap().minor, money.refunding.as_ref().unwrap().minor)
}

async fn units_that_the_buyer_keeps_are_let_off_with_or_without_delivery(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let lines = vec![units(&order, 1, 1)];
    let now = shop
        .aftersales
        .refund_order(&shop.staff, RefundOrderRequest { lines, ..refund(&order, "cup") })
        .await
        .unwrap();
    assert_eq!((refunded(&now), due(&now), now.lines[1].current), ((1_000, 0), 0, 1));
    let shipping = RefundOrderRequest { shipping: true, ..refund(&order, "post") };
    let now = shop.aftersales.refund_order(&shop.staff, shipping).await.unwrap();
    assert_eq!((refunded(&now), now.payment_status.as_str()), ((1_490, 0), "captured"));
    assert_eq!(now.refunds.iter().map(|one| one.state.as_str()).collect::<Vec<_>>(), ["done", "done"]);
    let twice = RefundOrderRequest { lines: vec![units(&order, 1, 1)], ..refund(&order, "cup again") };
    assert_eq!(
        shop.aftersales.refund_order(&shop.staff, twice).await.unwrap_err().reason(),
        "QUANTITY_TOO_LARGE"
    );
    let twice = RefundOrderRequest { shipping: true, ..refund(&order, "post again") };
    assert_eq!(shop.aftersales.refund_order(&shop.staff, twice).await.unwrap_err().reason(), "NOTHING_OWED");
    shop.check_ledger(&order).await;
}

async fn an_amount_is_let_off(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request = RefundOrderRequest { amount: eur(500), reason: "scratched".into(), ..refund(&order, "a") };
    let now = shop.aftersales.refund_order(&shop.staff, request).await.unwrap();
    assert_eq!((refunded(&now), due(&now)), ((500, 0), 0));
    assert_eq!(now.money.as_ref().unwrap().charged, eur(3_989));
    assert_eq!(
        (now.refunds[0].reason.as_str(), kinds(&now).last().copied()),
        ("scratched", Some("refunded"))
    );
    for amount in
        [eur(0), eur(-1), Some(argosy_contracts::common::Money { minor: 1, currency: "USD".into() })]
    {
        let wrong = RefundOrderRequest { amount, ..refund(&order, "b") };
        let refused = shop.aftersales.refund_order(&shop.staff, wrong).await.unwrap_err();
        assert_eq!(&*refused.fields()[0].pointer, "/amount");
    }
    shop.check_ledger(&order).await;
}

async fn law_1_who_was_let_off_an_amount_gets_back_the_rest_when_the_order_is_canceled(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request = RefundOrderRequest { amount: eur(500), ..refund(&order, "kind") };
    shop.aftersales.refund_order(&shop.staff, request).await.unwrap();
    let cancel = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "all".to_owned(),
        ..CancelOrderRequest::default()
    };
    let now = shop.aftersales.cancel_order(&shop.staff, cancel).await.unwrap();
    assert_eq!((refunded(&now), due(&now)), ((4_489, 0), 0));
    assert_eq!(now.money.as_ref().unwrap().charged, eur(0));
    shop.check_ledger(&order).await;
}

async fn law_1_refunds_at_once_never_exceed_what_was_paid(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let ask = async |index: usize| {
        let request = RefundOrderRequest { amount: eur(1_000), ..refund(&order, &format!("r{index}")) };
        shop.aftersales.refund_order(&shop.staff, request).await
    };
    let answers = join_all((0..8).map(ask)).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), shop.around.money()), (4, (4_489, 4_000)));
    assert!(refused.into_iter().all(|answer| answer.unwrap_err().reason() == "REFUND_TOO_LARGE"));
    shop.check_ledger(&order).await;
}

async fn law_4_a_refund_whose_answer_was_lost_is_found_and_not_made_twice(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.around.world().mood = Mood::AnswersNever;
    let request = RefundOrderRequest { amount: eur(700), ..refund(&order, "lost") };
    let now = shop.aftersales.refund_order(&shop.staff, request.clone()).await.unwrap();
    assert_eq!((refunded(&now), now.refunds[0].state.as_str()), ((0, 700), "open"), "it is not known yet");
    // Asked again meanwhile, it is the same refund.
    shop.aftersales.refund_order(&shop.staff, request).await.unwrap();
    shop.around.world().mood = Mood::Answers;
    shop.test.clock.advance(Duration::from_secs(3));
    eventually("the refund is noted", || async { refunded(&shop.order(&order.id).await) == (700, 0) }).await;
    assert_eq!(shop.around.money(), (4_489, 700));
    shop.check_ledger(&order).await;
}

async fn law_4_a_process_that_dies_with_a_refund_made_and_not_noted_is_followed_by_another_that_notes_it(
    subject: Subject,
) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.around.world().mood = Mood::OutlivesWhoAsks;
    let request = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "c".to_owned(),
        ..CancelOrderRequest::default()
    };
    // Dropped where it waits, it leaves what a process leaves that is killed there.
    let dying = shop.aftersales.cancel_order(&shop.staff, request.clone());
    let killed = async { eventually("the money went back", || async { shop.around.money().1 > 0 }).await };
    tokio::select! {
        answer = dying => panic!("it was to die, and answered {answer:?}"),
        () = killed => {}
    }
    let now = shop.order(&order.id).await;
    assert_eq!((now.status.as_str(), refunded(&now)), ("canceled", (0, 4_489)), "nobody has noted it");
    shop.around.world().mood = Mood::Answers;
    shop.test.clock.advance(Duration::from_secs(31));
    eventually("another notes it", || async { shop.order(&order.id).await.payment_status == "refunded" })
        .await;
    eventually("stock is back", || async { shop.around.restocked(shop.mug) == 3 }).await;
    let again = shop.aftersales.cancel_order(&shop.staff, request).await.unwrap();
    assert_eq!((refunded(&again), shop.around.money()), ((4_489, 0), (4_489, 4_489)), "once");
    assert_eq!(kinds(&again).iter().filter(|kind| **kind == "refunded").count(), 1);
    shop.check_ledger(&order).await;
}

async fn law_4_a_refund_whose_provider_is_away_is_made_later(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.around.world().mood = Mood::IsAway;
    let request = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "c".to_owned(),
        ..CancelOrderRequest::default()
    };
    let now = shop.aftersales.cancel_order(&shop.staff, request).await.unwrap();
    assert_eq!((now.status.as_str(), refunded(&now)), ("canceled", (0, 4_489)), "the change stands");
    let asked = shop.around.world().asked;
    // Nobody asks before the lease is over.
    shop.around.world().mood = Mood::Answers;
    assert_eq!(shop.around.world().asked, asked);
    shop.test.clock.advance(Duration::from_secs(31));
    eventually("another goes on", || async { shop.order(&order.id).await.payment_status == "refunded" })
        .await;
    assert_eq!((shop.around.money(), shop.around.restocked(shop.mug)), ((4_489, 4_489), 3));
    shop.check_ledger(&order).await;
}

async fn a_refund_that_is_refused_leaves_the_money_with_the_shop_and_the_books_balanced(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.around.world().mood = Mood::Refuses;
    let request = RefundOrderRequest { amount: eur(700), ..refund(&order, "no") };
    let now = shop.aftersales.refund_order(&shop.staff, request).await.unwrap();
    assert_eq!((refunded(&now), due(&now), now.refunds[0].state.as_str()), ((0, 0), 0, "refused"));
    assert!(now.refunds[0].failure.contains("INTENT_STATE"));
    let seen = shop.buyers_order(&order).await;
    assert!(seen.refunds[0].failure.is_empty(), "a buyer is not told what the provider said");
    shop.around.world().mood = Mood::Answers;
    let request = RefundOrderRequest { amount: eur(4_489), ..refund(&order, "all") };
    let now = shop.aftersales.refund_order(&shop.staff, request).await.unwrap();
    assert_eq!((refunded(&now), now.payment_status.as_str()), ((4_489, 0), "refunded"));
    shop.check_ledger(&order).await;
}

async fn nothing_owed_is_not_refunded(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let refused = shop.aftersales.refund_order(&shop.staff, refund(&order, "r")).await.unwrap_err();
    assert_eq!(refused.reason(), "NOTHING_OWED");
    let by_hand = shop.sold_by_hand().await;
    let request = RefundOrderRequest { amount: eur(1), ..refund(&by_hand, "r") };
    let refused = shop.aftersales.refund_order(&shop.staff, request).await.unwrap_err();
    assert_eq!(refused.reason(), "REFUND_TOO_LARGE", "nothing was paid yet");
}

fn take(order: &Order, reference: &str) -> TakePaymentRequest {
    TakePaymentRequest { order_id: order.id.clone(), reference: reference.to_owned() }
}

async fn money_that_came_by_hand_is_taken_once(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_by_hand().await;
    let at_once =
        join_all(["a", "b"].map(|one| shop.aftersales.take_payment(&shop.staff, take(&order, one))));
    let answers = at_once.await;
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert_eq!(refused.iter().map(|error| error.reason()).collect::<Vec<_>>(), ["NOT_AWAITED"]);
    let now = shop.order(&order.id).await;
    assert_eq!((now.payment_status.as_str(), due(&now)), ("captured", 0));
    assert_eq!(shop.around.money(), (4_489, 0));
    assert_eq!(kinds(&now), ["placed", "payment_captured"]);
    shop.check_ledger(&order).await;
}

async fn what_was_canceled_before_the_money_came_is_not_asked_for(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_by_hand().await;
    let request = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "c".to_owned(),
        lines: vec![units(&order, 0, 3)],
        ..CancelOrderRequest::default()
    };
    let now = shop.aftersales.cancel_order(&shop.staff, request).await.unwrap();
    assert_eq!((due(&now), now.payment_status.as_str()), (1_490, "pending"));
    let now = shop.aftersales.take_payment(&shop.staff, take(&order, "t")).await.unwrap();
    assert_eq!((due(&now), shop.around.money()), (0, (1_490, 0)));
    shop.check_ledger(&order).await;
}
