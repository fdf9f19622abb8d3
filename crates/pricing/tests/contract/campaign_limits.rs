//! Campaigns that may be used only so often, or for so much: no code, and the same primitive as that of codes (law 2).

use std::sync::Arc;

use argosy_contracts::pricing::{
    Buyer, Campaign, ListCampaignsRequest, PromotionBudget, PutCampaignsRequest, Quote, QuoteRequest,
    RedeemCodesRequest, RedeemedCampaign,
};
use argosy_kernel::{Result, VariantId};
use argosy_testkit::contract_stories;
use tokio::task::JoinSet;

use crate::subject::{Subject, cart, minor, money, percent};

contract_stories! {
    law_2_two_hundred_buyers_take_the_last_use_of_a_campaign_once,
    law_2_two_hundred_buyers_spend_no_more_than_a_campaigns_budget,
    law_2_a_buyer_has_a_campaign_no_oftener_than_one_may_however_many_tabs,
    law_2_campaigns_and_codes_are_taken_together_or_not_at_all,
    law_4_a_redemption_counts_once_and_a_release_gives_all_of_it_back,
    law_12_a_campaign_that_is_spent_stops_counting_and_says_why,
    a_quote_asks_who_buys_only_if_a_campaign_counts_buyers,
    limits_read_back_with_what_is_used_and_are_not_put_below_it,
    a_campaign_that_lost_its_limits_is_not_counted_any_more,
}

fn tenth(name: &str) -> Campaign {
    Campaign {
        name: name.to_owned(),
        title: name.to_uppercase(),
        kind: "percentage".to_owned(),
        rate_ppm: 100_000,
        active: true,
        ..Campaign::default()
    }
}

fn with_budget(name: &str, minor: i64) -> Campaign {
    let budget = PromotionBudget { amount: Some(money(minor, "EUR")), spent: None };
    Campaign { budgets: vec![budget], ..tenth(name) }
}

fn with_uses(name: &str, most: i64) -> Campaign {
    Campaign { uses_max: Some(most), ..tenth(name) }
}

impl Subject {
    async fn put_campaigns(&self, campaigns: Vec<Campaign>) -> Result<Vec<Campaign>> {
        Ok(self.pricing.put_campaigns(&self.ctx, PutCampaignsRequest { campaigns }).await?.campaigns)
    }

    async fn campaign(&self, name: &str) -> Campaign {
        let listed = self.pricing.list_campaigns(&self.ctx, ListCampaignsRequest {}).await.unwrap().campaigns;
        listed.into_iter().find(|campaign| campaign.name == name).unwrap()
    }

    /// How often a campaign was used, and what is spent of its first budget.
    async fn used(&self, name: &str) -> (i64, i64) {
        let campaign = self.campaign(name).await;
        let spent = campaign.budgets.first().map_or(0, |budget| minor(budget.spent.as_ref()));
        (campaign.uses, spent)
    }

    async fn redeem_campaign(&self, id: &str, name: &str, customer: &str, minor: i64) -> Result<()> {
        let campaigns = vec![RedeemedCampaign { name: name.to_owned(), amount: Some(money(minor, "EUR")) }];
        let request = RedeemCodesRequest {
            redemption_id: id.to_owned(),
            customer: customer.to_owned(),
            campaigns,
            ..RedeemCodesRequest::default()
        };
        self.pricing.redeem_codes(&self.ctx, request).await.map(drop)
    }

    async fn quote_for(&self, variant: VariantId, key: &str) -> Quote {
        let buyer = Buyer { key: key.to_owned(), ..Buyer::default() };
        self.quote(QuoteRequest { buyer: Some(buyer), ..cart(&[(variant, 1)]) }).await
    }
}

fn told(quote: &Quote, name: &str) -> String {
    let rule = format!("campaign:{name}");
    let step = quote.trace.iter().find(|step| step.rule == rule);
    step.map(|step| step.text.clone()).unwrap_or_default()
}

async fn two_hundred(s: Subject, name: &'static str, each: i64) -> (Vec<Result<()>>, Arc<Subject>) {
    let s = Arc::new(s);
    let mut buyers = JoinSet::new();
    for buyer in 0..200 {
        let s = Arc::clone(&s);
        buyers.spawn(async move { s.redeem_campaign(&format!("buyer-{buyer}"), name, "", each).await });
    }
    (buyers.join_all().await, s)
}

