//! Changes of what was ordered.

use argosy_contracts::{
    common::Address,
    orders::{AddedLine, DecideEditRequest, FulfilOrderRequest, Order, ProposeEditRequest},
};
use argosy_kernel::Result;
use argosy_testkit::{Mode, contract_stories};

use crate::{
    shop::{Shop, due, units},
    world::{Stock, eur},
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start(mode).await)
    }
}

contract_stories! {
    a_change_is_proposed_with_what_it_costs_and_then_applied,
    what_was_taken_out_is_owed_and_what_came_in_is_sent_and_invoiced_like_the_rest,
    law_2_what_was_added_and_has_sold_out_leaves_the_order_again,
    law_4_a_change_is_applied_once,
    a_change_that_cannot_be_made_any_more_changes_nothing,
    an_order_that_is_canceled_is_not_changed,
    a_parcel_goes_to_the_new_address,
    wrong_changes_name_the_field,
}

fn change(order: &Order) -> ProposeEditRequest {
    ProposeEditRequest {
        order_id: order.id.clone(),
        reference: "p".to_owned(),
        ..ProposeEditRequest::default()
    }
}

async fn propose(shop: &Shop, request: ProposeEditRequest) -> Result<Order> {
    shop.aftersales.propose_edit(&shop.staff, request).await
}

fn decide(order: &Order, reference: &str) -> DecideEditRequest {
    let (order_id, reference) = (order.id.clone(), reference.to_owned());
    DecideEditRequest { order_id, reference, edit_id: order.edits.last().unwrap().id.clone() }
}

async fn apply(shop: &Shop, order: &Order) -> Result<Order> {
    shop.aftersales.apply_edit(&shop.staff, decide(order, "apply")).await
}

/// A mug out, two cups in.
async fn a_mug_for_two_cups(shop: &Shop, order: &Order) -> Order {
    let add = vec![AddedLine { variant_id: shop.cup.to_string(), quantity: 2, unit_price: None }];
    let request = ProposeEditRequest { remove: vec![units(order, 0, 1)], add, ..change(order) };
    propose(shop, request).await.unwrap()
}

async fn a_change_is_proposed_with_what_it_costs_and_then_applied(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let proposed = a_mug_for_two_cups(&shop, &order).await;
    let edit = &proposed.edits[0];
    assert_eq!((edit.state.as_str(), edit.difference.clone()), ("proposed", eur(1_000)));
    assert_eq!((proposed.lines.len(), due(&proposed)), (2, 0), "nothing has changed yet");
    assert!(shop.buyers_order(&order).await.edits.is_empty());
    let applied = apply(&shop, &proposed).await.unwrap();
    assert_eq!((applied.edits[0].state.as_str(), due(&applied)), ("applied", 1_000));
    let current: Vec<i64> = applied.lines.iter().map(|line| line.current).collect();
    assert_eq!(current, [2, 1, 2]);
    assert_eq!((shop.around.restocked(shop.mug), shop.around.restocked(shop.cup)), (1, -2));
    shop.check_ledger(&order).await;
    let dropped = shop.aftersales.drop_edit(&shop.staff, decide(&applied, "drop")).await.unwrap_err();
    assert_eq!(dropped.reason(), "EDIT_STATE");
}

async fn what_was_taken_out_is_owed_and_what_came_in_is_sent_and_invoiced_like_the_rest(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request = ProposeEditRequest { remove: vec![units(&order, 0, 3)], ..change(&order) };
    let proposed = propose(&shop, request).await.unwrap();
    assert_eq!(proposed.edits[0].difference, eur(-2_999));
    assert_eq!(due(&apply(&shop, &proposed).await.unwrap()), -2_999, "staff say when it goes back");
    let add = vec![AddedLine { variant_id: shop.mug.to_string(), quantity: 1, unit_price: None }];
    let more = ProposeEditRequest { reference: "p2".to_owned(), add, ..change(&order) };
    let proposed = propose(&shop, more).await.unwrap();
    let request = DecideEditRequest { reference: "apply 2".to_owned(), ..decide(&proposed, "") };
    let now = shop.aftersales.apply_edit(&shop.staff, request).await.unwrap();
    assert_eq!(due(&now), -1_999);
    let (order_id, reference) = (order.id.clone(), "all".to_owned());
    let send = FulfilOrderRequest { order_id, reference, ..FulfilOrderRequest::default() };
    let done = shop.aftersales.fulfil_order(&shop.staff, send).await.unwrap();
    assert_eq!((done.fulfilment_status.as_str(), done.lines[2].fulfilled), ("fulfilled", 1));
    let papers = argosy_contracts::orders::IssuePapersRequest { order_id: order.id.clone() };
    let invoiced = shop.aftersales.issue_papers(&shop.staff, papers).await.unwrap();
    assert_eq!(invoiced.papers[0].total, eur(1_000 + 1_000 + 490));
    shop.check_ledger(&order).await;
}

