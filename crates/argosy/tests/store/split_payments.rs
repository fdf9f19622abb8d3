//! One order paid by several payments, with every service real: gift cards, cards, banks and buyers in a hurry.

use crate::support::{Buyers, Shop};
use argosy_contracts::{
    orders::{CancelCheckoutRequest, Checkout, ContinueCheckoutRequest},
    payments::{CheckGiftCardRequest, CheckGiftCardResponse, GetIntentRequest, HandleWebhookRequest},
};
use argosy_kernel::Result;
use argosy_testkit::{Mode, contract_stories, eventually};

struct Subject(Mode);

impl Subject {
    #[expect(clippy::unused_async, reason = "as the stories of every contract begin")]
    async fn start(mode: Mode) -> Self {
        Self(mode)
    }

    async fn open(&self) -> Shop {
        Shop::open_in(self.0, |settings| {
            settings.payments.gift_cards = true;
            settings.payments.provider_timeout_ms = 500;
            settings.orders.payment_patience_s = 0;
        })
        .await
    }
}

contract_stories! {
    law_3_a_gift_card_and_a_card_pay_one_order_each_its_part,
    law_4_two_tabs_that_pay_in_parts_at_once_place_one_order,
    law_4_a_double_click_on_a_purchase_in_parts_places_one_order,
    law_2_two_buyers_of_one_gift_card_spend_it_once,
    law_5_a_declined_card_lets_the_gift_card_go_and_the_next_card_pays,
    law_5_a_gift_card_waits_with_the_card_that_the_bank_wants_confirmed,
    law_5_who_leaves_the_bank_has_the_gift_card_again,
    law_4_a_card_that_nobody_answers_is_given_up_and_the_gift_card_with_it,
    law_4_a_card_that_charged_and_never_answered_is_found_beside_the_gift_card,
}

const CODE: &str = "GIFTABCDEFGHJKLM";

/// A card with 20.00 on it.
async fn issued(buyers: &Buyers<'_>) {
    buyers.gift_card(CODE, 2_000).await;
}

async fn looked_up(buyers: &Buyers<'_>) -> CheckGiftCardResponse {
    let request = CheckGiftCardRequest { code: CODE.to_owned(), currency: "EUR".to_owned() };
    buyers.wiring.payments().unwrap().check_gift_card(&buyers.ctx, request).await.unwrap()
}

async fn on_card(buyers: &Buyers<'_>) -> i64 {
    buyers.on_gift_card(CODE).await
}

async fn pay(buyers: &Buyers<'_>, checkout: &str, token: &str, key: &str) -> Result<Checkout> {
    buyers.pay_with_gift_card(CODE, checkout, token, key).await
}

/// A checkout of three mugs, and what it costs.
async fn ready(buyers: &Buyers<'_>, variant: &str) -> (String, i64) {
    let checkout = buyers.ready(&buyers.cart(&[(variant, 3)]).await).await;
    let total = checkout.quote.as_ref().unwrap().total.clone().unwrap().minor;
    (checkout.id, total)
}

/// What was taken by each payment of an order, once all is.
async fn taken(buyers: &Buyers<'_>, order: &str) -> Vec<(String, i64)> {
    eventually("all is taken", || async { buyers.order(order).await.payment_status == "captured" }).await;
    let mut taken = Vec::new();
    for payment in buyers.order(order).await.payments {
        let request = GetIntentRequest { intent_id: payment.id };
        let intent = buyers.wiring.payments().unwrap().get_intent(&buyers.ctx, request).await.unwrap();
        taken.push((intent.provider, intent.captured.unwrap().minor));
    }
    taken
}

fn parts(total: i64) -> Vec<(String, i64)> {
    vec![("gift_card".to_owned(), 2_000), ("test".to_owned(), total - 2_000)]
}

async fn law_3_a_gift_card_and_a_card_pay_one_order_each_its_part(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    issued(&buyers).await;
    assert_eq!(looked_up(&buyers).await.hint, "JKLM");
    let (checkout, total) = ready(&buyers, &variant).await;
    let done = pay(&buyers, &checkout, "tok_ok", "key-1").await.unwrap();
    assert_eq!(done.status, "completed");
    assert_eq!(taken(&buyers, &done.order_id).await, parts(total));
    assert_eq!((on_card(&buyers).await, buyers.available(&variant).await), (0, 7));
    assert_eq!(looked_up(&buyers).await.failure_reason, "GIFT_CARD_TOO_SMALL");
    let again = pay(&buyers, &checkout, "tok_ok", "key-1").await.unwrap();
    assert_eq!(again.order_id, done.order_id, "law 4: a replay answers the same");
    let other = pay(&buyers, &checkout, "tok_declined", "key-1").await.unwrap_err();
    assert_eq!(other.reason(), "KEY_REUSED");
}

async fn law_4_two_tabs_that_pay_in_parts_at_once_place_one_order(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    issued(&buyers).await;
    let (checkout, total) = ready(&buyers, &variant).await;
    let keys: Vec<String> = (0..6).map(|tab| format!("tab-{tab}")).collect();
    let tabs = keys.iter().map(|key| pay(&buyers, &checkout, "tok_ok", key));
    let answers = futures::future::join_all(tabs).await;
    assert!(answers.iter().any(|answer| answer.as_ref().is_ok_and(|done| done.status == "completed")));
    let order = buyers.checkout(&checkout).await.order_id;
    assert_eq!(taken(&buyers, &order).await, parts(total));
    assert_eq!((on_card(&buyers).await, buyers.available(&variant).await), (0, 7));
}

