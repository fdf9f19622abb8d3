//! Changes at prices that staff agree on, of delivery too, and units that are sent again for nothing.

use argosy_contracts::orders::{
    AddedLine, CancelOrderRequest, DecideEditRequest, IssuePapersRequest, LineQuantity, Order,
    ProposeEditRequest, RefundOrderRequest, ReplaceUnitsRequest,
};
use argosy_kernel::Ctx;
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
    units_stay_in_the_order_at_another_price_and_their_stock_is_not_touched,
    law_2_of_more_units_at_another_price_only_the_rest_is_taken_from_stock,
    another_way_of_shipping_costs_what_its_rate_says,
    delivery_at_an_agreed_price_is_invoiced_and_given_back_like_the_one_that_was_sold,
    what_came_in_after_the_invoice_is_another_invoice,
    a_delivery_that_was_proposed_before_the_present_one_is_not_applied,
    units_are_sent_again_and_nobody_pays_for_them,
    law_4_units_are_sent_again_once,
    law_2_what_sold_out_meanwhile_is_not_sent_again,
    wrong_agreements_name_the_field_and_change_nothing,
}

fn change(order: &Order, reference: &str) -> ProposeEditRequest {
    ProposeEditRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        ..ProposeEditRequest::default()
    }
}

impl Shop {
    async fn proposed(&self, request: ProposeEditRequest) -> Order {
        self.aftersales.propose_edit(&self.staff, request).await.unwrap()
    }

    fn decision(order: &Order, edit: usize) -> DecideEditRequest {
        let edit_id = order.edits[edit].id.clone();
        DecideEditRequest { order_id: order.id.clone(), reference: format!("apply {edit_id}"), edit_id }
    }

    async fn applied(&self, proposed: &Order) -> Order {
        let last = proposed.edits.len() - 1;
        self.aftersales.apply_edit(&self.staff, Self::decision(proposed, last)).await.unwrap()
    }

    fn at(&self, minor: i64, quantity: i64) -> Vec<AddedLine> {
        vec![AddedLine { variant_id: self.mug.to_string(), quantity, unit_price: eur(minor) }]
    }
}

async fn units_stay_in_the_order_at_another_price_and_their_stock_is_not_touched(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    // All there is of them is in the order already.
    shop.around.world().stock = Stock::Gone;
    let request =
        ProposeEditRequest { remove: vec![units(&order, 0, 3)], add: shop.at(800, 3), ..change(&order, "p") };
    let proposed = shop.proposed(request).await;
    assert_eq!(proposed.edits[0].difference, eur(2_400 - 2_999));
    let now = shop.applied(&proposed).await;
    assert_eq!((now.lines[0].current, now.lines[2].current, due(&now)), (0, 3, -599));
    assert_eq!(now.lines[2].line.as_ref().unwrap().unit_price, eur(800));
    assert_eq!(shop.around.restocked(shop.mug), 0);
    shop.check_ledger(&order).await;
    let rest = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "all".to_owned(),
        ..CancelOrderRequest::default()
    };
    let canceled = shop.aftersales.cancel_order(&shop.staff, rest).await.unwrap();
    assert_eq!((canceled.status.as_str(), shop.around.restocked(shop.mug)), ("canceled", 3));
    assert_eq!(shop.around.money(), (4_489, 4_489));
}

async fn law_2_of_more_units_at_another_price_only_the_rest_is_taken_from_stock(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request =
        ProposeEditRequest { remove: vec![units(&order, 0, 1)], add: shop.at(800, 4), ..change(&order, "p") };
    let now = shop.applied(&shop.proposed(request).await).await;
    assert_eq!(shop.around.restocked(shop.mug), -3);
    assert_eq!(due(&now), 4 * 800 - 1_000);
    shop.check_ledger(&order).await;
}

