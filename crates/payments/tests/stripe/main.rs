//! Cards through Stripe, against localstripe as a server of its own.
//!
//! What localstripe lacks the gateway adds, see there. It sends messages only when a payment succeeds or fails, so those
//! of other kinds are made here from what it answers, and signed as Stripe signs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cards;
mod logs;
mod shop;
mod wallets;

use argosy_contracts::payments::{
    AttachEvidenceRequest, GetDisputeRequest, HandleWebhookRequest, ListDisputesRequest, ListMethodsRequest,
    PaymentsClient, SubmitEvidenceRequest, VoidRequest,
};
use argosy_kernel::{Code, Ctx, IntentId};
use argosy_testkit::{
    Call, Engine, Mode, contract_stories, eventually,
    servers::stripe_gateway::{ASKS_THE_BANK, DECLINED, Fate, GOOD, READ},
};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    routing::post,
};

use crate::shop::{Subject, WEBHOOK_SECRET, message, moved};

contract_stories! {
    a_card_is_charged_and_captured,
    a_declined_card_is_an_answer,
    a_wrong_token_is_refused_and_nothing_stays_open,
    three_d_secure_goes_through_the_bank,
    three_d_secure_that_fails_is_a_decline,
    a_message_may_come_before_the_answer,
    law_4_a_timeout_after_the_charge_charges_once,
    law_4_a_payment_that_stripe_was_not_told_of_charges_nothing,
    law_4_a_capture_whose_answer_is_lost_is_done_once,
    law_4_a_refund_whose_answer_is_lost_is_done_once,
    too_many_requests_are_made_again_under_their_key,
    messages_that_come_twice_or_late_change_nothing,
    messages_that_stripe_has_not_signed_are_refused,
    what_is_left_of_a_partial_capture_is_let_go,
    what_the_merchant_refunds_at_stripe_counts_here,
    what_the_merchant_captures_at_stripe_pays_the_order,
    a_payment_that_was_let_go_holds_nothing,
    money_held_for_a_payment_that_came_to_nothing_is_let_go,
    law_4_a_charge_given_up_while_stripe_was_away_is_let_go_when_it_is_back,
    while_stripe_is_away_other_ways_are_offered,
    stripe_is_offered_again_after_a_while_and_one_buyer_finds_out,
    a_dispute_is_asked_about_and_answered_once,
    localstripe_itself_sends_messages,
}

async fn a_card_is_charged_and_captured(s: Subject) {
    let id = s.held().await;
    let captured = s.capture(id, 1_000, "ord_1").await.unwrap();
    assert_eq!((captured.state.as_str(), moved(&captured)), ("captured", (1_000, 0, 0)));
    assert_eq!(s.capture(id, 1_000, "ord_1").await.unwrap(), captured, "once per reference");
    let at_stripe = s.the_one_at_stripe(id).await;
    assert_eq!(
        (at_stripe["status"].as_str(), at_stripe["amount"].as_i64()),
        (Some("succeeded"), Some(1_000))
    );
    for seen in s.gateway.seen() {
        assert_eq!(seen.version.as_deref(), Some("2025-03-31.basil"), "{seen:?}");
        let is_ours = seen.key.as_ref().is_some_and(|key| key.starts_with(&id.to_string()));
        assert!(is_ours || seen.method == Method::GET, "every change has a key made from ours: {seen:?}");
    }
}

async fn a_declined_card_is_an_answer(s: Subject) {
    let id = IntentId::new();
    let declined = s.authorise(id, &s.token(DECLINED).await).await.unwrap();
    assert_eq!((declined.state.as_str(), declined.failure_reason.as_str()), ("failed", "DECLINED"));
    assert!(!declined.failure_text.is_empty());
    assert_eq!(s.capture(id, 1, "ord_1").await.unwrap_err().reason(), "INTENT_STATE");
}

