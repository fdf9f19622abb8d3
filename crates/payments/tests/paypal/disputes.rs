//! Disputes at PayPal: asked about, answered once for each time that PayPal asks, and their money counted once.

use std::time::Duration;

use argosy_contracts::payments::{
    AttachEvidenceRequest, Dispute, GetDisputeRequest, ListDisputesRequest, SubmitEvidenceRequest,
};
use argosy_kernel::{IntentId, Result};
use argosy_testkit::contract_stories;
use serde_json::{Value, json};

use crate::shop::{Subject, moved};

const PDF: &[u8] = b"%PDF-1.7 a receipt";

contract_stories! {
    a_dispute_is_asked_about_and_kept_once,
    law_1_money_that_moved_is_counted_once_in_whatever_order_it_is_told,
    law_1_a_dispute_that_is_settled_by_a_refund_is_counted_once,
    a_dispute_that_was_decided_before_it_was_heard_of_is_kept_as_it_is,
    a_dispute_of_no_payment_of_this_shop_changes_nothing,
    a_dispute_in_another_currency_is_not_kept,
    evidence_is_sent_in_paypals_words_and_once,
    law_4_evidence_whose_answer_is_lost_is_not_sent_again,
    evidence_that_paypal_refuses_is_mended_and_sent,
    what_paypal_looks_at_needs_no_evidence_until_it_asks,
    paypal_may_ask_again_and_is_answered_again,
    an_inquiry_answers_the_buyer_and_a_claim_paypal,
    an_inquiry_that_asks_for_evidence_gets_it,
}

impl Subject {
    /// A payment whose money is taken.
    async fn taken(&self) -> IntentId {
        let id = self.held().await;
        self.capture(id, 1_000, "ord_1").await.unwrap();
        self.paypal.set_time("2026-06-01T12:00:00.000Z");
        id
    }

    /// A claim about a payment, in which PayPal waits for the seller.
    fn claim(&self, id: IntentId) -> Value {
        json!({
            "dispute_id": "PP-D-1", "status": "WAITING_FOR_SELLER_RESPONSE", "dispute_life_cycle_stage": "CHARGEBACK",
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "dispute_channel": "INTERNAL",
            "dispute_amount": { "currency_code": "EUR", "value": "10.00" },
            "create_time": "2026-06-01T11:00:00.000Z", "update_time": "2026-06-01T11:00:00.000Z",
            "seller_response_due_date": "2026-06-11T06:59:59.000Z",
            "disputed_transactions": [{ "seller_transaction_id": self.paypal.capture_of(&id.to_string()) }],
            "evidences": [{ "evidence_type": "PROOF_OF_FULFILLMENT", "source": "REQUESTED_FROM_SELLER",
                            "date": "2026-06-01T11:00:00.000Z" }],
        })
    }

    /// PayPal knows that, and says that there is something new.
    async fn happens(&self, dispute: &Value, event: &str) {
        self.paypal.dispute(dispute);
        self.told(dispute, event).await.unwrap();
    }

    async fn told(&self, dispute: &Value, event: &str) -> Result<()> {
        let kind = format!("CUSTOMER.DISPUTE.{event}");
        let message = json!({ "event_type": kind, "resource_type": "dispute", "resource": { "dispute_id": dispute["dispute_id"] } });
        self.notify(message.to_string()).await
    }

    async fn disputes(&self) -> Vec<Dispute> {
        self.payments.list_disputes(&self.ctx, ListDisputesRequest::default()).await.unwrap().disputes
    }

    /// The one that there is.
    async fn dispute(&self) -> Dispute {
        let listed = self.disputes().await;
        assert_eq!(listed.len(), 1, "{listed:?}");
        let request = GetDisputeRequest { dispute_id: listed[0].id.clone() };
        self.payments.get_dispute(&self.ctx, request).await.unwrap()
    }

    async fn attach(&self, kind: &str, text: &str, content: &[u8]) -> Result<Dispute> {
        let file_name = if content.is_empty() { "" } else { "Beleg über alles.pdf" }.to_owned();
        let (dispute_id, kind, text) = (self.dispute().await.id, kind.to_owned(), text.to_owned());
        let request = AttachEvidenceRequest { dispute_id, kind, text, file_name, content: content.to_vec() };
        self.payments.attach_evidence(&self.ctx, request).await
    }

