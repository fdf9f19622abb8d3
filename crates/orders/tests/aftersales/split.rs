//! Orders that several payments paid: how much each, and by which money goes back.

use argosy_contracts::{
    common::Money,
    orders::{
        CancelOrderRequest, Order, PartPayment, ReadLedgerRequest, RefundOrderRequest, TakePaymentRequest,
    },
};
use argosy_kernel::Error;
use argosy_platform::database::sql;
use argosy_testkit::{Mode, contract_stories, eventually};

use crate::{
    shop::{Shop, due, kinds},
    world::{Mood, eur},
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start(mode).await)
    }
}

contract_stories! {
    law_1_gift_cards_pay_what_is_on_them_and_the_card_the_rest,
    law_1_gift_cards_that_pay_all_need_no_other_payment,
    law_3_what_is_wrong_with_a_part_is_named_and_nothing_is_held,
    law_5_a_part_that_is_declined_lets_the_others_go_and_says_which_it_was,
    law_10_a_payment_service_of_before_is_asked_for_no_gift_card_without_an_amount,
    law_10_a_release_that_knows_one_payment_leaves_a_purchase_of_several_alone,
    law_10_a_door_may_say_what_pays_the_rest_among_the_parts,
    law_1_money_goes_back_by_the_card_first_and_then_by_the_gift_card,
    law_1_refunds_at_once_of_several_payments_never_exceed_what_each_took,
    law_1_a_payment_that_refuses_a_refund_keeps_only_its_own_share,
    law_4_a_refund_whose_answer_was_lost_is_made_once_by_its_payment,
    money_that_comes_by_hand_is_awaited_beside_a_gift_card,
    law_1_what_a_gift_card_paid_goes_back_when_the_rest_is_not_awaited_any_more,
}

fn part(provider: &str, token: &str, amount: Option<Money>) -> PartPayment {
    PartPayment { provider: provider.to_owned(), token: token.to_owned(), amount }
}

fn card(minor: i64) -> PartPayment {
    part("gift_card", &format!("card_{minor}"), None)
}

impl Shop {
    /// 44.89, of which a gift card paid 20.00 and a card 24.89.
    async fn sold_in_parts(&self) -> Order {
        let checkout = self.ready("Kai 1", 3).await;
        let done = self.pay_in_parts(&checkout, ("test", "tok_ok"), vec![card(2_000)]).await.unwrap();
        assert_eq!(done.status, "completed");
        eventually("the money is taken", || async {
            self.order(&done.order_id).await.payment_status == "captured"
        })
        .await;
        self.order(&done.order_id).await
    }

    async fn refunds(&self, order: &Order, reference: &str, minor: i64) -> Result<Order, Error> {
        let request = RefundOrderRequest {
            order_id: order.id.clone(),
            reference: reference.to_owned(),
            amount: eur(minor),
            ..RefundOrderRequest::default()
        };
        self.aftersales.refund_order(&self.staff, request).await
    }
}

/// Provider, asked for, taken and given back of each payment.
fn payments(order: &Order) -> Vec<(&str, i64, i64, i64)> {
    let minor = |money: &Option<Money>| money.as_ref().unwrap().minor;
    let of = order.payments.iter();
    of.map(|one| (one.provider.as_str(), minor(&one.amount), minor(&one.taken), minor(&one.refunded)))
        .collect()
}

async fn law_1_gift_cards_pay_what_is_on_them_and_the_card_the_rest(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_in_parts().await;
    assert_eq!(payments(&order), [("gift_card", 2_000, 2_000, 0), ("test", 2_489, 2_489, 0)]);
    assert_eq!((order.payments[0].hint.as_str(), order.payments[0].state.as_str()), ("ABCD", "taken"));
    assert_eq!((kinds(&order), due(&order)), (vec!["placed", "payment_captured"], 0));
    assert_eq!(shop.around.money(), (4_489, 0));
    let seen = shop.buyers_order(&order).await;
    assert_eq!(payments(&seen), payments(&order), "the buyer sees by what it was paid");
    let request = ReadLedgerRequest { order_id: order.id.clone() };
    let postings = shop.aftersales.read_ledger(&shop.staff, request).await.unwrap().postings;
    let paid: Vec<i64> = postings
        .iter()
        .filter(|posting| posting.account == "paid")
        .map(|posting| posting.amount.as_ref().unwrap().minor)
        .collect();
    assert_eq!(paid, [2_000, 2_489], "the ledger knows each");
    shop.check_ledger(&order).await;
}