async fn a_wrong_token_is_refused_and_nothing_stays_open(s: Subject) {
    let id = IntentId::new();
    assert_eq!(s.authorise(id, "pm_unknown").await.unwrap_err().reason(), "INVALID_TOKEN");
    assert_eq!(s.authorise(id, "tok_ok").await.unwrap_err().reason(), "INVALID_TOKEN");
    assert_eq!(s.authorise(id, "pm_1/../x").await.unwrap_err().reason(), "INVALID_TOKEN");
    assert_eq!(s.void(id).await.unwrap().state, "voided");
    assert!(s.at_stripe(id).await.is_empty(), "nothing was made known with it");
}

async fn three_d_secure_goes_through_the_bank(s: Subject) {
    let id = IntentId::new();
    let waits = s.authorise(id, &s.token(ASKS_THE_BANK).await).await.unwrap();
    assert_eq!(waits.state, "requires_action");
    assert!(waits.action_url.starts_with("https://bank.example/3ds?back=https://shop.example/"), "{waits:?}");
    assert!(waits.client_secret.starts_with("pi_"));
    s.bank_says(id, true).await;
    s.tell("payment_intent.amount_capturable_updated", &s.the_one_at_stripe(id).await).await.unwrap();
    let held = s.intent(id).await;
    assert_eq!((held.state.as_str(), held.client_secret.as_str()), ("authorised", ""));
    assert_eq!(moved(&s.capture(id, 1_000, "ord_1").await.unwrap()), (1_000, 0, 0));
}

async fn three_d_secure_that_fails_is_a_decline(s: Subject) {
    let id = IntentId::new();
    s.authorise(id, &s.token(ASKS_THE_BANK).await).await.unwrap();
    s.bank_says(id, false).await;
    let failed = s.refresh(id).await;
    assert_eq!((failed.state.as_str(), failed.failure_reason.as_str()), ("failed", "NOT_AUTHENTICATED"));
}

async fn a_message_may_come_before_the_answer(s: Subject) {
    let (id, token) = (IntentId::new(), s.token(GOOD).await);
    s.gateway.next("/confirm", Fate::AnswerLost);
    let both = async {
        tokio::join!(s.authorise(id, &token), async {
            let held = "Stripe has charged the card";
            eventually(held, || async {
                s.at_stripe(id).await.first().is_some_and(|one| one["status"] == "requires_capture")
            })
            .await;
            s.tell("payment_intent.amount_capturable_updated", &s.the_one_at_stripe(id).await).await.unwrap();
            assert_eq!(s.intent(id).await.state, "authorised");
        })
    };
    assert_eq!(both.await.0.unwrap().state, "authorised");
    assert_eq!(s.at_stripe(id).await.len(), 1);
}

async fn law_4_a_timeout_after_the_charge_charges_once(s: Subject) {
    let (id, token) = (IntentId::new(), s.token(GOOD).await);
    s.gateway.next("/confirm", Fate::AnswerLost);
    s.gateway.next("/confirm", Fate::DoneThenBroken);
    s.gateway.next(READ, Fate::Broken);
    s.gateway.next(READ, Fate::Broken);
    let unknown = s.authorise(id, &token).await.unwrap_err();
    assert_eq!((unknown.code(), unknown.reason()), (Code::Unavailable, "PROVIDER_UNAVAILABLE"));
    assert_eq!(s.intent(id).await.state, "processing", "nobody knows");
    assert_eq!(s.refresh(id).await.state, "authorised", "found without the token");
    assert_eq!(s.authorise(id, &token).await.unwrap().state, "authorised");
    assert_eq!(moved(&s.capture(id, 1_000, "ord_1").await.unwrap()), (1_000, 0, 0));
    assert_eq!(s.at_stripe(id).await.len(), 1);
}

