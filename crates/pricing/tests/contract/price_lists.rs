//! Price lists.

use std::time::Duration;

use argosy_contracts::pricing::{
    Buyer, ListListPricesRequest, ListPrice, ListPriceListsRequest, PriceList, PriceListStep,
    PriceVariantsRequest, PricedVariant, PutListPricesRequest, PutPriceListsRequest, Quote, QuoteRequest,
    VariantPrice,
};
use argosy_kernel::{Clock, Result, VariantId};
use argosy_testkit::{contract_stories, eventually};

use crate::{
    markets,
    subject::{Subject, cart, minor, money},
};

contract_stories! {
    law_12_a_line_names_the_list_that_gave_its_price,
    the_closest_list_counts_and_of_those_the_lowest_price,
    more_pieces_cost_less_also_on_two_lines,
    a_fixed_price_counts_before_a_share,
    law_7_what_is_shown_is_what_is_quoted,
    a_list_begins_and_ends_by_itself_and_that_is_told,
    a_reduction_is_told_with_the_lowest_price_of_the_list_before,
    lists_and_prices_read_back_and_the_same_again_changes_nothing,
    law_9_prices_beyond_a_page_are_read_in_pages,
    wrong_lists_and_prices_name_the_field_and_change_nothing,
}

const DAY: Duration = Duration::from_hours(24);

/// A list that is on, at a share of the catalogue's price.
fn list(name: &str, steps: &[(i64, i64)]) -> PriceList {
    let step = |(pieces_min, percent): &(i64, i64)| PriceListStep {
        pieces_min: *pieces_min,
        rate_ppm: percent * 10_000,
    };
    PriceList {
        name: name.to_owned(),
        active: true,
        steps: steps.iter().map(step).collect(),
        ..PriceList::default()
    }
}

fn for_groups(list: PriceList, groups: &[&str]) -> PriceList {
    PriceList { customer_groups: groups.iter().map(|group| (*group).to_owned()).collect(), ..list }
}

fn fixed(list: &str, variant: VariantId, pieces_min: i64, minor: i64) -> ListPrice {
    ListPrice {
        price_list: list.to_owned(),
        variant_id: variant.to_string(),
        pieces_min,
        price: Some(money(minor, "EUR")),
        removed: false,
    }
}

async fn put(s: &Subject, price_lists: Vec<PriceList>) -> Result<()> {
    s.pricing.put_price_lists(&s.ctx, PutPriceListsRequest { price_lists }).await.map(drop)
}

async fn put_prices(s: &Subject, prices: Vec<ListPrice>) -> Result<u32> {
    Ok(s.pricing.put_list_prices(&s.ctx, PutListPricesRequest { prices }).await?.changed)
}

fn by(request: QuoteRequest, groups: &[&str]) -> QuoteRequest {
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    QuoteRequest { buyer: Some(Buyer { groups, ..Buyer::default() }), ..request }
}

fn unit_prices(quote: &Quote) -> Vec<(&str, i64)> {
    quote.lines.iter().map(|line| (line.price_list.as_str(), minor(line.unit_price.as_ref()))).collect()
}

async fn shown(s: &Subject, variants: &[(VariantId, i64)], groups: &[&str], days: u32) -> Vec<VariantPrice> {
    let priced = |(id, minor): &(VariantId, i64)| PricedVariant {
        variant_id: id.to_string(),
        price: Some(money(*minor, "EUR")),
        compare_at: None,
    };
    let request = PriceVariantsRequest {
        currency: "EUR".to_owned(),
        customer_groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        variants: variants.iter().map(priced).collect(),
        lowest_days: days,
        ..PriceVariantsRequest::default()
    };
    s.pricing.price_variants(&s.ctx, request).await.unwrap().prices
}

async fn law_12_a_line_names_the_list_that_gave_its_price(s: Subject) {
    let mug = s.for_sale(1_000);
    put(&s, vec![PriceList { is_sale: true, ..list("sale", &[(1, 80)]) }]).await.unwrap();
    let quote = s.quote(cart(&[(mug, 3)])).await;
    let line = &quote.lines[0];
    assert_eq!((unit_prices(&quote), minor(line.compare_at.as_ref())), (vec![("sale", 800)], 1_000));
    let step = &line.trace[0];
    assert_eq!(
        (step.rule.as_str(), step.text.as_str()),
        ("price_list:sale", "3 × 8.00 EUR, in place of 10.00 EUR each")
    );
    assert_eq!(minor(step.amount.as_ref()), 2_400);
    put(&s, vec![list("sale", &[(1, 80)])]).await.unwrap();
    let quote = s.quote(cart(&[(mug, 3)])).await;
    assert_eq!(quote.lines[0].compare_at, None, "no reduction: nothing to compare with");
    put(&s, vec![PriceList { active: false, ..list("sale", &[(1, 80)]) }]).await.unwrap();
    assert_eq!(unit_prices(&s.quote(cart(&[(mug, 3)])).await), [("", 1_000)]);
}

