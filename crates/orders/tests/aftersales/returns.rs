//! Goods come back.

use argosy_contracts::orders::{
    AnswerReturnRequest, ForgetPersonRequest, InspectReturnRequest, InspectedLine, Order,
    ReceiveReturnRequest, RequestReturnRequest, ReturnLine, SettleReturnRequest,
};
use argosy_kernel::{Ctx, Result, SystemClock};
use argosy_testkit::{Mode, contract_stories};
use futures::future::join_all;
use std::time::Duration;

use crate::shop::{Shop, due, kinds, units};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start(mode).await)
    }
}

contract_stories! {
    goods_come_back_and_their_money_goes_back,
    law_2_no_unit_comes_back_twice_however_many_tabs_ask,
    law_4_a_return_asked_for_twice_is_one,
    a_buyer_asks_with_the_orders_key_only_and_in_time,
    a_declined_return_leaves_the_goods_with_the_buyer,
    a_return_takes_its_steps_in_order,
    what_did_not_arrive_may_be_sent_later,
    a_return_may_be_kept_as_store_credit,
    what_was_let_off_before_is_not_paid_back_twice,
    law_11_what_the_buyer_wrote_is_forgotten_with_them,
}

fn request(order: &Order, reference: &str, mugs: i64) -> RequestReturnRequest {
    let line = units(order, 0, mugs);
    let (line_id, reason) = (line.line_id, "damaged".to_owned());
    RequestReturnRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        key: order.key.clone(),
        lines: vec![ReturnLine { line_id, quantity: mugs, reason, ..ReturnLine::default() }],
        resolution: "refund".to_owned(),
        comment: "The handle is off.".to_owned(),
    }
}

async fn ask(shop: &Shop, order: &Order, reference: &str, mugs: i64) -> Result<Order> {
    shop.aftersales.request_return(&Ctx::guest(), request(order, reference, mugs)).await
}

async fn answer(shop: &Shop, order: &Order, answer: &str) -> Result<Order> {
    let request = AnswerReturnRequest {
        order_id: order.id.clone(),
        reference: format!("{answer} {}", order.returns.len()),
        return_id: order.returns.last().unwrap().id.clone(),
        answer: answer.to_owned(),
        text: "We are sorry.".to_owned(),
    };
    shop.aftersales.answer_return(&shop.staff, request).await
}

async fn receive(shop: &Shop, order: &Order, mugs: i64) -> Result<Order> {
    let request = ReceiveReturnRequest {
        order_id: order.id.clone(),
        reference: format!("receive {}", order.returns.len()),
        return_id: order.returns.last().unwrap().id.clone(),
        lines: vec![units(order, 0, mugs)],
    };
    shop.aftersales.receive_return(&shop.staff, request).await
}

async fn inspect(shop: &Shop, order: &Order, restocked: i64, written_off: i64) -> Result<Order> {
    let line_id = units(order, 0, 1).line_id;
    let request = InspectReturnRequest {
        order_id: order.id.clone(),
        reference: format!("inspect {restocked} {written_off}"),
        return_id: order.returns.last().unwrap().id.clone(),
        lines: vec![InspectedLine { line_id, restocked, written_off }],
        location_id: String::new(),
    };
    shop.aftersales.inspect_return(&shop.staff, request).await
}

async fn settle(shop: &Shop, order: &Order, resolution: &str) -> Result<Order> {
    let request = SettleReturnRequest {
        order_id: order.id.clone(),
        reference: "settle".to_owned(),
        return_id: order.returns.last().unwrap().id.clone(),
        resolution: resolution.to_owned(),
        shipping: false,
        fees: false,
    };
    shop.aftersales.settle_return(&shop.staff, request).await
}

/// Two mugs are back and looked at: one goes back into stock.
async fn inspected(shop: &Shop, order: &Order) -> Order {
    shop.sent(order, 3).await;
    let asked = ask(shop, order, "r", 2).await.unwrap();
    answer(shop, &asked, "approve").await.unwrap();
    receive(shop, &asked, 2).await.unwrap();
    inspect(shop, &asked, 1, 1).await.unwrap()
}

async fn goods_come_back_and_their_money_goes_back(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let back = inspected(&shop, &order).await;
    assert_eq!((back.lines[0].fulfilled, back.lines[0].returned), (3, 2));
    assert_eq!((shop.around.restocked(shop.mug), shop.around.money().1), (1, 0));
    let settled = settle(&shop, &back, "").await.unwrap();
    assert_eq!((settled.returns[0].state.as_str(), due(&settled)), ("settled", 0));
    assert_eq!(shop.around.money(), (4_489, 1_999));
    let seen = shop.buyers_order(&order).await;
    assert_eq!(seen.returns[0].comment, "The handle is off.");
    assert_eq!(seen.returns[0].answer, "We are sorry.");
    assert_eq!(
        kinds(&seen)[2..],
        [
            "fulfilled",
            "return_requested",
            "return_approved",
            "return_received",
            "return_inspected",
            "return_settled",
            "refunded"
        ]
    );
    shop.check_ledger(&order).await;
}

async fn law_2_no_unit_comes_back_twice_however_many_tabs_ask(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    assert_eq!(ask(&shop, &order, "early", 1).await.unwrap_err().reason(), "QUANTITY_TOO_LARGE");
    shop.sent(&order, 2).await;
    let tabs = (0..6).map(|tab| {
        let (shop, order) = (&shop, &order);
        async move { ask(shop, order, &format!("tab{tab}"), 1).await }
    });
    let (asked, refused): (Vec<_>, Vec<_>) = join_all(tabs).await.into_iter().partition(Result::is_ok);
    assert_eq!(asked.len(), 2, "two mugs were sent");
    assert!(refused.into_iter().all(|answer| answer.unwrap_err().reason() == "QUANTITY_TOO_LARGE"));
}

