//! Cancelling, sending, holding.

use argosy_contracts::orders::{
    AnnotateOrderRequest, CancelOrderRequest, ForgetPersonRequest, FulfilOrderRequest, GetOrderRequest,
    HoldOrderRequest, Order, ReleaseOrderRequest,
};
use argosy_kernel::{Code, Ctx, SystemClock};
use argosy_testkit::{Mode, contract_stories};
use futures::future::join_all;

use crate::shop::{Shop, due, kinds, units};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start(mode).await)
    }
}

contract_stories! {
    a_whole_order_is_canceled_with_its_stock_and_its_money,
    a_part_is_canceled_and_no_cent_is_lost_over_its_portions,
    an_order_that_is_paid_by_hand_is_let_go_when_it_is_canceled,
    law_4_the_same_cancellation_again_changes_nothing_and_another_under_its_reference_is_refused,
    law_2_no_unit_is_canceled_and_sent_at_once,
    parcels_leave_in_parts_and_their_buyer_can_follow_them,
    a_sent_order_cannot_be_canceled,
    a_held_order_is_not_sent_until_it_is_released,
    notes_and_tags_are_for_staff,
    law_11_what_staff_noted_is_forgotten_with_the_person,
    only_staff_change_orders,
    an_order_is_found_by_its_number_by_staff_only,
    wrong_requests_name_the_field,
}

fn cancel(order: &Order, reference: &str) -> CancelOrderRequest {
    CancelOrderRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        ..CancelOrderRequest::default()
    }
}

async fn a_whole_order_is_canceled_with_its_stock_and_its_money(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let canceled = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c1")).await.unwrap();
    assert_eq!((canceled.status.as_str(), canceled.payment_status.as_str()), ("canceled", "refunded"));
    assert_eq!((due(&canceled), shop.around.money()), (0, (4_489, 4_489)));
    assert_eq!((shop.around.restocked(shop.mug), shop.around.restocked(shop.cup)), (3, 1));
    assert_eq!(canceled.money.as_ref().unwrap().charged.as_ref().unwrap().minor, 0);
    assert_eq!(kinds(&canceled), ["placed", "payment_captured", "canceled", "refunded"]);
    shop.check_ledger(&order).await;
    let facts = shop.test.facts("orders").await;
    let told: Vec<&str> = facts.iter().map(|fact| fact.kind.as_str()).collect();
    assert_eq!(
        told,
        ["orders.order_placed", "orders.payment_captured", "orders.canceled", "orders.refunded"]
    );
    let again = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c2")).await.unwrap_err();
    assert_eq!(again.reason(), "ORDER_STATE");
}

async fn a_part_is_canceled_and_no_cent_is_lost_over_its_portions(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let mut refunded = Vec::new();
    for portion in ["a", "b", "c"] {
        let request = CancelOrderRequest { lines: vec![units(&order, 0, 1)], ..cancel(&order, portion) };
        let now = shop.aftersales.cancel_order(&shop.staff, request).await.unwrap();
        assert_eq!((now.status.as_str(), due(&now)), ("open", 0));
        refunded.push(shop.around.money().1);
    }
    assert_eq!(refunded, [1_000, 1_999, 2_999], "three mugs cost 29.99");
    let now = shop.order(&order.id).await;
    assert_eq!((now.lines[0].ordered, now.lines[0].current), (3, 0));
    assert_eq!((shop.around.restocked(shop.mug), shop.around.restocked(shop.cup)), (3, 0));
    // The last line takes delivery with it.
    let now = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "d")).await.unwrap();
    assert_eq!((now.status.as_str(), shop.around.money().1), ("canceled", 4_489));
    shop.check_ledger(&order).await;
}

async fn an_order_that_is_paid_by_hand_is_let_go_when_it_is_canceled(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_by_hand().await;
    assert_eq!((order.payment_status.as_str(), due(&order)), ("pending", 4_489));
    let canceled = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c")).await.unwrap();
    assert_eq!((canceled.status.as_str(), canceled.payment_status.as_str()), ("canceled", "voided"));
    assert_eq!((due(&canceled), shop.around.payment_state().as_str()), (0, "voided"));
    assert!(canceled.refunds.is_empty());
}

async fn law_4_the_same_cancellation_again_changes_nothing_and_another_under_its_reference_is_refused(
    subject: Subject,
) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request = CancelOrderRequest { lines: vec![units(&order, 0, 1)], ..cancel(&order, "once") };
    let at_once = join_all((0..5).map(|_| shop.aftersales.cancel_order(&shop.staff, request.clone()))).await;
    assert!(at_once.iter().all(|answer| answer.as_ref().unwrap().lines[0].current == 2));
    assert_eq!((shop.around.money().1, shop.around.restocked(shop.mug)), (1_000, 1));
    let other = CancelOrderRequest { lines: vec![units(&order, 0, 2)], ..request };
    let refused = shop.aftersales.cancel_order(&shop.staff, other).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::InvalidArgument, "KEY_REUSED"));
}