    async fn submit(&self) -> Result<Dispute> {
        let request = SubmitEvidenceRequest { dispute_id: self.dispute().await.id };
        self.payments.submit_evidence(&self.ctx, request).await
    }

    /// What PayPal was given.
    fn given(&self) -> Vec<Value> {
        let dispute = self.paypal.disputed("PP-D-1");
        let all = dispute["evidences"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|one| one["source"] == "SUBMITTED_BY_SELLER").collect()
    }

    /// Some time goes by, at PayPal too.
    fn later(&self, now_there: &str) {
        self.test.clock.advance(Duration::from_hours(1));
        self.paypal.set_time(now_there);
    }
}

/// By name: what is written down at once has no order.
fn happened(dispute: &Dispute) -> Vec<(&str, i64)> {
    let mut all: Vec<_> = dispute.events.iter().map(|event| (event.kind.as_str(), event.amount)).collect();
    all.sort_unstable();
    all
}

fn movement(party: &str, direction: &str, reason: &str, value: &str) -> Value {
    json!({ "affected_party": party, "type": direction, "reason": reason,
            "amount": { "currency_code": "EUR", "value": value }, "initiated_time": "2026-06-09T10:00:00.000Z" })
}

fn resolved(mut dispute: Value, outcome: &str, movements: &[Value]) -> Value {
    dispute["status"] = json!("RESOLVED");
    dispute["dispute_outcome"] = json!({ "outcome_code": outcome });
    dispute["money_movements"] = json!(movements);
    dispute
}