async fn the_closest_list_counts_and_of_those_the_lowest_price(s: Subject) {
    let mug = s.for_sale(1_000);
    markets::put(&s, markets::three()).await.unwrap();
    let of_market = |list: PriceList| PriceList { markets: vec!["dach".to_owned()], ..list };
    let lists = vec![
        list("all", &[(1, 50)]),
        of_market(list("dach", &[(1, 95)])),
        for_groups(list("dealers", &[(1, 90)]), &["dealer"]),
        for_groups(list("friends", &[(1, 85)]), &["friend", "staff"]),
        of_market(for_groups(list("dach-dealers", &[(1, 92)]), &["dealer"])),
    ];
    put(&s, lists).await.unwrap();
    let to = |country: &str| QuoteRequest {
        destination: Some(crate::subject::destination(country)),
        ..cart(&[(mug, 1)])
    };
    for (country, groups, expected) in [
        ("FR", &[][..], ("all", 500)),
        ("DE", &[], ("dach", 950)),
        ("FR", &["dealer"], ("dealers", 900)),
        ("FR", &["dealer", "staff"], ("friends", 850)),
        ("DE", &["dealer", "staff"], ("dach-dealers", 920)),
        ("DE", &["unknown"], ("dach", 950)),
    ] {
        let quote = s.quote(by(to(country), groups)).await;
        assert_eq!(unit_prices(&quote), [expected], "{country} {groups:?}");
    }
}

async fn more_pieces_cost_less_also_on_two_lines(s: Subject) {
    let (mug, cup) = (s.for_sale(1_000), s.for_sale(1_000));
    put(&s, vec![list("tiers", &[(5, 90), (10, 80)])]).await.unwrap();
    assert_eq!(unit_prices(&s.quote(cart(&[(mug, 4), (cup, 5)])).await), [("", 1_000), ("tiers", 900)]);
    let two_lines = s.quote(cart(&[(mug, 4), (mug, 6)])).await;
    assert_eq!(unit_prices(&two_lines), [("tiers", 800), ("tiers", 800)]);
    let prices = shown(&s, &[(mug, 1_000)], &[], 0).await;
    let steps: Vec<(i64, i64)> =
        prices[0].steps.iter().map(|step| (step.pieces_min, minor(step.price.as_ref()))).collect();
    assert_eq!(
        (prices[0].price_list.as_str(), minor(prices[0].price.as_ref()), steps),
        ("", 1_000, vec![(5, 900), (10, 800)])
    );
}

async fn a_fixed_price_counts_before_a_share(s: Subject) {
    let (mug, cup) = (s.for_sale(1_000), s.for_sale(1_000));
    put(&s, vec![list("sale", &[(1, 90)]), list("other", &[])]).await.unwrap();
    let prices = vec![fixed("sale", mug, 0, 950), fixed("sale", mug, 3, 700), fixed("other", cup, 1, 1_500)];
    assert_eq!(put_prices(&s, prices.clone()).await.unwrap(), 3);
    assert_eq!(unit_prices(&s.quote(cart(&[(mug, 2), (cup, 1)])).await), [("sale", 950), ("sale", 900)]);
    assert_eq!(unit_prices(&s.quote(cart(&[(mug, 3)])).await), [("sale", 700)]);
    let removed = ListPrice { removed: true, ..fixed("sale", mug, 1, 0) };
    assert_eq!(put_prices(&s, vec![removed.clone()]).await.unwrap(), 1);
    assert_eq!(put_prices(&s, vec![removed]).await.unwrap(), 0, "it is gone already");
    assert_eq!(unit_prices(&s.quote(cart(&[(mug, 2)])).await), [("sale", 900)]);
}

