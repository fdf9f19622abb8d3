//! What is due of an order after the sale, paid by its buyer.

use argosy_contracts::orders::{
    AddedLine, BalancePayment, CancelOrderRequest, ContinueBalanceRequest, DecideEditRequest, Order,
    PayBalanceRequest, ProposeEditRequest, RefundOrderRequest, TakePaymentRequest,
};
use argosy_kernel::{Ctx, Error, Result};
use argosy_testkit::{Mode, contract_stories, eventually};
use std::time::Duration;

use crate::{
    shop::{Shop, due, kinds},
    world::{Mood, eur},
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start_with(mode, |config| config.payment_patience_s = 0).await)
    }
}

contract_stories! {
    law_1_a_buyer_pays_what_a_change_costs_more_and_owes_nothing,
    law_4_two_tabs_pay_what_is_due_once,
    law_4_a_reference_pays_once_and_another_request_under_it_is_refused,
    law_4_who_dies_before_it_is_taken_is_followed_by_another_who_takes_it,
    law_5_a_decline_is_an_answer_and_the_next_card_pays,
    law_5_what_waits_at_the_bank_is_gone_on_with_or_left_for_another_card,
    law_7_another_amount_than_the_buyer_saw_is_not_paid,
    law_1_what_is_not_due_any_more_is_let_go,
    law_1_a_payment_by_hand_that_is_paid_by_card_is_not_awaited_any_more,
    law_1_what_was_paid_last_goes_back_first,
    law_4_what_nobody_answers_is_given_up,
    who_has_no_key_pays_nothing,
}

/// What waits for the buyer, in the fake: until the bank has said something.
const BANK: &str = "needs_buyer";

impl Shop {
    /// An order whose buyer owes 10.00 for a mug that was added.
    async fn changed(&self) -> Order {
        let order = self.sold().await;
        self.adds_a_mug(&order, "more").await
    }

    async fn adds_a_mug(&self, order: &Order, reference: &str) -> Order {
        let propose = ProposeEditRequest {
            order_id: order.id.clone(),
            reference: format!("propose {reference}"),
            add: vec![AddedLine { variant_id: self.cup.to_string(), quantity: 1, unit_price: None }],
            ..ProposeEditRequest::default()
        };
        let proposed = self.aftersales.propose_edit(&self.staff, propose).await.unwrap();
        let edit = DecideEditRequest {
            order_id: order.id.clone(),
            reference: format!("apply {reference}"),
            edit_id: proposed.edits.last().unwrap().id.clone(),
        };
        self.aftersales.apply_edit(&self.staff, edit).await.unwrap()
    }

    async fn pays(&self, order: &Order, reference: &str, token: &str) -> Result<BalancePayment, Error> {
        let answer = self.aftersales.pay_balance(&Ctx::guest(), asked(order, reference, token)).await?;
        assert!(answer.order.is_some());
        Ok(answer.payment.unwrap())
    }

    fn bank_says(&self, payment: &str, state: &str) {
        state.clone_into(&mut self.around.world().intents.get_mut(payment).unwrap().state);
    }
}

fn asked(order: &Order, reference: &str, token: &str) -> PayBalanceRequest {
    PayBalanceRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        key: order.key.clone(),
        provider: "test".to_owned(),
        token: token.to_owned(),
        ..PayBalanceRequest::default()
    }
}

async fn law_1_a_buyer_pays_what_a_change_costs_more_and_owes_nothing(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    assert_eq!(due(&order), 1_000);
    let paid = shop.pays(&order, "tab", "tok_ok").await.unwrap();
    assert_eq!((paid.state.as_str(), paid.amount), ("paid", eur(1_000)));
    let now = shop.order(&order.id).await;
    assert_eq!((due(&now), now.payment_status.as_str()), (0, "captured"));
    assert_eq!(kinds(&now).last(), Some(&"balance_paid"));
    assert_eq!(
        now.payments.iter().map(|one| one.taken.clone()).collect::<Vec<_>>(),
        [eur(4_489), eur(1_000)]
    );
    assert_eq!(now.balance.unwrap().state, "paid");
    assert_eq!(shop.around.money(), (5_489, 0));
    let nothing = shop.pays(&order, "again", "tok_ok").await.unwrap_err();
    assert_eq!(nothing.reason(), "NOTHING_DUE");
    shop.check_ledger(&order).await;
}

async fn law_4_two_tabs_pay_what_is_due_once(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    let tabs: Vec<String> = (0..6).map(|tab| format!("tab {tab}")).collect();
    let paying = tabs.iter().map(|tab| shop.pays(&order, tab, "tok_ok"));
    let answers = futures::future::join_all(paying).await;
    let paid = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|paid| paid.state == "paid")).count();
    assert_eq!(paid, 1, "{answers:?}");
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(refused.reason(), "ORDER_BUSY" | "NOTHING_DUE"), "{refused}");
    }
    assert_eq!(shop.around.money(), (5_489, 0));
    shop.check_ledger(&order).await;
}

