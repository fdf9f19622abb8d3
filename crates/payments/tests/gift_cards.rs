//! Gift cards and store credit as a means of payment.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{sync::Arc, time::Duration};

use argosy_contracts::{
    common,
    payments::{
        AuthoriseRequest, CaptureRequest, GetGiftCardRequest, GiftCard, Intent, IssueGiftCardRequest,
        PaymentsClient, RefreshIntentRequest, RefundRequest, VoidRequest,
    },
};
use argosy_kernel::{Ctx, IntentId, Result};
use argosy_payments::PaymentsConfig;
use argosy_testkit::{Call, Mode, TestHost, contract_stories};

const CODE: &str = "GIFT-2345-6789-ABCD";

struct Subject {
    test: TestHost,
    payments: PaymentsClient,
    ctx: Ctx,
}

contract_stories! {
    a_card_pays_for_all_and_keeps_the_rest,
    law_2_a_card_is_never_overdrawn_by_many_at_once,
    law_4_the_same_payment_holds_and_takes_once,
    what_is_let_go_is_there_again_and_its_payment_is_barred,
    what_is_refunded_is_on_the_card_again,
    a_card_that_cannot_pay_is_a_decline_that_says_why,
    only_staff_issues_cards_and_each_code_once,
    a_code_is_kept_nowhere,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let config = PaymentsConfig { gift_cards: true, ..PaymentsConfig::default() };
        let local = argosy_payments::start(&test.host, config).await.unwrap().payments;
        let payments = match mode.call {
            Call::Local => local,
            Call::Remote => PaymentsClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { test, payments, ctx: Ctx::system("test") }
    }

    async fn issue(&self, code: &str, minor: i64, expires_at_ms: i64) -> Result<GiftCard> {
        let request = IssueGiftCardRequest {
            code: code.to_owned(),
            amount: Some(eur(minor)),
            expires_at_ms,
            note: "for Ann".to_owned(),
        };
        self.payments.issue_gift_card(&self.ctx, request).await
    }

    /// What is on the card, and held of it.
    async fn card(&self) -> (i64, i64) {
        let request = GetGiftCardRequest { code_or_id: CODE.to_owned() };
        let card = self.payments.get_gift_card(&self.ctx, request).await.unwrap();
        let moved = |kinds: &[&str]| -> i64 {
            let of = card.entries.iter().filter(|entry| kinds.contains(&entry.kind.as_str()));
            of.map(|entry| entry.amount).sum()
        };
        let (balance, held) = (card.balance.unwrap().minor, card.held.unwrap().minor);
        assert_eq!(balance, moved(&["issued", "returned"]) - moved(&["taken"]), "the ledger says the same");
        assert_eq!(held, moved(&["held"]) - moved(&["released", "taken"]), "the ledger says the same");
        (balance, held)
    }

    async fn authorise(&self, id: IntentId, minor: i64, code: &str) -> Result<Intent> {
        let request = AuthoriseRequest {
            intent_id: id.to_string(),
            reference: "chk_1".to_owned(),
            amount: Some(eur(minor)),
            provider: "gift_card".to_owned(),
            token: code.to_owned(),
            return_url: String::new(),
            ..AuthoriseRequest::default()
        };
        self.payments.authorise(&self.ctx, request).await
    }

    async fn capture(&self, id: IntentId, minor: i64, reference: &str) -> Result<Intent> {
        let (intent_id, amount, reference) = (id.to_string(), Some(eur(minor)), reference.to_owned());
        self.payments.capture(&self.ctx, CaptureRequest { intent_id, amount, reference }).await
    }

    async fn refund(&self, id: IntentId, minor: i64, reference: &str) -> Result<Intent> {
        let (intent_id, amount, reference) = (id.to_string(), Some(eur(minor)), reference.to_owned());
        self.payments.refund(&self.ctx, RefundRequest { intent_id, amount, reference }).await
    }

    async fn void(&self, id: IntentId) -> Result<Intent> {
        self.payments
            .void(&self.ctx, VoidRequest { intent_id: id.to_string(), ..VoidRequest::default() })
            .await
    }
}