async fn law_2_no_unit_is_canceled_and_sent_at_once(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let change = async |index: usize| {
        let lines = vec![units(&order, 0, 1)];
        let reference = format!("r{index}");
        if index.is_multiple_of(2) {
            let request = CancelOrderRequest { lines, ..cancel(&order, &reference) };
            shop.aftersales.cancel_order(&shop.staff, request).await
        } else {
            let order_id = order.id.clone();
            let request = FulfilOrderRequest { order_id, reference, lines, ..FulfilOrderRequest::default() };
            shop.aftersales.fulfil_order(&shop.staff, request).await
        }
    };
    let answers = join_all((0..8).map(change)).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 3, "there are three mugs");
    assert!(refused.into_iter().all(|answer| answer.unwrap_err().reason() == "QUANTITY_TOO_LARGE"));
    let now = shop.order(&order.id).await;
    assert_eq!(now.lines[0].fulfilled, now.lines[0].current, "each was either sent or canceled");
    assert_eq!(shop.around.restocked(shop.mug), 3 - now.lines[0].fulfilled);
    shop.check_ledger(&order).await;
}

async fn parcels_leave_in_parts_and_their_buyer_can_follow_them(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    assert_eq!(order.fulfilment_status, "unfulfilled");
    let request = FulfilOrderRequest {
        order_id: order.id.clone(),
        reference: "p1".to_owned(),
        lines: vec![units(&order, 0, 2)],
        carrier: "DHL".to_owned(),
        tracking_number: "00340".to_owned(),
        tracking_url: "https://dhl.example/00340".to_owned(),
        ..FulfilOrderRequest::default()
    };
    shop.aftersales.fulfil_order(&shop.staff, request).await.unwrap();
    let seen = shop.buyers_order(&order).await;
    assert_eq!(seen.fulfilment_status, "partially_fulfilled");
    let parcel = &seen.fulfilments[0];
    assert_eq!((parcel.carrier.as_str(), parcel.tracking_url.as_str()), ("DHL", "https://dhl.example/00340"));
    assert_eq!((parcel.lines[0].quantity, seen.lines[0].fulfilled), (2, 2));
    let rest = FulfilOrderRequest {
        order_id: order.id.clone(),
        reference: "p2".to_owned(),
        ..FulfilOrderRequest::default()
    };
    let done = shop.aftersales.fulfil_order(&shop.staff, rest).await.unwrap();
    assert_eq!((done.fulfilment_status.as_str(), done.status.as_str()), ("fulfilled", "completed"));
    let sent: Vec<i64> = done.fulfilments[1].lines.iter().map(|line| line.quantity).collect();
    assert_eq!(sent, [1, 1]);
}

async fn a_sent_order_cannot_be_canceled(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 3).await;
    let request = CancelOrderRequest { lines: vec![units(&order, 0, 1)], ..cancel(&order, "c") };
    let refused = shop.aftersales.cancel_order(&shop.staff, request).await.unwrap_err();
    assert_eq!(
        (refused.reason(), &*refused.fields()[0].pointer),
        ("QUANTITY_TOO_LARGE", "/lines/0/quantity")
    );
    assert_eq!((shop.around.money().1, shop.around.restocked(shop.mug)), (0, 0));
    // What is not sent still can be.
    let rest = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "rest")).await.unwrap();
    assert_eq!((rest.status.as_str(), shop.around.money().1), ("completed", 1_000));
}

async fn a_held_order_is_not_sent_until_it_is_released(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let (order_id, reference) = (order.id.clone(), "h".to_owned());
    let hold = HoldOrderRequest { order_id, reference, reason: "address looks wrong".to_owned() };
    let now = shop.aftersales.hold_order(&shop.staff, hold).await.unwrap();
    assert!(now.held && now.hold_reason == "address looks wrong");
    let seen = shop.buyers_order(&order).await;
    assert!(seen.held && seen.hold_reason.is_empty(), "a buyer is not told why");
    let send = FulfilOrderRequest {
        order_id: order.id.clone(),
        reference: "s".to_owned(),
        ..FulfilOrderRequest::default()
    };
    let refused = shop.aftersales.fulfil_order(&shop.staff, send.clone()).await.unwrap_err();
    assert_eq!(refused.reason(), "ORDER_HELD");
    let release = ReleaseOrderRequest { order_id: order.id.clone(), reference: "r".to_owned() };
    shop.aftersales.release_order(&shop.staff, release.clone()).await.unwrap();
    // The change that was refused left nothing: its reference may be used again.
    let done = shop.aftersales.fulfil_order(&shop.staff, send).await.unwrap();
    assert_eq!(done.fulfilment_status, "fulfilled");
    let twice = ReleaseOrderRequest { reference: "r2".to_owned(), ..release };
    assert_eq!(shop.aftersales.release_order(&shop.staff, twice).await.unwrap_err().reason(), "ORDER_STATE");
}

