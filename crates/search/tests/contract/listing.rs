//! Listings: categories, filters, facets, orders and pages.

use std::collections::HashSet;

use argosy_contracts::{
    common::Money,
    search::{Filter, QueryRequest, QueryResponse},
};

use argosy_testkit::eventually;

use crate::subject::*;

pub(crate) async fn a_category_lists_its_whole_subtree(s: Subject) {
    let in_category = |handle: &str| QueryRequest { category: handle.to_owned(), ..filtering(Vec::new()) };
    assert_eq!(sorted(s.numbers(in_category("electronics")).await), [1, 2]);
    assert_eq!(sorted(s.numbers(in_category("audio")).await), [1, 2]);
    assert_eq!(s.numbers(in_category("home")).await.len(), 41);
    assert!(s.numbers(in_category("nowhere")).await.is_empty());
}

pub(crate) async fn a_collection_lists_its_members(s: Subject) {
    let request = QueryRequest { collection: "bestsellers".to_owned(), ..filtering(Vec::new()) };
    assert_eq!(s.numbers(request).await, [1]);
}

pub(crate) async fn filters_narrow_and_values_of_one_filter_are_alternatives(s: Subject) {
    assert_eq!(sorted(s.numbers(filtering(vec![filter("color", &["black", "white"])])).await), [1, 2]);
    let both = vec![filter("color", &["black", "white"]), filter("vendor", &["Acme"])];
    assert_eq!(s.numbers(filtering(both)).await, [2]);
    assert_eq!(s.numbers(filtering(vec![filter("option:Size", &["M"])])).await, [4]);
    assert_eq!(s.numbers(filtering(vec![filter("tag", &["summer"])])).await, [4]);
    assert!(s.numbers(filtering(vec![filter("unheard_of", &["x"])])).await.is_empty());
}

pub(crate) async fn ranges_of_numbers_and_prices_hold(s: Subject) {
    let weight =
        Filter { name: "weight_g".to_owned(), min: Some(50.0), max: Some(254.0), ..Filter::default() };
    assert_eq!(sorted(s.numbers(filtering(vec![weight])).await), [1, 2]);
    let priced = QueryRequest { price_min: Some(1_900), price_max: Some(4_900), ..filtering(Vec::new()) };
    assert_eq!(sorted(s.numbers(priced.clone()).await), [2, 4]);
    for (sort, expected) in [("price_asc", [4, 2]), ("price_desc", [2, 4]), ("newest", [4, 2])] {
        let sorted = QueryRequest { sort: sort.to_owned(), ..priced.clone() };
        assert_eq!(s.numbers(sorted).await, expected, "{sort}");
    }
}

pub(crate) async fn a_facet_s_own_selection_does_not_narrow_its_own_counts(s: Subject) {
    let request = QueryRequest { facets: true, ..filtering(vec![filter("color", &["red"])]) };
    let answer = s.query(request).await;
    assert_eq!(answer.matches, 20);
    let colors = counts(&answer.facets, "color");
    assert!(colors.contains(&("red", 20, true)) && colors.contains(&("green", 20, false)));
    assert!(colors.contains(&("black", 1, false)));
    assert_eq!(counts(&answer.facets, "vendor"), [("Acme", 20, false)], "other facets are narrowed");
}

/// Products stand by category in memory, and changes among them: whatever is asked, each count is what a listing has.
pub(crate) async fn what_is_counted_is_what_is_listed(s: Subject) {
    let mut gone = s.product(13);
    gone.status = "archived".into();
    s.put(gone).await;
    let mut moved = s.product(14);
    moved.category_ids = s.product(1).category_ids;
    s.put(moved).await;
    let in_audio = QueryRequest { category: "audio".to_owned(), ..filtering(Vec::new()) };
    eventually("both are seen", || async {
        s.products().await == ALL as u64 - 1 && sorted(s.numbers(in_audio.clone()).await) == [1, 2, 14]
    })
    .await;
    for category in ["", "home", "audio"] {
        for (price_min, price_max) in [(None, None), (Some(1_100), Some(4_900))] {
            for text in ["", "lamp"] {
                let asked = |filters| QueryRequest {
                    category: category.to_owned(),
                    text: text.to_owned(),
                    facets: true,
                    price_min,
                    price_max,
                    ..filtering(filters)
                };
                let all = s.query(asked(Vec::new())).await;
                assert_eq!(all.matches, all.product_ids.len() as u64);
                let selected = s.query(asked(vec![filter("color", &["red"])])).await;
                assert_eq!(without_selection(&all, "color"), without_selection(&selected, "color"));
                for name in ["color", "vendor"] {
                    for (value, count, _) in counts(&all.facets, name) {
                        let listed = s.numbers(asked(vec![filter(name, &[value])])).await;
                        assert_eq!(listed.len() as u64, count, "{name} {value} of {category:?} {text:?}");
                    }
                }
            }
        }
    }
}

