//! A provider of another shape through the same port: the buyer goes there and comes back, and money is held only then.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod disputes;
mod shop;

use argosy_contracts::payments::ListMethodsRequest;
use argosy_kernel::IntentId;
use argosy_testkit::contract_stories;

use crate::shop::{Subject, moved};

contract_stories! {
    the_buyer_approves_there_and_comes_back,
    a_notification_is_asked_about_and_not_believed,
    what_is_not_approved_or_denied_holds_nothing,
    parts_are_taken_and_given_back,
    law_4_an_answer_that_is_lost_is_found_again,
    an_approval_that_comes_too_late_holds_nothing,
    an_outage_is_no_decline_and_other_ways_are_offered,
}

async fn the_buyer_approves_there_and_comes_back(s: Subject) {
    let id = IntentId::new();
    let waits = s.authorise(id).await.unwrap();
    assert_eq!(waits.state, "requires_action");
    assert_eq!(waits.action_url, "https://paypal.example/checkoutnow?token=ORDER1");
    assert_eq!(s.refresh(id).await.unwrap().state, "requires_action", "came back without having approved");
    s.paypal.buyer_approves(&id.to_string(), false);
    assert_eq!(s.refresh(id).await.unwrap().state, "authorised");
    assert_eq!(s.refresh(id).await.unwrap().state, "authorised");
    let captured = s.capture(id, 1_000, "ord_1").await.unwrap();
    assert_eq!(
        (captured.state.as_str(), moved(&captured), s.books(id)),
        ("captured", (1_000, 0), (false, 1_000, 0))
    );
}

async fn a_notification_is_asked_about_and_not_believed(s: Subject) {
    let id = IntentId::new();
    s.authorise(id).await.unwrap();
    let lie = r#"{"event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"X","status":"COMPLETED",
        "supplementary_data":{"related_ids":{"order_id":"ORDER1"}}}}"#;
    s.notify(lie.to_owned()).await.unwrap();
    assert_eq!(s.refresh(id).await.unwrap().state, "requires_action");
    // The buyer has approved and closed the browser.
    let order = s.paypal.buyer_approves(&id.to_string(), false);
    let told = format!(r#"{{"event_type":"CHECKOUT.ORDER.APPROVED","resource":{{"id":"{order}"}}}}"#);
    for _ in 0..2 {
        s.notify(told.clone()).await.unwrap();
    }
    assert_eq!(s.books(id), (true, 0, 0));
    let requests = s.paypal.requests();
    s.notify(r#"{"resource":{"id":"ORDER-OF-ANOTHER"}}"#.to_owned()).await.unwrap();
    s.notify(r#"{"resource":{"id":"../../v1/x"}}"#.to_owned()).await.unwrap();
    assert_eq!(s.paypal.requests(), requests, "nothing is asked about what is not ours");
    assert_eq!(s.notify("{".to_owned()).await.unwrap_err().reason(), "INVALID_MESSAGE");
}

async fn what_is_not_approved_or_denied_holds_nothing(s: Subject) {
    let (given_up, denied) = (IntentId::new(), IntentId::new());
    s.authorise(given_up).await.unwrap();
    assert_eq!(s.void(given_up).await.unwrap().state, "voided");
    s.authorise(denied).await.unwrap();
    s.paypal.buyer_approves(&denied.to_string(), true);
    let failed = s.refresh(denied).await.unwrap();
    assert_eq!((failed.state.as_str(), failed.failure_reason.as_str()), ("failed", "DECLINED"));
    assert_eq!((s.books(given_up), s.books(denied)), ((false, 0, 0), (false, 0, 0)));
}

async fn parts_are_taken_and_given_back(s: Subject) {
    let id = s.held().await;
    let part = s.capture(id, 300, "ord_1").await.unwrap();
    assert_eq!((part.state.as_str(), moved(&part)), ("partially_captured", (300, 0)));
    let whole = s.capture(id, 700, "ord_2").await.unwrap();
    assert_eq!((whole.state.as_str(), moved(&whole)), ("captured", (1_000, 0)));
    let some_back = s.refund(id, 250, "return_1").await.unwrap();
    assert_eq!((some_back.state.as_str(), moved(&some_back)), ("partially_refunded", (1_000, 250)));
    assert_eq!(s.refund(id, 751, "return_2").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE");
    assert_eq!(s.books(id), (false, 1_000, 250));
}

async fn law_4_an_answer_that_is_lost_is_found_again(s: Subject) {
    let id = IntentId::new();
    s.paypal.lose_answer_of("/orders");
    let lost = s.authorise(IntentId::new()).await.unwrap();
    assert_eq!(
        lost.failure_reason, "PROVIDER_AWAY",
        "an order that nobody was told of is approved by nobody"
    );
    assert_eq!(s.authorise(id).await.unwrap().state, "requires_action");
    s.paypal.buyer_approves(&id.to_string(), false);
    s.paypal.lose_answer_of("/authorize");
    assert_eq!(s.refresh(id).await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(s.refresh(id).await.unwrap().state, "authorised");
    s.paypal.lose_answer_of("/capture");
    assert_eq!(s.capture(id, 1_000, "ord_1").await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(moved(&s.capture(id, 1_000, "ord_1").await.unwrap()), (1_000, 0));
    s.paypal.lose_answer_of("/refund");
    assert_eq!(s.refund(id, 100, "return_1").await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(moved(&s.refund(id, 100, "return_1").await.unwrap()), (1_000, 100));
    assert_eq!(s.books(id), (false, 1_000, 100));
}

async fn an_approval_that_comes_too_late_holds_nothing(s: Subject) {
    let id = IntentId::new();
    s.authorise(id).await.unwrap();
    s.void(id).await.unwrap();
    let order = s.paypal.buyer_approves(&id.to_string(), false);
    s.notify(format!(r#"{{"resource":{{"id":"{order}"}}}}"#)).await.unwrap();
    assert_eq!(s.books(id), (false, 0, 0));
    let held = s.held().await;
    assert_eq!(s.void(held).await.unwrap().state, "voided");
    assert_eq!(s.books(held), (false, 0, 0));
}

async fn an_outage_is_no_decline_and_other_ways_are_offered(s: Subject) {
    let offered = async || {
        let methods = s.payments.list_methods(&s.ctx, ListMethodsRequest::default()).await.unwrap().methods;
        methods.into_iter().map(|method| method.provider).collect::<Vec<_>>()
    };
    assert_eq!(offered().await, ["test", "paypal", "manual", "manual"]);
    s.paypal.set_away(true);
    for _ in 0..8 {
        let failed = s.authorise(IntentId::new()).await.unwrap();
        assert_eq!((failed.state.as_str(), failed.failure_reason.as_str()), ("failed", "PROVIDER_AWAY"));
    }
    assert_eq!(offered().await, ["test", "manual", "manual"]);
    let (requests, id) = (s.paypal.requests(), IntentId::new());
    assert_eq!(s.authorise(id).await.unwrap().failure_reason, "PROVIDER_AWAY");
    assert_eq!(s.paypal.requests(), requests, "it is left alone");
    assert_eq!(s.void(id).await.unwrap().state, "failed", "nothing was begun there");
}