fn eur(minor: i64) -> common::Money {
    common::Money { minor, currency: "EUR".to_owned() }
}

async fn a_card_pays_for_all_and_keeps_the_rest(s: Subject) {
    s.issue(CODE, 5_000, 0).await.unwrap();
    let id = IntentId::new();
    assert_eq!(s.authorise(id, 3_000, "gift-2345-6789-abcd").await.unwrap().state, "authorised");
    assert_eq!(s.card().await, (5_000, 3_000));
    assert_eq!(s.capture(id, 3_000, "ord_1").await.unwrap().state, "captured");
    assert_eq!(s.card().await, (2_000, 0));
    let declined = s.authorise(IntentId::new(), 2_001, CODE).await.unwrap();
    assert_eq!(
        (declined.state.as_str(), declined.failure_reason.as_str()),
        ("failed", "GIFT_CARD_TOO_SMALL")
    );
    assert_eq!(
        declined.failure_text,
        "There is 20.00 EUR on this gift card, which is less than is to be paid."
    );
    assert_eq!(s.authorise(IntentId::new(), 2_000, CODE).await.unwrap().state, "authorised");
}

async fn law_2_a_card_is_never_overdrawn_by_many_at_once(s: Subject) {
    s.issue(CODE, 1_000, 0).await.unwrap();
    let s = Arc::new(s);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let s = Arc::clone(&s);
        asking.spawn(async move {
            let id = IntentId::new();
            let state = s.authorise(id, 300, CODE).await.unwrap().state;
            if state == "authorised" {
                s.capture(id, 300, "ord").await.unwrap();
            }
            state
        });
    }
    let states = asking.join_all().await;
    assert_eq!(states.iter().filter(|state| *state == "authorised").count(), 3, "{states:?}");
    assert_eq!(s.card().await, (100, 0));
}

async fn law_4_the_same_payment_holds_and_takes_once(s: Subject) {
    s.issue(CODE, 1_000, 0).await.unwrap();
    let id = IntentId::new();
    let s = Arc::new(s);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let s = Arc::clone(&s);
        asking.spawn(async move {
            s.authorise(id, 400, CODE).await?;
            s.capture(id, 400, "ord_1").await
        });
    }
    for answer in asking.join_all().await {
        assert_eq!(answer.unwrap().state, "captured");
    }
    assert_eq!(s.card().await, (600, 0));
    let request = RefreshIntentRequest { intent_id: id.to_string() };
    assert_eq!(s.payments.refresh_intent(&s.ctx, request).await.unwrap().captured.unwrap().minor, 400);
}

async fn what_is_let_go_is_there_again_and_its_payment_is_barred(s: Subject) {
    s.issue(CODE, 1_000, 0).await.unwrap();
    let (id, never) = (IntentId::new(), IntentId::new());
    s.authorise(id, 1_000, CODE).await.unwrap();
    for _ in 0..2 {
        assert_eq!(s.void(id).await.unwrap().state, "voided");
    }
    assert_eq!(s.card().await, (1_000, 0));
    assert_eq!(s.authorise(id, 1_000, CODE).await.unwrap().state, "voided");
    assert_eq!(s.capture(id, 1, "ord_1").await.unwrap_err().reason(), "INTENT_STATE");
    s.void(never).await.unwrap();
    assert_eq!(s.authorise(never, 1_000, CODE).await.unwrap_err().reason(), "INTENT_MISMATCH");
    assert_eq!(s.card().await, (1_000, 0));
}

