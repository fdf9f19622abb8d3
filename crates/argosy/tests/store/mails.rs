//! What buyers are written to after the sale: in their language, each once, and no more once they are forgotten.

use crate::support::{Buyers, Shop};
use argosy_contracts::{
    notifications::{ListMessagesRequest, Message},
    orders::{
        AddedLine, AnswerReturnRequest, CancelOrderRequest, DecideEditRequest, ForgetPersonRequest,
        FulfilOrderRequest, LineQuantity, Order, ProposeEditRequest, RequestReturnRequest, ReturnLine,
        UpdateCheckoutRequest,
    },
};
use argosy_kernel::Ctx;
use argosy_testkit::eventually;

fn staff() -> Ctx {
    Ctx::system("test")
}

async fn messages(buyers: &Buyers<'_>) -> Vec<Message> {
    let request = ListMessagesRequest { limit: 100, cursor: String::new() };
    let mut listed =
        buyers.wiring.notifications().unwrap().list_messages(&staff(), request).await.unwrap().messages;
    listed.reverse();
    listed
}

fn kinds(messages: &[Message]) -> Vec<&str> {
    let mut kinds: Vec<&str> = messages.iter().map(|message| message.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds
}

/// Ann, who reads German, buys so many mugs.
async fn bought(buyers: &Buyers<'_>, mug: &str, quantity: i64) -> Order {
    let checkout = buyers.ready(&buyers.cart(&[(mug, quantity)]).await).await.id;
    let request = UpdateCheckoutRequest {
        checkout_id: checkout.clone(),
        language: Some("de-AT".to_owned()),
        ..UpdateCheckoutRequest::default()
    };
    let told = buyers.wiring.orders().unwrap().update_checkout(&buyers.ctx, request).await.unwrap();
    assert_eq!(told.language, "de-at");
    let done = buyers.pay(&checkout, "tok_ok", "key-1").await.unwrap();
    let id = done.order_id;
    eventually("the money is taken", || async { buyers.order(&id).await.payment_status == "captured" }).await;
    buyers.order(&id).await
}

fn units(order: &Order, quantity: i64) -> Vec<LineQuantity> {
    let line_id = order.lines[0].line.as_ref().unwrap().line_id.clone();
    vec![LineQuantity { line_id, quantity }]
}

async fn send(buyers: &Buyers<'_>, order: &Order, quantity: i64) {
    let request = FulfilOrderRequest {
        order_id: order.id.clone(),
        reference: "send".to_owned(),
        lines: units(order, quantity),
        ..FulfilOrderRequest::default()
    };
    buyers.wiring.aftersales().unwrap().fulfil_order(&staff(), request).await.unwrap();
}

#[tokio::test]
async fn what_becomes_of_an_order_is_told_once_each_in_the_buyers_language() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let mug = buyers.stocked("mug", 20).await;
    let order = bought(&buyers, &mug, 3).await;
    let desk = buyers.wiring.aftersales().unwrap();
    let named = |reference: &str| (order.id.clone(), reference.to_owned());

    let (order_id, reference) = named("cancel");
    let cancel = CancelOrderRequest {
        order_id,
        reference,
        lines: units(&order, 1),
        reason: "out_of_stock".to_owned(),
        ..CancelOrderRequest::default()
    };
    for _ in 0..2 {
        desk.cancel_order(&staff(), cancel.clone()).await.unwrap();
    }
    let (order_id, reference) = named("edit");
    let add = vec![AddedLine { variant_id: mug.clone(), quantity: 1, unit_price: None }];
    let propose = ProposeEditRequest { order_id, reference, add, ..ProposeEditRequest::default() };
    let edit_id = desk.propose_edit(&staff(), propose).await.unwrap().edits[0].id.clone();
    let (order_id, reference) = named("apply");
    desk.apply_edit(&staff(), DecideEditRequest { order_id, reference, edit_id }).await.unwrap();
    send(&buyers, &order, 2).await;
    let (order_id, reference) = named("return");
    let line_id = units(&order, 1)[0].line_id.clone();
    let back = ReturnLine { line_id, quantity: 1, reason: "other".to_owned(), ..ReturnLine::default() };
    let request = RequestReturnRequest {
        order_id,
        reference,
        lines: vec![back],
        resolution: "refund".to_owned(),
        ..RequestReturnRequest::default()
    };
    let return_id = desk.request_return(&staff(), request).await.unwrap().returns[0].id.clone();
    let (order_id, reference) = named("approve");
    let answer = AnswerReturnRequest {
        order_id,
        reference,
        return_id,
        answer: "approve".to_owned(),
        text: String::new(),
    };
    desk.answer_return(&staff(), answer).await.unwrap();

    let expected = [
        "order_changed",
        "order_confirmation",
        "partly_canceled",
        "refunded",
        "return_approved",
        "return_requested",
        "shipped",
    ];
    eventually("all is told", || async {
        let messages = messages(&buyers).await;
        messages.len() >= expected.len() && messages.iter().all(|message| message.state == "sent")
    })
    .await;
    let told = messages(&buyers).await;
    assert_eq!(kinds(&told), expected);
    let subject = |kind: &str| told.iter().find(|message| message.kind == kind).unwrap().subject.clone();
    assert_eq!(subject("shipped"), format!("Argosy: Bestellung {} ist unterwegs", order.number));
    assert_eq!(
        subject("partly_canceled"),
        format!("Argosy: Ein Teil der Bestellung {} wurde storniert", order.number)
    );
    assert!(told.iter().all(|message| message.recipient == "ann@example.com"));
}

