//! From cart to order by the laws, with every service real, over both call modes.

use crate::support::{Buyers, Shop};
use argosy_contracts::{
    cart::{AddLine, command},
    common::{Money, ReadBooksRequest},
    notifications::ListMessagesRequest,
    orders::{
        CancelCheckoutRequest, Checkout, ContinueCheckoutRequest, ForgetPersonRequest, ForgetPersonResponse,
        GetOrderRequest, RefundOrderRequest, UpdateCheckoutRequest,
    },
    payments::{GetIntentRequest, HandleWebhookRequest, ListMethodsRequest},
};
use argosy_kernel::{Code, Ctx, Secret};
use argosy_platform::http::Listener;
use argosy_testkit::{Mode, contract_stories, eventually};

/// How the shop's services are called.
struct Subject(Mode);

impl Subject {
    #[expect(clippy::unused_async, reason = "as the stories of every contract begin")]
    async fn start(mode: Mode) -> Self {
        Self(mode)
    }

    async fn open(&self) -> Shop {
        self.open_with(|_| {}).await
    }

    async fn open_with(&self, change: impl FnOnce(&mut argosy::settings::Settings)) -> Shop {
        Shop::open_in(self.0, change).await
    }
}

contract_stories! {
    law_3_a_purchase_reserves_authorises_places_and_captures,
    law_1_a_disputed_payment_is_in_its_orders_ledger_and_is_not_given_back_again,
    law_2_two_hundred_buyers_of_the_last_ten_get_exactly_ten_orders,
    law_2_the_last_use_of_a_coupon_goes_to_one_buyer,
    law_4_a_double_click_places_one_order_and_a_replay_answers_the_same,
    law_4_two_tabs_that_pay_at_once_with_their_own_keys_place_one_order,
    law_4_a_payment_that_charged_and_never_answered_is_found_and_not_made_twice,
    law_4_a_payment_that_nobody_answers_is_given_up_and_paid_otherwise_once,
    law_5_while_the_preferred_provider_is_away_the_next_one_is_offered,
    law_5_a_declined_card_gives_all_back_and_the_next_one_pays,
    law_5_a_buyer_who_confirms_at_the_bank_gets_the_order_even_with_the_browser_closed,
    law_5_a_buyer_may_leave_the_bank_and_pay_otherwise_or_give_up,
    law_7_a_price_that_changed_must_be_accepted_by_the_buyer,
    law_7_what_another_tab_put_in_the_cart_is_not_bought_unseen,
    law_11_who_is_forgotten_leaves_the_books_as_they_are,
    law_11_who_is_buying_is_forgotten_afterwards,
    an_incomplete_checkout_names_what_is_missing,
    an_order_is_read_with_its_key_only,
}

async fn captured(buyers: &Buyers<'_>, intent: &str) -> i64 {
    let request = GetIntentRequest { intent_id: intent.to_owned() };
    let intent = buyers.wiring.payments().unwrap().get_intent(&buyers.ctx, request).await.unwrap();
    intent.captured.unwrap().minor
}

async fn bank_says(buyers: &Buyers<'_>, intent: &str, approve: bool) {
    let body = format!(r#"{{"intent_id":"{intent}","approve":{approve}}}"#).into_bytes();
    let request =
        HandleWebhookRequest { provider: "test".to_owned(), body, ..HandleWebhookRequest::default() };
    buyers.wiring.payments().unwrap().handle_webhook(&buyers.ctx, request).await.unwrap();
}

async fn law_3_a_purchase_reserves_authorises_places_and_captures(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let cart = buyers.cart(&[(&variant, 3)]).await;
    let checkout = buyers.ready(&cart).await;
    let total = checkout.quote.as_ref().unwrap().total.clone().unwrap();

    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();

    assert_eq!(done.status, "completed");
    let order = buyers.order(&done.order_id).await;
    assert_eq!(order.payment_status, "captured");
    assert_eq!(order.total.unwrap(), total);
    assert_eq!(order.number, "1001");
    assert_eq!(captured(&buyers, &done.attempts[0].intent_id).await, total.minor);
    assert_eq!(buyers.available(&variant).await, 7);
    let kinds: Vec<&str> = order.events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["placed", "payment_captured"]);
    assert!(!order.lines[0].line.as_ref().unwrap().trace.is_empty(), "law 12: every price has its trace");
    eventually("the confirmation is sent", || async {
        let messages = buyers.wiring.notifications().unwrap();
        let listed =
            messages.list_messages(&Ctx::system("test"), ListMessagesRequest::default()).await.unwrap();
        listed.messages.first().is_some_and(|message| message.state == "sent")
    })
    .await;
    assert_eq!(std::fs::read_dir(shop.folder.path().join("mail")).unwrap().count(), 1);
}

