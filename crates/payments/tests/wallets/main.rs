//! What buyers have saved to pay with, at the pretended provider.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use std::time::Duration;

use argosy_contracts::payments::{
    AuthoriseRequest, GetWalletRequest, ListMethodsRequest, OpenWalletRequest, RemoveMethodRequest,
    SetupRequest,
};
use argosy_kernel::{Code, IntentId, SavedMethodId, WalletId};
use argosy_testkit::{contract_stories, eventually};

use crate::shop::{Access, Subject, request, setup_request};

contract_stories! {
    a_wallet_opens_with_its_key_only,
    a_wallet_opened_twice_with_a_seed_is_one,
    a_card_is_remembered_once_the_payment_is_authorised,
    a_declined_card_is_not_remembered,
    a_card_that_asks_the_bank_is_remembered_when_the_bank_agrees,
    law_4_a_card_whose_payment_was_not_answered_is_remembered_once,
    a_saved_card_pays_and_may_ask_the_bank_or_be_declined,
    a_saved_card_pays_with_its_own_wallet_only,
    a_removed_card_pays_nothing,
    an_expired_card_is_refused,
    the_same_card_is_saved_once,
    a_card_is_saved_without_a_purchase,
    a_card_whose_bank_asks_is_saved_when_the_buyer_comes_back,
    law_4_a_setup_is_one_by_its_key,
    law_4_a_setup_whose_answer_is_lost_is_found_again,
    a_setup_that_nobody_finishes_comes_to_nothing,
    law_9_a_wallet_holds_so_much,
    what_cannot_be_saved_is_said,
    law_11_who_is_forgotten_has_no_wallet_any_more,
}

async fn a_wallet_opens_with_its_key_only(s: Subject) {
    let mine = s.open().await;
    assert_eq!(s.methods(&mine).await, []);
    let other = s.open().await;
    assert_ne!((&mine.id, &mine.key), (&other.id, &other.key));
    let unknown = WalletId::new().to_string();
    for (id, key) in [(&mine.id, &other.key), (&mine.id, &String::new()), (&unknown, &mine.key)] {
        let request = GetWalletRequest { wallet_id: id.clone(), key: key.clone() };
        let refused = s.wallets.get_wallet(&s.ctx, request).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (Code::NotFound, "WALLET_NOT_FOUND"));
    }
    assert!(!s.database_has(&mine.key).await, "of the key only a digest is kept");
}

async fn a_wallet_opened_twice_with_a_seed_is_one(s: Subject) {
    let open = |seed: &str| s.wallets.open_wallet(&s.ctx, OpenWalletRequest { seed: seed.to_owned() });
    let (one, again) = (
        open("random-enough-for-a-test-1").await.unwrap(),
        open("random-enough-for-a-test-1").await.unwrap(),
    );
    assert_eq!(one, again);
    assert_ne!(open("random-enough-for-a-test-2").await.unwrap(), one);
    assert_eq!(open("short").await.unwrap_err().fields()[0].pointer, "/seed");
    let access = Access { id: one.wallet_id, key: one.key };
    assert_eq!(s.methods(&access).await, []);
}

async fn a_card_is_remembered_once_the_payment_is_authorised(s: Subject) {
    let wallet = s.open().await;
    let not_asked = s.pay(&wallet, "tok_ok", false).await.unwrap();
    assert_eq!((not_asked.state.as_str(), s.methods(&wallet).await.len()), ("authorised", 0));
    assert_eq!(s.pay(&wallet, "tok_ok", true).await.unwrap().state, "authorised");
    let saved = s.methods(&wallet).await;
    let card = &saved[0];
    let shown = (card.provider.as_str(), card.method.as_str(), card.brand.as_str(), card.last_four.as_str());
    assert_eq!((saved.len(), shown), (1, ("test", "card", "visa", "4242")));
    assert_eq!((card.expiry_month, card.expiry_year, card.is_expired), (12, 2029, false));
    assert_eq!(card.last_used_at_ms, 0);
    let listed = s.payments.list_methods(&s.ctx, ListMethodsRequest::default()).await.unwrap().methods;
    let can: Vec<_> = listed.iter().map(|one| (one.provider.as_str(), one.can_be_saved)).collect();
    assert!(can.contains(&("test", true)) && can.contains(&("manual", false)), "{can:?}");
}