#[tokio::test]
async fn law_11_nobody_is_written_to_who_is_forgotten() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let mug = buyers.stocked("mug", 20).await;
    let order = bought(&buyers, &mug, 2).await;
    assert_eq!(order.language, "de-at");
    send(&buyers, &order, 1).await;
    eventually("the parcel is told of", || async { messages(&buyers).await.len() == 2 }).await;
    let forget = ForgetPersonRequest { email: "ann@example.com".to_owned() };
    shop.persons().forget(&staff(), forget).await.unwrap();
    assert_eq!(buyers.order(&order.id).await.language, "", "what she reads is hers");
    let cancel = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "rest".to_owned(),
        ..CancelOrderRequest::default()
    };
    buyers.wiring.aftersales().unwrap().cancel_order(&staff(), cancel).await.unwrap();
    // Another's confirmation comes after all that was told before.
    let mark = bought(&buyers, &mug, 1).await;
    eventually("a later fact is heard", || async {
        messages(&buyers).await.iter().any(|message| message.subject_id == mark.id)
    })
    .await;
    let told = messages(&buyers).await;
    assert_eq!(kinds(&told), ["order_confirmation", "order_confirmation", "shipped"]);
    let of_ann = told.iter().filter(|message| message.subject_id != mark.id);
    assert!(of_ann.clone().count() == 2 && of_ann.into_iter().all(|message| message.recipient.is_empty()));
}

#[tokio::test]
async fn a_shop_may_do_without_some_mails() {
    let shop = Shop::open_with(|settings| {
        settings.notifications.without = vec![argosy_notifications::Kind::Shipped];
    })
    .await;
    let buyers = shop.buyers();
    let mug = buyers.stocked("mug", 20).await;
    let order = bought(&buyers, &mug, 2).await;
    send(&buyers, &order, 1).await;
    let cancel = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "rest".to_owned(),
        ..CancelOrderRequest::default()
    };
    buyers.wiring.aftersales().unwrap().cancel_order(&staff(), cancel).await.unwrap();
    eventually("what came after is told", || async { messages(&buyers).await.len() == 3 }).await;
    assert_eq!(kinds(&messages(&buyers).await), ["order_confirmation", "partly_canceled", "refunded"]);
}