async fn law_4_a_double_click_on_a_purchase_in_parts_places_one_order(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    issued(&buyers).await;
    let (checkout, total) = ready(&buyers, &variant).await;
    let clicks = (0..4).map(|_| pay(&buyers, &checkout, "tok_ok", "key-1"));
    for answer in futures::future::join_all(clicks).await {
        assert_eq!(answer.unwrap().status, "completed");
    }
    let order = buyers.checkout(&checkout).await.order_id;
    assert_eq!(taken(&buyers, &order).await, parts(total));
}

async fn law_2_two_buyers_of_one_gift_card_spend_it_once(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 30).await;
    issued(&buyers).await;
    let mut checkouts = Vec::new();
    for _ in 0..4 {
        checkouts.push(ready(&buyers, &variant).await.0);
    }
    let paying = checkouts.iter().map(|checkout| pay(&buyers, checkout, "tok_ok", "key-1"));
    let answers = futures::future::join_all(paying).await;
    let status = |answer: &Result<Checkout>| answer.as_ref().unwrap().status.clone();
    assert_eq!(answers.iter().filter(|answer| status(answer) == "completed").count(), 1, "{answers:?}");
    for lost in answers.iter().filter(|answer| status(answer) == "ready") {
        let attempts = &lost.as_ref().unwrap().attempts;
        let failed = attempts.iter().find(|attempt| attempt.state == "failed").unwrap();
        assert_eq!(failed.failure_reason, "GIFT_CARD_TOO_SMALL");
    }
    assert_eq!((on_card(&buyers).await, buyers.available(&variant).await), (0, 27));
}

async fn law_5_a_declined_card_lets_the_gift_card_go_and_the_next_card_pays(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    issued(&buyers).await;
    let (checkout, total) = ready(&buyers, &variant).await;
    let declined = pay(&buyers, &checkout, "tok_declined", "key-1").await.unwrap();
    let states: Vec<&str> = declined.attempts.iter().map(|attempt| attempt.state.as_str()).collect();
    assert_eq!((declined.status.as_str(), states), ("ready", vec!["voided", "failed"]));
    assert_eq!((on_card(&buyers).await, buyers.available(&variant).await), (2_000, 10));
    let done = pay(&buyers, &checkout, "tok_ok", "key-2").await.unwrap();
    assert_eq!(taken(&buyers, &done.order_id).await, parts(total));
}

async fn law_5_a_gift_card_waits_with_the_card_that_the_bank_wants_confirmed(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    issued(&buyers).await;
    let (checkout, total) = ready(&buyers, &variant).await;
    let waits = pay(&buyers, &checkout, "tok_needs_action", "key-1").await.unwrap();
    assert_eq!(waits.status, "needs_buyer");
    assert!(!waits.action_url.is_empty());
    assert_eq!(on_card(&buyers).await, 0, "it is held");
    let card = waits.attempts.iter().find(|attempt| attempt.provider == "test").unwrap();
    let body = format!(r#"{{"intent_id":"{}","approve":true}}"#, card.intent_id).into_bytes();
    let says = HandleWebhookRequest { provider: "test".to_owned(), body, ..HandleWebhookRequest::default() };
    buyers.wiring.payments().unwrap().handle_webhook(&buyers.ctx, says).await.unwrap();
    eventually("the order is placed, also with the browser closed", || async {
        buyers.checkout(&checkout).await.status == "completed"
    })
    .await;
    let request = ContinueCheckoutRequest { checkout_id: checkout };
    let done = buyers.wiring.orders().unwrap().continue_checkout(&buyers.ctx, request).await.unwrap();
    assert_eq!(taken(&buyers, &done.order_id).await, parts(total));
}

async fn law_5_who_leaves_the_bank_has_the_gift_card_again(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    issued(&buyers).await;
    let (checkout, _) = ready(&buyers, &variant).await;
    pay(&buyers, &checkout, "tok_needs_action", "key-1").await.unwrap();
    let waits = pay(&buyers, &checkout, "tok_needs_action", "key-2").await;
    assert_eq!(waits.unwrap().status, "needs_buyer", "another way to pay takes the card with it");
    let request = CancelCheckoutRequest { checkout_id: checkout };
    let canceled = buyers.wiring.orders().unwrap().cancel_checkout(&buyers.ctx, request).await.unwrap();
    assert_eq!(canceled.status, "canceled");
    assert_eq!((on_card(&buyers).await, buyers.available(&variant).await), (2_000, 10));
}

async fn law_4_a_card_that_nobody_answers_is_given_up_and_the_gift_card_with_it(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    issued(&buyers).await;
    let (checkout, total) = ready(&buyers, &variant).await;
    pay(&buyers, &checkout, "tok_vanishes", "key-1").await.unwrap_err();
    eventually("it is given up", || async { buyers.checkout(&checkout).await.status == "ready" }).await;
    let ready = buyers.checkout(&checkout).await;
    assert_eq!(ready.unanswered_providers, ["test"], "the gift card is none of those who were away");
    assert_eq!(on_card(&buyers).await, 2_000);
    let done = pay(&buyers, &checkout, "tok_ok", "key-2").await.unwrap();
    assert_eq!(taken(&buyers, &done.order_id).await, parts(total));
}

async fn law_4_a_card_that_charged_and_never_answered_is_found_beside_the_gift_card(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    issued(&buyers).await;
    let (checkout, total) = ready(&buyers, &variant).await;
    // Whether this call hears of it or the one that goes on after it.
    let _heard = pay(&buyers, &checkout, "tok_timeout", "key-1").await;
    eventually("it is found", || async { buyers.checkout(&checkout).await.status == "completed" }).await;
    let order = buyers.checkout(&checkout).await.order_id;
    assert_eq!(taken(&buyers, &order).await, parts(total));
}