async fn a_dispute_is_asked_about_and_kept_once(s: Subject) {
    let id = s.taken().await;
    let claim = s.claim(id);
    let forged = s.told(&claim, "RESOLVED").await.unwrap_err();
    assert_eq!(forged.reason(), "DISPUTE_NOT_FOUND", "PayPal knows of none");
    for event in ["UPDATED", "CREATED", "UPDATED"] {
        s.happens(&claim, event).await;
    }
    let dispute = s.dispute().await;
    assert_eq!(
        (dispute.state.as_str(), dispute.reason.as_str()),
        ("needs_response", "merchandise_or_service_not_received")
    );
    assert_eq!((dispute.intent_id.clone(), dispute.reference.as_str()), (id.to_string(), "chk_1"));
    assert_eq!((dispute.provider.as_str(), dispute.provider_reference.as_str()), ("paypal", "PP-D-1"));
    assert_eq!((dispute.evidence_due_at_ms, dispute.submitted_at_ms), (1_781_161_199_000, 0));
    assert_eq!(happened(&dispute), [("needs_response", 1_000)]);
    let requests = s.paypal.requests();
    s.notify(json!({ "resource": { "dispute_id": "../../v2/x" } }).to_string()).await.unwrap();
    assert_eq!(s.paypal.requests(), requests, "an id is no path");
    s.paypal.set_away(true);
    assert_eq!(s.told(&claim, "UPDATED").await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
}

async fn law_1_money_that_moved_is_counted_once_in_whatever_order_it_is_told(s: Subject) {
    let claim = s.claim(s.taken().await);
    let out = movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT", "9.60");
    let buyer = movement("BUYER", "CREDIT", "DISPUTE_SETTLEMENT", "10.00");
    let fee = movement("SELLER", "DEBIT", "DISPUTE_FEE", "14.00");
    let lost = resolved(claim.clone(), "RESOLVED_BUYER_FAVOUR", &[buyer.clone(), out.clone(), fee.clone()]);
    s.happens(&lost, "RESOLVED").await;
    s.happens(
        &resolved(claim.clone(), "RESOLVED_BUYER_FAVOUR", &[fee.clone(), out.clone(), buyer.clone()]),
        "UPDATED",
    )
    .await;
    // An older answer, heard late.
    s.happens(&claim, "UPDATED").await;
    assert_eq!(happened(&s.dispute().await), [("fee", 1_400), ("lost", 1_000), ("withdrawn", 960)]);
    let back = [
        movement("SELLER", "CREDIT", "DISPUTE_SETTLEMENT", "9.60"),
        movement("SELLER", "CREDIT", "DISPUTE_FEE", "14.00"),
    ];
    let won = resolved(claim, "RESOLVED_SELLER_FAVOUR", &[&back[..], &[out, fee, buyer]].concat());
    for _ in 0..2 {
        s.happens(&won, "RESOLVED").await;
    }
    let all = [
        ("fee", 1_400),
        ("fee_returned", 1_400),
        ("lost", 1_000),
        ("reinstated", 960),
        ("withdrawn", 960),
        ("won", 1_000),
    ];
    assert_eq!(happened(&s.dispute().await), all);
    let facts = s.test.facts("payments").await;
    let told: Vec<_> = facts.iter().filter(|fact| fact.kind == "payments.dispute_changed").collect();
    assert!(told.last().unwrap().data.contains(r#""kind":"reinstated""#), "{told:?}");
}

async fn law_1_a_dispute_that_is_settled_by_a_refund_is_counted_once(s: Subject) {
    let id = s.taken().await;
    let movements = [
        movement("BUYER", "CREDIT", "DISPUTE_SETTLEMENT", "10.00"),
        movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT", "9.60"),
        movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT_FEE", "0.05"),
    ];
    s.paypal.settles_by_a_refund(&id.to_string(), 1_000);
    s.happens(&resolved(s.claim(id), "ACCEPTED", &movements), "RESOLVED").await;
    s.notify(r#"{"event_type":"PAYMENT.CAPTURE.REVERSED","resource":{"id":"REF","supplementary_data":{"related_ids":{"order_id":"ORDER1"}}}}"#.to_owned()).await.unwrap();
    s.told(&s.claim(id), "UPDATED").await.unwrap();
    assert_eq!(moved(&s.refresh(id).await.unwrap()), (1_000, 1_000));
    assert_eq!(
        happened(&s.dispute().await),
        [("fee", 5), ("lost", 1_000)],
        "it is given back, and not withdrawn as well"
    );
}

async fn a_dispute_that_was_decided_before_it_was_heard_of_is_kept_as_it_is(s: Subject) {
    let claim = s.claim(s.taken().await);
    let out = movement("SELLER", "DEBIT", "DISPUTE_SETTLEMENT", "10.00");
    s.happens(&resolved(claim, "RESOLVED_WITH_PAYOUT", &[out]), "CREATED").await;
    assert_eq!(happened(&s.dispute().await), [("lost", 1_000), ("withdrawn", 1_000)]);
    assert_eq!(s.attach("explanation", "It arrived.", &[]).await.unwrap_err().reason(), "DISPUTE_STATE");
    assert_eq!(s.submit().await.unwrap_err().reason(), "DISPUTE_STATE");
}

async fn a_dispute_of_no_payment_of_this_shop_changes_nothing(s: Subject) {
    let mut claim = s.claim(s.taken().await);
    claim["disputed_transactions"] = json!([{ "seller_transaction_id": "OF-ANOTHER-SHOP" }]);
    s.happens(&claim, "CREATED").await;
    claim["disputed_transactions"] = json!([]);
    s.paypal.dispute(&claim);
    assert_eq!(s.told(&claim, "UPDATED").await.unwrap_err().code(), argosy_kernel::Code::Internal);
    assert!(s.disputes().await.is_empty());
    assert!(s.test.facts("payments").await.iter().all(|fact| fact.kind != "payments.dispute_changed"));
}

async fn a_dispute_in_another_currency_is_not_kept(s: Subject) {
    let mut claim = s.claim(s.taken().await);
    claim["dispute_amount"] = json!({ "currency_code": "USD", "value": "10.00" });
    s.paypal.dispute(&claim);
    assert_eq!(s.told(&claim, "CREATED").await.unwrap_err().code(), argosy_kernel::Code::Internal);
    assert!(s.disputes().await.is_empty());
}

async fn evidence_is_sent_in_paypals_words_and_once(s: Subject) {
    let claim = s.claim(s.taken().await);
    s.happens(&claim, "CREATED").await;
    assert_eq!(s.submit().await.unwrap_err().reason(), "NO_EVIDENCE");
    s.attach("explanation", &"They signed for it. ".repeat(150), &[]).await.unwrap();
    s.attach("shipping_carrier", "Fedex", &[]).await.unwrap();
    s.attach("tracking_number", "122533485", &[]).await.unwrap();
    let large = [PDF, &vec![0; 4_400_000]].concat();
    s.attach("proof_of_delivery", "", &large).await.unwrap();
    assert!(s.given().is_empty(), "nothing is sent before it is submitted");
    let submitted = s.submit().await.unwrap();
    assert_eq!((submitted.state.as_str(), submitted.submitted_at_ms > 0), ("under_review", true));
    let given = s.given();
    let kinds: Vec<_> = given.iter().map(|one| one["evidence_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["OTHER", "OTHER", "DELIVERY_RECEIPT", "PROOF_OF_FULFILLMENT"]);
    assert_eq!(given[2]["documents"][0]["name"], "proof_of_delivery.pdf");
    let parcel = json!({ "carrier_name": "FEDEX", "tracking_number": "122533485" });
    assert_eq!(given[3]["evidence_info"]["tracking_info"], json!([parcel]));
    let requests = s.paypal.requests();
    assert_eq!(s.submit().await.unwrap(), submitted, "asked again");
    assert_eq!((s.given().len(), s.paypal.requests()), (4, requests));
    s.told(&claim, "UPDATED").await.unwrap();
    assert_eq!(s.dispute().await, submitted);
    assert_eq!(s.attach("explanation", "More.", &[]).await.unwrap_err().reason(), "DISPUTE_STATE");
    s.happens(&resolved(claim, "RESOLVED_SELLER_FAVOUR", &[]), "RESOLVED").await;
    let decided = s.dispute().await;
    assert_eq!((decided.state.as_str(), decided.evidence.len()), ("won", 4));
    assert!(
        decided.evidence.iter().all(|one| one.text.is_empty() && one.file_name.is_empty()),
        "{decided:?}"
    );
}

async fn law_4_evidence_whose_answer_is_lost_is_not_sent_again(s: Subject) {
    s.happens(&s.claim(s.taken().await), "CREATED").await;
    s.attach("explanation", "They signed for it.", &[]).await.unwrap();
    s.paypal.lose_answer_of("/provide-evidence");
    assert_eq!(s.submit().await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(
        (s.given().len(), s.dispute().await.submitted_at_ms),
        (1, 0),
        "PayPal has it, and nobody here knows"
    );
    let submitted = s.submit().await.unwrap();
    assert_eq!(
        (submitted.state.as_str(), submitted.submitted_at_ms > 0, s.given().len()),
        ("under_review", true, 1)
    );
}

async fn evidence_that_paypal_refuses_is_mended_and_sent(s: Subject) {
    s.happens(&s.claim(s.taken().await), "CREATED").await;
    s.attach("receipt", "", PDF).await.unwrap();
    s.paypal.refuse("/provide-evidence", "INVALID_EVIDENCE_FILE");
    assert_eq!(s.submit().await.unwrap_err().reason(), "EVIDENCE_REFUSED");
    let open = s.dispute().await;
    assert_eq!((open.state.as_str(), open.submitted_at_ms, s.given().len()), ("needs_response", 0, 0));
    s.attach("receipt", "", b"\x89PNG\r\n\x1a\n a photo").await.unwrap();
    assert_eq!(s.submit().await.unwrap().state, "under_review");
    assert_eq!(s.given()[0]["documents"][0]["name"], "receipt.png");
}

async fn what_paypal_looks_at_needs_no_evidence_until_it_asks(s: Subject) {
    let mut claim = s.claim(s.taken().await);
    s.happens(&claim, "CREATED").await;
    s.attach("explanation", "They signed for it.", &[]).await.unwrap();
    claim["status"] = json!("UNDER_REVIEW");
    s.paypal.dispute(&claim);
    assert_eq!(s.submit().await.unwrap_err().reason(), "DISPUTE_STATE");
    assert_eq!((s.dispute().await.state.as_str(), s.given().len()), ("under_review", 0));
    // Then it asks after all.
    claim["status"] = json!("WAITING_FOR_SELLER_RESPONSE");
    s.happens(&claim, "UPDATED").await;
    assert_eq!(s.dispute().await.state, "needs_response");
    assert_eq!((s.submit().await.unwrap().state.as_str(), s.given().len()), ("under_review", 1));
}

async fn paypal_may_ask_again_and_is_answered_again(s: Subject) {
    let first = s.claim(s.taken().await);
    s.happens(&first, "CREATED").await;
    s.attach("explanation", "They signed for it.", &[]).await.unwrap();
    s.later("2026-06-01T13:00:00.000Z");
    s.submit().await.unwrap();
    s.later("2026-06-01T14:30:00.000Z");
    let mut again = s.paypal.disputed("PP-D-1");
    again["status"] = json!("WAITING_FOR_SELLER_RESPONSE");
    again["update_time"] = json!("2026-06-01T14:30:00.000Z");
    again["seller_response_due_date"] = json!("2026-06-20T06:59:59.000Z");
    again["evidences"].as_array_mut().unwrap().push(json!({
        "evidence_type": "PROOF_OF_RECEIPT_COPY", "source": "REQUESTED_FROM_SELLER", "date": "2026-06-01T14:30:00.000Z",
    }));
    s.happens(&again, "UPDATED").await;
    let asked = s.dispute().await;
    assert_eq!((asked.state.as_str(), asked.submitted_at_ms), ("needs_response", 0));
    assert_eq!(asked.evidence_due_at_ms, 1_781_938_799_000);
    s.attach("receipt", "", PDF).await.unwrap();
    s.later("2026-06-01T15:30:00.000Z");
    assert_eq!(s.submit().await.unwrap().state, "under_review");
    let now = s.dispute().await;
    assert_eq!((s.given().len(), now.submitted_at_ms > 0), (3, true), "one, and then both");
    // An answer from before, heard late, does not open it anew.
    let there = s.paypal.disputed("PP-D-1");
    s.happens(&again, "UPDATED").await;
    assert_eq!(s.dispute().await.state, "under_review");
    s.happens(&there, "UPDATED").await;
    assert_eq!(s.dispute().await.submitted_at_ms, now.submitted_at_ms);
}

async fn an_inquiry_answers_the_buyer_and_a_claim_paypal(s: Subject) {
    let mut dispute = s.claim(s.taken().await);
    let mut claim = dispute.clone();
    dispute["dispute_life_cycle_stage"] = json!("INQUIRY");
    dispute["status"] = json!("OPEN");
    dispute["evidences"] = json!([]);
    dispute["messages"] = json!([{ "posted_by": "BUYER", "content": "Where is it?" }]);
    s.happens(&dispute, "CREATED").await;
    assert_eq!(s.dispute().await.state, "inquiry");
    s.attach("explanation", "It is on its way.", &[]).await.unwrap();
    s.attach("receipt", "", PDF).await.unwrap();
    s.later("2026-06-01T13:00:00.000Z");
    s.paypal.lose_answer_of("/send-message");
    assert_eq!(s.submit().await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    let answered = s.submit().await.unwrap();
    let there = s.paypal.disputed("PP-D-1");
    let messages = there["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(
        (messages[1]["content"].as_str(), messages[1]["documents"][0]["name"].as_str()),
        (Some("It is on its way."), Some("receipt.pdf"))
    );
    assert_eq!(s.given().len(), 0);
    assert_eq!((answered.state.as_str(), answered.submitted_at_ms > 0), ("inquiry_under_review", true));

    s.later("2026-06-01T14:00:00.000Z");
    claim["update_time"] = json!("2026-06-01T13:30:00.000Z");
    s.happens(&claim, "UPDATED").await;
    let asked = s.dispute().await;
    assert_eq!(
        (asked.state.as_str(), asked.submitted_at_ms),
        ("needs_response", 0),
        "the buyer made a claim of it"
    );
    let submitted = s.submit().await.unwrap();
    assert_eq!(
        (submitted.state.as_str(), s.given().len()),
        ("under_review", 2),
        "what was said before is sent to PayPal"
    );
}

async fn an_inquiry_that_asks_for_evidence_gets_it(s: Subject) {
    let mut dispute = s.claim(s.taken().await);
    dispute["dispute_life_cycle_stage"] = json!("INQUIRY");
    s.happens(&dispute, "CREATED").await;
    s.attach("tracking_number", "122533485", &[]).await.unwrap();
    s.later("2026-06-01T13:00:00.000Z");
    assert_eq!(s.submit().await.unwrap().state, "inquiry_under_review");
    assert_eq!((s.given().len(), s.paypal.disputed("PP-D-1")["messages"].clone()), (1, Value::Null));
    s.later("2026-06-01T15:00:00.000Z");
    let mut claim = s.paypal.disputed("PP-D-1");
    claim["dispute_life_cycle_stage"] = json!("CHARGEBACK");
    claim["status"] = json!("WAITING_FOR_SELLER_RESPONSE");
    claim["update_time"] = json!("2026-06-01T14:30:00.000Z");
    s.happens(&claim, "UPDATED").await;
    let asked = s.dispute().await;
    assert_eq!((asked.state.as_str(), asked.submitted_at_ms), ("needs_response", 0), "the claim asks anew");
    s.submit().await.unwrap();
    assert_eq!(s.given().len(), 2);
}