async fn a_declined_card_is_not_remembered(s: Subject) {
    let wallet = s.open().await;
    assert_eq!(s.pay(&wallet, "tok_declined", true).await.unwrap().state, "failed");
    assert_eq!(s.pay(&wallet, "tok_away", true).await.unwrap().state, "failed");
    s.test.clock.advance(Duration::from_mins(5));
    assert_eq!(s.methods(&wallet).await, []);
}

async fn a_card_that_asks_the_bank_is_remembered_when_the_bank_agrees(s: Subject) {
    let wallet = s.open().await;
    for (approve, saved) in [(false, 0), (true, 1)] {
        let waits = s.pay(&wallet, "tok_needs_action", true).await.unwrap();
        assert_eq!((waits.state.as_str(), s.methods(&wallet).await.len()), ("requires_action", 0));
        s.bank_says(&format!(r#"{{"intent_id":"{}","approve":{approve}}}"#, waits.id)).await;
        assert_eq!(s.methods(&wallet).await.len(), saved);
    }
}

async fn law_4_a_card_whose_payment_was_not_answered_is_remembered_once(s: Subject) {
    let wallet = s.open().await;
    let id = IntentId::new();
    let asked = || AuthoriseRequest { intent_id: id.to_string(), ..request(&wallet, "tok_timeout", true) };
    let unknown = s.payments.authorise(&s.ctx, asked()).await.unwrap_err();
    assert_eq!(unknown.reason(), "PROVIDER_UNAVAILABLE");
    assert_eq!(s.methods(&wallet).await, [], "nobody knows");
    for _ in 0..2 {
        assert_eq!(s.payments.authorise(&s.ctx, asked()).await.unwrap().state, "authorised");
        assert_eq!(s.methods(&wallet).await.len(), 1);
    }
}

async fn a_saved_card_pays_and_may_ask_the_bank_or_be_declined(s: Subject) {
    let wallet = s.open().await;
    let ok = s.save(&wallet, "tok_ok").await;
    s.test.clock.advance(Duration::from_mins(1));
    let paid = s.pay(&wallet, &ok.id, false).await.unwrap();
    assert_eq!((paid.state.as_str(), paid.method.as_str()), ("authorised", "card"));
    assert!(s.methods(&wallet).await[0].last_used_at_ms > ok.created_at_ms);

    let asks = s.save_at_bank(&wallet).await;
    let waits = s.pay(&wallet, &asks.id, false).await.unwrap();
    assert_eq!(waits.state, "requires_action");
    s.bank_says(&format!(r#"{{"intent_id":"{}","approve":true}}"#, waits.id)).await;
    assert_eq!(s.intent(&waits.id).await.state, "authorised");

    let later = s.save(&wallet, "tok_declined_later").await;
    let declined = s.pay(&wallet, &later.id, false).await.unwrap();
    assert_eq!((declined.state.as_str(), declined.failure_reason.as_str()), ("failed", "DECLINED"));
    assert_eq!(s.methods(&wallet).await.len(), 3, "a decline removes nothing");
}

async fn a_saved_card_pays_with_its_own_wallet_only(s: Subject) {
    let (mine, other) = (s.open().await, s.open().await);
    let card = s.save(&mine, "tok_ok").await;
    assert_eq!(s.pay(&other, &card.id, false).await.unwrap_err().reason(), "SAVED_METHOD_NOT_FOUND");
    let wrong_key = Access { id: mine.id.clone(), key: other.key.clone() };
    assert_eq!(s.pay(&wrong_key, &card.id, false).await.unwrap_err().reason(), "WALLET_NOT_FOUND");
    let no_wallet = Access { id: String::new(), key: String::new() };
    let refused = s.pay(&no_wallet, &card.id, false).await.unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/payment/wallet");
    let unknown = SavedMethodId::new().to_string();
    assert_eq!(s.pay(&mine, &unknown, false).await.unwrap_err().reason(), "SAVED_METHOD_NOT_FOUND");
    let by_hand = AuthoriseRequest { provider: "manual".to_owned(), ..request(&mine, &card.id, false) };
    let refused = s.payments.authorise(&s.ctx, by_hand).await.unwrap_err();
    assert_eq!(refused.reason(), "SAVED_METHOD_NOT_FOUND", "it is another provider's");
    // The provider's own name for it is no token of anybody's.
    let name = format!("card-{}", s.setup_of(&mine, "tok_ok", "again").await.unwrap().id);
    assert_eq!(s.pay(&no_wallet, &name, false).await.unwrap_err().reason(), "INVALID_TOKEN");
    assert_eq!(s.pay(&other, &name, true).await.unwrap_err().reason(), "INVALID_TOKEN");
}

async fn a_removed_card_pays_nothing(s: Subject) {
    let wallet = s.open().await;
    let card = s.save(&wallet, "tok_ok").await;
    let foreign = s.remove(&s.open().await, &card.id).await.unwrap_err();
    assert_eq!(foreign.reason(), "SAVED_METHOD_NOT_FOUND");
    for _ in 0..2 {
        assert_eq!(s.remove(&wallet, &card.id).await.unwrap().methods, []);
    }
    let refused = s.pay(&wallet, &card.id, false).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "SAVED_METHOD_REMOVED"));
    eventually("the provider has forgotten it", || async { s.cards("kept").await == 0 }).await;
    let unknown = RemoveMethodRequest {
        wallet_id: wallet.id.clone(),
        key: wallet.key.clone(),
        method_id: SavedMethodId::new().to_string(),
    };
    assert_eq!(
        s.wallets.remove_method(&s.ctx, unknown).await.unwrap_err().reason(),
        "SAVED_METHOD_NOT_FOUND"
    );
}

async fn an_expired_card_is_refused(s: Subject) {
    let wallet = s.open().await;
    let card = s.save(&wallet, "tok_ok").await;
    s.test.clock.advance(Duration::from_hours(24 * 366 * 4));
    assert!(s.methods(&wallet).await[0].is_expired);
    let refused = s.pay(&wallet, &card.id, false).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "SAVED_METHOD_EXPIRED"));
}