async fn law_2_two_hundred_buyers_take_the_last_use_of_a_campaign_once(s: Subject) {
    s.put_campaigns(vec![with_uses("last", 1)]).await.unwrap();
    let (outcomes, s) = two_hundred(s, "last", 100).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert_eq!((refused.reason(), &*refused.fields()[0].pointer), ("CAMPAIGN_EXHAUSTED", "/campaigns/0"));
    }
    assert_eq!(s.used("last").await.0, 1);
}

async fn law_2_two_hundred_buyers_spend_no_more_than_a_campaigns_budget(s: Subject) {
    s.put_campaigns(vec![with_budget("pot", 1_000)]).await.unwrap();
    let (outcomes, s) = two_hundred(s, "pot", 300).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
    assert!(outcomes.into_iter().filter_map(Result::err).all(|no| no.reason() == "CAMPAIGN_BUDGET_SPENT"));
    assert_eq!(s.used("pot").await, (3, 900), "a refused use is not counted at all");
}

async fn law_2_a_buyer_has_a_campaign_no_oftener_than_one_may_however_many_tabs(s: Subject) {
    s.put_campaigns(vec![Campaign { uses_per_customer: Some(2), ..tenth("twice") }]).await.unwrap();
    let s = Arc::new(s);
    let mut tabs = JoinSet::new();
    for tab in 0..40 {
        let s = Arc::clone(&s);
        let buyer = if tab % 2 == 0 { "ann" } else { "bob" };
        tabs.spawn(async move { s.redeem_campaign(&format!("tab-{tab}"), "twice", buyer, 1).await });
    }
    let outcomes = tabs.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 4);
    let refused = outcomes.into_iter().filter_map(Result::err);
    assert!(refused.into_iter().all(|no| no.reason() == "CAMPAIGN_EXHAUSTED_FOR_BUYER"));
    assert_eq!(s.used("twice").await.0, 4);
    assert_eq!(s.redeem_campaign("nobody", "twice", "", 1).await.unwrap_err().reason(), "BUYER_UNKNOWN");
}

async fn law_2_campaigns_and_codes_are_taken_together_or_not_at_all(s: Subject) {
    s.put_campaigns(vec![with_uses("a", 10), with_budget("b", 10)]).await.unwrap();
    s.put(percent("TEN", 10)).await;
    let redeem = async |id: &str, minor: i64| {
        let of = |name: &str| RedeemedCampaign { name: name.to_owned(), amount: Some(money(minor, "EUR")) };
        let request = RedeemCodesRequest {
            redemption_id: id.to_owned(),
            codes: vec!["TEN".to_owned()],
            campaigns: vec![of("b"), of("a")],
            ..RedeemCodesRequest::default()
        };
        s.pricing.redeem_codes(&s.ctx, request).await
    };
    let refused = redeem("one", 11).await.unwrap_err();
    assert_eq!((refused.reason(), &*refused.fields()[0].pointer), ("CAMPAIGN_BUDGET_SPENT", "/campaigns/0"));
    assert_eq!((s.used("a").await.0, s.used("b").await, s.uses("TEN").await), (0, (0, 0), 0));
    redeem("two", 10).await.unwrap();
    assert_eq!((s.used("a").await.0, s.used("b").await, s.uses("TEN").await), (1, (1, 10), 1));
    s.release("two").await.unwrap();
    assert_eq!((s.used("a").await.0, s.used("b").await, s.uses("TEN").await), (0, (0, 0), 0));
}

async fn law_4_a_redemption_counts_once_and_a_release_gives_all_of_it_back(s: Subject) {
    let all = Campaign { uses_max: Some(1), uses_per_customer: Some(1), ..with_budget("all", 500) };
    s.put_campaigns(vec![all, tenth("free"), with_uses("other", 5)]).await.unwrap();
    for _ in 0..2 {
        s.redeem_campaign("first", "all", "ann", 500).await.unwrap();
    }
    assert_eq!(s.used("all").await, (1, 500));
    let other = s.redeem_campaign("first", "other", "ann", 1).await.unwrap_err();
    assert_eq!(other.reason(), "REDEMPTION_DIFFERS");
    for _ in 0..2 {
        s.release("first").await.unwrap();
    }
    assert_eq!(s.used("all").await, (0, 0));
    assert_eq!(
        s.redeem_campaign("first", "all", "ann", 1).await.unwrap_err().reason(),
        "REDEMPTION_RELEASED"
    );
    s.redeem_campaign("second", "all", "ann", 400).await.unwrap();
    assert_eq!(s.used("all").await, (1, 400));
    s.redeem_campaign("third", "free", "", 1).await.unwrap();
    assert_eq!(s.used("free").await, (0, 0), "what has no limits is not counted");
}

