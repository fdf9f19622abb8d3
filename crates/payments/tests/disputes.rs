//! Disputes: told in any order, answered once, over both call modes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_contracts::{
    common,
    payments::{
        AttachEvidenceRequest, AuthoriseRequest, CaptureRequest, Dispute, GetDisputeRequest,
        HandleWebhookRequest, ListDisputesRequest, PaymentsClient, SubmitEvidenceRequest,
    },
};
use argosy_kernel::{Ctx, IntentId, Result};
use argosy_payments::PaymentsConfig;
use argosy_testkit::{Call, Mode, TestHost, contract_stories};

const PDF: &[u8] = b"%PDF-1.7 a receipt";

struct Subject {
    test: TestHost,
    payments: PaymentsClient,
    ctx: Ctx,
}

contract_stories! {
    a_dispute_is_kept_once_with_the_money_that_moved,
    what_the_bank_decided_stays_decided,
    evidence_is_gathered_and_submitted_once,
    evidence_that_cannot_be_is_refused_by_its_field,
    disputes_are_for_staff,
    a_dispute_of_a_payment_of_nobody_changes_nothing,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let local = argosy_payments::start(&test.host, PaymentsConfig::default()).await.unwrap().payments;
        let payments = match mode.call {
            Call::Local => local,
            Call::Remote => PaymentsClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { test, payments, ctx: Ctx::system("test") }
    }

    /// A payment whose money is taken.
    async fn taken(&self) -> IntentId {
        let id = IntentId::new();
        let amount = Some(common::Money { minor: 1_000, currency: "EUR".to_owned() });
        let request = AuthoriseRequest {
            intent_id: id.to_string(),
            reference: "chk_1".to_owned(),
            amount: amount.clone(),
            provider: "test".to_owned(),
            token: "tok_ok".to_owned(),
            ..AuthoriseRequest::default()
        };
        self.payments.authorise(&self.ctx, request).await.unwrap();
        let request = CaptureRequest { intent_id: id.to_string(), amount, reference: "ord_1".to_owned() };
        self.payments.capture(&self.ctx, request).await.unwrap();
        id
    }

    async fn told(&self, intent: IntentId, state: &str) -> Result<()> {
        let body = format!(r#"{{"dispute":"dp_1","intent_id":"{intent}","state":"{state}"}}"#).into_bytes();
        let request =
            HandleWebhookRequest { provider: "test".to_owned(), body, ..HandleWebhookRequest::default() };
        self.payments.handle_webhook(&self.ctx, request).await.map(|_| ())
    }

    async fn listed(&self) -> Vec<Dispute> {
        self.payments.list_disputes(&self.ctx, ListDisputesRequest::default()).await.unwrap().disputes
    }

    /// The one that there is.
    async fn dispute(&self) -> Dispute {
        let listed = self.listed().await;
        assert_eq!(listed.len(), 1, "{listed:?}");
        let request = GetDisputeRequest { dispute_id: listed[0].id.clone() };
        self.payments.get_dispute(&self.ctx, request).await.unwrap()
    }

    async fn attach(&self, kind: &str, text: &str, content: &[u8]) -> Result<Dispute> {
        let request = AttachEvidenceRequest {
            dispute_id: self.dispute().await.id,
            kind: kind.to_owned(),
            text: text.to_owned(),
            file_name: if content.is_empty() { String::new() } else { "receipt.pdf".to_owned() },
            content: content.to_vec(),
        };
        self.payments.attach_evidence(&self.ctx, request).await
    }

    async fn submit(&self) -> Result<Dispute> {
        let request = SubmitEvidenceRequest { dispute_id: self.dispute().await.id };
        self.payments.submit_evidence(&self.ctx, request).await
    }
}

/// By name: what is written down at once has no order.
fn happened(dispute: &Dispute) -> Vec<(&str, i64)> {
    sorted(dispute.events.iter().map(|event| (event.kind.as_str(), event.amount)).collect())
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all
}

async fn a_dispute_is_kept_once_with_the_money_that_moved(s: Subject) {
    let intent = s.taken().await;
    for _ in 0..3 {
        s.told(intent, "needs_response").await.unwrap();
    }
    let dispute = s.dispute().await;
    assert_eq!((dispute.state.as_str(), dispute.reason.as_str()), ("needs_response", "fraudulent"));
    assert_eq!((dispute.intent_id, dispute.reference.as_str()), (intent.to_string(), "chk_1"));
    assert!(dispute.evidence_due_at_ms > 0 && dispute.id.starts_with("dsp_"));
    let opened = [("needs_response", 1_000), ("withdrawn", 1_000), ("fee", 1_500)];
    assert_eq!(happened(&s.dispute().await), sorted(opened.to_vec()));
    s.told(intent, "won").await.unwrap();
    let back = [("won", 1_000), ("reinstated", 1_000), ("fee_returned", 1_500)];
    assert_eq!(happened(&s.dispute().await), sorted([opened, back].concat()));
    let facts = s.test.facts("payments").await;
    let told: Vec<_> = facts.iter().filter(|fact| fact.kind == "payments.dispute_changed").collect();
    assert_eq!(told.len(), 2, "once each");
    assert!(
        told[1].data.contains(r#""kind":"reinstated""#) && told[1].data.contains(r#""kind":"withdrawn""#)
    );
}

async fn what_the_bank_decided_stays_decided(s: Subject) {
    let intent = s.taken().await;
    s.told(intent, "lost").await.unwrap();
    s.told(intent, "needs_response").await.unwrap();
    s.told(intent, "under_review").await.unwrap();
    assert_eq!(s.dispute().await.state, "lost");
    assert_eq!(s.attach("explanation", "It was them.", &[]).await.unwrap_err().reason(), "DISPUTE_STATE");
    assert_eq!(s.submit().await.unwrap_err().reason(), "DISPUTE_STATE");
}

async fn evidence_is_gathered_and_submitted_once(s: Subject) {
    let intent = s.taken().await;
    s.told(intent, "needs_response").await.unwrap();
    assert_eq!(s.submit().await.unwrap_err().reason(), "NO_EVIDENCE");
    s.attach("explanation", "They did not sign for it.", &[]).await.unwrap();
    s.attach("explanation", "They signed for it.", &[]).await.unwrap();
    let with_file = s.attach("receipt", "", PDF).await.unwrap();
    let pieces: Vec<_> = with_file
        .evidence
        .iter()
        .map(|one| (one.kind.as_str(), one.text.as_str(), one.file_name.as_str(), one.bytes))
        .collect();
    assert_eq!(pieces, [("explanation", "They signed for it.", "", 19), ("receipt", "", "receipt.pdf", 18)]);
    let submitted = s.submit().await.unwrap();
    assert_eq!(submitted.state, "under_review");
    assert!(submitted.submitted_at_ms > 0);
    assert_eq!(s.submit().await.unwrap(), submitted, "asked again");
    assert_eq!(s.attach("receipt", "", PDF).await.unwrap_err().reason(), "DISPUTE_STATE");
    s.told(intent, "won").await.unwrap();
    let decided = s.dispute().await;
    assert!(
        decided.evidence.iter().all(|one| one.text.is_empty() && one.file_name.is_empty()),
        "{decided:?}"
    );
    assert_eq!(decided.evidence.len(), 2, "that there was some is still known");
}

async fn evidence_that_cannot_be_is_refused_by_its_field(s: Subject) {
    let intent = s.taken().await;
    s.told(intent, "needs_response").await.unwrap();
    let pointer = async |kind: &str, text: &str, content: &[u8]| {
        s.attach(kind, text, content).await.unwrap_err().fields()[0].pointer.clone()
    };
    assert_eq!(pointer("nonsense", "x", &[]).await, "/kind");
    assert_eq!(pointer("explanation", "", &[]).await, "/text");
    assert_eq!(pointer("explanation", "x", PDF).await, "/content");
    assert_eq!(pointer("receipt", "x", &[]).await, "/file_name");
    assert_eq!(pointer("receipt", "", b"<html>").await, "/content");
    let large = [PDF, &vec![0; 2_400_000]].concat();
    s.attach("receipt", "", &large).await.unwrap();
    s.attach("receipt", "", &large).await.unwrap();
    assert_eq!(pointer("correspondence", "", &large).await, "/content", "together they are too large");
    assert_eq!(s.dispute().await.evidence.len(), 1);
}

async fn disputes_are_for_staff(s: Subject) {
    s.told(s.taken().await, "needs_response").await.unwrap();
    let id = s.dispute().await.id;
    let guest = Ctx::guest();
    let listed = s.payments.list_disputes(&guest, ListDisputesRequest::default()).await.unwrap_err();
    let submitted =
        s.payments.submit_evidence(&guest, SubmitEvidenceRequest { dispute_id: id }).await.unwrap_err();
    assert_eq!((listed.reason(), submitted.reason()), ("STAFF_ONLY", "STAFF_ONLY"));
    let wrong = ListDisputesRequest { state: "open".to_owned(), ..ListDisputesRequest::default() };
    let refused = s.payments.list_disputes(&s.ctx, wrong).await.unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/state");
}

async fn a_dispute_of_a_payment_of_nobody_changes_nothing(s: Subject) {
    assert_eq!(s.told(IntentId::new(), "lost").await.unwrap_err().reason(), "INVALID_MESSAGE");
    assert!(s.listed().await.is_empty());
}