async fn the_same_card_is_saved_once(s: Subject) {
    let wallet = s.open().await;
    let before = s.save(&wallet, "tok_ok").await;
    assert_eq!(s.pay(&wallet, "tok_ok", true).await.unwrap().state, "authorised");
    let saved = s.methods(&wallet).await;
    assert_eq!(saved.len(), 1);
    assert_ne!(saved[0].id, before.id, "the latest is the one that its provider has just agreed to");
    s.test.clock.advance(Duration::from_secs(1));
    eventually("the provider keeps it once", || async { s.cards("kept").await == 1 }).await;
}

async fn a_card_is_saved_without_a_purchase(s: Subject) {
    let wallet = s.open().await;
    let setup = s.setup_of(&wallet, "tok_ok", "key-1").await.unwrap();
    assert_eq!((setup.state.as_str(), setup.wallet_id.as_str()), ("saved", wallet.id.as_str()));
    assert_eq!(s.methods(&wallet).await, [setup.method.unwrap()]);
    let declined = s.setup_of(&wallet, "tok_declined", "key-2").await.unwrap();
    assert_eq!((declined.state.as_str(), declined.failure_reason.as_str()), ("failed", "DECLINED"));
    assert!(declined.method.is_none() && !declined.failure_text.is_empty());
    assert_eq!(s.methods(&wallet).await.len(), 1);
}

