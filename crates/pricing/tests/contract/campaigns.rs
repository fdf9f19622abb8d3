//! Campaigns.

use argosy_contracts::pricing::{
    Campaign, CampaignTier, ListCampaignsRequest, PutCampaignsRequest, QuoteRequest,
};
use argosy_kernel::{ProductId, Result, VariantId};
use argosy_testkit::contract_stories;

use crate::subject::{Subject, cart, destination, minor, money, percent, sum};

contract_stories! {
    a_campaign_counts_at_once_for_its_goods_and_without_a_code,
    a_campaign_is_changed_by_its_name_and_keeps_its_id,
    campaigns_read_back_as_they_were_put_and_last,
    a_campaign_for_a_country_counts_there,
    codes_come_after_campaigns,
    law_12_why_a_campaign_does_not_count_is_in_the_trace,
    wrong_campaigns_name_the_field,
}

fn campaign(name: &str) -> Campaign {
    Campaign {
        name: name.to_owned(),
        title: "Summer".to_owned(),
        kind: "percentage".to_owned(),
        rate_ppm: 100_000,
        active: true,
        ..Campaign::default()
    }
}

async fn put(s: &Subject, campaigns: Vec<Campaign>) -> Result<Vec<Campaign>> {
    Ok(s.pricing.put_campaigns(&s.ctx, PutCampaignsRequest { campaigns }).await?.campaigns)
}

async fn listed(s: &Subject) -> Vec<Campaign> {
    s.pricing.list_campaigns(&s.ctx, ListCampaignsRequest {}).await.unwrap().campaigns
}

fn in_collection(s: &Subject, minor: i64, collection: &str) -> VariantId {
    let id = VariantId::new();
    s.catalog.offer(id, minor, "EUR", |variant| variant.collection_ids = vec![collection.to_owned()]);
    id
}

async fn a_campaign_counts_at_once_for_its_goods_and_without_a_code(s: Subject) {
    let (candle, mug) = (in_collection(&s, 1_000, "col_candles"), s.for_sale(2_000));
    let three = Campaign {
        collection_ids: vec!["col_candles".to_owned()],
        kind: "buy_get".to_owned(),
        rate_ppm: 1_000_000,
        buy: 2,
        get: 1,
        title: "Three for two".to_owned(),
        ..campaign("candles")
    };
    put(&s, vec![three]).await.unwrap();
    let quote = s.quote(cart(&[(candle, 3), (mug, 1)])).await;
    assert_eq!(sum(&quote)[..2], ["subtotal Subtotal 5000", "discount Three for two -1000"], "{quote:?}");
    assert_eq!(
        (quote.discounts[0].code.as_str(), quote.discounts[0].allocations[0].target.as_str()),
        ("", "l0")
    );
    let adjustment = &quote.lines[0].adjustments[0];
    assert_eq!((adjustment.label.as_str(), minor(adjustment.amount.as_ref())), ("Three for two", -1_000));
    assert_eq!(adjustment.promotion_id, listed(&s).await[0].id);
    assert_eq!(minor(quote.total.as_ref()), 4_000);
}

async fn a_campaign_is_changed_by_its_name_and_keeps_its_id(s: Subject) {
    let mug = s.for_sale(2_000);
    let first = put(&s, vec![campaign("summer")]).await.unwrap().remove(0);
    assert_eq!(minor(s.quote(cart(&[(mug, 1)])).await.total.as_ref()), 1_800);
    let half = Campaign { rate_ppm: 500_000, id: "prom_forged".to_owned(), ..campaign("summer") };
    let second = put(&s, vec![half]).await.unwrap().remove(0);
    assert_eq!(second.id, first.id);
    assert_eq!(minor(s.quote(cart(&[(mug, 1)])).await.total.as_ref()), 1_000);
    put(&s, vec![Campaign { active: false, ..campaign("summer") }]).await.unwrap();
    assert_eq!(minor(s.quote(cart(&[(mug, 1)])).await.total.as_ref()), 2_000);
}

