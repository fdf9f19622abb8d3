//! Goods that are sold before they are there: what buyers see, agree to, and hear of.

use crate::support::{Buyers, Shop};
use argosy_contracts::{
    inventory::{AdjustRequest, BackorderPolicy, SetBackordersRequest},
    notifications::ListMessagesRequest,
    orders::{CancelOrderRequest, Checkout, Order, UpdateCheckoutRequest},
    pricing::Awaited,
};
use argosy_kernel::Ctx;
use argosy_testkit::{Mode, contract_stories, eventually};

contract_stories! {
    what_is_not_there_is_shown_bought_and_told_anew_when_its_day_changes,
    law_7_a_later_day_must_be_accepted_and_an_earlier_one_not,
    who_needs_it_no_more_hears_nothing,
}

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::open_in(mode, |_| {}).await)
    }
}

async fn expect(buyers: &Buyers<'_>, variant: &str, day: &str) {
    let policy = BackorderPolicy {
        variant_id: variant.to_owned(),
        allowed: true,
        units_max: Some(10),
        expected_on: day.to_owned(),
        preorder: true,
        ..BackorderPolicy::default()
    };
    let request = SetBackordersRequest { policies: vec![policy] };
    buyers.wiring.inventory().unwrap().set_backorders(&buyers.ctx, request).await.unwrap();
}

fn told(awaited: Option<&Awaited>) -> Option<(i64, &str, bool)> {
    awaited.map(|awaited| (awaited.quantity, awaited.expected_on.as_str(), awaited.preorder))
}

fn of_order(order: &Order) -> Option<(i64, &str, bool)> {
    told(order.lines[0].awaited.as_ref())
}

async fn bought(buyers: &Buyers<'_>, variant: &str, quantity: i64, key: &str) -> (Checkout, String) {
    let checkout = buyers.ready(&buyers.cart(&[(variant, quantity)]).await).await;
    let done = buyers.pay(&checkout.id, "tok_ok", key).await.unwrap();
    assert_eq!(done.status, "completed", "{:?}", done.notices);
    let id = done.order_id;
    eventually("the money is taken", || async { buyers.order(&id).await.payment_status == "captured" }).await;
    (checkout, id)
}

/// Kinds of the messages that were written, oldest first.
async fn messages(buyers: &Buyers<'_>) -> Vec<String> {
    let notifications = buyers.wiring.notifications().unwrap();
    let listed = notifications.list_messages(&Ctx::system("test"), ListMessagesRequest::default()).await;
    listed.unwrap().messages.into_iter().rev().map(|message| message.kind).collect()
}

async fn what_is_not_there_is_shown_bought_and_told_anew_when_its_day_changes(subject: Subject) {
    let shop = subject.0;
    let buyers = shop.buyers();
    let atlas = buyers.stocked("atlas", 1).await;
    expect(&buyers, &atlas, "2027-03-12").await;
    let (checkout, id) = bought(&buyers, &atlas, 3, "key-1").await;
    let quote = checkout.quote.unwrap();
    assert_eq!(told(quote.awaited.first()), Some((2, "2027-03-12", true)));
    assert_eq!(of_order(&buyers.order(&id).await), Some((2, "2027-03-12", true)));

    expect(&buyers, &atlas, "2027-04-01").await;
    eventually("the order knows", || async {
        of_order(&buyers.order(&id).await) == Some((2, "2027-04-01", true))
    })
    .await;
    let order = buyers.order(&id).await;
    let said = order.events.iter().find(|event| event.kind == "expected_changed").unwrap();
    assert_eq!(said.text, "The atlas is expected on 1 April 2027.");
    eventually("the buyer knows", || async {
        messages(&buyers).await == ["order_confirmation", "expected_changed"]
    })
    .await;

    let received = AdjustRequest {
        variant_id: atlas,
        delta: 2,
        reference: "delivery".to_owned(),
        reason: "received".to_owned(),
        ..AdjustRequest::default()
    };
    buyers.wiring.inventory().unwrap().adjust(&buyers.ctx, received).await.unwrap();
    eventually("nothing is waited for", || async { of_order(&buyers.order(&id).await).is_none() }).await;
    assert_eq!(messages(&buyers).await.len(), 2, "the parcel will tell that it came");
}

async fn law_7_a_later_day_must_be_accepted_and_an_earlier_one_not(subject: Subject) {
    let shop = subject.0;
    let buyers = shop.buyers();
    let atlas = buyers.stocked("atlas", 0).await;
    expect(&buyers, &atlas, "2027-03-12").await;
    let checkout = buyers.ready(&buyers.cart(&[(&atlas, 1)]).await).await;
    expect(&buyers, &atlas, "2027-04-01").await;
    let asked = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    let notice = &asked.notices[0];
    assert_eq!((asked.status.as_str(), notice.code.as_str()), ("ready", "DATE_CHANGED"));
    assert_eq!(notice.text, "The atlas will be sent from 1 April 2027, later than you last saw.");
    assert_eq!(notice.target, "/lines/0/awaited");

    let accept = UpdateCheckoutRequest {
        checkout_id: checkout.id.clone(),
        accepted_notices: vec![notice.token.clone()],
        ..UpdateCheckoutRequest::default()
    };
    let orders = buyers.wiring.orders().unwrap();
    assert!(orders.update_checkout(&buyers.ctx, accept).await.unwrap().notices.is_empty());
    expect(&buyers, &atlas, "2027-03-20").await;
    let done = buyers.pay(&checkout.id, "tok_ok", "key-2").await.unwrap();
    assert_eq!(done.status, "completed", "earlier is no surprise: {:?}", done.notices);
    assert_eq!(of_order(&buyers.order(&done.order_id).await), Some((1, "2027-03-20", true)));
}

async fn who_needs_it_no_more_hears_nothing(subject: Subject) {
    let shop = subject.0;
    let buyers = shop.buyers();
    let atlas = buyers.stocked("atlas", 0).await;
    expect(&buyers, &atlas, "2027-03-12").await;
    let (_, gone) = bought(&buyers, &atlas, 1, "key-1").await;
    let cancel = CancelOrderRequest {
        order_id: gone.clone(),
        reference: "c1".to_owned(),
        ..CancelOrderRequest::default()
    };
    buyers.wiring.aftersales().unwrap().cancel_order(&Ctx::system("test"), cancel).await.unwrap();
    let (_, kept) = bought(&buyers, &atlas, 1, "key-2").await;
    expect(&buyers, &atlas, "").await;
    eventually("the other hears", || async { of_order(&buyers.order(&kept).await) == Some((1, "", true)) })
        .await;
    let order = buyers.order(&gone).await;
    assert!(order.events.iter().all(|event| event.kind != "expected_changed"));
    assert_eq!(of_order(&order), None);
}
