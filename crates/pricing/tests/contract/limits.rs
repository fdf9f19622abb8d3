//! Limits for each buyer, budgets, and unique codes made of a promotion.

use std::sync::Arc;

use argosy_contracts::pricing::{
    Buyer, GenerateCodesRequest, ListPromotionsRequest, Promotion, PromotionBudget, QuoteRequest,
    RedeemCodesRequest, RedeemedAmount,
};
use argosy_kernel::Result;
use argosy_testkit::contract_stories;
use tokio::task::JoinSet;

use crate::subject::{Subject, cart, minor, money, percent};

contract_stories! {
    law_2_a_buyer_uses_a_code_no_oftener_than_one_may_however_many_tabs,
    law_2_two_hundred_buyers_spend_no_more_than_the_budget,
    law_2_codes_of_two_pools_neither_deadlock_nor_half_redeem,
    a_release_gives_back_to_buyer_and_budget,
    a_quote_says_what_a_buyer_may_not_use_any_more,
    a_budget_is_not_put_below_what_is_spent,
    unique_codes_take_off_what_their_pool_says_and_each_once,
    codes_of_a_pool_count_together_for_a_buyer,
    the_same_seed_makes_the_same_codes,
    wrong_limits_and_pools_name_the_field,
}

const SEED: &str = "nobody-guesses-this-seed";

fn once_each(code: &str) -> Promotion {
    Promotion { uses_per_customer: Some(1), ..percent(code, 10) }
}

fn with_budget(code: &str, minor: i64) -> Promotion {
    let budget = PromotionBudget { amount: Some(money(minor, "EUR")), spent: None };
    Promotion { budgets: vec![budget], ..percent(code, 10) }
}

impl Subject {
    async fn redeem_for(&self, id: &str, codes: &[&str], customer: &str, minor: i64) -> Result<()> {
        let amount =
            |code: &&str| RedeemedAmount { code: (*code).to_owned(), amount: Some(money(minor, "EUR")) };
        let request = RedeemCodesRequest {
            redemption_id: id.to_owned(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            customer: customer.to_owned(),
            amounts: codes.iter().map(amount).collect(),
            ..RedeemCodesRequest::default()
        };
        self.pricing.redeem_codes(&self.ctx, request).await.map(drop)
    }

    async fn generate(&self, code: &str, count: u32, seed: &str) -> Result<Vec<String>> {
        let request = GenerateCodesRequest { code: code.to_owned(), count, seed: seed.to_owned() };
        Ok(self.pricing.generate_codes(&self.ctx, request).await?.codes)
    }

    async fn listed(&self, pool: &str) -> Vec<Promotion> {
        let request = ListPromotionsRequest { pool: pool.to_owned(), ..ListPromotionsRequest::default() };
        self.pricing.list_promotions(&self.ctx, request).await.unwrap().promotions
    }

    async fn spent(&self, code: &str) -> i64 {
        let listed = self.listed("").await;
        let promotion = listed.iter().find(|promotion| promotion.code == code).unwrap();
        minor(promotion.budgets[0].spent.as_ref())
    }

    /// The reason for which a buyer's code is rejected, or nothing.
    async fn rejected(&self, code: &str, key: &str) -> String {
        let mug = self.for_sale(1_000);
        let buyer = Buyer { key: key.to_owned(), ..Buyer::default() };
        let request = QuoteRequest { codes: vec![code.to_owned()], buyer: Some(buyer), ..cart(&[(mug, 1)]) };
        let quote = self.quote(request).await;
        quote.rejected_codes.first().map(|rejected| rejected.reason.clone()).unwrap_or_default()
    }
}

async fn law_2_a_buyer_uses_a_code_no_oftener_than_one_may_however_many_tabs(s: Subject) {
    s.put(Promotion { uses_per_customer: Some(2), ..percent("TWICE", 10) }).await;
    let s = Arc::new(s);
    let mut tabs = JoinSet::new();
    for tab in 0..40 {
        let s = Arc::clone(&s);
        let buyer = if tab % 2 == 0 { "ann" } else { "bob" };
        tabs.spawn(async move { s.redeem_for(&format!("tab-{tab}"), &["TWICE"], buyer, 1).await });
    }
    let outcomes = tabs.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 4);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert_eq!(refused.reason(), "CODE_EXHAUSTED_FOR_BUYER");
        assert_eq!(refused.fields()[0].pointer, "/codes/0");
    }
    assert_eq!(s.uses("TWICE").await, 4, "a refused use is not counted at all");
}

