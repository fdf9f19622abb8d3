//! Cards that Stripe keeps for wallets.

use std::time::Duration;

use argosy_contracts::payments::{
    AuthoriseRequest, GetWalletRequest, Intent, OpenWalletRequest, OpenWalletResponse, RemoveMethodRequest,
    SavedMethod, Setup, SetupRequest, StartSetupRequest,
};
use argosy_kernel::{IntentId, Result};
use argosy_platform::{
    bus::NewFact,
    database::{DatabaseSpec, Durability},
};
use argosy_testkit::{
    contract_stories, eventually,
    servers::stripe_gateway::{ASKS_THE_BANK, DECLINED, Fate, GOOD, NEVER, READ},
};
use axum::http::Method;
use serde_json::{Value, json};

use crate::shop::{Subject, eur};

contract_stories! {
    a_card_is_kept_for_a_customer_and_pays_again,
    a_card_that_asks_the_bank_is_kept_when_it_agrees,
    a_card_that_is_not_authorised_is_not_kept,
    law_4_one_customer_a_wallet_whatever_is_lost,
    law_4_a_card_is_kept_once_though_nobody_heard,
    a_setup_is_declined_waits_or_is_kept,
    law_4_a_setup_whose_answer_is_lost_is_found_again,
    a_card_is_barred_at_once_and_detached_when_stripe_is_back,
    a_saved_card_may_be_declined,
    while_stripe_is_away_nothing_is_asked_of_a_saved_card,
    law_11_the_customer_is_erased_at_stripe,
}

impl Subject {
    async fn open(&self) -> OpenWalletResponse {
        self.wallets.open_wallet(&self.ctx, OpenWalletRequest::default()).await.unwrap()
    }

    async fn methods(&self, wallet: &OpenWalletResponse) -> Vec<SavedMethod> {
        let request = GetWalletRequest { wallet_id: wallet.wallet_id.clone(), key: wallet.key.clone() };
        self.wallets.get_wallet(&self.ctx, request).await.unwrap().methods
    }

    async fn pay(
        &self,
        id: IntentId,
        wallet: &OpenWalletResponse,
        token: &str,
        remember: bool,
    ) -> Result<Intent> {
        self.payments.authorise(&self.ctx, paying(id, wallet, token, remember)).await
    }

    /// A card that was paid with and is kept.
    async fn kept(&self, wallet: &OpenWalletResponse, number: &str) -> SavedMethod {
        let token = self.token(number).await;
        assert_eq!(self.pay(IntentId::new(), wallet, &token, true).await.unwrap().state, "authorised");
        self.methods(wallet).await.into_iter().next().unwrap()
    }

    async fn set_up(&self, wallet: &OpenWalletResponse, token: &str) -> Result<Setup> {
        let request = StartSetupRequest {
            wallet_id: wallet.wallet_id.clone(),
            key: wallet.key.clone(),
            provider: "stripe".to_owned(),
            token: token.to_owned(),
            return_url: "https://shop.example/wallet/return".to_owned(),
        };
        self.wallets.start_setup(&self.ctx.clone().with_key(token), request).await
    }

    async fn remove(&self, wallet: &OpenWalletResponse, method: &SavedMethod) {
        let request = RemoveMethodRequest {
            wallet_id: wallet.wallet_id.clone(),
            key: wallet.key.clone(),
            method_id: method.id.clone(),
        };
        assert!(!self.wallets.remove_method(&self.ctx, request).await.unwrap().methods.contains(method));
    }

    /// The setup that there is at Stripe.
    async fn setup_at_stripe(&self) -> Value {
        let found = self.gateway.ask(Method::GET, "setup_intents", &[]).await.1;
        found["data"][0].clone()
    }
}

fn paying(id: IntentId, wallet: &OpenWalletResponse, token: &str, remember: bool) -> AuthoriseRequest {
    AuthoriseRequest {
        intent_id: id.to_string(),
        reference: "chk_1".to_owned(),
        amount: Some(eur(1_000)),
        provider: "stripe".to_owned(),
        token: token.to_owned(),
        return_url: "https://shop.example/checkout/chk_1/return".to_owned(),
        wallet_id: wallet.wallet_id.clone(),
        wallet_key: wallet.key.clone(),
        remember,
        person_id: "per_ann".to_owned(),
        ..AuthoriseRequest::default()
    }
}