async fn law_1_a_disputed_payment_is_in_its_orders_ledger_and_is_not_given_back_again(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;
    let total = checkout.quote.as_ref().unwrap().total.clone().unwrap().minor;
    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    let intent = &done.attempts[0].intent_id;
    // In dispute, charged back, fees, and what the buyer owes.
    let comes_to = async |state: &str, sums: (i64, i64, i64, i64)| {
        eventually(&format!("the order tells that it is {state}"), || async {
            let order = buyers.order(&done.order_id).await;
            let money = order.money.unwrap();
            let minor = |money: Option<Money>| money.unwrap().minor;
            let found = (
                minor(money.in_dispute),
                minor(money.charged_back),
                minor(money.dispute_fees),
                minor(money.due),
            );
            found == sums && order.disputes.iter().any(|dispute| dispute.state == state)
        })
        .await;
    };

    for _ in 0..2 {
        buyers.disputes(intent, "dp_1", "needs_response").await;
    }
    comes_to("needs_response", (total, 0, 1_500, 0)).await;
    let refund = RefundOrderRequest {
        order_id: done.order_id.clone(),
        reference: "kind".to_owned(),
        amount: checkout.quote.as_ref().unwrap().total.clone(),
        ..RefundOrderRequest::default()
    };
    let aftersales = buyers.wiring.aftersales().unwrap();
    let refused = aftersales.refund_order(&Ctx::system("test"), refund).await.unwrap_err();
    assert_eq!(refused.reason(), "REFUND_TOO_LARGE", "the bank gives it back");
    buyers.disputes(intent, "dp_1", "lost").await;
    comes_to("lost", (0, total, 1_500, 0)).await;
    // The bank changes its mind.
    buyers.disputes(intent, "dp_1", "won").await;
    comes_to("won", (0, 0, 0, 0)).await;
    let seen = buyers.order(&done.order_id).await;
    let told = seen.events.iter().filter(|event| event.kind == "dispute_changed").count();
    assert_eq!((seen.disputes.len(), told), (1, 3));
    let key = GetOrderRequest {
        order_id: done.order_id.clone(),
        key: done.order_key.clone(),
        ..GetOrderRequest::default()
    };
    let buyers_own = buyers.wiring.orders().unwrap().get_order(&Ctx::guest(), key).await.unwrap();
    assert!(
        buyers_own.disputes.is_empty()
            && buyers_own.events.iter().all(|event| event.kind != "dispute_changed")
    );
}

async fn law_2_two_hundred_buyers_of_the_last_ten_get_exactly_ten_orders(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("rare", 10).await;
    let mut checkouts = Vec::new();
    for _ in 0..200 {
        let cart = buyers.cart(&[(&variant, 1)]).await;
        checkouts.push(buyers.ready(&cart).await.id);
    }
    let paying = checkouts.iter().map(|checkout| buyers.pay(checkout, "tok_ok", "key-1"));
    let outcomes = futures::future::join_all(paying).await;
    let placed =
        outcomes.iter().filter(|outcome| outcome.as_ref().is_ok_and(|c| c.status == "completed")).count();
    assert_eq!(placed, 10);
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "OUT_OF_STOCK"));
    }
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 190);
    assert_eq!(buyers.available(&variant).await, 0);
}