async fn law_12_a_campaign_that_is_spent_stops_counting_and_says_why(s: Subject) {
    let mug = s.for_sale(1_000);
    let once_each = Campaign { uses_per_customer: Some(1), ..tenth("each") };
    s.put_campaigns(vec![with_uses("last", 1), with_budget("pot", 150), once_each]).await.unwrap();
    let fresh = s.quote_for(mug, "ann").await;
    let names: Vec<(&str, i64)> =
        fresh.discounts.iter().map(|one| (one.campaign.as_str(), minor(one.amount.as_ref()))).collect();
    assert_eq!(names, [("each", -100), ("last", -90), ("pot", -81)], "by name, each on what was left");
    s.redeem_campaign("one", "last", "", 90).await.unwrap();
    s.redeem_campaign("two", "pot", "", 81).await.unwrap();
    s.redeem_campaign("three", "each", "ann", 100).await.unwrap();
    let now = s.quote_for(mug, "ann").await;
    assert!(now.discounts.is_empty(), "{:?}", now.discounts);
    assert_eq!(told(&now, "last"), "did not count: it has been used up");
    assert_eq!(told(&now, "pot"), "did not count: what it takes off is more than is left of its budget");
    assert_eq!(told(&now, "each"), "did not count: this buyer has had it before");
    assert_eq!(s.quote_for(mug, "bob").await.discounts.len(), 1);
    let cheap = s.for_sale(500);
    let small = s.quote_for(cheap, "ann").await;
    assert_eq!(small.discounts[0].campaign, "pot", "0.50 are left of it still");
    s.catalog.offer(mug, 1_000, "USD", |_| {});
    let dollars = s.quote(QuoteRequest { currency: "USD".to_owned(), ..cart(&[(mug, 1)]) }).await;
    assert_eq!(told(&dollars, "pot"), "did not count: it has no amount in this currency");
}

async fn a_quote_asks_who_buys_only_if_a_campaign_counts_buyers(s: Subject) {
    let mug = s.for_sale(1_000);
    s.put_campaigns(vec![with_uses("last", 1)]).await.unwrap();
    assert!(!s.quote_for(mug, "").await.asks_buyer);
    s.put_campaigns(vec![Campaign { uses_per_customer: Some(1), ..tenth("each") }]).await.unwrap();
    let unknown = s.quote_for(mug, "").await;
    assert!(unknown.asks_buyer && unknown.discounts.len() == 2, "while nobody knows who buys it looks free");
    assert!(!s.quote_for(mug, "ann").await.asks_buyer);
}

async fn limits_read_back_with_what_is_used_and_are_not_put_below_it(s: Subject) {
    let both = Campaign { uses_max: Some(5), ..with_budget("both", 1_000) };
    s.put_campaigns(vec![both.clone()]).await.unwrap();
    for (id, minor) in [("one", 100), ("two", 200)] {
        s.redeem_campaign(id, "both", "", minor).await.unwrap();
    }
    let listed = s.campaign("both").await;
    assert_eq!((listed.uses_max, listed.uses), (Some(5), 2));
    assert_eq!(listed.budgets[0].spent, Some(money(300, "EUR")));
    s.put_campaigns(vec![listed]).await.unwrap();
    assert_eq!(s.used("both").await, (2, 300), "what is listed can be put, and counts nothing twice");
    for (field, wrong) in [
        ("uses_max", Campaign { uses_max: Some(1), ..both.clone() }),
        ("uses_max", Campaign { uses_max: Some(0), ..both.clone() }),
        ("uses_per_customer", Campaign { uses_per_customer: Some(0), ..both.clone() }),
        ("budgets/0/amount/minor", Campaign { uses_max: None, ..with_budget("both", 299) }),
        ("budgets/0/minor", with_budget("both", 0)),
    ] {
        let error = s.put_campaigns(vec![tenth("good"), wrong]).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/campaigns/1/{field}"), "{error:?}");
    }
    assert_eq!(s.used("both").await, (2, 300));
}

async fn a_campaign_that_lost_its_limits_is_not_counted_any_more(s: Subject) {
    let mug = s.for_sale(1_000);
    s.put_campaigns(vec![with_uses("once", 1)]).await.unwrap();
    s.redeem_campaign("one", "once", "", 100).await.unwrap();
    assert!(s.quote_for(mug, "").await.discounts.is_empty());
    s.put_campaigns(vec![tenth("once")]).await.unwrap();
    let quote = s.quote_for(mug, "").await;
    assert_eq!((quote.discounts.len(), quote.discounts[0].campaign.as_str()), (1, ""));
    s.release("one").await.unwrap();
}