async fn law_4_a_payment_that_stripe_was_not_told_of_charges_nothing(s: Subject) {
    let (id, token) = (IntentId::new(), s.token(GOOD).await);
    s.gateway.next("payment_intents", Fate::Broken);
    s.gateway.next("payment_intents", Fate::Broken);
    let failed = s.authorise(id, &token).await.unwrap();
    assert_eq!((failed.state.as_str(), failed.failure_reason.as_str()), ("failed", "PROVIDER_AWAY"));
    assert_eq!(s.authorise(id, &token).await.unwrap(), failed, "its id is spent");
    assert_eq!(s.void(id).await.unwrap().state, "failed");
    assert!(s.at_stripe(id).await.is_empty());
}

async fn law_4_a_capture_whose_answer_is_lost_is_done_once(s: Subject) {
    let id = s.held().await;
    s.gateway.next("/capture", Fate::AnswerLost);
    s.gateway.next("/capture", Fate::DoneThenBroken);
    assert_eq!(s.capture(id, 1_000, "ord_1").await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(s.capture(id, 1, "ord_2").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE", "it is under way");
    assert_eq!(s.capture(id, 999, "ord_1").await.unwrap_err().reason(), "INTENT_MISMATCH");
    let captured = s.capture(id, 1_000, "ord_1").await.unwrap();
    assert_eq!((captured.state.as_str(), moved(&captured)), ("captured", (1_000, 0, 0)));
}

async fn law_4_a_refund_whose_answer_is_lost_is_done_once(s: Subject) {
    let id = s.held().await;
    s.capture(id, 1_000, "ord_1").await.unwrap();
    s.gateway.next("refunds", Fate::Broken);
    s.gateway.next("refunds", Fate::Broken);
    assert_eq!(s.refund(id, 300, "return_1").await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    // Whoever asked has died. It is gone on with in the background.
    s.test.clock.advance(std::time::Duration::from_mins(2));
    eventually("the refund is made", || async { moved(&s.intent(id).await) == (1_000, 300, 0) }).await;
    assert_eq!(moved(&s.refund(id, 300, "return_1").await.unwrap()), (1_000, 300, 0), "and was made once");
    let refunds = s.gateway.ask(Method::GET, "refunds", &[]).await.1;
    assert_eq!(refunds["data"].as_array().unwrap().len(), 1);
}

async fn too_many_requests_are_made_again_under_their_key(s: Subject) {
    for path in ["payment_intents", "/confirm"] {
        s.gateway.next(path, Fate::TooMany);
    }
    s.held().await;
    let keys: Vec<_> = s.gateway.seen().into_iter().filter_map(|seen| seen.key).collect();
    assert_eq!((keys.len(), &keys[0], &keys[2]), (4, &keys[1], &keys[3]));
}

async fn messages_that_come_twice_or_late_change_nothing(s: Subject) {
    let id = IntentId::new();
    s.authorise(id, &s.token(ASKS_THE_BANK).await).await.unwrap();
    let waits = s.the_one_at_stripe(id).await;
    s.bank_says(id, true).await;
    let held = s.the_one_at_stripe(id).await;
    s.refresh(id).await;
    s.capture(id, 1_000, "ord_1").await.unwrap();
    let taken = s.the_one_at_stripe(id).await;
    let facts = s.test.facts("payments").await.len();
    for _ in 0..2 {
        s.tell("payment_intent.succeeded", &taken).await.unwrap();
        s.tell("payment_intent.amount_capturable_updated", &held).await.unwrap();
        s.tell("payment_intent.requires_action", &waits).await.unwrap();
    }
    let intent = s.intent(id).await;
    assert_eq!((intent.state.as_str(), moved(&intent)), ("captured", (1_000, 0, 0)));
    assert_eq!(s.test.facts("payments").await.len(), facts, "nothing is told anew");
}

async fn messages_that_stripe_has_not_signed_are_refused(s: Subject) {
    let id = IntentId::new();
    s.authorise(id, &s.token(ASKS_THE_BANK).await).await.unwrap();
    let mut object = s.the_one_at_stripe(id).await;
    object["status"] = "requires_capture".into();
    let body = message("payment_intent.amount_capturable_updated", &object);
    let reason = async |signature: &str| s.deliver(&body, signature).await.unwrap_err().reason().to_owned();
    assert_eq!(reason(&s.signature(&body, "whsec_of_another", 0)).await, "INVALID_SIGNATURE");
    assert_eq!(reason(&s.signature(&body, WEBHOOK_SECRET, 600)).await, "INVALID_SIGNATURE", "too old");
    assert_eq!(reason(&s.signature(&body, WEBHOOK_SECRET, -600)).await, "INVALID_SIGNATURE", "not yet");
    assert_eq!(reason(&s.signature("{}", WEBHOOK_SECRET, 0)).await, "INVALID_SIGNATURE", "another body's");
    assert_eq!(s.intent(id).await.state, "requires_action");
    s.deliver(&body, &s.signature(&body, "whsec_next", 0)).await.unwrap();
    assert_eq!(s.intent(id).await.state, "authorised", "by either secret while one replaces the other");
}

async fn what_is_left_of_a_partial_capture_is_let_go(s: Subject) {
    let id = s.held().await;
    let part = s.capture(id, 600, "ord_1").await.unwrap();
    assert_eq!((part.state.as_str(), moved(&part)), ("partially_captured", (600, 0, 400)));
    assert_eq!(s.capture(id, 400, "ord_2").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE", "it is gone");
    let some_back = s.refund(id, 200, "return_1").await.unwrap();
    assert_eq!((some_back.state.as_str(), moved(&some_back)), ("partially_refunded", (600, 200, 400)));
    assert_eq!(s.refund(id, 401, "return_2").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE");
    let all_back = s.refund(id, 400, "return_3").await.unwrap();
    assert_eq!((all_back.state.as_str(), moved(&all_back)), ("refunded", (600, 600, 400)));
}

async fn what_the_merchant_refunds_at_stripe_counts_here(s: Subject) {
    let id = s.held().await;
    s.capture(id, 1_000, "ord_1").await.unwrap();
    let payment = s.the_one_at_stripe(id).await["id"].as_str().unwrap().to_owned();
    let form = [("payment_intent", payment.as_str()), ("amount", "250")];
    let (_, refund) = s.gateway.ask(Method::POST, "refunds", &form).await;
    s.tell("charge.refunded", &serde_json::json!({ "payment_intent": payment })).await.unwrap();
    s.tell("refund.created", &refund).await.unwrap();
    let intent = s.intent(id).await;
    assert_eq!((intent.state.as_str(), moved(&intent)), ("partially_refunded", (1_000, 250, 0)));
    assert_eq!(s.refund(id, 751, "return_1").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE");
}

/// As they are told to by the audit, when an order was placed and its money could not be taken.
async fn what_the_merchant_captures_at_stripe_pays_the_order(s: Subject) {
    let id = s.held().await;
    let payment = s.the_one_at_stripe(id).await["id"].as_str().unwrap().to_owned();
    s.gateway.ask(Method::POST, &format!("payment_intents/{payment}/capture"), &[]).await;
    s.tell("payment_intent.succeeded", &s.the_one_at_stripe(id).await).await.unwrap();
    assert_eq!(s.intent(id).await.state, "captured");
    for _ in 0..2 {
        let paid = s.capture(id, 1_000, "ord_1").await.unwrap();
        assert_eq!((paid.state.as_str(), moved(&paid)), ("captured", (1_000, 0, 0)));
    }
    assert_eq!(s.capture(id, 1_000, "ord_2").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE", "it paid one");
}

async fn a_payment_that_was_let_go_holds_nothing(s: Subject) {
    let id = s.held().await;
    let gone = s.void(id).await.unwrap();
    assert_eq!((gone.state.as_str(), moved(&gone)), ("voided", (0, 0, 1_000)));
    assert_eq!(s.void(id).await.unwrap(), gone);
    assert_eq!(s.the_one_at_stripe(id).await["status"], "canceled");
    assert_eq!(s.capture(id, 1_000, "ord_1").await.unwrap_err().reason(), "INTENT_STATE");
    let taken = s.held().await;
    s.capture(taken, 1_000, "ord_2").await.unwrap();
    assert_eq!(s.void(taken).await.unwrap_err().reason(), "INTENT_STATE");
}

/// The buyer goes on in an old tab with a payment that was declined here: Stripe would allow it.
async fn money_held_for_a_payment_that_came_to_nothing_is_let_go(s: Subject) {
    let id = IntentId::new();
    s.authorise(id, &s.token(ASKS_THE_BANK).await).await.unwrap();
    let mut failed = s.the_one_at_stripe(id).await;
    failed["status"] = "requires_payment_method".into();
    failed["last_payment_error"] = serde_json::json!({ "code": "card_declined" });
    s.tell("payment_intent.payment_failed", &failed).await.unwrap();
    assert_eq!(s.intent(id).await.state, "failed");
    s.bank_says(id, true).await;
    s.tell("payment_intent.amount_capturable_updated", &s.the_one_at_stripe(id).await).await.unwrap();
    assert_eq!(s.intent(id).await.state, "failed");
    assert_eq!(s.the_one_at_stripe(id).await["status"], "canceled");
}

/// The buyer pays elsewhere meanwhile, so nothing may be taken of it, and what Stripe holds is let go by whoever lives.
async fn law_4_a_charge_given_up_while_stripe_was_away_is_let_go_when_it_is_back(s: Subject) {
    let (id, token) = (IntentId::new(), s.token(GOOD).await);
    s.gateway.next("/confirm", Fate::DoneThenBroken);
    s.gateway.next("/confirm", Fate::DoneThenBroken);
    s.gateway.next(READ, Fate::Broken);
    s.gateway.next(READ, Fate::Broken);
    assert_eq!(s.authorise(id, &token).await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    s.gateway.next("/cancel", Fate::Broken);
    s.gateway.next("/cancel", Fate::Broken);
    let request = VoidRequest { intent_id: id.to_string(), even_if_away: true };
    assert_eq!(s.payments.void(&s.ctx, request).await.unwrap().state, "voided");
    assert_eq!(s.capture(id, 1_000, "ord_1").await.unwrap_err().reason(), "INTENT_STATE");
    s.test.clock.advance(std::time::Duration::from_secs(1));
    eventually("Stripe has let go of it", || async { s.the_one_at_stripe(id).await["status"] == "canceled" })
        .await;
    assert_eq!(moved(&s.intent(id).await), (0, 0, 0));
}

async fn while_stripe_is_away_other_ways_are_offered(mut s: Subject) {
    let offered = async |s: &Subject| {
        let methods = s.payments.list_methods(&s.ctx, ListMethodsRequest::default()).await.unwrap().methods;
        let card = methods.iter().find(|method| method.provider == "stripe").cloned();
        (card.map(|card| card.public_key), methods.iter().any(|method| method.provider == "manual"))
    };
    let token = s.token(GOOD).await;
    assert_eq!(offered(&s).await, (Some("pk_test_shop".to_owned()), true));
    s.server.kill();
    for _ in 0..8 {
        s.gateway.next("payment_intents", Fate::Broken);
    }
    for _ in 0..4 {
        assert_eq!(s.authorise(IntentId::new(), &token).await.unwrap().failure_reason, "PROVIDER_AWAY");
    }
    assert_eq!(offered(&s).await, (None, true));
    let asked = s.gateway.seen().len();
    assert_eq!(s.authorise(IntentId::new(), &token).await.unwrap().failure_reason, "PROVIDER_AWAY");
    assert_eq!(s.gateway.seen().len(), asked, "it is left alone");
}

async fn a_dispute_is_asked_about_and_answered_once(s: Subject) {
    let id = s.held().await;
    s.capture(id, 1_000, "ord_1").await.unwrap();
    let payment = s.the_one_at_stripe(id).await["id"].clone();
    let mut dispute = serde_json::json!({
        "id": "dp_1", "object": "dispute", "status": "needs_response", "reason": "product_not_received",
        "amount": 1_000, "currency": "eur", "payment_intent": payment,
        "evidence_details": { "due_by": 4_102_444_800_i64, "submission_count": 0 },
        "balance_transactions": [{ "id": "txn_1", "amount": -1_000, "currency": "eur", "fee": 1_500 }],
    });
    s.gateway.dispute(&dispute);
    let body = message("charge.dispute.created", &dispute);
    let forged = s.deliver(&body, &s.signature(&body, "whsec_of_another", 0)).await.unwrap_err();
    assert_eq!(forged.reason(), "INVALID_SIGNATURE");
    // In no order, and twice: each only says that there is something to ask.
    for kind in ["funds_withdrawn", "created", "updated", "created"] {
        s.tell(&format!("charge.dispute.{kind}"), &dispute).await.unwrap();
    }
    let listed = s.payments.list_disputes(&s.ctx, ListDisputesRequest::default()).await.unwrap().disputes;
    let dispute_id = listed[0].id.clone();
    assert_eq!((listed.len(), listed[0].state.as_str()), (1, "needs_response"));
    let attach = async |kind: &str, text: &str, content: &[u8]| {
        let request = AttachEvidenceRequest {
            dispute_id: dispute_id.clone(),
            kind: kind.to_owned(),
            text: text.to_owned(),
            file_name: "proof.pdf".to_owned(),
            content: content.to_vec(),
        };
        s.payments.attach_evidence(&s.ctx, request).await.unwrap();
    };
    attach("tracking_number", "00340", &[]).await;
    attach("proof_of_delivery", "", b"%PDF-1.7").await;
    let submit = async || {
        let request = SubmitEvidenceRequest { dispute_id: dispute_id.clone() };
        s.payments.submit_evidence(&s.ctx, request).await
    };
    s.gateway.next("disputes/dp_1", Fate::Broken);
    s.gateway.next("disputes/dp_1", Fate::Broken);
    assert_eq!(submit().await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(submit().await.unwrap().state, "under_review");
    assert!(submit().await.unwrap().submitted_at_ms > 0);
    let sent = s.gateway.disputed("dp_1");
    assert_eq!(sent["evidence_details"]["submission_count"], 1, "a bank reads it one time");
    assert_eq!(sent["sent"]["evidence[shipping_tracking_number]"], "00340");
    assert_eq!(sent["sent"]["evidence[shipping_documentation]"], "file_1");
    assert_eq!(sent["sent"]["submit"], "true");

    dispute["status"] = "won".into();
    dispute["balance_transactions"] = serde_json::json!([
        { "id": "txn_1", "amount": -1_000, "currency": "eur", "fee": 1_500 },
        { "id": "txn_2", "amount": 1_000, "currency": "eur", "fee": 0 },
    ]);
    s.gateway.dispute(&dispute);
    s.tell("charge.dispute.funds_reinstated", &dispute).await.unwrap();
    s.tell("charge.dispute.closed", &dispute).await.unwrap();
    let request = GetDisputeRequest { dispute_id: dispute_id.clone() };
    let won = s.payments.get_dispute(&s.ctx, request).await.unwrap();
    let mut moved: Vec<_> = won.events.iter().map(|event| (event.kind.as_str(), event.amount)).collect();
    moved.sort_unstable();
    let all = [
        ("fee", 1_500),
        ("needs_response", 1_000),
        ("reinstated", 1_000),
        ("under_review", 1_000),
        ("withdrawn", 1_000),
        ("won", 1_000),
    ];
    assert_eq!(moved, all);
}

async fn stripe_is_offered_again_after_a_while_and_one_buyer_finds_out(s: Subject) {
    let is_offered = async || {
        let methods = s.payments.list_methods(&s.ctx, ListMethodsRequest::default()).await.unwrap();
        methods.methods.iter().any(|method| method.provider == "stripe")
    };
    let token = s.token(GOOD).await;
    for _ in 0..8 {
        s.gateway.next("payment_intents", Fate::Broken);
    }
    for _ in 0..4 {
        s.authorise(IntentId::new(), &token).await.unwrap();
    }
    assert!(!is_offered().await);
    s.test.clock.advance(std::time::Duration::from_secs(5));
    assert!(is_offered().await, "or nobody would ever find out");
    assert_eq!(s.authorise(IntentId::new(), &token).await.unwrap().state, "authorised");
    assert!(is_offered().await);
}

/// Its own message about a capture, over HTTP, signed by it.
async fn localstripe_itself_sends_messages(s: Subject) {
    async fn take(State(payments): State<PaymentsClient>, headers: HeaderMap, body: Bytes) -> StatusCode {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let request = HandleWebhookRequest { provider: "stripe".to_owned(), headers, body: body.to_vec() };
        match payments.handle_webhook(&Ctx::system("test"), request).await {
            Ok(_) => StatusCode::NO_CONTENT,
            Err(_) => StatusCode::BAD_REQUEST,
        }
    }
    let door = Router::new().route("/webhooks", post(take)).with_state(s.payments.clone());
    let address = s.test.serve_http(door).await;
    let url = format!("http://{address}/webhooks");
    s.gateway.listen_to(&url, WEBHOOK_SECRET).await;
    let id = s.held().await;
    // Captured at Stripe by the merchant: only its message tells.
    let path = format!("payment_intents/{}/capture", s.the_one_at_stripe(id).await["id"].as_str().unwrap());
    assert_eq!(s.gateway.ask(Method::POST, &path, &[]).await.0, 200);
    eventually("localstripe has told", || async { s.intent(id).await.state == "captured" }).await;
    assert_eq!(moved(&s.intent(id).await), (1_000, 0, 0));
}

/// Of a purchase, a decline, a refund, and a card that is saved.
#[tokio::test]
async fn nothing_of_a_card_is_kept_or_logged() {
    let logged = logs::Logged::all();
    let s = Subject::start(Mode { engine: Engine::Sqlite, call: Call::Local }).await;
    let (good, bad) = (s.token(GOOD).await, s.token(DECLINED).await);
    let id = IntentId::new();
    s.authorise(id, &good).await.unwrap();
    s.capture(id, 1_000, "ord_1").await.unwrap();
    s.refund(id, 100, "return_1").await.unwrap();
    s.authorise(IntentId::new(), &bad).await.unwrap();
    assert_eq!(s.authorise(IntentId::new(), GOOD).await.unwrap_err().reason(), "INVALID_TOKEN");
    s.authorise(IntentId::new(), "pm_that_is_none").await.unwrap_err();
    s.deliver("{}", "t=1,v1=00").await.unwrap_err();
    let fingerprint = cards::fingerprint_of_a_decline(&s).await;
    // A card that is remembered, and paid with again: its brand and last four digits are kept, and no more.
    let wallet_key = wallets::remember_and_pay_again(&s).await;
    let told = format!("{:?}", s.test.facts("payments").await);
    let mut places = vec![("facts".to_owned(), told.into_bytes()), ("logs".to_owned(), logged.bytes())];
    places.extend(logs::files_in(s.test.folder()));
    assert!(
        places.iter().any(|(name, bytes)| name.ends_with("payments.db") && !bytes.is_empty()),
        "{:?}",
        places.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    let secrets = [
        GOOD,
        DECLINED,
        &good,
        &bad,
        "pm_that_is_none",
        &wallet_key,
        &fingerprint,
        "sk_test_shop",
        WEBHOOK_SECRET,
    ];
    for (place, bytes) in &places {
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in {place}");
        }
    }
    let intent = id.to_string();
    let shows =
        |(_, bytes): &(String, Vec<u8>)| bytes.windows(intent.len()).any(|part| part == intent.as_bytes());
    assert!(places.iter().any(shows), "the search finds what is there");
    assert!(!logged.bytes().is_empty(), "something is logged");
}