async fn law_2_the_last_use_of_a_coupon_goes_to_one_buyer(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 100).await;
    buyers.coupon("ONCE", 1).await;
    let mut checkouts = Vec::new();
    for _ in 0..20 {
        let cart = buyers.cart(&[(&variant, 1)]).await;
        buyers.with_code(&cart, "ONCE").await;
        checkouts.push(buyers.ready(&cart).await.id);
    }
    let paying = checkouts.iter().map(|checkout| buyers.pay(checkout, "tok_ok", "key-1"));
    let outcomes = futures::future::join_all(paying).await;
    let placed =
        outcomes.iter().filter(|outcome| outcome.as_ref().is_ok_and(|c| c.status == "completed")).count();
    assert_eq!(placed, 1);
    assert_eq!(buyers.available(&variant).await, 99);
}

async fn law_4_a_double_click_places_one_order_and_a_replay_answers_the_same(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let clicks = (0..5).map(|_| buyers.pay(&checkout, "tok_slow", "key-1"));
    let answers = futures::future::join_all(clicks).await;
    for answer in &answers {
        assert_eq!(answer.as_ref().unwrap(), answers[0].as_ref().unwrap());
    }
    assert_eq!(&buyers.pay(&checkout, "tok_slow", "key-1").await.unwrap(), answers[0].as_ref().unwrap());
    let other_body = buyers.pay(&checkout, "tok_ok", "key-1").await.unwrap_err();
    assert_eq!(other_body.reason(), "KEY_REUSED");
    let other_key = buyers.pay(&checkout, "tok_ok", "key-2").await.unwrap_err();
    assert_eq!(other_key.reason(), "CHECKOUT_STATE");
    assert_eq!(buyers.available(&variant).await, 9);
}

async fn law_4_two_tabs_that_pay_at_once_with_their_own_keys_place_one_order(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let tabs = (0..5).map(|tab| {
        let (buyers, checkout) = (&buyers, &checkout);
        async move { buyers.pay(checkout, "tok_slow", &format!("key-{tab}")).await }
    });
    let answers = futures::future::join_all(tabs).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(refused.reason(), "CHECKOUT_BUSY" | "CHECKOUT_STATE"), "{refused:?}");
    }
    assert_eq!(buyers.available(&variant).await, 9);
}

async fn law_4_a_payment_that_charged_and_never_answered_is_found_and_not_made_twice(s: Subject) {
    let shop = s.open_with(|settings| settings.payments.provider_timeout_ms = 100).await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;
    let total = checkout.quote.as_ref().unwrap().total.clone().unwrap().minor;
    let unknown = buyers.pay(&checkout.id, "tok_timeout", "key-1").await.unwrap_err();
    assert_eq!((unknown.code(), unknown.reason()), (Code::Unavailable, "PROVIDER_UNAVAILABLE"));
    eventually("the resumer finds the charge", || async {
        buyers.checkout(&checkout.id).await.status == "completed"
    })
    .await;
    let again = buyers.pay(&checkout.id, "tok_timeout", "key-1").await.unwrap();
    assert_eq!(again.status, "completed");
    eventually("the money is taken", || async {
        buyers.order(&again.order_id).await.payment_status == "captured"
    })
    .await;
    assert_eq!(captured(&buyers, &again.attempts[0].intent_id).await, total);
    assert_eq!(buyers.available(&variant).await, 9);
}

async fn offered_for(buyers: &Buyers<'_>, checkout: &Checkout) -> Vec<String> {
    let request = ListMethodsRequest {
        amount: checkout.quote.as_ref().unwrap().total.clone(),
        unanswered: checkout.unanswered_providers.clone(),
        ..ListMethodsRequest::default()
    };
    let listed = buyers.wiring.payments().unwrap().list_methods(&buyers.ctx, request).await.unwrap();
    listed.methods.into_iter().filter(|one| one.method == "card").map(|one| one.provider).collect()
}