async fn law_7_what_is_shown_is_what_is_quoted(s: Subject) {
    let (mug, cup, plate) = (s.for_sale(1_999), s.for_sale(333), s.for_sale(5_000));
    markets::put(&s, markets::three()).await.unwrap();
    let sale = PriceList { is_sale: true, ..list("sale", &[(1, 87)]) };
    put(&s, vec![sale, for_groups(list("dealers", &[(1, 71)]), &["dealer"]), list("some", &[])])
        .await
        .unwrap();
    put_prices(&s, vec![fixed("some", plate, 1, 4_444), fixed("dealers", cup, 1, 222)]).await.unwrap();
    let variants = [(mug, 1_999), (cup, 333), (plate, 5_000)];
    for groups in [&[][..], &["dealer"]] {
        let looked_at = QuoteRequest { destination: None, ..cart(&variants.map(|(id, _)| (id, 1))) };
        let quote = s.quote(by(looked_at, groups)).await;
        let prices = shown(&s, &variants, groups, 0).await;
        let quoted: Vec<_> = quote
            .lines
            .iter()
            .map(|line| (line.unit_price.clone(), line.compare_at.clone(), line.price_list.clone()))
            .collect();
        let told: Vec<_> = prices
            .iter()
            .map(|price| (price.price.clone(), price.compare_at.clone(), price.price_list.clone()))
            .collect();
        assert_eq!(quoted, told, "{groups:?}");
    }
}

async fn a_list_begins_and_ends_by_itself_and_that_is_told(s: Subject) {
    let mug = s.for_sale(1_000);
    let start = s.test.clock.now().plus(DAY).as_millis();
    let end = s.test.clock.now().plus(2 * DAY).as_millis();
    put(&s, vec![PriceList { starts_at_ms: Some(start), ends_at_ms: Some(end), ..list("sale", &[(1, 80)]) }])
        .await
        .unwrap();
    let told = async || {
        let facts = s.test.facts("pricing").await;
        facts.iter().filter(|fact| fact.kind == "pricing.prices_changed").count()
    };
    assert_eq!((told().await, unit_prices(&s.quote(cart(&[(mug, 1)])).await)), (1, vec![("", 1_000)]));
    for (times, expected) in [(2, ("sale", 800)), (3, ("", 1_000))] {
        s.test.clock.advance(DAY);
        assert_eq!(unit_prices(&s.quote(cart(&[(mug, 1)])).await), [expected]);
        eventually("it is told", async || told().await == times).await;
    }
}

async fn a_reduction_is_told_with_the_lowest_price_of_the_list_before(s: Subject) {
    let mug = s.for_sale(1_000);
    let day = |days: i64| s.test.clock.now().as_millis() + days * 24 * 3_600 * 1_000;
    s.catalog.cost(mug, &[(day(-100), 900), (day(-40), 950), (day(-10), 1_000)]);
    put(&s, vec![PriceList { is_sale: true, ..list("sale", &[(1, 80)]) }]).await.unwrap();
    let lowest = async || {
        let price = shown(&s, &[(mug, 1_000)], &[], 30).await.remove(0);
        (minor(price.price.as_ref()), minor(price.compare_at.as_ref()), minor(price.lowest.as_ref()))
    };
    assert_eq!(lowest().await, (800, 1_000, 950), "the catalogue's price 10 to 40 days ago");
    s.test.clock.advance(5 * DAY);
    put_prices(&s, vec![fixed("sale", mug, 1, 700)]).await.unwrap();
    assert_eq!(lowest().await, (700, 1_000, 800), "the list's own price before");
    s.test.clock.advance(40 * DAY);
    put_prices(&s, vec![ListPrice { removed: true, ..fixed("sale", mug, 1, 0) }]).await.unwrap();
    assert_eq!(lowest().await, (800, 1_000, 700));
    let without = shown(&s, &[(mug, 1_000)], &[], 0).await.remove(0);
    assert_eq!(without.lowest, None, "it was not asked for");
}

async fn lists_and_prices_read_back_and_the_same_again_changes_nothing(s: Subject) {
    let mug = s.for_sale(1_000);
    let full = PriceList {
        title: "Dealers".to_owned(),
        markets: vec!["dach".to_owned()],
        starts_at_ms: Some(5),
        ends_at_ms: Some(6),
        is_sale: true,
        ..for_groups(list("dealers", &[(1, 90), (10, 110)]), &["dealer"])
    };
    put(&s, vec![full.clone(), list("all", &[])]).await.unwrap();
    let listed = s.pricing.list_price_lists(&s.ctx, ListPriceListsRequest {}).await.unwrap().price_lists;
    assert_eq!(listed, [list("all", &[]), full.clone()]);
    let price = fixed("all", mug, 1, 500);
    assert_eq!(put_prices(&s, vec![price.clone()]).await.unwrap(), 1);
    let before = s.test.facts("pricing").await.len();
    put(&s, vec![full]).await.unwrap();
    assert_eq!(put_prices(&s, vec![price]).await.unwrap(), 0);
    assert_eq!(s.test.facts("pricing").await.len(), before, "nothing is told");
}

