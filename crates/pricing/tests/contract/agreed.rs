//! Prices that staff have agreed on with a buyer.

use argosy_contracts::pricing::{Campaign, PutCampaignsRequest, QuoteRequest};
use argosy_kernel::{Ctx, VariantId};
use argosy_testkit::contract_stories;

use crate::subject::{Subject, cart, minor, money, percent, sum};

contract_stories! {
    law_1_an_agreed_price_is_taxed_and_added_up_like_any_other,
    law_12_an_agreed_price_says_so_and_nothing_is_taken_off_it,
    an_agreed_price_sells_what_has_none_in_the_currency,
    nobody_but_staff_says_what_something_costs,
    wrong_agreed_prices_name_the_field,
}

/// The first line at a price of its own.
fn agreed(mut request: QuoteRequest, minor: i64) -> QuoteRequest {
    request.lines[0].agreed_price = Some(money(minor, "EUR"));
    request
}

async fn law_1_an_agreed_price_is_taxed_and_added_up_like_any_other(s: Subject) {
    let (mug, plate) = (s.for_sale(1_999), s.for_sale(333));
    let request = QuoteRequest {
        shipping_option_id: "standard".to_owned(),
        agreed_shipping_price: Some(money(0, "EUR")),
        ..agreed(cart(&[(mug, 2), (plate, 1)]), 1_500)
    };
    let quote = s.quote(request).await;
    assert_eq!(
        sum(&quote),
        [
            "subtotal Subtotal 3333",
            "shipping Standard shipping 0",
            "tax_included VAT 19 % 532",
            "total Total 3333",
        ]
    );
    let lines: i64 = quote.lines.iter().map(|line| minor(line.tax.as_ref())).sum();
    assert_eq!(lines, 532);
}

async fn law_12_an_agreed_price_says_so_and_nothing_is_taken_off_it(s: Subject) {
    let (mug, plate) = (s.for_sale(1_999), s.for_sale(1_000));
    s.put(percent("TEN", 10)).await;
    let campaign = Campaign {
        name: "half".to_owned(),
        title: "Half".to_owned(),
        kind: "percentage".to_owned(),
        rate_ppm: 500_000,
        active: true,
        ..Campaign::default()
    };
    let ship = Campaign {
        name: "ship".to_owned(),
        title: "Ship".to_owned(),
        kind: "shipping".to_owned(),
        rate_ppm: 1_000_000,
        active: true,
        ..Campaign::default()
    };
    s.pricing.put_campaigns(&s.ctx, PutCampaignsRequest { campaigns: vec![campaign, ship] }).await.unwrap();
    let request = QuoteRequest {
        codes: vec!["TEN".to_owned()],
        shipping_option_id: "standard".to_owned(),
        agreed_shipping_price: Some(money(250, "EUR")),
        ..agreed(cart(&[(mug, 1), (plate, 1)]), 1_500)
    };
    let quote = s.quote(request).await;
    let totals: Vec<i64> = quote.lines.iter().map(|line| minor(line.total.as_ref())).collect();
    assert_eq!(totals, [1_500, 450], "half, and a tenth of that, of the plate alone");
    let rules: Vec<&str> = quote.lines[0].trace.iter().map(|step| step.rule.as_str()).collect();
    assert_eq!(rules, ["agreed_price", "tax:DE/standard", "line_total"]);
    assert_eq!(quote.lines[0].compare_at, None);
    let told = |rule: &str| quote.trace.iter().find(|step| step.rule == rule).map(|step| step.text.as_str());
    assert!(told("agreed_price:standard").is_some(), "{:?}", quote.trace);
    assert!(told("campaign:ship").unwrap().starts_with("did not count"));
    assert_eq!(minor(quote.total.as_ref()), 1_500 + 450 + 250);
}

async fn an_agreed_price_sells_what_has_none_in_the_currency(s: Subject) {
    let dollars = VariantId::new();
    s.catalog.offer(dollars, 1_000, "USD", |_| {});
    assert!(s.quote(cart(&[(dollars, 1)])).await.lines.is_empty());
    let quote = s.quote(agreed(cart(&[(dollars, 1)]), 900)).await;
    assert_eq!(minor(quote.lines[0].total.as_ref()), 900);
}

async fn nobody_but_staff_says_what_something_costs(s: Subject) {
    let mug = s.for_sale(1_999);
    for request in [
        agreed(cart(&[(mug, 1)]), 1),
        QuoteRequest { agreed_shipping_price: Some(money(0, "EUR")), ..cart(&[(mug, 1)]) },
    ] {
        let refused = s.pricing.quote(&Ctx::guest(), request).await.unwrap_err();
        assert_eq!(refused.reason(), "STAFF_ONLY");
    }
    assert!(s.pricing.quote(&Ctx::guest(), cart(&[(mug, 1)])).await.is_ok());
}

async fn wrong_agreed_prices_name_the_field(s: Subject) {
    let mug = s.for_sale(1_999);
    let pointer =
        async |request: QuoteRequest| s.try_quote(request).await.unwrap_err().fields()[0].pointer.clone();
    assert_eq!(pointer(agreed(cart(&[(mug, 1)]), -1)).await, "/lines/0/agreed_price");
    let mut dollars = agreed(cart(&[(mug, 1)]), 1);
    dollars.lines[0].agreed_price = Some(money(1, "USD"));
    assert_eq!(pointer(dollars).await, "/lines/0/agreed_price");
    let shipping = QuoteRequest { agreed_shipping_price: Some(money(1, "USD")), ..cart(&[(mug, 1)]) };
    assert_eq!(pointer(shipping).await, "/agreed_shipping_price");
}