async fn law_1_gift_cards_that_pay_all_need_no_other_payment(subject: Subject) {
    let shop = subject.0;
    let checkout = shop.ready("Kai 1", 3).await;
    let short = shop.pay_in_parts(&checkout, ("", ""), vec![card(2_000)]).await.unwrap_err();
    assert_eq!(&*short.fields()[0].pointer, "/payment/provider", "{short}");
    assert!(short.fields()[0].message.contains("24.89"), "{short}");
    let parts = vec![card(2_000), card(9_000), card(100)];
    let done = shop.pay_in_parts(&checkout, ("", ""), parts).await.unwrap();
    assert_eq!(done.status, "completed");
    eventually("the money is taken", || async {
        shop.order(&done.order_id).await.payment_status == "captured"
    })
    .await;
    let order = shop.order(&done.order_id).await;
    assert_eq!(payments(&order), [("gift_card", 2_000, 2_000, 0), ("gift_card", 2_489, 2_489, 0)]);

    let checkout = shop.ready("Kai 1", 3).await;
    let done = shop.pay_in_parts(&checkout, ("", ""), vec![card(9_000)]).await.unwrap();
    eventually("one that pays alone is a payment like any other", || async {
        let order = shop.order(&done.order_id).await;
        order.payment_status == "captured" && payments(&order) == [("gift_card", 4_489, 4_489, 0)]
    })
    .await;
}

async fn law_3_what_is_wrong_with_a_part_is_named_and_nothing_is_held(subject: Subject) {
    let shop = subject.0;
    let checkout = shop.ready("Kai 1", 3).await;
    let usd = Some(Money { minor: 1, currency: "USD".to_owned() });
    let wrong = [
        (vec![part("gift_card", "card_1", eur(0))], "/payments/0/amount", "above 0"),
        (vec![card(1), part("test", "tok_ok", eur(-1))], "/payments/1/amount", "above 0"),
        (vec![part("test", "tok_ok", usd)], "/payments/0/amount", "EUR"),
        (vec![part("gift_card", "card_9000", eur(4_490))], "/payments/0/amount", "4489"),
        (vec![card(4_000), part("test", "tok_ok", eur(500))], "/payments/1/amount", "489"),
        (vec![part("test", "tok_ok", None), card(1)], "/payments/0/amount", "only a gift card"),
        (vec![part("gift_card", "", None)], "/payments/0/token", "missing"),
        (vec![part("", "tok_ok", eur(1))], "/payments/0/provider", "missing"),
        (vec![card(7), card(7)], "/payments/1/token", "same gift card"),
        (vec![card(1), card(2), card(3), card(4), card(5), card(6)], "/payments", "at most 5"),
    ];
    for (parts, pointer, says) in wrong {
        let refused = shop.pay_in_parts(&checkout, ("test", "tok_ok"), parts).await.unwrap_err();
        assert_eq!((refused.reason(), &*refused.fields()[0].pointer), ("INVALID_FIELD", pointer));
        assert!(refused.fields()[0].message.contains(says), "{refused}");
    }
    assert!(shop.around.world().intents.is_empty(), "nobody was asked for money");
    let done = shop.pay(&checkout, "tok_ok", None).await.unwrap();
    assert_eq!(done.status, "completed");
}

async fn law_5_a_part_that_is_declined_lets_the_others_go_and_says_which_it_was(subject: Subject) {
    let shop = subject.0;
    let checkout = shop.ready("Kai 1", 3).await;
    let parts = vec![card(1_000), part("test", "declined", eur(500)), card(300)];
    let answer = shop.pay_in_parts(&checkout, ("test", "tok_ok"), parts).await.unwrap();
    assert_eq!(answer.status, "ready");
    let told: Vec<(&str, &str, i64)> = answer
        .attempts
        .iter()
        .map(|one| (one.state.as_str(), one.failure_reason.as_str(), one.amount.as_ref().unwrap().minor))
        .collect();
    assert_eq!(
        told,
        [("voided", "", 1_000), ("failed", "DECLINED", 500), ("voided", "", 300), ("voided", "", 2_689)]
    );
    let states: Vec<String> =
        shop.around.world().intents.values().map(|intent| intent.state.clone()).collect();
    assert_eq!(states, ["voided"; 4], "the one that was held and those that were never asked for");
    let done = shop.pay_in_parts(&checkout, ("test", "tok_ok"), vec![card(1_000)]).await.unwrap();
    assert_eq!(done.status, "completed");
}

async fn law_10_a_payment_service_of_before_is_asked_for_no_gift_card_without_an_amount(subject: Subject) {
    let shop = subject.0;
    shop.around.world().is_old = true;
    let checkout = shop.ready("Kai 1", 3).await;
    let refused = shop.pay_in_parts(&checkout, ("test", "tok_ok"), vec![card(500)]).await.unwrap_err();
    assert_eq!(&*refused.fields()[0].pointer, "/payments/0/amount", "{refused}");
    let parts = vec![part("gift_card", "card_500", eur(500))];
    let done = shop.pay_in_parts(&checkout, ("test", "tok_ok"), parts).await.unwrap();
    assert_eq!(done.status, "completed");
}