async fn law_4_a_payment_that_nobody_answers_is_given_up_and_paid_otherwise_once(s: Subject) {
    let shop = s
        .open_with(|settings| {
            settings.orders.payment_patience_s = 0;
            settings.payments.resume_interval_ms = 50;
        })
        .await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;

    let unknown = buyers.pay(&checkout.id, "tok_vanishes", "key-1").await.unwrap_err();
    assert_eq!(unknown.reason(), "PROVIDER_UNAVAILABLE", "it may have charged");
    eventually("the attempt is given up", || async { buyers.checkout(&checkout.id).await.status == "ready" })
        .await;
    let given_up = buyers.checkout(&checkout.id).await;
    assert_eq!(given_up.attempts[0].failure_reason, "NOT_ANSWERED");
    assert_eq!(given_up.unanswered_providers, ["test"]);
    assert_eq!(buyers.available(&variant).await, 10, "its stock is given back");

    let paid = buyers.pay(&checkout.id, "tok_ok", "key-2").await.unwrap();
    assert_eq!((paid.status.as_str(), paid.unanswered_providers.len()), ("completed", 0));
    let again = buyers.pay(&checkout.id, "tok_vanishes", "key-1").await.unwrap();
    assert_eq!(again.status, "ready", "the first key is answered as it came out");
    let first = &paid.attempts[0].intent_id;
    eventually("the provider has let go of the first", || async { !is_held(&shop, first).await }).await;
    assert_eq!((captured(&buyers, first).await, buyers.available(&variant).await), (0, 9));
}

/// Whether the pretended provider holds money that is not taken.
async fn is_held(shop: &Shop, intent: &str) -> bool {
    let database = |name: &str| {
        shop.process.host().databases().into_iter().find(|database| database.name() == name).unwrap()
    };
    let books = argosy_payments::books(database("payments"), Some(database("payments_test_provider")));
    let read = books.read_intents(&Ctx::system("test"), ReadBooksRequest::default()).await.unwrap();
    let found = read.intents.into_iter().find(|one| one.id == intent).unwrap();
    found.charge.is_some_and(|charge| charge.held)
}

async fn law_5_while_the_preferred_provider_is_away_the_next_one_is_offered(s: Subject) {
    let nobody = Listener::bind(([127, 0, 0, 1], 0).into(), "test").await.unwrap();
    let api_base = format!("http://{}", nobody.address());
    drop(nobody);
    let shop = s
        .open_with(|settings| {
            settings.payments.preference = vec!["stripe".to_owned(), "test".to_owned()];
            let stripe = &mut settings.payments.stripe;
            stripe.secret_key = Some(Secret::new("sk_test_1".to_owned()));
            stripe.publishable_key = Some("pk_test_1".to_owned());
            stripe.api_base = api_base;
            stripe.retries_max = 0;
        })
        .await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;
    assert_eq!(offered_for(&buyers, &checkout).await, ["stripe"], "one of a kind");

    let failed = buyers.pay_with("stripe", &checkout.id, "pm_1", "key-1").await.unwrap();
    assert_eq!(
        (failed.status.as_str(), failed.attempts[0].failure_reason.as_str()),
        ("ready", "PROVIDER_AWAY")
    );
    assert_eq!(buyers.available(&variant).await, 10);
    let shown = buyers.checkout(&checkout.id).await;
    assert_eq!(offered_for(&buyers, &shown).await, ["test"], "the next, in the same checkout");

    let declined = buyers.pay(&checkout.id, "tok_declined", "key-2").await.unwrap();
    assert_eq!(declined.unanswered_providers, ["stripe"], "who declines has answered");
    assert_eq!(offered_for(&buyers, &declined).await, ["test"], "and a decline leads to nobody else");
    let paid = buyers.pay(&checkout.id, "tok_ok", "key-3").await.unwrap();
    assert_eq!(paid.status, "completed");
    assert_eq!(paid.attempts.len(), 3, "each is a row under the checkout");
}