/// Answers the key of the wallet.
pub(crate) async fn remember_and_pay_again(s: &Subject) -> String {
    let wallet = s.open().await;
    let card = s.kept(&wallet, GOOD).await;
    assert_eq!(s.pay(IntentId::new(), &wallet, &card.id, false).await.unwrap().state, "authorised");
    let refused = s.set_up(&wallet, GOOD).await.unwrap_err();
    assert_eq!(refused.reason(), "INVALID_TOKEN");
    assert_eq!(s.set_up(&wallet, &s.token(DECLINED).await).await.unwrap().state, "saved");
    s.remove(&wallet, &card).await;
    wallet.key
}

async fn a_card_is_kept_for_a_customer_and_pays_again(s: Subject) {
    let (wallet, other, token) = (s.open().await, s.open().await, s.token(GOOD).await);
    let first = IntentId::new();
    assert_eq!(s.pay(first, &wallet, &token, true).await.unwrap().state, "authorised");
    let saved = s.methods(&wallet).await;
    let card = &saved[0];
    assert_eq!((saved.len(), card.brand.as_str(), card.last_four.as_str()), (1, "visa", "4242"));
    assert_eq!((card.expiry_month, card.expiry_year), (12, 2030));
    let customer = s.the_one_at_stripe(first).await["customer"].clone();
    assert_eq!(s.gateway.owner_of(&token).await, customer);
    assert_eq!(s.gateway.customers().await[0]["metadata"], json!({ "argosy_wallet": wallet.wallet_id }));

    let again = IntentId::new();
    assert_eq!(s.pay(again, &wallet, &card.id, false).await.unwrap().state, "authorised");
    let paid = s.the_one_at_stripe(again).await;
    assert_eq!((&paid["customer"], paid["payment_method"].as_str()), (&customer, Some(token.as_str())));
    assert_eq!(s.capture(again, 1_000, "ord_1").await.unwrap().state, "captured");
    assert_eq!(s.gateway.customers().await.len(), 1);

    let foreign = s.pay(IntentId::new(), &other, &card.id, false).await.unwrap_err();
    assert_eq!(foreign.reason(), "SAVED_METHOD_NOT_FOUND");
    let bare = s.authorise(IntentId::new(), &token).await.unwrap_err();
    assert_eq!(bare.reason(), "INVALID_TOKEN", "Stripe minds whose it is, too");
}

async fn a_card_that_asks_the_bank_is_kept_when_it_agrees(s: Subject) {
    let (wallet, id) = (s.open().await, IntentId::new());
    let waits = s.pay(id, &wallet, &s.token(ASKS_THE_BANK).await, true).await.unwrap();
    assert_eq!((waits.state.as_str(), s.methods(&wallet).await.len()), ("requires_action", 0));
    s.bank_says(id, true).await;
    s.tell("payment_intent.amount_capturable_updated", &s.the_one_at_stripe(id).await).await.unwrap();
    let saved = s.methods(&wallet).await;
    assert_eq!(saved[0].last_four, "3155");
    // The bank may ask again.
    let again = IntentId::new();
    let waits = s.pay(again, &wallet, &saved[0].id, false).await.unwrap();
    assert_eq!(waits.state, "requires_action");
    s.bank_says(again, true).await;
    assert_eq!(s.refresh(again).await.state, "authorised");
}

async fn a_card_that_is_not_authorised_is_not_kept(s: Subject) {
    let wallet = s.open().await;
    let declined = s.token(DECLINED).await;
    assert_eq!(s.pay(IntentId::new(), &wallet, &declined, true).await.unwrap().state, "failed");
    let id = IntentId::new();
    s.pay(id, &wallet, &s.token(ASKS_THE_BANK).await, true).await.unwrap();
    s.bank_says(id, false).await;
    assert_eq!(s.refresh(id).await.state, "failed");
    assert_eq!(s.methods(&wallet).await, []);
    assert_eq!(s.gateway.owner_of(&declined).await, Value::Null);
}