async fn law_2_two_hundred_buyers_spend_no_more_than_the_budget(s: Subject) {
    s.put(with_budget("POT", 1_000)).await;
    let s = Arc::new(s);
    let mut buyers = JoinSet::new();
    for buyer in 0..200 {
        let s = Arc::clone(&s);
        buyers.spawn(async move { s.redeem_for(&format!("buyer-{buyer}"), &["POT"], "", 300).await });
    }
    let outcomes = buyers.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
    assert!(outcomes.into_iter().filter_map(Result::err).all(|no| no.reason() == "CODE_BUDGET_SPENT"));
    assert_eq!((s.spent("POT").await, s.uses("POT").await), (900, 3));
}

async fn law_2_codes_of_two_pools_neither_deadlock_nor_half_redeem(s: Subject) {
    for pool in ["P", "Q"] {
        s.put(with_budget(pool, 10)).await;
    }
    let of_p = s.generate("P", 40, SEED).await.unwrap();
    let of_q = s.generate("Q", 40, SEED).await.unwrap();
    let s = Arc::new(s);
    let mut buyers = JoinSet::new();
    for (buyer, (p, q)) in of_p.into_iter().zip(of_q).enumerate() {
        let s = Arc::clone(&s);
        buyers.spawn(async move { s.redeem_for(&format!("buyer-{buyer}"), &[&q, &p], "", 1).await });
    }
    assert_eq!(buyers.join_all().await.iter().filter(|outcome| outcome.is_ok()).count(), 10);
    assert_eq!((s.spent("P").await, s.spent("Q").await), (10, 10));
}

async fn a_release_gives_back_to_buyer_and_budget(s: Subject) {
    s.put(Promotion { uses_per_customer: Some(1), ..with_budget("BOTH", 500) }).await;
    s.redeem_for("first", &["BOTH"], "ann", 500).await.unwrap();
    s.redeem_for("first", &["BOTH"], "ann", 500).await.unwrap();
    assert_eq!(s.spent("BOTH").await, 500, "asked for twice it counts once");
    s.release("first").await.unwrap();
    s.release("first").await.unwrap();
    assert_eq!(s.spent("BOTH").await, 0);
    s.redeem_for("second", &["BOTH"], "ann", 400).await.unwrap();
    assert_eq!(s.spent("BOTH").await, 400);
}

async fn a_quote_says_what_a_buyer_may_not_use_any_more(s: Subject) {
    s.put(once_each("HELLO")).await;
    s.put(with_budget("POT", 150)).await;
    s.redeem_for("first", &["HELLO"], "ann", 100).await.unwrap();
    assert_eq!(s.rejected("hello", "ann").await, "CODE_EXHAUSTED_FOR_BUYER");
    assert_eq!(s.rejected("HELLO", "bob").await, "");
    assert_eq!(s.rejected("HELLO", "").await, "", "while nobody knows who buys it looks free");
    assert_eq!(s.redeem("second", &["HELLO"]).await.unwrap_err().reason(), "BUYER_UNKNOWN");
    assert_eq!(s.rejected("POT", "bob").await, "");
    s.redeem_for("third", &["POT"], "bob", 100).await.unwrap();
    assert_eq!(s.rejected("POT", "bob").await, "CODE_BUDGET_SPENT");
    let mug = s.for_sale(1_000);
    let euros_only =
        QuoteRequest { currency: "USD".to_owned(), codes: vec!["POT".to_owned()], ..cart(&[(mug, 1)]) };
    assert!(s.quote(euros_only).await.discounts.is_empty());
}

async fn a_budget_is_not_put_below_what_is_spent(s: Subject) {
    s.put(with_budget("POT", 1_000)).await;
    s.redeem_for("first", &["POT"], "", 600).await.unwrap();
    let refused = s.try_put(vec![percent("OTHER", 5), with_budget("POT", 599)]).await.unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/promotions/1/budgets/0/amount/minor");
    assert_eq!(s.listed("").await.len(), 1, "all or none were put");
    let put = s.put(with_budget("POT", 600)).await;
    assert_eq!(minor(put.budgets[0].spent.as_ref()), 600);
    assert!(s.put(percent("POT", 10)).await.budgets.is_empty());
    s.release("first").await.unwrap();
}