async fn law_5_a_declined_card_gives_all_back_and_the_next_one_pays(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 1).await;
    buyers.coupon("ONCE", 1).await;
    let cart = buyers.cart(&[(&variant, 1)]).await;
    buyers.with_code(&cart, "ONCE").await;
    let checkout = buyers.ready(&cart).await.id;
    let declined = buyers.pay(&checkout, "tok_declined", "key-1").await.unwrap();
    assert_eq!(
        (declined.status.as_str(), declined.attempts[0].failure_reason.as_str()),
        ("ready", "DECLINED")
    );
    assert_eq!(buyers.available(&variant).await, 1);
    assert_eq!(buyers.pay(&checkout, "tok_declined", "key-1").await.unwrap(), declined);
    let paid = buyers.pay(&checkout, "tok_ok", "key-2").await.unwrap();
    assert_eq!(paid.status, "completed");
    assert_eq!(
        paid.attempts.iter().map(|one| one.state.as_str()).collect::<Vec<_>>(),
        ["failed", "authorised"]
    );
    assert_eq!(buyers.available(&variant).await, 0);
}

async fn law_5_a_buyer_who_confirms_at_the_bank_gets_the_order_even_with_the_browser_closed(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let (back, gone) = (buyers.cart(&[(&variant, 1)]).await, buyers.cart(&[(&variant, 1)]).await);
    let (back, gone) = (buyers.ready(&back).await.id, buyers.ready(&gone).await.id);
    let waiting = buyers.pay(&back, "tok_needs_action", "key-1").await.unwrap();
    assert_eq!(waiting.status, "needs_buyer");
    assert!(waiting.action_url.contains("/checkout/test-bank/"));
    bank_says(&buyers, &waiting.attempts[0].intent_id, true).await;
    let request = ContinueCheckoutRequest { checkout_id: back.clone() };
    let done = buyers.wiring.orders().unwrap().continue_checkout(&buyers.ctx, request).await.unwrap();
    assert_eq!(done.status, "completed");

    let waiting = buyers.pay(&gone, "tok_needs_action", "key-1").await.unwrap();
    bank_says(&buyers, &waiting.attempts[0].intent_id, true).await;
    eventually("the fact wakes the checkout", || async {
        buyers.checkout(&gone).await.status == "completed"
    })
    .await;
    assert_eq!(buyers.available(&variant).await, 8);
}

async fn law_5_a_buyer_may_leave_the_bank_and_pay_otherwise_or_give_up(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let (other, nothing) = (buyers.cart(&[(&variant, 1)]).await, buyers.cart(&[(&variant, 1)]).await);
    let (other, nothing) = (buyers.ready(&other).await.id, buyers.ready(&nothing).await.id);
    let left = buyers.pay(&other, "tok_needs_action", "key-1").await.unwrap();
    let paid = buyers.pay(&other, "tok_ok", "key-2").await.unwrap();
    assert_eq!(paid.status, "completed");
    bank_says(&buyers, &left.attempts[0].intent_id, true).await;
    assert_eq!(captured(&buyers, &left.attempts[0].intent_id).await, 0);

    buyers.pay(&nothing, "tok_needs_action", "key-1").await.unwrap();
    let cancel = CancelCheckoutRequest { checkout_id: nothing.clone() };
    let orders = buyers.wiring.orders().unwrap();
    assert_eq!(orders.cancel_checkout(&buyers.ctx, cancel.clone()).await.unwrap().status, "canceled");
    assert_eq!(orders.cancel_checkout(&buyers.ctx, cancel).await.unwrap().status, "canceled");
    assert_eq!(buyers.available(&variant).await, 9);
}

