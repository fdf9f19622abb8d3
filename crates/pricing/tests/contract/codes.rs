//! Promotions, and the uses of their codes.

use std::{sync::Arc, time::Duration};

use argosy_contracts::pricing::{ListPromotionsRequest, Promotion, QuoteRequest};
use argosy_kernel::{Clock, Code, Result};
use argosy_testkit::contract_stories;
use tokio::task::JoinSet;

use crate::subject::{Subject, cart, money, percent};

contract_stories! {
    law_2_the_last_coupon_use_goes_to_one_of_200_buyers,
    law_2_crossing_codes_neither_deadlock_nor_half_redeem,
    a_redemption_takes_all_of_its_codes_or_none,
    a_redemption_asked_for_twice_counts_once,
    a_released_redemption_gives_its_uses_back_and_its_id_is_spent,
    a_release_that_comes_before_its_redemption_bars_it,
    a_code_is_rejected_with_its_reason_and_the_cart_stays,
    a_promotion_keeps_its_id_and_uses_when_it_changes,
    promotions_are_listed_in_pages,
    wrong_promotions_name_the_field,
}

async fn law_2_the_last_coupon_use_goes_to_one_of_200_buyers(s: Subject) {
    s.put(Promotion { uses_max: Some(1), ..percent("LAST", 10) }).await;
    let s = Arc::new(s);
    let mut buyers = JoinSet::new();
    for buyer in 0..200 {
        let s = Arc::clone(&s);
        buyers.spawn(async move { s.redeem(&format!("buyer-{buyer}"), &["last"]).await });
    }
    let outcomes = buyers.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "CODE_EXHAUSTED"));
        assert_eq!(refused.fields()[0].pointer, "/codes/0");
    }
    assert_eq!(s.uses("LAST").await, 1);
}

async fn law_2_crossing_codes_neither_deadlock_nor_half_redeem(s: Subject) {
    s.put(Promotion { uses_max: Some(15), ..percent("A", 10) }).await;
    s.put(Promotion { uses_max: Some(20), ..percent("B", 10) }).await;
    let s = Arc::new(s);
    let mut buyers = JoinSet::new();
    for buyer in 0..40 {
        let s = Arc::clone(&s);
        let codes = if buyer % 2 == 0 { ["A", "B"] } else { ["B", "A"] };
        buyers.spawn(async move { s.redeem(&format!("buyer-{buyer}"), &codes).await });
    }
    assert_eq!(buyers.join_all().await.iter().filter(|outcome| outcome.is_ok()).count(), 15);
    assert_eq!((s.uses("A").await, s.uses("B").await), (15, 15));
}

async fn a_redemption_takes_all_of_its_codes_or_none(s: Subject) {
    s.put(percent("A", 10)).await;
    s.put(Promotion { uses_max: Some(1), ..percent("B", 10) }).await;
    s.redeem("first", &["B"]).await.unwrap();
    let exhausted = s.redeem("second", &["B", "A"]).await.unwrap_err();
    assert_eq!((exhausted.reason(), exhausted.fields()[0].pointer.as_str()), ("CODE_EXHAUSTED", "/codes/0"));
    let unknown = s.redeem("second", &["A", "NOPE"]).await.unwrap_err();
    assert_eq!((unknown.code(), unknown.reason()), (Code::FailedPrecondition, "CODE_NOT_FOUND"));
    assert_eq!(unknown.fields()[0].pointer, "/codes/1");
    assert_eq!(s.uses("A").await, 0);
    s.redeem("second", &["A", "a "]).await.unwrap();
    assert_eq!(s.uses("A").await, 1);
}

async fn a_redemption_asked_for_twice_counts_once(s: Subject) {
    s.put(percent("A", 10)).await;
    s.put(percent("B", 10)).await;
    s.redeem("once", &["A", "B"]).await.unwrap();
    s.redeem("once", &["b", "a"]).await.unwrap();
    assert_eq!((s.uses("A").await, s.uses("B").await), (1, 1));
    assert_eq!(s.redeem("once", &["A"]).await.unwrap_err().reason(), "REDEMPTION_DIFFERS");
}

async fn a_released_redemption_gives_its_uses_back_and_its_id_is_spent(s: Subject) {
    s.put(Promotion { uses_max: Some(1), ..percent("A", 10) }).await;
    s.redeem("first", &["A"]).await.unwrap();
    s.release("first").await.unwrap();
    s.release("first").await.unwrap();
    assert_eq!(s.uses("A").await, 0);
    assert_eq!(s.redeem("first", &["A"]).await.unwrap_err().reason(), "REDEMPTION_RELEASED");
    s.redeem("second", &["A"]).await.unwrap();
    assert_eq!(s.uses("A").await, 1);
}

async fn a_release_that_comes_before_its_redemption_bars_it(s: Subject) {
    s.put(percent("A", 10)).await;
    s.release("late").await.unwrap();
    assert_eq!(s.redeem("late", &["A"]).await.unwrap_err().reason(), "REDEMPTION_RELEASED");
    assert_eq!(s.uses("A").await, 0);
}

