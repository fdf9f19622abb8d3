//! What the service promises, over both call modes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_contracts::{
    common::{self, ReadPeriodRequest},
    payments::{
        AuthoriseRequest, CaptureRequest, HandleWebhookRequest, Intent, ListMethodsRequest, PaymentsClient,
        RefreshIntentRequest, RefundRequest, VoidRequest,
    },
};
use argosy_kernel::{Code, Ctx, IntentId, Result};
use argosy_payments::{MarketConfig, PaymentsConfig};
use argosy_testkit::{Call, Mode, TestHost, contract_stories, eventually};

struct Subject {
    test: TestHost,
    payments: PaymentsClient,
    ctx: Ctx,
}

contract_stories! {
    a_card_with_a_name_is_told_before_money_is_asked_for_and_once,
    an_authorised_payment_is_captured_once_per_reference,
    law_4_asking_again_after_a_timeout_finds_the_charge,
    law_4_many_at_once_with_one_id_charge_once,
    a_decline_is_an_answer,
    an_action_is_taken_at_the_bank,
    more_is_never_captured_or_refunded_than_there_is,
    a_voided_payment_cannot_be_captured_and_its_id_is_spent,
    a_capture_that_was_not_answered_is_done_once,
    a_payment_by_hand_waits_for_the_merchant,
    a_provider_that_was_surely_not_asked_is_an_answer,
    law_4_a_payment_given_up_while_its_provider_was_away_is_let_go_when_it_is_back,
    a_provider_takes_payments_of_its_market_only,
    wrong_requests_are_refused,
    what_providers_took_and_gave_back_is_told_in_stretches,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let market = MarketConfig { countries: vec!["DE".to_owned()], ..MarketConfig::default() };
        let config = PaymentsConfig {
            provider_timeout_ms: 500,
            resume_interval_ms: 50,
            markets: [("test".to_owned(), market)].into(),
            ..PaymentsConfig::default()
        };
        let local = argosy_payments::start(&test.host, config).await.unwrap().payments;
        let payments = match mode.call {
            Call::Local => local,
            Call::Remote => PaymentsClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { test, payments, ctx: Ctx::system("test") }
    }

    async fn authorise(&self, id: IntentId, provider: &str, token: &str) -> Result<Intent> {
        let request = AuthoriseRequest {
            intent_id: id.to_string(),
            reference: "chk_1".to_owned(),
            amount: Some(eur(1_000)),
            provider: provider.to_owned(),
            token: token.to_owned(),
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

    /// Whether the pretended provider holds money for a payment.
    async fn is_held(&self, id: IntentId) -> bool {
        let database = |name: &str| {
            self.test.host.databases().into_iter().find(|database| database.name() == name).unwrap()
        };
        let books = argosy_payments::books(database("payments"), Some(database("payments_test_provider")));
        let request = common::ReadBooksRequest::default();
        let read = books.read_intents(&Ctx::system("test"), request).await.unwrap().intents;
        let found = read.into_iter().find(|intent| intent.id == id.to_string()).unwrap();
        found.charge.is_some_and(|charge| charge.held)
    }

    async fn bank_says(&self, id: IntentId, approve: bool) -> Result<()> {
        let body = format!(r#"{{"intent_id":"{id}","approve":{approve}}}"#).into_bytes();
        let request =
            HandleWebhookRequest { provider: "test".to_owned(), body, ..HandleWebhookRequest::default() };
        self.payments.handle_webhook(&self.ctx, request).await.map(|_| ())
    }
}

fn eur(minor: i64) -> common::Money {
    common::Money { minor, currency: "EUR".to_owned() }
}

fn minor(money: Option<&common::Money>) -> i64 {
    money.unwrap().minor
}

async fn an_authorised_payment_is_captured_once_per_reference(s: Subject) {
    let id = IntentId::new();
    assert_eq!(s.authorise(id, "test", "tok_ok").await.unwrap().state, "authorised");
    assert_eq!(minor(s.capture(id, 600, "order-1").await.unwrap().captured.as_ref()), 600);
    assert_eq!(minor(s.capture(id, 600, "order-1").await.unwrap().captured.as_ref()), 600);
    let captured = s.capture(id, 400, "order-2").await.unwrap();
    assert_eq!((captured.state.as_str(), minor(captured.captured.as_ref())), ("captured", 1_000));
}

async fn law_4_asking_again_after_a_timeout_finds_the_charge(s: Subject) {
    let id = IntentId::new();
    let unknown = s.authorise(id, "test", "tok_timeout").await.unwrap_err();
    assert_eq!((unknown.code(), unknown.reason()), (Code::Unavailable, "PROVIDER_UNAVAILABLE"));
    assert!(unknown.retry_after().is_some());
    assert_eq!(s.authorise(id, "test", "tok_timeout").await.unwrap().state, "authorised");
    assert_eq!(minor(s.capture(id, 1_000, "order").await.unwrap().captured.as_ref()), 1_000);
}

async fn law_4_many_at_once_with_one_id_charge_once(s: Subject) {
    let id = IntentId::new();
    let s = std::sync::Arc::new(s);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let s = s.clone();
        asking.spawn(async move {
            s.authorise(id, "test", "tok_ok").await?;
            s.capture(id, 1_000, "order").await
        });
    }
    for answer in asking.join_all().await {
        assert_eq!(minor(answer.unwrap().captured.as_ref()), 1_000);
    }
}

async fn a_decline_is_an_answer(s: Subject) {
    let id = IntentId::new();
    let declined = s.authorise(id, "test", "tok_declined").await.unwrap();
    assert_eq!((declined.state.as_str(), declined.failure_reason.as_str()), ("failed", "DECLINED"));
    assert_eq!(s.capture(id, 1, "order").await.unwrap_err().reason(), "INTENT_STATE");
}

async fn an_action_is_taken_at_the_bank(s: Subject) {
    let (approved, refused) = (IntentId::new(), IntentId::new());
    let waiting = s.authorise(approved, "test", "tok_needs_action").await.unwrap();
    assert_eq!(waiting.state, "requires_action");
    assert!(waiting.action_url.ends_with(&approved.to_string()));
    s.bank_says(approved, true).await.unwrap();
    s.bank_says(approved, true).await.unwrap();
    s.bank_says(approved, false).await.unwrap();
    let request = RefreshIntentRequest { intent_id: approved.to_string() };
    assert_eq!(s.payments.refresh_intent(&s.ctx, request).await.unwrap().state, "authorised");
    s.authorise(refused, "test", "tok_needs_action").await.unwrap();
    s.bank_says(refused, false).await.unwrap();
    let request = RefreshIntentRequest { intent_id: refused.to_string() };
    assert_eq!(s.payments.refresh_intent(&s.ctx, request).await.unwrap().state, "failed");
}

async fn more_is_never_captured_or_refunded_than_there_is(s: Subject) {
    let id = IntentId::new();
    s.authorise(id, "test", "tok_ok").await.unwrap();
    assert_eq!(s.capture(id, 1_001, "a").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE");
    s.capture(id, 700, "b").await.unwrap();
    assert_eq!(s.capture(id, 301, "c").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE");
    assert_eq!(s.refund(id, 701, "d").await.unwrap_err().reason(), "AMOUNT_TOO_LARGE");
    assert_eq!(minor(s.refund(id, 700, "e").await.unwrap().refunded.as_ref()), 700);
    assert_eq!(minor(s.refund(id, 700, "e").await.unwrap().refunded.as_ref()), 700);
}

async fn a_voided_payment_cannot_be_captured_and_its_id_is_spent(s: Subject) {
    let (held, unknown) = (IntentId::new(), IntentId::new());
    s.authorise(held, "test", "tok_ok").await.unwrap();
    assert_eq!(s.void(held).await.unwrap().state, "voided");
    assert_eq!(s.void(held).await.unwrap().state, "voided");
    assert_eq!(s.capture(held, 1, "order").await.unwrap_err().reason(), "INTENT_STATE");
    assert_eq!(s.void(unknown).await.unwrap().state, "voided");
    assert_eq!(s.authorise(unknown, "test", "tok_ok").await.unwrap_err().reason(), "INTENT_MISMATCH");
}

async fn a_capture_that_was_not_answered_is_done_once(s: Subject) {
    let id = IntentId::new();
    s.authorise(id, "test", "tok_capture_fails").await.unwrap();
    assert_eq!(s.capture(id, 1_000, "order").await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(minor(s.capture(id, 1_000, "order").await.unwrap().captured.as_ref()), 1_000);
}

async fn a_payment_by_hand_waits_for_the_merchant(s: Subject) {
    let id = IntentId::new();
    let pending = s.authorise(id, "manual", "bank_transfer").await.unwrap();
    assert_eq!(pending.state, "pending");
    assert!(!pending.instructions.is_empty());
    assert_eq!(s.capture(id, 1_000, "received").await.unwrap().state, "captured");
}

async fn a_provider_that_was_surely_not_asked_is_an_answer(s: Subject) {
    let id = IntentId::new();
    let failed = s.authorise(id, "test", "tok_away").await.unwrap();
    assert_eq!((failed.state.as_str(), failed.failure_reason.as_str()), ("failed", "PROVIDER_AWAY"));
    assert_eq!(s.authorise(id, "test", "tok_away").await.unwrap(), failed, "its id is spent");
    assert_eq!(s.capture(id, 1, "order").await.unwrap_err().reason(), "INTENT_STATE");
    assert_eq!(s.authorise(IntentId::new(), "test", "tok_ok").await.unwrap().state, "authorised");
}

async fn law_4_a_payment_given_up_while_its_provider_was_away_is_let_go_when_it_is_back(s: Subject) {
    let id = IntentId::new();
    let unknown = s.authorise(id, "test", "tok_vanishes").await.unwrap_err();
    assert_eq!(unknown.reason(), "PROVIDER_UNAVAILABLE", "it may have charged");
    assert_eq!(s.void(id).await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    let request = VoidRequest { intent_id: id.to_string(), even_if_away: true };
    for _ in 0..2 {
        assert_eq!(s.payments.void(&s.ctx, request.clone()).await.unwrap().state, "voided");
    }
    assert!(s.is_held(id).await, "the provider has not heard of it yet");
    assert_eq!(s.capture(id, 1_000, "order").await.unwrap_err().reason(), "INTENT_STATE", "nothing is taken");
    assert_eq!(s.authorise(id, "test", "tok_vanishes").await.unwrap().state, "voided", "nor held anew");
    s.test.clock.advance(std::time::Duration::from_secs(5));
    eventually("it is let go", || async { !s.is_held(id).await }).await;
}

async fn a_provider_takes_payments_of_its_market_only(s: Subject) {
    let request = |country: &str| AuthoriseRequest {
        intent_id: IntentId::new().to_string(),
        reference: "chk_1".to_owned(),
        amount: Some(eur(1_000)),
        provider: "test".to_owned(),
        token: "tok_ok".to_owned(),
        country: country.to_owned(),
        ..AuthoriseRequest::default()
    };
    let offered = async |country: &str| {
        let request = ListMethodsRequest { country: country.to_owned(), ..ListMethodsRequest::default() };
        let listed = s.payments.list_methods(&s.ctx, request).await.unwrap().methods;
        listed.iter().any(|method| method.provider == "test")
    };
    assert!(offered("DE").await && !offered("FR").await);
    let refused = s.payments.authorise(&s.ctx, request("FR")).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "PROVIDER_NOT_OFFERED"));
    assert_eq!(s.payments.authorise(&s.ctx, request("DE")).await.unwrap().state, "authorised");
}

async fn wrong_requests_are_refused(s: Subject) {
    let id = IntentId::new();
    assert_eq!(s.authorise(id, "paypal", "x").await.unwrap_err().reason(), "PROVIDER_NOT_FOUND");
    assert_eq!(s.authorise(id, "test", "4242424242424242").await.unwrap_err().reason(), "INVALID_TOKEN");
    assert_eq!(s.authorise(id, "test", "tok_other").await.unwrap_err().reason(), "INVALID_TOKEN");
    assert_eq!(s.capture(id, 1, "a").await.unwrap_err().reason(), "INTENT_NOT_FOUND");
    s.authorise(id, "test", "tok_ok").await.unwrap();
    let other = AuthoriseRequest {
        intent_id: id.to_string(),
        reference: "chk_1".to_owned(),
        amount: Some(eur(2_000)),
        provider: "test".to_owned(),
        token: "tok_ok".to_owned(),
        return_url: String::new(),
        ..AuthoriseRequest::default()
    };
    assert_eq!(s.payments.authorise(&s.ctx, other).await.unwrap_err().reason(), "INTENT_MISMATCH");
    assert_eq!(s.capture(id, 0, "a").await.unwrap_err().fields()[0].pointer, "/amount");
    assert_eq!(s.capture(id, 1, "").await.unwrap_err().fields()[0].pointer, "/reference");
}

async fn what_providers_took_and_gave_back_is_told_in_stretches(s: Subject) {
    let (one, two) = (IntentId::new(), IntentId::new());
    for id in [one, two] {
        s.authorise(id, "test", "tok_ok").await.unwrap();
        s.capture(id, 1_000, "order").await.unwrap();
    }
    s.refund(one, 300, "back").await.unwrap();
    let books = argosy_payments::books(s.test.host.database(argosy_payments::DATABASE).await.unwrap(), None);
    let ever = ReadPeriodRequest { limit: 1, from_ms: 0, to_ms: i64::MAX, ..ReadPeriodRequest::default() };
    let (mut told, mut after) = (Vec::new(), String::new());
    loop {
        let read = books.read_moves(&s.ctx, ReadPeriodRequest { after, ..ever.clone() }).await.unwrap();
        told.extend(read.moves);
        if read.next.is_empty() {
            break;
        }
        after = read.next;
    }
    let moves: Vec<(&str, &str, i64)> = told
        .iter()
        .map(|one| (one.provider.as_str(), one.kind.as_str(), minor(one.amount.as_ref())))
        .collect();
    assert_eq!(moves, [("test", "captured", 1_000), ("test", "captured", 1_000), ("test", "refunded", 300)]);
    let before = ReadPeriodRequest { to_ms: told[0].time_ms, ..ever.clone() };
    assert_eq!(books.read_moves(&s.ctx, before).await.unwrap().moves, []);
    let wrong = ReadPeriodRequest { after: "x".to_owned(), ..ever.clone() };
    assert_eq!(books.read_moves(&s.ctx, wrong).await.unwrap_err().fields()[0].pointer, "/after");
    assert_eq!(books.read_moves(&Ctx::guest(), ever).await.unwrap_err().reason(), "STAFF_ONLY");
}

async fn a_card_with_a_name_is_told_before_money_is_asked_for_and_once(s: Subject) {
    let id = IntentId::new();
    let request = |id: IntentId, token: &str| AuthoriseRequest {
        intent_id: id.to_string(),
        reference: "chk_1".to_owned(),
        amount: Some(eur(1_000)),
        provider: "test".to_owned(),
        token: token.to_owned(),
        ..AuthoriseRequest::default()
    };
    let known = s.payments.prepare(&s.ctx, request(id, "tok_declined.blue")).await.unwrap();
    assert_eq!(known.state, "processing");
    assert!(!known.card_fingerprint.is_empty() && !known.card_fingerprint.contains("blue"));
    let declined = s.authorise(id, "test", "tok_declined.blue").await.unwrap();
    assert_eq!((declined.state.as_str(), &declined.card_fingerprint), ("failed", &known.card_fingerprint));
    let again = s.payments.prepare(&s.ctx, request(id, "tok_declined.blue")).await.unwrap();
    assert_eq!((again.state.as_str(), again.card_fingerprint.as_str()), ("failed", ""));
    let good = s.authorise(IntentId::new(), "test", "tok_ok.blue").await.unwrap();
    assert_eq!(good.card_fingerprint, known.card_fingerprint, "whatever it does");
    let other = s.authorise(IntentId::new(), "test", "tok_ok.red").await.unwrap();
    assert_ne!(other.card_fingerprint, known.card_fingerprint);
    let nameless = s.authorise(IntentId::new(), "test", "tok_ok").await.unwrap();
    assert_eq!(nameless.card_fingerprint, "");
}