async fn another_way_of_shipping_costs_what_its_rate_says(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request = ProposeEditRequest { shipping_option_id: "express".to_owned(), ..change(&order, "p") };
    let proposed = shop.proposed(request).await;
    let edit = &proposed.edits[0];
    assert_eq!((edit.difference.clone(), edit.shipping.as_ref().unwrap().id.as_str()), (eur(800), "express"));
    assert_eq!((due(&proposed), proposed.shipping.as_ref().unwrap().id.as_str()), (0, "post"));
    let now = shop.applied(&proposed).await;
    assert_eq!((due(&now), now.shipping.as_ref().unwrap().id.as_str()), (800, "express"));
    assert_eq!(shop.buyers_order(&order).await.shipping.unwrap().id, "express");
    shop.check_ledger(&order).await;
}

async fn delivery_at_an_agreed_price_is_invoiced_and_given_back_like_the_one_that_was_sold(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let papers = || IssuePapersRequest { order_id: order.id.clone() };
    shop.aftersales.issue_papers(&shop.staff, papers()).await.unwrap();
    let request = ProposeEditRequest { shipping_price: eur(119), ..change(&order, "p") };
    let now = shop.applied(&shop.proposed(request).await).await;
    assert_eq!((due(&now), now.shipping.as_ref().unwrap().price.clone()), (119 - 490, eur(119)));
    let papered = shop.aftersales.issue_papers(&shop.staff, papers()).await.unwrap();
    let told: Vec<_> = papered.papers.iter().map(|one| (one.kind.as_str(), one.total.clone())).collect();
    assert_eq!(told, [("invoice", eur(4_489)), ("credit_note", eur(371))]);
    let refund = RefundOrderRequest {
        order_id: order.id.clone(),
        reference: "post".to_owned(),
        shipping: true,
        ..RefundOrderRequest::default()
    };
    let refunded = shop.aftersales.refund_order(&shop.staff, refund).await.unwrap();
    assert_eq!(refunded.refunds.last().unwrap().amount, eur(119), "what it costs now, not what it cost once");
    shop.check_ledger(&order).await;
}

async fn what_came_in_after_the_invoice_is_another_invoice(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let papers = || IssuePapersRequest { order_id: order.id.clone() };
    shop.aftersales.issue_papers(&shop.staff, papers()).await.unwrap();
    let request = ProposeEditRequest {
        remove: vec![units(&order, 1, 1)],
        add: shop.at(1_500, 1),
        ..change(&order, "p")
    };
    shop.applied(&shop.proposed(request).await).await;
    let papered = shop.aftersales.issue_papers(&shop.staff, papers()).await.unwrap();
    let total = |number: &str| papered.papers.iter().find(|one| one.number == number).unwrap().total.clone();
    assert_eq!(["INV-000001", "CN-000001", "INV-000002"].map(total), [eur(4_489), eur(1_000), eur(1_500)]);
    let again = shop.aftersales.issue_papers(&shop.staff, papers()).await.unwrap();
    assert_eq!(again.papers.len(), 3, "all of it is on paper");
}

async fn a_delivery_that_was_proposed_before_the_present_one_is_not_applied(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let cheap = ProposeEditRequest { shipping_price: eur(100), ..change(&order, "first") };
    shop.proposed(cheap).await;
    let express = ProposeEditRequest { shipping_option_id: "express".to_owned(), ..change(&order, "second") };
    let proposed = shop.proposed(express).await;
    let now = shop.applied(&proposed).await;
    assert_eq!(due(&now), 800);
    let refused = shop.aftersales.apply_edit(&shop.staff, Shop::decision(&now, 0)).await.unwrap_err();
    assert_eq!(refused.reason(), "EDIT_OVERTAKEN");
    assert_eq!(due(&shop.order(&order.id).await), 800);
}

fn replace(order: &Order, line: usize, quantity: i64, reason: &str) -> ReplaceUnitsRequest {
    ReplaceUnitsRequest {
        order_id: order.id.clone(),
        reference: "claim".to_owned(),
        lines: vec![units(order, line, quantity)],
        reason: reason.to_owned(),
    }
}