fn annotate(order: &Order, reference: &str, note: &str, tags: &[&str]) -> AnnotateOrderRequest {
    AnnotateOrderRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        note: note.to_owned(),
        add_tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        remove_tags: Vec::new(),
    }
}

async fn notes_and_tags_are_for_staff(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request = annotate(&order, "n", "Ann called: <b>ring twice</b>", &["vip", "gift"]);
    let noted = shop.aftersales.annotate_order(&shop.staff, request).await.unwrap();
    assert_eq!(noted.tags, ["gift", "vip"]);
    assert_eq!(noted.events.last().unwrap().text, "Ann called: <b>ring twice</b>");
    let seen = shop.buyers_order(&order).await;
    assert!(seen.tags.is_empty() && !kinds(&seen).contains(&"note"));
    let bad = annotate(&order, "n2", "", &["Very Important"]);
    let refused = shop.aftersales.annotate_order(&shop.staff, bad).await.unwrap_err();
    assert_eq!(&*refused.fields()[0].pointer, "/add_tags/0");
}

async fn law_11_what_staff_noted_is_forgotten_with_the_person(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let note = annotate(&order, "n", "Ann called", &[]);
    shop.aftersales.annotate_order(&shop.staff, note).await.unwrap();
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    let persons = argosy_orders::persons(database, std::sync::Arc::new(SystemClock));
    let forget = ForgetPersonRequest { email: "ann@example.com".to_owned() };
    persons.forget(&shop.staff, forget).await.unwrap();
    let now = shop.order(&order.id).await;
    assert!(now.events.iter().all(|event| !event.text.contains("Ann")), "{:?}", now.events);
    let refused = shop.aftersales.annotate_order(&shop.staff, annotate(&order, "m", "Ann", &[])).await;
    assert_eq!(refused.unwrap_err().reason(), "PERSON_FORGOTTEN");
    // The books go on.
    let canceled = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c")).await.unwrap();
    assert_eq!((canceled.status.as_str(), shop.around.money().1), ("canceled", 4_489));
}

async fn only_staff_change_orders(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let refused = shop.aftersales.cancel_order(&Ctx::guest(), cancel(&order, "c")).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::PermissionDenied, "STAFF_ONLY"));
    assert_eq!(shop.order(&order.id).await.status, "open");
}

async fn an_order_is_found_by_its_number_by_staff_only(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let by_number =
        |number: &str| GetOrderRequest { number: number.to_owned(), ..GetOrderRequest::default() };
    let found = shop.orders.get_order(&shop.staff, by_number(&order.number)).await.unwrap();
    assert_eq!(found.id, order.id);
    for unknown in ["999999", "not a number"] {
        let refused = shop.orders.get_order(&shop.staff, by_number(unknown)).await.unwrap_err();
        assert_eq!(refused.reason(), "ORDER_NOT_FOUND");
    }
    let mut guessed = by_number(&order.number);
    guessed.key.clone_from(&order.key);
    assert!(shop.orders.get_order(&Ctx::guest(), guessed).await.is_err(), "numbers can be counted up");
}

async fn wrong_requests_name_the_field(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let refusal = async |request: FulfilOrderRequest| {
        let refused = shop.aftersales.fulfil_order(&shop.staff, request).await.unwrap_err();
        assert_eq!(refused.reason(), "INVALID_FIELD");
        refused.fields()[0].pointer.clone()
    };
    let good = || FulfilOrderRequest {
        order_id: order.id.clone(),
        reference: "s".to_owned(),
        ..FulfilOrderRequest::default()
    };
    assert_eq!(refusal(FulfilOrderRequest { reference: String::new(), ..good() }).await, "/reference");
    let script = FulfilOrderRequest { tracking_url: "javascript:alert(1)".to_owned(), ..good() };
    assert_eq!(refusal(script).await, "/tracking_url");
    let lines = vec![units(&order, 0, 0)];
    assert_eq!(refusal(FulfilOrderRequest { lines, ..good() }).await, "/lines/0/quantity");
    let mut unknown = units(&order, 0, 1);
    "line_unknown".clone_into(&mut unknown.line_id);
    assert_eq!(refusal(FulfilOrderRequest { lines: vec![unknown], ..good() }).await, "/lines/0/line_id");
}