async fn law_7_a_price_that_changed_must_be_accepted_by_the_buyer(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await;
    let before = checkout.quote.as_ref().unwrap().total.clone().unwrap().minor;
    assert_eq!(buyers.priced("mug", 2_500).await, variant);

    let refused = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    assert_eq!(refused.notices[0].code, "PRICE_CHANGED");
    assert_eq!(refused.notices[0].resolution, "accept");
    assert_ne!(refused.status, "completed");
    let looked_at = buyers.checkout(&checkout.id).await;
    assert_eq!(looked_at.notices[0].code, "PRICE_CHANGED", "looking is not accepting");

    let accept = UpdateCheckoutRequest {
        checkout_id: checkout.id.clone(),
        accepted_notices: vec![refused.notices[0].token.clone()],
        ..UpdateCheckoutRequest::default()
    };
    let accepted = buyers.wiring.orders().unwrap().update_checkout(&buyers.ctx, accept).await.unwrap();
    assert!(accepted.notices.is_empty(), "{:?}", accepted.notices);
    let paid = buyers.pay(&checkout.id, "tok_ok", "key-2").await.unwrap();
    assert_eq!(paid.status, "completed");
    assert_eq!(buyers.order(&paid.order_id).await.total.unwrap().minor, before + 500);
}

async fn law_7_what_another_tab_put_in_the_cart_is_not_bought_unseen(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let cart = buyers.cart(&[(&variant, 1)]).await;
    let checkout = buyers.ready(&cart).await.id;
    let more = AddLine { variant_id: variant.clone(), quantity: 4 };
    buyers.command(&cart, command::Command::AddLine(more)).await.unwrap();
    let refused = buyers.pay(&checkout, "tok_ok", "key-1").await.unwrap();
    assert_eq!(refused.notices[0].code, "CART_CHANGED");
    assert_eq!(buyers.available(&variant).await, 10);
    buyers.checkout(&checkout).await;
    assert_eq!(buyers.pay(&checkout, "tok_ok", "key-2").await.unwrap().status, "completed");
    assert_eq!(buyers.available(&variant).await, 5);
}

async fn an_incomplete_checkout_names_what_is_missing(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let cart = buyers.cart(&[(&variant, 1)]).await;
    let start = argosy_contracts::orders::StartCheckoutRequest { cart_id: cart };
    let checkout = buyers.wiring.orders().unwrap().start_checkout(&buyers.ctx, start).await.unwrap();
    assert_eq!(checkout.status, "incomplete");
    let refused = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap_err();
    assert_eq!(refused.reason(), "CHECKOUT_INCOMPLETE");
    let pointers: Vec<&str> = refused.fields().iter().map(|field| field.pointer.as_str()).collect();
    assert_eq!(pointers, ["/email", "/shipping_address"]);
    let no_key = argosy_contracts::orders::CompleteCheckoutRequest {
        checkout_id: checkout.id.clone(),
        ..Default::default()
    };
    let refused = buyers.wiring.orders().unwrap().complete_checkout(&buyers.ctx, no_key).await.unwrap_err();
    assert_eq!(refused.reason(), "KEY_MISSING");
}

async fn an_order_is_read_with_its_key_only(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let done = buyers.pay(&checkout, "tok_ok", "key-1").await.unwrap();
    let read = |key: &str| {
        let (orders, ctx) = (buyers.wiring.orders().unwrap(), buyers.ctx.clone());
        let request = argosy_contracts::orders::GetOrderRequest {
            order_id: done.order_id.clone(),
            key: key.to_owned(),
            number: String::new(),
        };
        async move { orders.get_order(&ctx, request).await }
    };
    assert!(read(&done.order_key).await.is_ok());
    for wrong in ["", "x", &done.order_key[1..]] {
        assert_eq!(read(wrong).await.unwrap_err().reason(), "ORDER_NOT_FOUND");
    }
}

