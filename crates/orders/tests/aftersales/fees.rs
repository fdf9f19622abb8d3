//! Fees after the sale: those of units go with them, those of an order stay.

use argosy_contracts::orders::{
    AddedLine, CancelOrderRequest, DecideEditRequest, ForgetPersonRequest, GetPaperRequest,
    IssuePapersRequest, Order, ProposeEditRequest, ReadLedgerRequest, RefundOrderRequest,
    UpdateCheckoutRequest,
};
use argosy_kernel::{Ctx, SystemClock};
use argosy_testkit::{Mode, contract_stories};

use crate::{
    shop::{Shop, due, units},
    world::eur,
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        let shop = Shop::start(mode).await;
        shop.around.world().wrapped = true;
        Self(shop)
    }
}

contract_stories! {
    law_1_a_wrap_goes_with_its_units_in_whatever_portions_and_the_orders_fee_with_the_last,
    the_fee_of_an_order_is_let_off_once_when_staff_say_so,
    an_edit_keeps_the_fees_and_takes_out_those_of_its_units,
    papers_say_each_fee_and_add_up,
    law_7_a_fee_that_changed_is_told_before_it_is_paid,
    law_11_what_is_written_with_a_gift_is_forgotten_with_the_person,
}

fn cancel(order: &Order, reference: &str, mugs: i64) -> CancelOrderRequest {
    CancelOrderRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        lines: if mugs == 0 { Vec::new() } else { vec![units(order, 0, mugs)] },
        ..CancelOrderRequest::default()
    }
}

async fn account(shop: &Shop, order: &Order, account: &str) -> i64 {
    let request = ReadLedgerRequest { order_id: order.id.clone() };
    let postings = shop.aftersales.read_ledger(&shop.staff, request).await.unwrap().postings;
    let of = postings.iter().filter(|posting| posting.account == account);
    of.map(|posting| posting.amount.as_ref().unwrap().minor).sum()
}

/// Three mugs wrapped for 3.00 each and a cup: 29.99 + 9.00 + 10.00 + 1.99 for the order + 4.90 for delivery = 55.88.
async fn law_1_a_wrap_goes_with_its_units_in_whatever_portions_and_the_orders_fee_with_the_last(s: Subject) {
    let shop = s.0;
    let order = shop.sold().await;
    assert_eq!(order.total, eur(5_588));
    assert_eq!(account(&shop, &order, "fees").await, -(900 - 143) - (199 - 31));
    let one = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c1", 1)).await.unwrap();
    assert_eq!(one.money.as_ref().unwrap().charged, eur(5_588 - 1_000 - 300));
    let two = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c2", 2)).await.unwrap();
    assert_eq!(two.money.as_ref().unwrap().charged, eur(1_000 + 199 + 490), "small as it is, the fee stays");
    assert_eq!(account(&shop, &order, "fees").await, -(199 - 31));
    let none = shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c3", 0)).await.unwrap();
    assert_eq!((none.money.as_ref().unwrap().charged.clone(), due(&none)), (eur(0), 0));
    for name in ["fees", "sales", "tax", "shipping"] {
        assert_eq!(account(&shop, &order, name).await, 0, "{name}");
    }
    assert_eq!(shop.around.money(), (5_588, 5_588));
    shop.check_ledger(&order).await;
}

async fn the_fee_of_an_order_is_let_off_once_when_staff_say_so(s: Subject) {
    let shop = s.0;
    let order = shop.sold().await;
    let request = |reference: &str| RefundOrderRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        fees: true,
        ..RefundOrderRequest::default()
    };
    shop.aftersales.refund_order(&shop.staff, request("kind")).await.unwrap();
    assert_eq!(shop.around.money().1, 199);
    let again = shop.aftersales.refund_order(&shop.staff, request("again")).await.unwrap_err();
    assert_eq!(again.reason(), "NOTHING_OWED");
    let beside = RefundOrderRequest { amount: eur(1), ..request("both") };
    let beside = shop.aftersales.refund_order(&shop.staff, beside).await.unwrap_err();
    assert_eq!(beside.fields()[0].pointer, "/amount");
    shop.aftersales.cancel_order(&shop.staff, cancel(&order, "all", 0)).await.unwrap();
    assert_eq!(shop.around.money().1, 5_588, "and not a second time with the rest");
    shop.check_ledger(&order).await;
}

