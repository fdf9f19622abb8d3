//! Codes that put buyers into groups of customers.

use std::time::Duration;

use argosy_contracts::pricing::{
    Campaign, GroupCode, ListGroupCodesRequest, MakeGroupCodesRequest, PriceList, PriceListStep,
    PutCampaignsRequest, PutPriceListsRequest, Quote, QuoteRequest, SwitchGroupCodesRequest,
};
use argosy_kernel::{Clock, Result, VariantId};
use argosy_testkit::contract_stories;

use crate::subject::{Subject, cart, minor, percent};

contract_stories! {
    who_has_a_code_of_a_group_pays_its_prices_and_has_its_campaigns,
    nobody_is_in_a_group_by_a_code_that_they_made_up,
    a_code_ends_and_is_switched_off_and_on,
    the_same_seed_makes_the_same_codes_of_a_group,
    wrong_requests_for_codes_of_a_group_name_the_field,
}

const SEED: &str = "nobody-guesses-this-seed";

fn make(group: &str, count: u32, seed: &str) -> MakeGroupCodesRequest {
    let (customer_group, seed) = (group.to_owned(), seed.to_owned());
    MakeGroupCodesRequest { customer_group, count, seed, ends_at_ms: None }
}

async fn made(s: &Subject, request: MakeGroupCodesRequest) -> Result<Vec<String>> {
    Ok(s.pricing.make_group_codes(&s.ctx, request).await?.codes)
}

async fn switch(s: &Subject, codes: &[&str], active: bool) -> Result<()> {
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    s.pricing.switch_group_codes(&s.ctx, SwitchGroupCodesRequest { codes, active }).await.map(drop)
}

/// A mug of 10.00 EUR, which dealers have for 9.00.
async fn for_dealers(s: &Subject) -> VariantId {
    let dealers = PriceList {
        name: "dealers".to_owned(),
        customer_groups: vec!["dealer".to_owned()],
        steps: vec![PriceListStep { pieces_min: 1, rate_ppm: 900_000 }],
        active: true,
        ..PriceList::default()
    };
    let request = PutPriceListsRequest { price_lists: vec![dealers] };
    s.pricing.put_price_lists(&s.ctx, request).await.unwrap();
    s.for_sale(1_000)
}

async fn with(s: &Subject, mug: VariantId, codes: &[&str]) -> Quote {
    let codes = codes.iter().map(|code| (*code).to_owned()).collect();
    s.quote(QuoteRequest { codes, ..cart(&[(mug, 1)]) }).await
}

fn total(quote: &Quote) -> i64 {
    minor(quote.total.as_ref())
}

async fn who_has_a_code_of_a_group_pays_its_prices_and_has_its_campaigns(s: Subject) {
    let mug = for_dealers(&s).await;
    let code = made(&s, make("dealer", 1, SEED)).await.unwrap().remove(0);
    assert!(code.starts_with("DEALER-"), "{code}");
    let quote = with(&s, mug, &[&code.to_lowercase()]).await;
    assert_eq!((total(&quote), quote.rejected_codes.len()), (900, 0));
    assert_eq!(
        (quote.groups[0].customer_group.as_str(), quote.groups[0].code.to_uppercase()),
        ("dealer", code.clone())
    );
    let step = quote.trace.iter().find(|step| step.rule == "customer_group:dealer").unwrap();
    assert_eq!(step.text, format!("the buyer is in it by the code {}", code.to_lowercase()));
    s.put(percent("TEN", 10)).await;
    assert_eq!(total(&with(&s, mug, &["TEN", &code]).await), 810, "beside a coupon");
    let campaign = Campaign {
        name: "dealers".to_owned(),
        title: "For dealers".to_owned(),
        kind: "percentage".to_owned(),
        rate_ppm: 500_000,
        customer_groups: vec!["dealer".to_owned()],
        active: true,
        ..Campaign::default()
    };
    s.pricing.put_campaigns(&s.ctx, PutCampaignsRequest { campaigns: vec![campaign] }).await.unwrap();
    assert_eq!((total(&with(&s, mug, &[&code]).await), total(&with(&s, mug, &[]).await)), (450, 1_000));
}