async fn units_are_sent_again_and_nobody_pays_for_them(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let papers = IssuePapersRequest { order_id: order.id.clone() };
    shop.aftersales.issue_papers(&shop.staff, papers.clone()).await.unwrap();
    shop.sent(&order, 3).await;
    let now = shop.aftersales.replace_units(&shop.staff, replace(&order, 0, 2, "damaged")).await.unwrap();
    assert_eq!((now.lines.len(), now.lines[2].current, now.lines[2].fulfilled, due(&now)), (3, 2, 0, 0));
    let line = now.lines[2].line.as_ref().unwrap();
    assert_eq!((line.variant_id.clone(), line.total.clone()), (shop.mug.to_string(), eur(0)));
    assert_eq!(line.trace[0].rule, "replacement");
    assert_eq!(now.fulfilment_status, "partially_fulfilled");
    assert_eq!((shop.around.restocked(shop.mug), shop.around.money()), (-2, (4_489, 0)));
    let told = shop.buyers_order(&order).await.events.last().unwrap().text.clone();
    assert_eq!(told, "2 units are sent again (damaged).");
    let papered = shop.aftersales.issue_papers(&shop.staff, papers).await.unwrap();
    assert_eq!(papered.papers.len(), 1, "nothing is to be paid for it");
    shop.check_ledger(&order).await;
}

async fn law_4_units_are_sent_again_once(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 3).await;
    let request = replace(&order, 0, 1, "lost");
    shop.aftersales.replace_units(&shop.staff, request.clone()).await.unwrap();
    shop.around.world().stock = Stock::Gone;
    let again = shop.aftersales.replace_units(&shop.staff, request).await.unwrap();
    assert_eq!((again.lines.len(), shop.around.restocked(shop.mug)), (3, -1));
}

async fn law_2_what_sold_out_meanwhile_is_not_sent_again(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 3).await;
    let before = shop.order(&order.id).await;
    shop.around.world().stock = Stock::JustGone;
    let now = shop.aftersales.replace_units(&shop.staff, replace(&order, 0, 1, "lost")).await.unwrap();
    assert_eq!((now.lines[2].ordered, now.lines[2].current, due(&now)), (1, 0, 0));
    assert_eq!((now.money, shop.around.restocked(shop.mug)), (before.money, 0));
    shop.check_ledger(&order).await;
}

async fn wrong_agreements_name_the_field_and_change_nothing(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let pointer = async |request: ProposeEditRequest| {
        let refused = shop.aftersales.propose_edit(&shop.staff, request).await.unwrap_err();
        refused.fields()[0].pointer.clone()
    };
    let p = || change(&order, "p");
    assert_eq!(pointer(ProposeEditRequest { add: shop.at(-1, 1), ..p() }).await, "/add/0/unit_price");
    assert_eq!(pointer(ProposeEditRequest { shipping_price: eur(-1), ..p() }).await, "/shipping_price");
    let nowhere = ProposeEditRequest { shipping_option_id: "balloon".to_owned(), ..p() };
    assert_eq!(pointer(nowhere).await, "/shipping_option_id");
    let refusal = async |ctx: &Ctx, request| shop.aftersales.replace_units(ctx, request).await.unwrap_err();
    let unsent = refusal(&shop.staff, replace(&order, 0, 1, "lost")).await;
    assert_eq!(unsent.reason(), "QUANTITY_TOO_LARGE");
    shop.sent(&order, 3).await;
    assert_eq!(refusal(&shop.staff, replace(&order, 0, 1, "bored")).await.fields()[0].pointer, "/reason");
    let none = ReplaceUnitsRequest { lines: Vec::<LineQuantity>::new(), ..replace(&order, 0, 1, "lost") };
    assert_eq!(refusal(&shop.staff, none).await.fields()[0].pointer, "/lines");
    assert_eq!(refusal(&Ctx::guest(), replace(&order, 0, 1, "lost")).await.reason(), "STAFF_ONLY");
    shop.around.world().stock = Stock::Gone;
    assert_eq!(refusal(&shop.staff, replace(&order, 0, 1, "lost")).await.reason(), "OUT_OF_STOCK");
    assert_eq!(shop.order(&order.id).await.lines.len(), 2);
}