async fn law_4_a_reference_pays_once_and_another_request_under_it_is_refused(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    let clicks = (0..3).map(|_| shop.pays(&order, "tab", "tok_ok"));
    let answers = futures::future::join_all(clicks).await;
    let ids: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| answer.unwrap().id).collect();
    assert_eq!(ids.len(), 1, "a double click is one payment");
    let other = shop.pays(&order, "tab", "other").await.unwrap_err();
    assert_eq!(other.reason(), "KEY_REUSED");
    assert_eq!(shop.around.money(), (5_489, 0));
}

async fn law_4_who_dies_before_it_is_taken_is_followed_by_another_who_takes_it(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    shop.around.world().mood = Mood::AnswersNever;
    shop.pays(&order, "tab", "tok_ok").await.unwrap_err();
    let now = shop.order(&order.id).await;
    assert_eq!((due(&now), now.balance.unwrap().state.as_str()), (1_000, "running"), "it is not known yet");
    let take = TakePaymentRequest { order_id: order.id.clone(), reference: "by hand".to_owned() };
    assert_eq!(shop.aftersales.take_payment(&shop.staff, take).await.unwrap_err().reason(), "NOT_AWAITED");
    shop.around.world().mood = Mood::Answers;
    eventually("it is found that it was taken", || async {
        shop.test.clock.advance(Duration::from_secs(1));
        due(&shop.order(&order.id).await) == 0
    })
    .await;
    assert_eq!(shop.around.money(), (5_489, 0));
    shop.check_ledger(&order).await;
}

async fn law_5_a_decline_is_an_answer_and_the_next_card_pays(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    let declined = shop.pays(&order, "first", "declined").await.unwrap();
    assert_eq!((declined.state.as_str(), declined.failure_reason.as_str()), ("failed", "DECLINED"));
    assert_eq!(shop.around.world().intents[&declined.id].state, "voided");
    assert_eq!(shop.pays(&order, "first", "declined").await.unwrap(), declined, "again it is the same");
    assert_eq!(shop.pays(&order, "second", "tok_ok").await.unwrap().state, "paid");
    let by_hand = shop.adds_a_mug(&order, "another").await;
    let refused = shop.pays(&by_hand, "third", "by_hand").await.unwrap();
    assert_eq!((refused.state.as_str(), refused.failure_reason.as_str()), ("failed", "BY_HAND"));
    assert_eq!(shop.around.money(), (5_489, 0));
}

async fn law_5_what_waits_at_the_bank_is_gone_on_with_or_left_for_another_card(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    let left = shop.pays(&order, "left", BANK).await.unwrap();
    assert_eq!(left.state, "needs_buyer");
    let waits = shop.pays(&order, "waits", BANK).await.unwrap();
    assert_eq!((waits.state.as_str(), waits.action_url.as_str()), ("needs_buyer", "https://bank.example/"));
    assert_eq!(
        shop.around.world().intents[&left.id].state,
        "voided",
        "who pays in another way has left the bank"
    );
    shop.bank_says(&waits.id, "authorised");
    let request = ContinueBalanceRequest { order_id: order.id.clone(), key: order.key.clone() };
    let done = shop.aftersales.continue_balance(&Ctx::guest(), request.clone()).await.unwrap();
    assert_eq!(done.payment.unwrap().state, "paid");
    assert_eq!((due(&done.order.unwrap()), shop.around.money()), (0, (5_489, 0)));
    let again = shop.aftersales.continue_balance(&Ctx::guest(), request).await.unwrap();
    assert_eq!(again.payment.unwrap().state, "paid");

    let order = shop.adds_a_mug(&order, "another").await;
    let forgotten = shop.pays(&order, "forgotten", BANK).await.unwrap();
    eventually("nobody came back from the bank", || async {
        shop.test.clock.advance(Duration::from_mins(10));
        shop.order(&order.id).await.balance.unwrap().state == "failed"
    })
    .await;
    assert_eq!(shop.around.world().intents[&forgotten.id].state, "voided");
}

async fn law_7_another_amount_than_the_buyer_saw_is_not_paid(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    let request = PayBalanceRequest { amount: eur(999), ..asked(&order, "tab", "tok_ok") };
    let refused = shop.aftersales.pay_balance(&Ctx::guest(), request).await.unwrap_err();
    assert_eq!((refused.reason(), &*refused.fields()[0].pointer), ("DUE_CHANGED", "/amount"));
    let request = PayBalanceRequest { amount: eur(1_000), ..asked(&order, "tab", "tok_ok") };
    let paid = shop.aftersales.pay_balance(&Ctx::guest(), request).await.unwrap();
    assert_eq!(paid.payment.unwrap().state, "paid");
}