async fn law_4_a_return_asked_for_twice_is_one(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 3).await;
    let first = ask(&shop, &order, "key", 1).await.unwrap();
    let again = ask(&shop, &order, "key", 1).await.unwrap();
    assert_eq!((first.returns.len(), &first.returns), (1, &again.returns));
    assert_eq!(ask(&shop, &order, "key", 2).await.unwrap_err().reason(), "KEY_REUSED");
    // Staff and buyers have references of their own.
    let by_staff = shop.aftersales.request_return(&shop.staff, request(&order, "key", 1)).await.unwrap();
    assert_eq!(by_staff.returns.len(), 2);
}

async fn a_buyer_asks_with_the_orders_key_only_and_in_time(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 3).await;
    let wrong = RequestReturnRequest { key: "guessed".to_owned(), ..request(&order, "r", 1) };
    let refused = shop.aftersales.request_return(&Ctx::guest(), wrong).await.unwrap_err();
    assert_eq!(refused.reason(), "ORDER_NOT_FOUND");
    shop.test.clock.advance(Duration::from_hours(24 * 30 + 1));
    assert_eq!(ask(&shop, &order, "late", 1).await.unwrap_err().reason(), "RETURN_TOO_LATE");
    let goodwill = shop.aftersales.request_return(&shop.staff, request(&order, "late", 1)).await.unwrap();
    assert_eq!(goodwill.returns[0].state, "requested");
}

async fn a_declined_return_leaves_the_goods_with_the_buyer(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 1).await;
    let asked = ask(&shop, &order, "a", 1).await.unwrap();
    let declined = answer(&shop, &asked, "decline").await.unwrap();
    assert_eq!((declined.returns[0].state.as_str(), shop.around.money().1), ("declined", 0));
    let again = ask(&shop, &order, "b", 1).await.unwrap();
    assert_eq!(again.returns.len(), 2, "the unit may be asked for again");
}

async fn a_return_takes_its_steps_in_order(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 3).await;
    let asked = ask(&shop, &order, "r", 2).await.unwrap();
    for early in
        [receive(&shop, &asked, 2).await, inspect(&shop, &asked, 2, 0).await, settle(&shop, &asked, "").await]
    {
        assert_eq!(early.unwrap_err().reason(), "RETURN_STATE");
    }
    answer(&shop, &asked, "approve").await.unwrap();
    assert_eq!(answer(&shop, &asked, "decline").await.unwrap_err().reason(), "RETURN_STATE");
    assert_eq!(receive(&shop, &asked, 3).await.unwrap_err().reason(), "QUANTITY_TOO_LARGE");
    receive(&shop, &asked, 2).await.unwrap();
    for (restocked, written_off) in [(1, 0), (2, 1), (-1, 3), (i64::MAX, 3)] {
        let refused = inspect(&shop, &asked, restocked, written_off).await.unwrap_err();
        assert_eq!(refused.reason(), "INSPECTION_INCOMPLETE");
    }
    assert_eq!(shop.around.restocked(shop.mug), 0);
}

async fn what_did_not_arrive_may_be_sent_later(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 3).await;
    let asked = ask(&shop, &order, "r", 2).await.unwrap();
    answer(&shop, &asked, "approve").await.unwrap();
    let came = receive(&shop, &asked, 1).await.unwrap();
    assert_eq!((came.lines[0].returned, came.returns[0].lines[0].received), (1, 1));
    let again = ask(&shop, &order, "rest", 2).await.unwrap();
    assert_eq!(again.returns[1].lines[0].quantity, 2);
}

async fn a_return_may_be_kept_as_store_credit(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let back = inspected(&shop, &order).await;
    let settled = settle(&shop, &back, "store_credit").await.unwrap();
    let credit = settled.money.as_ref().unwrap().store_credit.as_ref().unwrap().minor;
    assert_eq!((credit, due(&settled), shop.around.money().1), (1_999, 0, 0));
    assert_eq!(settled.returns[0].resolution, "store_credit");
    shop.check_ledger(&order).await;
}

async fn what_was_let_off_before_is_not_paid_back_twice(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let let_off = argosy_contracts::orders::RefundOrderRequest {
        order_id: order.id.clone(),
        reference: "let off".to_owned(),
        lines: vec![units(&order, 0, 2)],
        ..Default::default()
    };
    shop.aftersales.refund_order(&shop.staff, let_off).await.unwrap();
    assert_eq!(shop.around.money().1, 1_999);
    let back = inspected(&shop, &order).await;
    let settled = settle(&shop, &back, "refund").await.unwrap();
    assert_eq!((shop.around.money().1, due(&settled)), (2_999, 0), "one of the two mugs was not let off");
    shop.check_ledger(&order).await;
}

async fn law_11_what_the_buyer_wrote_is_forgotten_with_them(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let back = inspected(&shop, &order).await;
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    let persons = argosy_orders::persons(database, std::sync::Arc::new(SystemClock));
    let forget = ForgetPersonRequest { email: "Ann@Example.com".to_owned() };
    persons.forget(&shop.staff, forget).await.unwrap();
    let settled = settle(&shop, &back, "").await.unwrap();
    assert!(settled.returns[0].comment.is_empty() && settled.email.is_empty());
    assert_eq!((settled.returns[0].state.as_str(), shop.around.money().1), ("settled", 1_999));
}