async fn law_9_prices_beyond_a_page_are_read_in_pages(s: Subject) {
    put(&s, vec![list("all", &[])]).await.unwrap();
    let variants: Vec<VariantId> = (0..7).map(|_| VariantId::new()).collect();
    let prices = variants.iter().flat_map(|id| [fixed("all", *id, 1, 500), fixed("all", *id, 5, 400)]);
    assert_eq!(put_prices(&s, prices.collect()).await.unwrap(), 14);
    let (mut cursor, mut read) = (String::new(), Vec::new());
    loop {
        let request = ListListPricesRequest { price_list: "all".to_owned(), limit: 4, cursor };
        let page = s.pricing.list_list_prices(&s.ctx, request).await.unwrap();
        assert!(page.prices.len() <= 4);
        read.extend(page.prices.into_iter().map(|price| (price.variant_id, price.pieces_min)));
        cursor = page.next;
        if cursor.is_empty() {
            break;
        }
    }
    let is_sorted = read.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(read.len() == 14 && is_sorted, "{read:?}");
    for wrong in [
        ListListPricesRequest { limit: 501, price_list: "all".to_owned(), ..Default::default() },
        ListListPricesRequest { cursor: "?".to_owned(), price_list: "all".to_owned(), ..Default::default() },
    ] {
        assert_eq!(s.pricing.list_list_prices(&s.ctx, wrong).await.unwrap_err().reason(), "INVALID_FIELD");
    }
}

async fn wrong_lists_and_prices_name_the_field_and_change_nothing(s: Subject) {
    let mug = s.for_sale(1_000);
    put(&s, vec![list("all", &[])]).await.unwrap();
    let wrong = [
        ("name", list("All of it", &[])),
        ("name", list("good", &[])),
        ("markets/0", PriceList { markets: vec!["A B".to_owned()], ..list("bad", &[]) }),
        ("customer_groups/0", for_groups(list("bad", &[]), &[""])),
        ("ends_at_ms", PriceList { starts_at_ms: Some(2), ends_at_ms: Some(2), ..list("bad", &[]) }),
        ("steps/0/pieces_min", list("bad", &[(0, 90)])),
        ("steps/1/pieces_min", list("bad", &[(5, 90), (5, 80)])),
        ("steps/0/rate_ppm", list("bad", &[(1, 0)])),
        ("steps/0/rate_ppm", list("bad", &[(1, 1_001)])),
    ];
    for (field, bad) in wrong {
        let error = put(&s, vec![list("good", &[]), bad]).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/price_lists/1/{field}"), "{error:?}");
    }
    let good = || fixed("all", VariantId::new(), 1, 1);
    let wrong = [
        ("price_list", fixed("none", mug, 1, 1)),
        ("price_list", fixed("A B", mug, 1, 1)),
        ("variant_id", ListPrice { variant_id: "mug".to_owned(), ..good() }),
        ("pieces_min", fixed("all", mug, -1, 1)),
        ("price", ListPrice { price: None, ..good() }),
        ("price/minor", fixed("all", mug, 1, -1)),
        ("price/currency", ListPrice { price: Some(money(1, "EURO")), ..good() }),
    ];
    for (field, bad) in wrong {
        let error = put_prices(&s, vec![good(), bad]).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/prices/1/{field}"), "{error:?}");
    }
    let twice = put_prices(&s, vec![fixed("all", mug, 0, 1), fixed("all", mug, 1, 2)]).await.unwrap_err();
    assert_eq!(twice.fields()[0].pointer, "/prices/1/variant_id");
    let many = (0..501).map(|_| good()).collect();
    assert_eq!(put_prices(&s, many).await.unwrap_err().fields()[0].pointer, "/prices");
    let request = ListListPricesRequest { price_list: "all".to_owned(), ..Default::default() };
    assert!(s.pricing.list_list_prices(&s.ctx, request).await.unwrap().prices.is_empty());
    let foreign =
        PricedVariant { variant_id: mug.to_string(), price: Some(money(1, "USD")), compare_at: None };
    let request = PriceVariantsRequest {
        currency: "EUR".to_owned(),
        variants: vec![foreign],
        ..PriceVariantsRequest::default()
    };
    let error = s.pricing.price_variants(&s.ctx, request).await.unwrap_err();
    assert_eq!(error.fields()[0].pointer, "/variants/0/price");
}