fn without_selection(answer: &QueryResponse, facet: &str) -> Vec<(String, u64)> {
    let counted = counts(&answer.facets, facet).into_iter().filter(|(_, count, _)| *count > 0);
    counted.map(|(value, count, _)| (value.to_owned(), count)).collect()
}

pub(crate) async fn a_facet_of_many_values_is_counted_like_one_of_few(s: Subject) {
    for number in 100..180 {
        s.put(product(number, "Ladle", &format!("Maker {number}"), "Ladles", 1_000)).await;
    }
    eventually("they are seen", || async { s.products().await == ALL as u64 + 80 }).await;
    let ladles = |filters| QueryRequest { text: "ladle".to_owned(), facets: true, ..filtering(filters) };
    let chosen = s.query(ladles(vec![filter("vendor", &["Maker 170"])])).await;
    assert_eq!(chosen.matches, 1);
    let vendors = counts(&chosen.facets, "vendor");
    assert!(vendors.contains(&("Maker 170", 1, true)) && vendors.contains(&("Maker 100", 1, false)));
    assert_eq!(vendors.len(), 50);
}

pub(crate) async fn facets_count_categories_prices_options_and_filterable_attributes(s: Subject) {
    let answer = s.query(QueryRequest { facets: true, ..filtering(Vec::new()) }).await;
    assert_eq!(answer.matches, ALL as u64);
    assert_eq!(counts(&answer.facets, "category"), [("home", 41, false), ("electronics", 2, false)]);
    let prices = counts(&answer.facets, "price");
    assert_eq!(prices, [("1050", 44, false), ("59900", 44, false)]);
    assert_eq!(counts(&answer.facets, "option:Size"), [("M", 1, false), ("S", 1, false)]);
    assert_eq!(counts(&answer.facets, "in_stock"), [("true", 44, false)]);
    assert!(answer.facets.iter().any(|facet| facet.name == "color" && facet.label == "COLOR"));
    assert!(answer.facets.iter().all(|facet| facet.name != "secret" && facet.name != "tag"));
    let below = QueryRequest { category: "electronics".to_owned(), facets: true, ..filtering(Vec::new()) };
    assert_eq!(counts(&s.query(below).await.facets, "category"), [("audio", 2, false)]);
}

pub(crate) async fn every_sort_pages_through_everything_once(s: Subject) {
    for (sort, text) in [
        ("newest", ""),
        ("price_asc", ""),
        ("price_desc", ""),
        ("title", ""),
        ("relevance", ""),
        ("relevance", "lamp"),
        ("title", "lamp"),
    ] {
        let everything =
            QueryRequest { text: text.to_owned(), sort: sort.to_owned(), ..filtering(Vec::new()) };
        let at_once = s.numbers(everything.clone()).await;
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = s.query(QueryRequest { limit: 7, cursor, ..everything.clone() }).await;
            paged.extend(page.product_ids.iter().map(|id| number_of(id)));
            cursor = page.next;
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(paged, at_once, "{sort} {text}");
        let each: HashSet<u8> = paged.iter().copied().collect();
        assert_eq!((each.len(), paged.len()), if text.is_empty() { (ALL, ALL) } else { (40, 40) });
    }
    let first = |sort: &str| QueryRequest { sort: sort.to_owned(), limit: 2, ..filtering(Vec::new()) };
    assert_eq!(s.numbers(first("newest")).await, [4, 3]);
    assert_eq!(s.numbers(first("price_asc")).await, [10, 11]);
    assert_eq!(s.numbers(first("price_desc")).await, [3, 1]);
    assert_eq!(s.numbers(first("title")).await, [2, 3]);
}

pub(crate) async fn a_page_goes_on_where_it_was_when_products_come_and_go(s: Subject) {
    let lamps =
        |cursor| QueryRequest { sort: "price_asc".to_owned(), limit: 4, cursor, ..filtering(Vec::new()) };
    let first = s.query(lamps(String::new())).await;
    let mut gone = s.product(13);
    gone.status = "archived".into();
    s.put(gone).await;
    s.put(product(9, "Cheap Lamp", "Acme", "Lamps", 1)).await;
    eventually("both are seen", || async { s.found("cheap").await == [9] }).await;
    assert_eq!(s.numbers(lamps(first.next)).await, [14, 15, 16, 17]);
}