async fn nobody_is_in_a_group_by_a_code_that_they_made_up(s: Subject) {
    let mug = for_dealers(&s).await;
    made(&s, make("dealer", 1, SEED)).await.unwrap();
    for guess in ["dealer", "DEALER-", "DEALER-0000000000"] {
        let quote = with(&s, mug, &[guess]).await;
        assert_eq!((total(&quote), quote.rejected_codes[0].reason.as_str()), (1_000, "CODE_NOT_FOUND"));
        assert!(quote.groups.is_empty());
    }
}

async fn a_code_ends_and_is_switched_off_and_on(s: Subject) {
    let mug = for_dealers(&s).await;
    let hour = Duration::from_hours(1);
    let ends_at_ms = Some(s.test.clock.now().plus(hour).as_millis());
    let short =
        made(&s, MakeGroupCodesRequest { ends_at_ms, ..make("dealer", 1, SEED) }).await.unwrap().remove(0);
    let long = made(&s, make("dealer", 1, "another-seed-nobody-guesses")).await.unwrap().remove(0);
    s.test.clock.advance(hour);
    let quote = with(&s, mug, &[&short]).await;
    assert_eq!((total(&quote), quote.rejected_codes[0].reason.as_str()), (1_000, "CODE_EXPIRED"));
    for (active, expected) in [(false, 1_000), (true, 900)] {
        switch(&s, &[&long], active).await.unwrap();
        assert_eq!(total(&with(&s, mug, &[&long]).await), expected);
    }
    let refused = switch(&s, &[&long, "DEALER-NONE"], false).await.unwrap_err();
    assert_eq!((refused.reason(), refused.fields()[0].pointer.as_str()), ("CODE_NOT_FOUND", "/codes/1"));
    assert_eq!(total(&with(&s, mug, &[&long]).await), 900, "all or none");
}

async fn the_same_seed_makes_the_same_codes_of_a_group(s: Subject) {
    let first = made(&s, make("dealer", 3, SEED)).await.unwrap();
    switch(&s, &[&first[0]], false).await.unwrap();
    assert_eq!(made(&s, make("dealer", 3, SEED)).await.unwrap(), first);
    made(&s, make("staff", 2, SEED)).await.unwrap();
    let listed = async |group: &str, limit: u32| {
        let (mut codes, mut cursor): (Vec<GroupCode>, _) = (Vec::new(), String::new());
        loop {
            let request = ListGroupCodesRequest { customer_group: group.to_owned(), limit, cursor };
            let page = s.pricing.list_group_codes(&s.ctx, request).await.unwrap();
            codes.extend(page.codes);
            cursor = page.next;
            if cursor.is_empty() {
                return codes;
            }
        }
    };
    let dealers = listed("dealer", 2).await;
    let off: Vec<&str> = dealers.iter().filter(|code| !code.active).map(|code| code.code.as_str()).collect();
    assert_eq!((dealers.len(), off), (3, vec![first[0].as_str()]), "made again it stays off");
    assert_eq!(listed("", 4).await.len(), 5);
}

async fn wrong_requests_for_codes_of_a_group_name_the_field(s: Subject) {
    for (request, field) in [
        (make("Dealers!", 1, SEED), "/customer_group"),
        (make("", 1, SEED), "/customer_group"),
        (make(&"d".repeat(41), 1, SEED), "/customer_group"),
        (make("dealer", 0, SEED), "/count"),
        (make("dealer", 1_001, SEED), "/count"),
        (make("dealer", 1, "short"), "/seed"),
    ] {
        assert_eq!(made(&s, request).await.unwrap_err().fields()[0].pointer, field);
    }
    let long = "x".repeat(65);
    assert_eq!(switch(&s, &[&long], true).await.unwrap_err().fields()[0].pointer, "/codes/0");
}