async fn law_10_a_release_that_knows_one_payment_leaves_a_purchase_of_several_alone(subject: Subject) {
    let shop = subject.0;
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    // In the year 2100, as that release looks for what nobody works on.
    let later = 4_102_444_800_000_i64;
    let taken = async |statement: &'static str| sql(statement).bind(later).commit(&database).await.unwrap();
    let checkout = shop.ready("Kai 1", 3).await;
    let waits = shop.pay_in_parts(&checkout, ("test", "needs_buyer"), vec![card(2_000)]).await.unwrap();
    assert_eq!(waits.status, "needs_buyer");
    let parked = "update attempt set state = 'running' where state = 'parked' and lease_until_ms <= $1";
    let due = "update attempt set lease_until_ms = 0 \
                where lease_until_ms <= $1 and state in ('running', 'parked', 'releasing', 'placed')";
    assert_eq!((taken(parked).await, taken(due).await), (0, 0));
    let mut held: Vec<String> =
        shop.around.world().intents.values().map(|intent| intent.state.clone()).collect();
    held.sort_unstable();
    assert_eq!(held, ["authorised", "requires_action"]);

    let order = shop.sold_in_parts().await;
    shop.around.world().mood = Mood::IsAway;
    let now = shop.refunds(&order, "later", 3_000).await.unwrap();
    assert_eq!(now.refunds.iter().map(|one| one.state.as_str()).collect::<Vec<_>>(), ["open", "open"]);
    let steps = "update order_step set lease_until_ms = 0 where state = 'open' and lease_until_ms <= $1";
    assert_eq!(taken(steps).await, 0);
}

async fn law_10_a_door_may_say_what_pays_the_rest_among_the_parts(subject: Subject) {
    let shop = subject.0;
    let checkout = shop.ready("Kai 1", 3).await;
    let parts = vec![card(1_000), part("test", "tok_ok", None)];
    let done = shop.pay_in_parts(&checkout, ("", ""), parts).await.unwrap();
    eventually("all is taken", || async {
        let order = shop.order(&done.order_id).await;
        payments(&order) == [("gift_card", 1_000, 1_000, 0), ("test", 3_489, 3_489, 0)]
    })
    .await;
}

async fn law_1_money_goes_back_by_the_card_first_and_then_by_the_gift_card(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_in_parts().await;
    let now = shop.refunds(&order, "a", 500).await.unwrap();
    assert_eq!(payments(&now), [("gift_card", 2_000, 2_000, 0), ("test", 2_489, 2_489, 500)]);
    let now = shop.refunds(&order, "b", 3_000).await.unwrap();
    assert_eq!(payments(&now), [("gift_card", 2_000, 2_000, 1_011), ("test", 2_489, 2_489, 2_489)]);
    let again = shop.refunds(&order, "b", 3_000).await.unwrap();
    assert_eq!(payments(&again), payments(&now), "law 4: again it is the same");
    assert_eq!(now.refunds.len(), 3, "each is a refund of its own");
    assert_eq!(now.refunds[1].payment_id, now.payments[1].id);
    let gift = RefundOrderRequest {
        order_id: order.id.clone(),
        reference: "c".to_owned(),
        amount: eur(990),
        payment_id: now.payments[0].id.clone(),
        ..RefundOrderRequest::default()
    };
    let refused = shop.aftersales.refund_order(&shop.staff, gift.clone()).await.unwrap_err();
    assert_eq!(refused.reason(), "REFUND_TOO_LARGE");
    let nobodys = RefundOrderRequest { payment_id: "pay_1".to_owned(), amount: eur(1), ..gift.clone() };
    let refused = shop.aftersales.refund_order(&shop.staff, nobodys).await.unwrap_err();
    assert_eq!(&*refused.fields()[0].pointer, "/payment_id");
    let rest = RefundOrderRequest { amount: eur(989), ..gift };
    let now = shop.aftersales.refund_order(&shop.staff, rest).await.unwrap();
    assert_eq!((now.payment_status.as_str(), shop.around.money()), ("refunded", (4_489, 4_489)));
    shop.check_ledger(&order).await;
}

async fn law_1_refunds_at_once_of_several_payments_never_exceed_what_each_took(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_in_parts().await;
    let references: Vec<String> = (0..8).map(|index| format!("r{index}")).collect();
    let asked = references.iter().map(|reference| shop.refunds(&order, reference, 1_000));
    let answers = futures::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 4);
    for intent in shop.around.world().intents.values() {
        let minor = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.minor);
        assert!(minor(&intent.refunded) <= minor(&intent.captured), "{intent:?}");
    }
    assert_eq!(shop.around.money(), (4_489, 4_000));
    shop.check_ledger(&order).await;
}