async fn law_2_what_was_added_and_has_sold_out_leaves_the_order_again(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let proposed = a_mug_for_two_cups(&shop, &order).await;
    shop.around.world().stock = Stock::JustGone;
    let now = apply(&shop, &proposed).await.unwrap();
    assert_eq!((now.lines[2].ordered, now.lines[2].current, due(&now)), (2, 0, 0));
    // What the mug cost goes back: there are no cups to pay for with it.
    assert_eq!((shop.around.restocked(shop.cup), shop.around.money().1), (0, 1_000));
    shop.check_ledger(&order).await;
}

async fn law_4_a_change_is_applied_once(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let proposed = a_mug_for_two_cups(&shop, &order).await;
    shop.around.world().stock = Stock::Gone;
    let again = a_mug_for_two_cups(&shop, &order).await;
    assert_eq!(again.edits.len(), 1, "the same reference is the same proposal");
    shop.around.world().stock = Stock::There;
    apply(&shop, &proposed).await.unwrap();
    let replayed = apply(&shop, &proposed).await.unwrap();
    assert_eq!((replayed.lines.len(), due(&replayed)), (3, 1_000));
    let other = shop.aftersales.apply_edit(&shop.staff, decide(&proposed, "another")).await.unwrap_err();
    assert_eq!(other.reason(), "EDIT_STATE");
}

async fn a_change_that_cannot_be_made_any_more_changes_nothing(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request = ProposeEditRequest { remove: vec![units(&order, 0, 1)], ..change(&order) };
    let proposed = propose(&shop, request).await.unwrap();
    shop.sent(&order, 3).await;
    assert_eq!(apply(&shop, &proposed).await.unwrap_err().reason(), "QUANTITY_TOO_LARGE");
    let now = shop.order(&order.id).await;
    assert_eq!((now.edits[0].state.as_str(), due(&now), shop.around.restocked(shop.mug)), ("proposed", 0, 0));
    let rest = argosy_contracts::orders::CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "rest".to_owned(),
        ..Default::default()
    };
    shop.aftersales.cancel_order(&shop.staff, rest).await.unwrap();
    let dropped = shop.aftersales.drop_edit(&shop.staff, decide(&now, "drop")).await.unwrap();
    assert_eq!(dropped.edits[0].state, "dropped");
}

async fn an_order_that_is_canceled_is_not_changed(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let proposed = a_mug_for_two_cups(&shop, &order).await;
    let whole = argosy_contracts::orders::CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "whole".to_owned(),
        ..Default::default()
    };
    shop.aftersales.cancel_order(&shop.staff, whole).await.unwrap();
    assert_eq!(apply(&shop, &proposed).await.unwrap_err().reason(), "ORDER_STATE");
    let request = ProposeEditRequest { reference: "p2".to_owned(), ..change(&order) };
    let add = vec![AddedLine { variant_id: shop.cup.to_string(), quantity: 1, unit_price: None }];
    let refused = propose(&shop, ProposeEditRequest { add, ..request }).await.unwrap_err();
    assert_eq!(refused.reason(), "ORDER_STATE");
    assert_eq!((shop.around.restocked(shop.cup), shop.around.money()), (1, (4_489, 4_489)));
}

async fn a_parcel_goes_to_the_new_address(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let to = Address { line1: "Hafen 2".to_owned(), ..order.shipping_address.clone().unwrap() };
    let request = ProposeEditRequest { shipping_address: Some(to), ..change(&order) };
    let proposed = propose(&shop, request.clone()).await.unwrap();
    assert!(proposed.edits[0].changes_address);
    let applied = apply(&shop, &proposed).await.unwrap();
    assert_eq!(applied.shipping_address.unwrap().line1, "Hafen 2");
    assert_eq!(applied.billing_address, order.billing_address);
    let nowhere = Address { country: "XX".to_owned(), ..order.shipping_address.unwrap() };
    let wrong = ProposeEditRequest { shipping_address: Some(nowhere), reference: "p2".to_owned(), ..request };
    let refused = propose(&shop, wrong).await.unwrap_err();
    assert_eq!(&*refused.fields()[0].pointer, "/shipping_address/country");
}

async fn wrong_changes_name_the_field(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let refusal = async |add: Vec<AddedLine>| {
        let refused = propose(&shop, ProposeEditRequest { add, ..change(&order) }).await.unwrap_err();
        refused.fields()[0].pointer.clone()
    };
    let line = |variant_id: &str, quantity| AddedLine {
        variant_id: variant_id.to_owned(),
        quantity,
        unit_price: None,
    };
    let cup = shop.cup.to_string();
    assert_eq!(refusal(Vec::new()).await, "/add");
    assert_eq!(refusal(vec![line("cup", 1)]).await, "/add/0/variant_id");
    assert_eq!(refusal(vec![line(&cup, 1), line(&cup, 0)]).await, "/add/1/quantity");
    assert_eq!(refusal(vec![line(&cup, 1_001)]).await, "/add/0/quantity", "there are a thousand");
}