async fn campaigns_read_back_as_they_were_put_and_last(s: Subject) {
    let whole = Campaign {
        priority: -3,
        group: "sale".to_owned(),
        product_ids: vec![ProductId::new().to_string()],
        pieces_min: 2,
        minimums: vec![money(5_000, "EUR")],
        countries: vec!["DE".to_owned(), "AT".to_owned()],
        kind: "tiers".to_owned(),
        rate_ppm: 0,
        tiers: vec![CampaignTier { pieces_min: 3, rate_ppm: 50_000 }],
        starts_at_ms: Some(5),
        ends_at_ms: Some(9),
        ..campaign("whole")
    };
    let put_now = put(&s, vec![whole.clone(), campaign("another")]).await.unwrap();
    assert_eq!(put_now[0], Campaign { id: put_now[0].id.clone(), ..whole });
    let (mut by_name, read) = (put_now, listed(&s).await);
    by_name.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(read, by_name);
}

async fn a_campaign_for_a_country_counts_there(s: Subject) {
    let mug = s.for_sale(2_000);
    put(&s, vec![Campaign { countries: vec!["FR".to_owned()], ..campaign("france") }]).await.unwrap();
    let off = async |destination| {
        let quote = s.quote(QuoteRequest { destination, ..cart(&[(mug, 1)]) }).await;
        quote.discounts.iter().map(|discount| minor(discount.amount.as_ref())).sum::<i64>()
    };
    assert_eq!(off(Some(destination("DE"))).await, 0);
    assert_eq!(off(Some(destination("FR"))).await, -200);
    assert_eq!(off(None).await, 0, "while it is unknown, the shop's country counts");
}

async fn codes_come_after_campaigns(s: Subject) {
    let mug = s.for_sale(10_000);
    put(&s, vec![campaign("summer")]).await.unwrap();
    s.put(percent("TEN", 10)).await;
    let quote = s.quote(QuoteRequest { codes: vec!["TEN".to_owned()], ..cart(&[(mug, 1)]) }).await;
    let off: Vec<(&str, i64)> = quote
        .discounts
        .iter()
        .map(|discount| (discount.code.as_str(), minor(discount.amount.as_ref())))
        .collect();
    assert_eq!(off, [("", -1_000), ("TEN", -900)]);
}

async fn law_12_why_a_campaign_does_not_count_is_in_the_trace(s: Subject) {
    let mug = s.for_sale(2_000);
    put(&s, vec![Campaign { pieces_min: 3, ..campaign("three") }]).await.unwrap();
    let quote = s.quote(cart(&[(mug, 2)])).await;
    let told = quote.trace.iter().find(|step| step.rule == "campaign:three").unwrap();
    assert_eq!(told.text, "did not count: it needs 3 pieces, there are 2");
    assert!(quote.discounts.is_empty());
}

async fn wrong_campaigns_name_the_field(s: Subject) {
    let bad = || campaign("bad");
    let of_kind = |kind: &str| Campaign { kind: kind.to_owned(), ..bad() };
    let without_rate = |kind: &str| Campaign { rate_ppm: 0, ..of_kind(kind) };
    let wrong = [
        ("name", campaign("Summer Sale")),
        ("title", Campaign { title: " ".to_owned(), ..bad() }),
        ("kind", of_kind("half")),
        ("rate_ppm", Campaign { rate_ppm: 1_000_001, ..bad() }),
        ("rate_ppm", of_kind("fixed")),
        ("amounts", Campaign { amounts: vec![money(1, "EUR")], ..bad() }),
        ("amounts", without_rate("each")),
        ("buy", of_kind("buy_get")),
        ("tiers", without_rate("tiers")),
        ("pieces_min", Campaign { pieces_min: -1, ..bad() }),
        ("countries/0", Campaign { countries: vec!["Germany".to_owned()], ..bad() }),
        ("product_ids/0", Campaign { product_ids: vec!["mug".to_owned()], ..bad() }),
        ("collection_ids/0", Campaign { collection_ids: vec![String::new()], ..bad() }),
        ("ends_at_ms", Campaign { starts_at_ms: Some(5), ends_at_ms: Some(5), ..bad() }),
    ];
    for (field, bad) in wrong {
        let error = put(&s, vec![campaign("good"), bad]).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/campaigns/1/{field}"), "{error:?}");
    }
    let twice = put(&s, vec![campaign("same"), campaign("same")]).await.unwrap_err();
    assert_eq!(twice.fields()[0].pointer, "/campaigns/1/name");
    assert!(listed(&s).await.is_empty(), "nothing of a wrong request lasts");
}