async fn law_4_one_customer_a_wallet_whatever_is_lost(s: Subject) {
    let (wallet, token, id) = (s.open().await, s.token(GOOD).await, IntentId::new());
    s.gateway.next("customers", Fate::AnswerLost);
    s.gateway.next("customers", Fate::DoneThenBroken);
    let failed = s.pay(id, &wallet, &token, true).await.unwrap();
    assert_eq!((failed.state.as_str(), failed.failure_reason.as_str()), ("failed", "PROVIDER_AWAY"));
    assert_eq!(s.pay(IntentId::new(), &wallet, &token, true).await.unwrap().state, "authorised");
    s.set_up(&wallet, &s.token(ASKS_THE_BANK).await).await.unwrap();
    assert_eq!(s.gateway.customers().await.len(), 1);
    assert_eq!(s.methods(&wallet).await.len(), 1);
}

async fn law_4_a_card_is_kept_once_though_nobody_heard(s: Subject) {
    let (wallet, token, id) = (s.open().await, s.token(GOOD).await, IntentId::new());
    s.gateway.next("/confirm", Fate::AnswerLost);
    s.gateway.next("/confirm", Fate::DoneThenBroken);
    for _ in 0..2 {
        s.gateway.next(READ, Fate::Broken);
    }
    assert_eq!(s.pay(id, &wallet, &token, true).await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(s.methods(&wallet).await, []);
    // Found without the token, by whoever lives.
    assert_eq!(s.refresh(id).await.state, "authorised");
    assert_eq!(s.pay(id, &wallet, &token, true).await.unwrap().state, "authorised");
    assert_eq!(s.methods(&wallet).await.len(), 1);
}

async fn a_setup_is_declined_waits_or_is_kept(s: Subject) {
    let wallet = s.open().await;
    let never = s.set_up(&wallet, &s.token(NEVER).await).await.unwrap();
    assert_eq!((never.state.as_str(), never.failure_reason.as_str()), ("failed", "DECLINED"));
    assert_eq!(s.set_up(&wallet, "pm_unknown").await.unwrap_err().reason(), "INVALID_TOKEN");
    let good = s.token(GOOD).await;
    let kept = s.set_up(&wallet, &good).await.unwrap();
    assert_eq!((kept.state.as_str(), kept.method.unwrap().last_four.as_str()), ("saved", "4242"));
    assert_ne!(s.gateway.owner_of(&good).await, Value::Null);
    assert_eq!(s.setup_at_stripe().await["usage"], "on_session");

    let other = s.open().await;
    let waits = s.set_up(&other, &s.token(ASKS_THE_BANK).await).await.unwrap();
    assert_eq!(waits.state, "requires_action");
    let back = format!("https://bank.example/3ds?back=https://shop.example/wallet/return?setup={}", waits.id);
    assert_eq!(waits.action_url, back);
    assert!(waits.client_secret.starts_with("seti_"));
    let listed = s.gateway.ask(Method::GET, "setup_intents", &[("limit", "100")]).await.1;
    let at_stripe = listed["data"].as_array().unwrap().iter();
    let at_stripe =
        at_stripe.clone().find(|one| one["metadata"]["argosy_setup"] == waits.id.as_str()).unwrap();
    let path = format!("setup_intents/{}/confirm", at_stripe["id"].as_str().unwrap());
    s.gateway.ask(Method::POST, &path, &[]).await;
    s.tell("setup_intent.succeeded", at_stripe).await.unwrap();
    let request =
        SetupRequest { wallet_id: other.wallet_id.clone(), key: other.key.clone(), setup_id: waits.id };
    let saved = s.wallets.finish_setup(&s.ctx, request).await.unwrap();
    assert_eq!((saved.state.as_str(), saved.client_secret.as_str()), ("saved", ""));
    assert_eq!(s.methods(&other).await, [saved.method.unwrap()]);
}

async fn law_4_a_setup_whose_answer_is_lost_is_found_again(s: Subject) {
    let (wallet, token) = (s.open().await, s.token(GOOD).await);
    s.gateway.next("/confirm", Fate::AnswerLost);
    s.gateway.next("/confirm", Fate::DoneThenBroken);
    let known = s.set_up(&wallet, &token).await.unwrap();
    assert_eq!(known.state, "saved", "it is asked how it stands");
    assert_eq!(s.set_up(&wallet, &token).await.unwrap(), known);
    let other = s.token(ASKS_THE_BANK).await;
    s.gateway.next("setup_intents", Fate::DoneThenBroken);
    s.gateway.next("setup_intents", Fate::Broken);
    assert_eq!(s.set_up(&wallet, &other).await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(s.set_up(&wallet, &other).await.unwrap().state, "requires_action");
    let listed = s.gateway.ask(Method::GET, "setup_intents", &[("limit", "100")]).await.1;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2, "one each");
    // Nobody comes back from the bank.
    s.test.clock.advance(Duration::from_mins(31));
    eventually("it is ended there", || async {
        let listed = s.gateway.ask(Method::GET, "setup_intents", &[("limit", "100")]).await.1;
        listed["data"].as_array().unwrap().iter().any(|one| one["status"] == "canceled")
    })
    .await;
}

async fn a_card_is_barred_at_once_and_detached_when_stripe_is_back(s: Subject) {
    let (wallet, token) = (s.open().await, s.token(GOOD).await);
    s.pay(IntentId::new(), &wallet, &token, true).await.unwrap();
    let card = s.methods(&wallet).await.remove(0);
    for _ in 0..2 {
        s.gateway.next("/detach", Fate::Broken);
    }
    s.remove(&wallet, &card).await;
    assert_ne!(s.gateway.owner_of(&token).await, Value::Null, "Stripe has not heard of it yet");
    let refused = s.pay(IntentId::new(), &wallet, &card.id, false).await.unwrap_err();
    assert_eq!(refused.reason(), "SAVED_METHOD_REMOVED");
    s.test.clock.advance(Duration::from_mins(6));
    eventually("Stripe keeps it no longer", || async { s.gateway.owner_of(&token).await.is_null() }).await;
}

async fn a_saved_card_may_be_declined(s: Subject) {
    let wallet = s.open().await;
    let kept = s.set_up(&wallet, &s.token(DECLINED).await).await.unwrap();
    assert_eq!(kept.state, "saved", "its bank lets it be kept");
    let declined = s.pay(IntentId::new(), &wallet, &kept.method.unwrap().id, false).await.unwrap();
    assert_eq!((declined.state.as_str(), declined.failure_reason.as_str()), ("failed", "DECLINED"));
    assert_eq!(s.methods(&wallet).await.len(), 1);
}

async fn while_stripe_is_away_nothing_is_asked_of_a_saved_card(mut s: Subject) {
    let wallet = s.open().await;
    let card = s.kept(&wallet, GOOD).await;
    s.server.kill();
    for _ in 0..2 {
        s.gateway.next("payment_intents", Fate::Broken);
    }
    let failed = s.pay(IntentId::new(), &wallet, &card.id, false).await.unwrap();
    assert_eq!((failed.state.as_str(), failed.failure_reason.as_str()), ("failed", "PROVIDER_AWAY"));
    assert_eq!(s.methods(&wallet).await.len(), 1);
}

async fn law_11_the_customer_is_erased_at_stripe(s: Subject) {
    let facts = DatabaseSpec { name: "orders", durability: Durability::Process, migrations: &[] };
    let orders = s.test.host.database(facts).await.unwrap();
    let (wallet, token, id) = (s.open().await, s.token(GOOD).await, IntentId::new());
    s.pay(id, &wallet, &token, true).await.unwrap();
    let customer = s.the_one_at_stripe(id).await["customer"].as_str().unwrap().to_owned();
    assert_eq!(s.gateway.customer(&customer).await["id"], customer.as_str());
    for _ in 0..2 {
        s.gateway.next(Box::leak(format!("customers/{customer}").into_boxed_str()), Fate::Broken);
    }
    let tx = orders.begin().await.unwrap();
    let fact =
        NewFact::new("orders.person_forgotten", "per_ann", 1, &json!({ "person_id": "per_ann" })).unwrap();
    tx.publish(&*s.test.host.clock(), [fact]).await.unwrap();
    tx.commit().await.unwrap();
    eventually("the wallet is gone", || async {
        let request = GetWalletRequest { wallet_id: wallet.wallet_id.clone(), key: wallet.key.clone() };
        s.wallets.get_wallet(&s.ctx, request).await.is_err()
    })
    .await;
    eventually("the card is kept no longer", || async {
        s.test.clock.advance(Duration::from_secs(1));
        s.gateway.owner_of(&token).await.is_null()
    })
    .await;
    // It was away, and is asked again later.
    eventually("Stripe has erased the customer", || async {
        s.test.clock.advance(Duration::from_mins(6));
        let customer = s.gateway.customer(&customer).await;
        customer.is_null() || customer["deleted"] == true
    })
    .await;
}