async fn a_card_whose_bank_asks_is_saved_when_the_buyer_comes_back(s: Subject) {
    let wallet = s.open().await;
    for (key, approve, state) in [("key-1", false, "failed"), ("key-2", true, "saved")] {
        let waits = s.setup_of(&wallet, "tok_needs_action", key).await.unwrap();
        assert_eq!(waits.state, "requires_action");
        assert!(waits.action_url.ends_with(&waits.id));
        let request = SetupRequest {
            wallet_id: wallet.id.clone(),
            key: wallet.key.clone(),
            setup_id: waits.id.clone(),
        };
        assert_eq!(s.wallets.finish_setup(&s.ctx, request.clone()).await.unwrap().state, "requires_action");
        for _ in 0..2 {
            s.bank_says(&format!(r#"{{"setup_id":"{}","approve":{approve}}}"#, waits.id)).await;
        }
        assert_eq!(s.wallets.get_setup(&s.ctx, request.clone()).await.unwrap().state, state);
        assert_eq!(s.wallets.finish_setup(&s.ctx, request).await.unwrap().state, state);
    }
    assert_eq!(s.methods(&wallet).await.len(), 1);
    let foreign = SetupRequest {
        setup_id: s.setup_of(&wallet, "tok_ok", "key-3").await.unwrap().id,
        ..s.open().await.into()
    };
    assert_eq!(s.wallets.get_setup(&s.ctx, foreign).await.unwrap_err().reason(), "SETUP_NOT_FOUND");
}

async fn law_4_a_setup_is_one_by_its_key(s: Subject) {
    let wallet = s.open().await;
    let one = s.setup_of(&wallet, "tok_ok", "key-1").await.unwrap();
    assert_eq!(s.setup_of(&wallet, "tok_ok", "key-1").await.unwrap(), one);
    assert_eq!(s.setup_of(&wallet, "tok_slow", "key-1").await.unwrap_err().reason(), "KEY_REUSED");
    let s = std::sync::Arc::new(s);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (s, wallet) = (s.clone(), wallet.clone());
        asking.spawn(async move { s.setup_of(&wallet, "tok_declined_later", "key-2").await.unwrap().id });
    }
    let ids: std::collections::BTreeSet<String> = asking.join_all().await.into_iter().collect();
    assert_eq!((ids.len(), s.methods(&wallet).await.len()), (1, 2));
    assert_eq!(s.setup_with(&wallet, "tok_ok", None).await.unwrap_err().reason(), "KEY_MISSING");
}

async fn law_4_a_setup_whose_answer_is_lost_is_found_again(s: Subject) {
    let wallet = s.open().await;
    for token in ["tok_timeout", "tok_vanishes"] {
        let lost = s.setup_of(&wallet, token, token).await.unwrap_err();
        assert_eq!((lost.code(), lost.reason()), (Code::Unavailable, "PROVIDER_UNAVAILABLE"));
        assert_eq!(s.setup_of(&wallet, token, token).await.unwrap().state, "saved");
    }
    assert_eq!(s.setup_of(&wallet, "tok_away", "away").await.unwrap_err().reason(), "PROVIDER_UNAVAILABLE");
    // Nobody asks again: what the bank has agreed to is found all the same.
    let wallet = s.open().await;
    s.setup_of(&wallet, "tok_timeout", "lost").await.unwrap_err();
    s.test.clock.advance(Duration::from_mins(31));
    eventually("it is in the wallet", || async { s.methods(&wallet).await.len() == 1 }).await;
}

async fn a_setup_that_nobody_finishes_comes_to_nothing(s: Subject) {
    let wallet = s.open().await;
    let waits = s.setup_of(&wallet, "tok_needs_action", "key-1").await.unwrap();
    s.test.clock.advance(Duration::from_mins(31));
    let request = SetupRequest { setup_id: waits.id.clone(), ..wallet.clone().into() };
    eventually("it is given up", || async {
        s.wallets.get_setup(&s.ctx, request.clone()).await.unwrap().state == "failed"
    })
    .await;
    s.bank_says(&format!(r#"{{"setup_id":"{}","approve":true}}"#, waits.id)).await;
    assert_eq!(s.methods(&wallet).await, [], "it is too late");
}

async fn law_9_a_wallet_holds_so_much(s: Subject) {
    let wallet = s.open().await;
    for (place, token) in ["tok_ok", "tok_declined_later"].into_iter().enumerate() {
        assert_eq!(s.setup_of(&wallet, token, &format!("key-{place}")).await.unwrap().state, "saved");
    }
    s.save_at_bank(&wallet).await;
    let full = s.setup_of(&wallet, "tok_ok", "full").await.unwrap_err();
    assert_eq!((full.code(), full.reason()), (Code::FailedPrecondition, "WALLET_FULL"));
    assert_eq!(
        s.pay(&wallet, "tok_capture_fails", true).await.unwrap().state,
        "authorised",
        "it stops no purchase"
    );
    assert_eq!(s.methods(&wallet).await.len(), 3);

    let busy = s.open().await;
    for place in 0..5 {
        s.setup_of(&busy, "tok_declined", &format!("key-{place}")).await.unwrap();
    }
    let refused = s.setup_of(&busy, "tok_ok", "key-5").await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::ResourceExhausted, "TOO_MANY_SETUPS"));
    assert_eq!(
        s.setup_of(&busy, "tok_declined", "key-4").await.unwrap().state,
        "failed",
        "asked again it answers"
    );
    s.test.clock.advance(Duration::from_mins(61));
    assert_eq!(s.setup_of(&busy, "tok_ok", "key-6").await.unwrap().state, "saved");
}

async fn what_cannot_be_saved_is_said(s: Subject) {
    let wallet = s.open().await;
    let refused = |provider: &str, token: &str| {
        let (ctx, request) = (s.ctx.clone().with_key("k"), setup_request(&wallet, provider, token));
        async { s.wallets.start_setup(&{ ctx }, request).await.unwrap_err().reason().to_owned() }
    };
    assert_eq!(refused("manual", "bank_transfer").await, "NOT_SAVEABLE");
    assert_eq!(refused("nobody", "tok_ok").await, "PROVIDER_NOT_FOUND");
    assert_eq!(refused("test", "tok_other").await, "INVALID_TOKEN");
    assert_eq!(refused("test", "4242 4242 4242 4242").await, "INVALID_TOKEN");
    let by_hand =
        AuthoriseRequest { provider: "manual".to_owned(), ..request(&wallet, "bank_transfer", true) };
    assert_eq!(s.payments.authorise(&s.ctx, by_hand).await.unwrap().state, "pending");
    assert_eq!(s.methods(&wallet).await, []);
}

async fn law_11_who_is_forgotten_has_no_wallet_any_more(s: Subject) {
    let (shared, other) = (s.open().await, s.open().await);
    let card = s.save(&shared, "tok_ok").await;
    s.save(&other, "tok_ok").await;
    for (wallet, person) in [(&shared, "per_ann"), (&shared, "per_bob"), (&other, "per_cy")] {
        let token = if wallet.id == shared.id { &card.id } else { "tok_ok" };
        let request = AuthoriseRequest { person_id: person.to_owned(), ..request(wallet, token, false) };
        assert_eq!(s.payments.authorise(&s.ctx, request).await.unwrap().state, "authorised");
    }
    let waits = s.setup_of(&shared, "tok_needs_action", "open").await.unwrap();
    s.tell_forgotten("per_ann").await;
    eventually("the wallet is gone, and the provider has forgotten all of it", || async {
        s.test.clock.advance(Duration::from_secs(1));
        s.get(&shared).await.is_err() && s.cards("kept").await == 1 && s.customers_known().await == 1
    })
    .await;
    assert_eq!(s.get(&shared).await.unwrap_err().reason(), "WALLET_NOT_FOUND");
    assert_eq!(s.pay(&shared, &card.id, false).await.unwrap_err().reason(), "WALLET_NOT_FOUND");
    assert_eq!(s.methods(&other).await.len(), 1, "another's is as it was");
    // What was under way is not saved either.
    s.bank_says(&format!(r#"{{"setup_id":"{}","approve":true}}"#, waits.id)).await;
    assert_eq!(s.remembered(&shared).await, "", "nothing tells of a card");
    s.tell_forgotten("per_ann").await;
    s.tell_forgotten("per_nobody").await;
    assert_eq!(s.pay(&other, "tok_ok", true).await.unwrap().state, "authorised");
    let late = AuthoriseRequest { person_id: "per_ann".to_owned(), ..request(&other, "tok_ok", false) };
    s.payments.authorise(&s.ctx, late).await.unwrap();
    s.tell_forgotten("per_ann").await;
    assert_eq!(s.methods(&other).await.len(), 1, "who is forgotten ties no wallet to them");
}