async fn a_code_is_rejected_with_its_reason_and_the_cart_stays(s: Subject) {
    let mug = s.for_sale(1_000);
    let now = s.test.clock.now().as_millis();
    s.put(Promotion { ends_at_ms: Some(now + 1_000), ..percent("SHORT", 10) }).await;
    s.put(Promotion { starts_at_ms: Some(now + 3_600_000), ..percent("SOON", 10) }).await;
    s.put(Promotion { minimums: vec![money(5_000, "EUR")], ..percent("BIG", 10) }).await;
    s.put(Promotion { active: false, ..percent("OFF", 10) }).await;
    s.put(Promotion { uses_max: Some(1), ..percent("ONE", 10) }).await;
    s.redeem("somebody", &["ONE"]).await.unwrap();
    s.test.clock.advance(Duration::from_secs(1));
    let asked = ["nope", "SHORT", "soon", "BIG", "OFF", "ONE"].map(str::to_owned).to_vec();
    let quote = s.quote(QuoteRequest { codes: asked, ..cart(&[(mug, 1)]) }).await;
    let rejected: Vec<(&str, &str)> =
        quote.rejected_codes.iter().map(|code| (code.code.as_str(), code.reason.as_str())).collect();
    assert_eq!(
        rejected,
        [
            ("nope", "CODE_NOT_FOUND"),
            ("SHORT", "CODE_EXPIRED"),
            ("soon", "CODE_NOT_STARTED"),
            ("BIG", "MINIMUM_NOT_REACHED"),
            ("OFF", "CODE_NOT_FOUND"),
            ("ONE", "CODE_EXHAUSTED"),
        ]
    );
    assert_eq!(quote.rejected_codes[3].text, "this code needs a subtotal of at least 50.00 EUR");
    assert_eq!(quote.lines.len(), 1);
}

async fn a_promotion_keeps_its_id_and_uses_when_it_changes(s: Subject) {
    let made = s.put(percent("welcome", 10)).await;
    assert_eq!((made.code.as_str(), made.uses), ("WELCOME", 0));
    s.redeem("a", &["WELCOME"]).await.unwrap();
    s.redeem("b", &["WELCOME"]).await.unwrap();
    let changed = Promotion { title: "Hello".to_owned(), uses_max: Some(2), ..percent("Welcome", 20) };
    let changed = s.put(changed).await;
    assert_eq!((changed.id, changed.uses, changed.rate_ppm), (made.id, 2, 200_000));
    let below = Promotion { uses_max: Some(1), ..percent("WELCOME", 20) };
    let error = s.try_put(vec![percent("OTHER", 5), below]).await.unwrap_err();
    assert_eq!(error.fields()[0].pointer, "/promotions/1/uses_max");
    let listed = s.pricing.list_promotions(&s.ctx, ListPromotionsRequest::default()).await.unwrap();
    assert_eq!(listed.promotions.len(), 1, "all or none were put");
}

async fn promotions_are_listed_in_pages(s: Subject) {
    let names = ["C", "A", "E", "B", "D"];
    s.try_put(names.iter().map(|name| percent(name, 10)).collect()).await.unwrap();
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = ListPromotionsRequest { limit: 2, cursor, ..ListPromotionsRequest::default() };
        let page = s.pricing.list_promotions(&s.ctx, request).await.unwrap();
        seen.extend(page.promotions.into_iter().map(|promotion| promotion.code));
        cursor = page.next;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["A", "B", "C", "D", "E"]);
}

async fn wrong_promotions_name_the_field(s: Subject) {
    let fixed = || Promotion { kind: "fixed".to_owned(), rate_ppm: 0, ..percent("F", 0) };
    let cases = [
        (percent("", 10), "code"),
        (percent("A", 0), "rate_ppm"),
        (percent("A", 101), "rate_ppm"),
        (Promotion { kind: "half".to_owned(), ..percent("A", 10) }, "kind"),
        (Promotion { amounts: vec![money(1, "EUR")], ..percent("A", 10) }, "amounts"),
        (Promotion { uses_max: Some(0), ..percent("A", 10) }, "uses_max"),
        (Promotion { starts_at_ms: Some(5), ends_at_ms: Some(5), ..percent("A", 10) }, "ends_at_ms"),
        (Promotion { minimums: vec![money(-1, "EUR")], ..percent("A", 10) }, "minimums/0/minor"),
        (Promotion { title: "\u{7}".to_owned(), ..percent("A", 10) }, "title"),
        (fixed(), "amounts"),
        (Promotion { amounts: vec![money(5, "EUR"), money(0, "USD")], ..fixed() }, "amounts/1/minor"),
        (Promotion { amounts: vec![money(5, "EUR"), money(6, "EUR")], ..fixed() }, "amounts/1/currency"),
        (Promotion { amounts: vec![money(5, "EURO")], ..fixed() }, "amounts/0/currency"),
    ];
    for (promotion, field) in cases {
        let error = s.try_put(vec![promotion]).await.unwrap_err();
        assert_eq!(error.reason(), "INVALID_FIELD");
        assert_eq!(error.fields()[0].pointer, format!("/promotions/0/{field}"));
    }
    let twice = s.try_put(vec![percent("a", 1), percent("A", 2)]).await.unwrap_err();
    assert_eq!(twice.fields()[0].pointer, "/promotions/1/code");
    assert_eq!(s.redeem("", &["A"]).await.unwrap_err().fields()[0].pointer, "/redemption_id");
    assert_eq!(s.redeem("a", &["A", ""]).await.unwrap_err().fields()[0].pointer, "/codes/1");
}