async fn law_1_a_payment_that_refuses_a_refund_keeps_only_its_own_share(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_in_parts().await;
    {
        let mut world = shop.around.world();
        (world.mood, world.moody) = (Mood::Refuses, "test".to_owned());
    }
    let now = shop.refunds(&order, "all", 4_489).await.unwrap();
    let states: Vec<&str> = now.refunds.iter().map(|one| one.state.as_str()).collect();
    assert_eq!(states, ["refused", "done"]);
    assert_eq!(payments(&now), [("gift_card", 2_000, 2_000, 2_000), ("test", 2_489, 2_489, 0)]);
    assert_eq!((due(&now), shop.around.money()), (0, (4_489, 2_000)));
    shop.around.world().mood = Mood::Answers;
    let now = shop.refunds(&order, "the rest", 2_489).await.unwrap();
    assert_eq!(now.payment_status, "refunded");
    shop.check_ledger(&order).await;
}

async fn law_4_a_refund_whose_answer_was_lost_is_made_once_by_its_payment(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_in_parts().await;
    shop.around.world().mood = Mood::AnswersNever;
    let now = shop.refunds(&order, "lost", 3_000).await.unwrap();
    assert_eq!(now.refunds.iter().map(|one| one.state.as_str()).collect::<Vec<_>>(), ["open", "open"]);
    shop.around.world().mood = Mood::Answers;
    eventually("it is found that they were made", || async {
        shop.test.clock.advance(std::time::Duration::from_secs(3));
        let now = shop.order(&order.id).await;
        now.refunds.iter().all(|one| one.state == "done")
    })
    .await;
    assert_eq!(shop.around.money(), (4_489, 3_000));
    shop.check_ledger(&order).await;
}

async fn money_that_comes_by_hand_is_awaited_beside_a_gift_card(subject: Subject) {
    let shop = subject.0;
    let checkout = shop.ready("Kai 1", 3).await;
    let done = shop.pay_in_parts(&checkout, ("manual", "by_hand"), vec![card(2_000)]).await.unwrap();
    eventually("the gift card's money is taken", || async {
        payments(&shop.order(&done.order_id).await)[0].2 == 2_000 && shop.around.money().0 == 2_000
    })
    .await;
    eventually("the order says what is due", || async { due(&shop.order(&done.order_id).await) == 2_489 })
        .await;
    let order = shop.order(&done.order_id).await;
    assert_eq!((order.payment_status.as_str(), kinds(&order)), ("pending", vec!["placed", "part_captured"]));
    assert_eq!(order.payments[1].state, "awaited");
    let taken = TakePaymentRequest { order_id: order.id.clone(), reference: "came".to_owned() };
    let now = shop.aftersales.take_payment(&shop.staff, taken.clone()).await.unwrap();
    assert_eq!((now.payment_status.as_str(), due(&now)), ("captured", 0));
    assert_eq!(payments(&now), [("gift_card", 2_000, 2_000, 0), ("manual", 2_489, 2_489, 0)]);
    assert_eq!(kinds(&now), ["placed", "part_captured", "payment_captured"]);
    shop.aftersales.take_payment(&shop.staff, taken).await.unwrap();
    assert_eq!(shop.around.money(), (4_489, 0));
    let now = shop.refunds(&order, "back", 3_000).await.unwrap();
    assert_eq!(payments(&now), [("gift_card", 2_000, 2_000, 511), ("manual", 2_489, 2_489, 2_489)]);
    shop.check_ledger(&order).await;
}

async fn law_1_what_a_gift_card_paid_goes_back_when_the_rest_is_not_awaited_any_more(subject: Subject) {
    let shop = subject.0;
    let checkout = shop.ready("Kai 1", 3).await;
    let done = shop.pay_in_parts(&checkout, ("manual", "by_hand"), vec![card(2_000)]).await.unwrap();
    eventually("the order is open", || async { due(&shop.order(&done.order_id).await) == 2_489 }).await;
    let cancel = CancelOrderRequest {
        order_id: done.order_id.clone(),
        reference: "all".to_owned(),
        ..CancelOrderRequest::default()
    };
    let now = shop.aftersales.cancel_order(&shop.staff, cancel).await.unwrap();
    assert_eq!((now.status.as_str(), now.payment_status.as_str(), due(&now)), ("canceled", "refunded", 0));
    let states: Vec<&str> = now.payments.iter().map(|one| one.state.as_str()).collect();
    assert_eq!(states, ["taken", "let_go"]);
    assert_eq!(shop.around.money(), (2_000, 2_000));
    let by_hand = shop.around.world().intents[&now.payments[1].id].state.clone();
    assert_eq!(by_hand, "voided");
    shop.check_ledger(&now).await;
}