async fn an_edit_keeps_the_fees_and_takes_out_those_of_its_units(s: Subject) {
    let shop = s.0;
    let order = shop.sold().await;
    let request = ProposeEditRequest {
        order_id: order.id.clone(),
        reference: "p".to_owned(),
        remove: vec![units(&order, 0, 1)],
        add: vec![AddedLine { variant_id: shop.cup.to_string(), quantity: 2, unit_price: None }],
        ..ProposeEditRequest::default()
    };
    let proposed = shop.aftersales.propose_edit(&shop.staff, request).await.unwrap();
    assert_eq!(proposed.edits[0].difference, eur(2_000 - 1_000 - 300));
    let decide = DecideEditRequest {
        order_id: order.id.clone(),
        reference: "a".to_owned(),
        edit_id: proposed.edits[0].id.clone(),
    };
    let applied = shop.aftersales.apply_edit(&shop.staff, decide).await.unwrap();
    assert_eq!(applied.money.as_ref().unwrap().charged, eur(5_588 + 700));
    assert_eq!(account(&shop, &order, "fees").await, -(600 - 95) - (199 - 31));
    shop.check_ledger(&order).await;
}

async fn papers_say_each_fee_and_add_up(s: Subject) {
    let shop = s.0;
    let order = shop.sold().await;
    let issue = async || {
        let request = IssuePapersRequest { order_id: order.id.clone() };
        let order = shop.aftersales.issue_papers(&shop.staff, request).await.unwrap();
        order.papers.iter().map(|paper| paper.total.as_ref().unwrap().minor).collect::<Vec<_>>()
    };
    assert_eq!(issue().await, [5_588]);
    shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c1", 1)).await.unwrap();
    assert_eq!(issue().await, [5_588, 1_300]);
    shop.aftersales.cancel_order(&shop.staff, cancel(&order, "c2", 0)).await.unwrap();
    assert_eq!(issue().await, [5_588, 1_300, 5_588 - 1_300]);
}

async fn law_7_a_fee_that_changed_is_told_before_it_is_paid(s: Subject) {
    let shop = s.0;
    let checkout = shop.ready("Kai 1", 3).await;
    shop.around.world().wrap_price = 350;
    let told = shop.pay(&checkout, "tok_ok", None).await.unwrap();
    assert_eq!((told.status.as_str(), told.notices[0].code.as_str()), ("ready", "TOTAL_CHANGED"));
    let update = UpdateCheckoutRequest {
        checkout_id: checkout.clone(),
        accepted_notices: vec![told.notices[0].token.clone()],
        ..UpdateCheckoutRequest::default()
    };
    shop.orders.update_checkout(&Ctx::guest(), update).await.unwrap();
    let paid = shop.pay(&checkout, "tok_ok", None).await.unwrap();
    assert_eq!((paid.status.as_str(), shop.order(&paid.order_id).await.total), ("completed", eur(5_738)));
}

async fn law_11_what_is_written_with_a_gift_is_forgotten_with_the_person(s: Subject) {
    let shop = s.0;
    let order = shop.sold().await;
    assert_eq!(order.lines[0].wrap_message, "For <you>");
    assert_eq!(shop.buyers_order(&order).await.lines[0].wrap_message, "For <you>");
    let slip = async || {
        let request = GetPaperRequest {
            order_id: order.id.clone(),
            kind: "packing_slip".to_owned(),
            ..GetPaperRequest::default()
        };
        shop.aftersales.get_paper(&shop.staff, request).await.unwrap().pdf.len()
    };
    let with_message = slip().await;
    let persons = argosy_orders::persons(
        shop.test.host.database(argosy_orders::DATABASE).await.unwrap(),
        std::sync::Arc::new(SystemClock),
    );
    let forget = ForgetPersonRequest { email: "ann@example.com".to_owned() };
    persons.forget(&shop.staff, forget).await.unwrap();
    let now = shop.order(&order.id).await;
    assert_eq!((now.lines[0].wrap_message.as_str(), now.fees.len()), ("", 2), "the amounts stay");
    assert!(slip().await < with_message);
}
