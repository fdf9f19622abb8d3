//! What Stripe knows a card by: told before money is asked for, and with a decline.

use argosy_contracts::payments::{AuthoriseRequest, Intent};
use argosy_kernel::{IntentId, Result};
use argosy_testkit::{
    contract_stories,
    servers::stripe_gateway::{ASKS_THE_BANK, DECLINED, GOOD},
};
use axum::http::Method;

use crate::shop::{Subject, eur};

contract_stories! {
    a_card_is_told_before_it_is_charged_and_charged_once,
    a_card_is_the_same_by_another_token_and_another_one_is_not,
    a_card_that_is_declined_is_told_with_the_answer,
    a_card_that_fails_at_the_bank_was_told_before,
    a_token_that_is_none_is_refused_before_money_is_asked_for,
}

impl Subject {
    async fn prepare(&self, id: IntentId, token: &str) -> Result<Intent> {
        let request = AuthoriseRequest {
            intent_id: id.to_string(),
            reference: "chk_1".to_owned(),
            amount: Some(eur(1_000)),
            provider: "stripe".to_owned(),
            token: token.to_owned(),
            ..AuthoriseRequest::default()
        };
        self.payments.prepare(&self.ctx, request).await
    }
}

/// The fingerprint that the answer of a declined payment tells.
pub(crate) async fn fingerprint_of_a_decline(s: &Subject) -> String {
    let declined = s.authorise(IntentId::new(), &s.token(DECLINED).await).await.unwrap();
    assert!(!declined.card_fingerprint.is_empty());
    declined.card_fingerprint
}

async fn a_card_is_told_before_it_is_charged_and_charged_once(s: Subject) {
    let (id, token) = (IntentId::new(), s.token(GOOD).await);
    let known = s.prepare(id, &token).await.unwrap();
    assert_eq!(known.state, "processing", "nobody was asked for money");
    assert_eq!(s.the_one_at_stripe(id).await["status"], "requires_confirmation");
    assert!(!known.card_fingerprint.is_empty() && !known.card_fingerprint.contains("4242"));
    assert_eq!(s.prepare(id, &token).await.unwrap(), known, "law 4: again it is the same");
    let requests = s.gateway.seen().len();
    assert_eq!(s.authorise(id, &token).await.unwrap().state, "authorised");
    assert_eq!(s.gateway.seen().len(), requests + 1, "it costs no request more than without looking first");
    assert_eq!(s.at_stripe(id).await.len(), 1);
    assert_eq!(s.intent(id).await.card_fingerprint, "", "it is not kept");
    assert_eq!(s.prepare(id, &token).await.unwrap().state, "authorised", "nothing is undone");
}

async fn a_card_is_the_same_by_another_token_and_another_one_is_not(s: Subject) {
    let (first, again, other) = (s.token(GOOD).await, s.token(GOOD).await, s.token("5555555555554444").await);
    assert_ne!(first, again);
    let mut told = Vec::new();
    for token in [first, again, other] {
        let requests = s.gateway.seen().len();
        told.push(s.authorise(IntentId::new(), &token).await.unwrap().card_fingerprint);
        let posts = s.gateway.seen()[requests..].iter().filter(|seen| seen.method == Method::POST).count();
        assert_eq!((posts, s.gateway.seen().len() - requests), (2, 2), "no request is made for it");
    }
    assert_eq!(told[0], told[1]);
    assert_ne!(told[0], told[2]);
}

async fn a_card_that_is_declined_is_told_with_the_answer(s: Subject) {
    let fingerprint = fingerprint_of_a_decline(&s).await;
    let (id, token) = (IntentId::new(), s.token(DECLINED).await);
    assert_eq!(s.prepare(id, &token).await.unwrap().card_fingerprint, fingerprint);
    let declined = s.authorise(id, &token).await.unwrap();
    assert_eq!((declined.state.as_str(), declined.card_fingerprint), ("failed", fingerprint));
    assert_eq!(s.authorise(id, &token).await.unwrap().card_fingerprint, "", "it is told once");
}

async fn a_card_that_fails_at_the_bank_was_told_before(s: Subject) {
    let id = IntentId::new();
    let waits = s.authorise(id, &s.token(ASKS_THE_BANK).await).await.unwrap();
    assert_eq!(waits.state, "requires_action");
    assert!(!waits.card_fingerprint.is_empty());
}

async fn a_token_that_is_none_is_refused_before_money_is_asked_for(s: Subject) {
    let id = IntentId::new();
    assert_eq!(s.prepare(id, "pm_unknown").await.unwrap_err().reason(), "INVALID_TOKEN");
    assert_eq!(s.void(id).await.unwrap().state, "voided");
    assert_eq!(s.prepare(id, &s.token(GOOD).await).await.unwrap().state, "voided");
    assert!(s.at_stripe(id).await.is_empty());
}