async fn what_is_refunded_is_on_the_card_again(s: Subject) {
    s.issue(CODE, 1_000, 0).await.unwrap();
    let id = IntentId::new();
    s.authorise(id, 1_000, CODE).await.unwrap();
    s.capture(id, 1_000, "ord_1").await.unwrap();
    for _ in 0..2 {
        let refunded = s.refund(id, 300, "return_1").await.unwrap();
        assert_eq!((refunded.state.as_str(), refunded.refunded.unwrap().minor), ("partially_refunded", 300));
    }
    assert_eq!(s.card().await, (300, 0));
    assert_eq!(s.refund(id, 701, "return_2").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE");
    assert_eq!(s.refund(id, 700, "return_2").await.unwrap().state, "refunded");
    assert_eq!(s.card().await, (1_000, 0));
}

async fn a_card_that_cannot_pay_is_a_decline_that_says_why(s: Subject) {
    let end = s.test.host.clock().now().plus(Duration::from_mins(1)).as_millis();
    s.issue(CODE, 1_000, end).await.unwrap();
    let why = async |code: &str, currency: &str| {
        let request = AuthoriseRequest {
            intent_id: IntentId::new().to_string(),
            reference: "chk_1".to_owned(),
            amount: Some(common::Money { minor: 100, currency: currency.to_owned() }),
            provider: "gift_card".to_owned(),
            token: code.to_owned(),
            return_url: String::new(),
            ..AuthoriseRequest::default()
        };
        s.payments.authorise(&s.ctx, request).await.unwrap().failure_reason
    };
    assert_eq!(why("GIFT-0000-0000-0000", "EUR").await, "GIFT_CARD_UNKNOWN");
    assert_eq!(why(CODE, "USD").await, "GIFT_CARD_OTHER_CURRENCY");
    assert_eq!(why(CODE, "EUR").await, "", "it is good until its end");
    s.test.clock.advance(Duration::from_mins(1));
    assert_eq!(why(CODE, "EUR").await, "GIFT_CARD_EXPIRED");
    assert_eq!(s.authorise(IntentId::new(), 1, "short").await.unwrap_err().reason(), "INVALID_TOKEN");
}

async fn only_staff_issues_cards_and_each_code_once(s: Subject) {
    let first = s.issue(CODE, 1_000, 0).await.unwrap();
    assert_eq!(s.issue("gift 2345 6789 abcd", 1_000, 0).await.unwrap(), first, "a repeated command");
    assert_eq!(s.issue(CODE, 1_001, 0).await.unwrap_err().reason(), "GIFT_CARD_EXISTS");
    assert_eq!(s.issue(CODE, 0, 0).await.unwrap_err().fields()[0].pointer, "/amount");
    assert_eq!(s.issue("short", 1, 0).await.unwrap_err().fields()[0].pointer, "/code");
    assert_eq!(s.issue("GIFT-2345-6789-EFGH", 1, 1).await.unwrap_err().fields()[0].pointer, "/expires_at_ms");
    let buyer = Ctx::guest();
    let request = GetGiftCardRequest { code_or_id: CODE.to_owned() };
    assert_eq!(s.payments.get_gift_card(&buyer, request).await.unwrap_err().reason(), "STAFF_ONLY");
    let request = GetGiftCardRequest { code_or_id: first.id.clone() };
    assert_eq!(s.payments.get_gift_card(&s.ctx, request).await.unwrap().hint, "ABCD");
    let request = GetGiftCardRequest { code_or_id: "gift_none".to_owned() };
    assert_eq!(s.payments.get_gift_card(&s.ctx, request).await.unwrap_err().reason(), "GIFT_CARD_NOT_FOUND");
}

async fn a_code_is_kept_nowhere(s: Subject) {
    s.issue(CODE, 1_000, 0).await.unwrap();
    s.authorise(IntentId::new(), 100, CODE).await.unwrap();
    let plain = CODE.replace('-', "");
    let mut files = 0;
    for file in std::fs::read_dir(s.test.folder()).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        files += usize::from(!bytes.is_empty());
        for code in [CODE, &plain] {
            assert!(!bytes.windows(code.len()).any(|part| part == code.as_bytes()), "{}", path.display());
        }
    }
    // On PostgreSQL there are no files of ours to look at.
    let facts = format!("{:?}", s.test.facts("payments").await);
    assert!(facts.contains("intent_changed") && !facts.contains(CODE) && !facts.contains(&plain), "{files}");
}