async fn unique_codes_take_off_what_their_pool_says_and_each_once(s: Subject) {
    s.put(percent("SPRING", 10)).await;
    let codes = s.generate("spring", 3, SEED).await.unwrap();
    let (first, second) = (codes[0].as_str(), codes[1].as_str());
    assert_eq!(s.rejected(first, "").await, "");
    assert_eq!(s.rejected("SPRING", "").await, "CODE_NOT_FOUND", "a pool is no code");
    assert_eq!(s.redeem("pool", &["SPRING"]).await.unwrap_err().reason(), "CODE_NOT_FOUND");
    s.redeem("one", &[first]).await.unwrap();
    assert_eq!(s.redeem("two", &[first]).await.unwrap_err().reason(), "CODE_EXHAUSTED");
    assert_eq!(s.rejected(first, "").await, "CODE_EXHAUSTED");
    let all: Vec<String> = s.listed("").await.into_iter().map(|promotion| promotion.code).collect();
    assert_eq!(all, ["SPRING"], "codes of pools are listed by their pool");
    let uses: i64 = s.listed("SPRING").await.iter().map(|promotion| promotion.uses).sum();
    assert_eq!((s.listed("SPRING").await.len(), uses), (3, 1));
    s.put(Promotion { title: "Spring".to_owned(), ..percent("SPRING", 50) }).await;
    let mug = s.for_sale(1_000);
    let quote = s.quote(QuoteRequest { codes: vec![second.to_owned()], ..cart(&[(mug, 1)]) }).await;
    assert_eq!(
        (quote.discounts[0].title.as_str(), minor(quote.discounts[0].amount.as_ref())),
        ("Spring", -500)
    );
    s.put(Promotion { active: false, ..percent("SPRING", 50) }).await;
    assert_eq!(s.rejected(second, "").await, "CODE_NOT_FOUND", "a pool that is off ends its codes");
}

async fn codes_of_a_pool_count_together_for_a_buyer(s: Subject) {
    s.put(once_each("NEWS")).await;
    let codes = s.generate("NEWS", 2, SEED).await.unwrap();
    s.redeem_for("one", &[&codes[0]], "ann", 1).await.unwrap();
    let again = s.redeem_for("two", &[&codes[1]], "ann", 1).await.unwrap_err();
    assert_eq!(again.reason(), "CODE_EXHAUSTED_FOR_BUYER");
    assert_eq!(s.rejected(&codes[1], "ann").await, "CODE_EXHAUSTED_FOR_BUYER");
    s.redeem_for("three", &[&codes[1]], "bob", 1).await.unwrap();
}

async fn the_same_seed_makes_the_same_codes(s: Subject) {
    s.put(percent("SAME", 10)).await;
    let made = s.generate("SAME", 1_000, SEED).await.unwrap();
    assert_eq!(s.generate("SAME", 1_000, SEED).await.unwrap(), made);
    let more = s.generate("SAME", 2, "another-seed-of-16-letters").await.unwrap();
    assert!(more.iter().all(|code| !made.contains(code)));
    let mut request = ListPromotionsRequest { limit: 100, pool: "SAME".to_owned(), cursor: String::new() };
    let mut count = 0;
    loop {
        let page = s.pricing.list_promotions(&s.ctx, request.clone()).await.unwrap();
        count += page.promotions.len();
        request.cursor = page.next;
        if request.cursor.is_empty() {
            break;
        }
    }
    assert_eq!(count, 1_002);
}

async fn wrong_limits_and_pools_name_the_field(s: Subject) {
    for (promotion, field) in [
        (Promotion { uses_per_customer: Some(0), ..percent("A", 10) }, "uses_per_customer"),
        (with_budget("A", 0), "budgets/0/minor"),
    ] {
        let error = s.try_put(vec![promotion]).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/promotions/0/{field}"));
    }
    assert_eq!(s.generate("NOPE", 1, SEED).await.unwrap_err().reason(), "CODE_NOT_FOUND");
    s.put(percent("USED", 10)).await;
    s.redeem("one", &["USED"]).await.unwrap();
    assert_eq!(s.generate("USED", 1, SEED).await.unwrap_err().reason(), "POOL_USED");
    s.put(percent("POOL", 10)).await;
    let codes = s.generate("POOL", 1, SEED).await.unwrap();
    let over = s.try_put(vec![percent("X", 1), percent(&codes[0], 99)]).await.unwrap_err();
    assert_eq!(over.fields()[0].pointer, "/promotions/1/code");
    for (code, count, seed, pointer) in [
        ("", 1, SEED, "/code"),
        ("POOL", 0, SEED, "/count"),
        ("POOL", 1_001, SEED, "/count"),
        ("POOL", 1, "short", "/seed"),
        (codes[0].as_str(), 1, SEED, "/code"),
    ] {
        assert_eq!(s.generate(code, count, seed).await.unwrap_err().fields()[0].pointer, pointer);
    }
}