async fn law_1_what_is_not_due_any_more_is_let_go(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    let waits = shop.pays(&order, "tab", BANK).await.unwrap();
    let cancel = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "all".to_owned(),
        ..CancelOrderRequest::default()
    };
    shop.aftersales.cancel_order(&shop.staff, cancel).await.unwrap();
    shop.bank_says(&waits.id, "authorised");
    let request = ContinueBalanceRequest { order_id: order.id.clone(), key: order.key.clone() };
    let done = shop.aftersales.continue_balance(&Ctx::guest(), request).await.unwrap().payment.unwrap();
    assert_eq!((done.state.as_str(), done.failure_reason.as_str()), ("failed", "DUE_CHANGED"));
    assert_eq!(shop.around.world().intents[&waits.id].state, "voided");
    assert_eq!(shop.around.money(), (4_489, 4_489));
    shop.check_ledger(&order).await;
}

async fn law_1_a_payment_by_hand_that_is_paid_by_card_is_not_awaited_any_more(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_by_hand().await;
    assert_eq!(shop.pays(&order, "tab", "tok_ok").await.unwrap().state, "paid");
    let now = shop.order(&order.id).await;
    assert_eq!((due(&now), now.payment_status.as_str()), (0, "captured"));
    assert_eq!(kinds(&now).iter().filter(|kind| **kind == "payment_captured").count(), 1);
    let take = TakePaymentRequest { order_id: order.id.clone(), reference: "too late".to_owned() };
    assert_eq!(shop.aftersales.take_payment(&shop.staff, take).await.unwrap_err().reason(), "NOT_AWAITED");
    eventually("it is let go", || async {
        shop.around.world().intents[&now.payments[0].id].state == "voided"
    })
    .await;
    assert_eq!(shop.around.money(), (4_489, 0));
    shop.check_ledger(&order).await;
}

async fn law_1_what_was_paid_last_goes_back_first(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    shop.pays(&order, "tab", "tok_ok").await.unwrap();
    let refund = RefundOrderRequest {
        order_id: order.id.clone(),
        reference: "some".to_owned(),
        amount: eur(1_500),
        ..RefundOrderRequest::default()
    };
    let now = shop.aftersales.refund_order(&shop.staff, refund).await.unwrap();
    let back: Vec<_> = now.payments.iter().map(|one| one.refunded.clone()).collect();
    assert_eq!(back, [eur(500), eur(1_000)]);
    let rest = RefundOrderRequest {
        order_id: order.id.clone(),
        reference: "rest".to_owned(),
        amount: eur(3_989),
        ..RefundOrderRequest::default()
    };
    let now = shop.aftersales.refund_order(&shop.staff, rest).await.unwrap();
    assert_eq!((now.payment_status.as_str(), shop.around.money()), ("refunded", (5_489, 5_489)));
    shop.check_ledger(&order).await;
}

async fn law_4_what_nobody_answers_is_given_up(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    let refused = shop.pays(&order, "tab", "silent").await.unwrap_err();
    // Between processes it is asked again, while it is waited for.
    assert!(matches!(refused.reason(), "PROVIDER_UNAVAILABLE" | "ORDER_BUSY"), "{refused}");
    eventually("it is given up", || async {
        shop.test.clock.advance(Duration::from_secs(1));
        shop.order(&order.id).await.balance.unwrap().state == "failed"
    })
    .await;
    let now = shop.order(&order.id).await;
    assert!(matches!(now.balance.unwrap().failure_reason.as_str(), "NOT_ANSWERED" | "INTERRUPTED"));
    assert_eq!(shop.pays(&order, "next", "tok_ok").await.unwrap().state, "paid");
    assert_eq!(shop.around.money(), (5_489, 0));
}

async fn who_has_no_key_pays_nothing(subject: Subject) {
    let shop = subject.0;
    let order = shop.changed().await;
    let wrong = PayBalanceRequest { key: "wrong".to_owned(), ..asked(&order, "tab", "tok_ok") };
    let refused = shop.aftersales.pay_balance(&Ctx::guest(), wrong).await.unwrap_err();
    assert_eq!(refused.reason(), "ORDER_NOT_FOUND");
    let nothing = PayBalanceRequest { token: String::new(), ..asked(&order, "tab", "") };
    let refused = shop.aftersales.pay_balance(&Ctx::guest(), nothing).await.unwrap_err();
    assert_eq!(&*refused.fields()[0].pointer, "/payment/token");
}