pub(crate) async fn what_is_not_sold_in_a_currency_comes_last(s: Subject) {
    let mut in_dollars = product(9, "Dollar Lamp", "Acme", "Lamps", 1);
    in_dollars.variants[0].prices[0].amount = Some(Money { minor: 5, currency: "USD".to_owned() });
    s.put(in_dollars).await;
    eventually("it is seen", || async { s.products().await == ALL as u64 + 1 }).await;
    for sort in ["price_asc", "price_desc"] {
        let request = QueryRequest { sort: sort.to_owned(), ..filtering(Vec::new()) };
        assert_eq!(s.numbers(request.clone()).await.last(), Some(&9), "{sort}");
        let in_dollars = QueryRequest { currency: "USD".to_owned(), ..request };
        assert_eq!(s.numbers(in_dollars).await.first(), Some(&9), "{sort}");
    }
}

pub(crate) async fn wrong_requests_name_the_field(s: Subject) {
    let wrong = |request: QueryRequest| {
        let search = &s.search;
        let ctx = &s.ctx;
        async move { search.query(ctx, request).await.unwrap_err().fields()[0].pointer.clone() }
    };
    let base = || filtering(Vec::new());
    assert_eq!(wrong(QueryRequest { limit: 101, ..base() }).await, "/limit");
    assert_eq!(wrong(QueryRequest { sort: "best".to_owned(), ..base() }).await, "/sort");
    assert_eq!(wrong(QueryRequest { currency: "euro".to_owned(), ..base() }).await, "/currency");
    assert_eq!(
        wrong(QueryRequest { currency: String::new(), price_min: Some(1), ..base() }).await,
        "/currency"
    );
    assert_eq!(wrong(QueryRequest { cursor: "!".to_owned(), ..base() }).await, "/cursor");
    assert_eq!(wrong(filtering(vec![Filter::default()])).await, "/filters/0/name");
    assert_eq!(wrong(filtering(vec![filter("color", &[])])).await, "/filters/0/values");
    assert_eq!(wrong(filtering(vec![filter("color", &["x"; 51])])).await, "/filters/0/values");
    assert_eq!(wrong(filtering(vec![filter("color", &["x"]); 21])).await, "/filters");
    let newest = s.query(QueryRequest { limit: 2, ..base() }).await.next;
    assert_eq!(wrong(QueryRequest { sort: "title".to_owned(), cursor: newest, ..base() }).await, "/cursor");
}

pub(crate) async fn a_collection_made_by_hand_is_listed_in_its_order(s: Subject) {
    let order: Vec<u8> = (10..50).rev().step_by(2).chain([2, 4, 1]).collect();
    s.arrange(&order).await;
    let window = || QueryRequest { collection: "window".to_owned(), ..filtering(Vec::new()) };
    eventually("it is in order", || async { s.numbers(window()).await == order }).await;
    let said = QueryRequest { sort: "manual".to_owned(), ..window() };
    assert_eq!(s.numbers(said.clone()).await, order);
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = s.query(QueryRequest { limit: 5, cursor, ..window() }).await;
        paged.extend(page.product_ids.iter().map(|id| number_of(id)));
        cursor = page.next;
    }
    assert_eq!((paged, cursor), (order.clone(), String::new()));
    let newest = QueryRequest { sort: "newest".to_owned(), limit: 2, ..window() };
    assert_eq!(s.numbers(newest).await, [4, 2], "another order is still to be had");
    let narrowed =
        QueryRequest { price_min: Some(1_900), filters: vec![filter("vendor", &["Acme"])], ..window() };
    assert_eq!(s.numbers(narrowed).await, [2, 4]);
    assert_eq!(s.numbers(QueryRequest { text: "lamp".to_owned(), ..said }).await, order[..20]);
}

pub(crate) async fn only_a_collection_made_by_hand_has_an_order_of_its_own(s: Subject) {
    let summer = || QueryRequest { collection: "summer".to_owned(), ..filtering(Vec::new()) };
    assert_eq!(s.numbers(summer()).await, [4]);
    for request in [summer(), filtering(Vec::new())] {
        let manual = QueryRequest { sort: "manual".to_owned(), ..request };
        let refused = s.search.query(&s.ctx, manual).await.unwrap_err();
        assert_eq!(refused.fields()[0].pointer, "/sort");
    }
}