async fn forget(shop: &Shop, email: &str) -> argosy_kernel::Result<ForgetPersonResponse> {
    shop.persons().forget(&Ctx::system("test"), ForgetPersonRequest { email: email.to_owned() }).await
}

async fn law_11_who_is_forgotten_leaves_the_books_as_they_are(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let done = buyers.pay(&checkout, "tok_ok", "key-1").await.unwrap();
    let open = buyers.ready(&buyers.cart(&[(&variant, 2)]).await).await.id;
    let before = buyers.order(&done.order_id).await;
    assert_eq!(
        (before.email.as_str(), &before.shipping_address),
        ("ann@example.com", &Some(crate::support::ann()))
    );
    let listed = || async {
        let request = ListMessagesRequest::default();
        let listing = buyers.wiring.notifications().unwrap();
        listing.list_messages(&Ctx::system("test"), request).await.unwrap().messages
    };
    eventually("the message is sent", || async {
        listed().await.iter().any(|message| message.state == "sent")
    })
    .await;

    let stranger = shop.persons().forget(&Ctx::guest(), ForgetPersonRequest::default()).await.unwrap_err();
    assert_eq!(stranger.reason(), "STAFF_ONLY");
    let wrong = forget(&shop, "ann").await.unwrap_err();
    assert_eq!(wrong.fields()[0].pointer, "/email");
    let forgotten = forget(&shop, "ANN@example.com ").await.unwrap();

    assert_eq!((forgotten.orders, forgotten.checkouts), (1, 1));
    let after = buyers.order(&done.order_id).await;
    assert_eq!((after.email.as_str(), &after.shipping_address), ("", &None));
    assert_eq!((&after.lines, &after.totals, &after.number), (&before.lines, &before.totals, &before.number));
    assert_eq!((&after.person_id, after.person_id.is_empty()), (&forgotten.person_id, false));
    assert!(after.events.iter().any(|event| event.kind == "person_forgotten"), "{:?}", after.events);
    assert_eq!(buyers.checkout(&checkout).await.email, "");
    assert_eq!(buyers.pay(&checkout, "tok_ok", "key-1").await.unwrap().order_id, done.order_id);
    let refused = buyers.pay(&open, "tok_ok", "key-2").await.unwrap_err();
    assert_eq!((refused.reason(), refused.fields()[0].pointer.as_str()), ("CHECKOUT_INCOMPLETE", "/email"));
    eventually("the message names nobody", || async {
        listed().await.iter().all(|message| message.recipient.is_empty() && message.state == "sent")
    })
    .await;

    assert_eq!(forget(&shop, "ann@example.com").await.unwrap(), ForgetPersonResponse::default());
    let again = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let again = buyers.pay(&again, "tok_ok", "key-3").await.unwrap();
    assert_ne!(buyers.order(&again.order_id).await.person_id, forgotten.person_id);
}

async fn law_11_who_is_buying_is_forgotten_afterwards(s: Subject) {
    let shop = s.open().await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 10).await;
    let checkout = buyers.ready(&buyers.cart(&[(&variant, 1)]).await).await.id;
    let waiting = buyers.pay(&checkout, "tok_needs_action", "key-1").await.unwrap();
    assert_eq!(waiting.status, "needs_buyer");
    let refused = forget(&shop, "ann@example.com").await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::Aborted, "PERSON_IS_BUYING"));
    assert_eq!(buyers.checkout(&checkout).await.email, "ann@example.com");
    let cancel = CancelCheckoutRequest { checkout_id: checkout.clone() };
    let canceled = buyers.wiring.orders().unwrap().cancel_checkout(&buyers.ctx, cancel).await.unwrap();
    assert_eq!((canceled.status.as_str(), canceled.email.as_str()), ("canceled", ""));
    let forgotten = forget(&shop, "ann@example.com").await.unwrap();
    assert_eq!((forgotten.orders, forgotten.person_id.is_empty()), (0, false));
}
