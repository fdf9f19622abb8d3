//! Fees: put, listed, charged.

use argosy_contracts::pricing::{Fee, ListFeesRequest, PutFeesRequest, Quote, QuoteRequest};
use argosy_kernel::{Result, VariantId};
use argosy_testkit::contract_stories;

use crate::subject::{Subject, cart, minor, money, sum};

contract_stories! {
    fees_read_back_as_they_were_put_and_count_at_once,
    a_wrapped_line_says_what_it_costs_and_lines_what_they_can_be_wrapped_in,
    law_7_a_wrap_that_is_not_there_is_a_notice_and_not_an_error,
    a_fee_of_goods_knows_them_by_tag_type_and_collection,
    wrong_fees_name_the_field_and_change_nothing,
}

fn fee(name: &str, kind: &str, amount: i64) -> Fee {
    Fee {
        name: name.to_owned(),
        title: name.to_uppercase(),
        kind: kind.to_owned(),
        amounts: vec![money(amount, "EUR")],
        active: true,
        ..Fee::default()
    }
}

async fn put(s: &Subject, fees: Vec<Fee>) -> Result<()> {
    s.pricing.put_fees(&s.ctx, PutFeesRequest { fees }).await.map(drop)
}

async fn listed(s: &Subject) -> Vec<Fee> {
    s.pricing.list_fees(&s.ctx, ListFeesRequest {}).await.unwrap().fees
}

fn wrapped(variant: VariantId, wrap: &str, message_length: u32) -> QuoteRequest {
    let mut request = cart(&[(variant, 2)]);
    wrap.clone_into(&mut request.lines[0].wrap);
    request.lines[0].wrap_message_length = message_length;
    request
}

fn charged(quote: &Quote) -> Vec<(&str, &str, i64)> {
    let told = quote.fees.iter();
    told.map(|fee| (fee.name.as_str(), fee.line_id.as_str(), minor(fee.total.as_ref()))).collect()
}

async fn fees_read_back_as_they_were_put_and_count_at_once(s: Subject) {
    let mug = s.for_sale(1_000);
    let small = Fee { below: vec![money(3_000, "EUR"), money(4_000, "USD")], ..fee("small", "order", 299) };
    let wrap = Fee { pieces_max: 5, message_length_max: 100, ..fee("ribbon", "wrap", 350) };
    put(&s, vec![small.clone(), wrap.clone()]).await.unwrap();
    assert_eq!(listed(&s).await, [small, wrap]);
    let quote = s.quote(cart(&[(mug, 2)])).await;
    assert_eq!(charged(&quote), [("small", "", 299)]);
    assert_eq!(
        sum(&quote),
        ["subtotal Subtotal 2000", "fee SMALL 299", "tax_included VAT 19 % 367", "total Total 2299"]
    );
    assert!(charged(&s.quote(cart(&[(mug, 3)])).await).is_empty(), "30.00 are not below 30.00");
    put(&s, Vec::new()).await.unwrap();
    assert!(charged(&s.quote(cart(&[(mug, 2)])).await).is_empty());
}

async fn a_wrapped_line_says_what_it_costs_and_lines_what_they_can_be_wrapped_in(s: Subject) {
    let mug = s.for_sale(1_000);
    let wrap = Fee { pieces_max: 5, message_length_max: 100, ..fee("ribbon", "wrap", 350) };
    put(&s, vec![Fee { tax_class: "reduced".to_owned(), ..wrap }]).await.unwrap();
    let quote = s.quote(wrapped(mug, "ribbon", 100)).await;
    assert_eq!(charged(&quote), [("ribbon", "l0", 700)]);
    let fee = &quote.fees[0];
    assert_eq!((fee.tax_rate_ppm, minor(fee.tax.as_ref()), fee.quantity), (70_000, 46, 2));
    let by_rate: Vec<i64> = quote.tax_lines.iter().map(|line| minor(line.amount.as_ref())).collect();
    assert_eq!(by_rate, [319, 46]);
    let offer = &quote.wraps[0];
    assert_eq!((offer.name.as_str(), offer.message_length_max, offer.pieces_max), ("ribbon", 100, 5));
    assert_eq!(offer.line_ids, ["l0"]);
    let rules: Vec<&str> = quote.trace.iter().map(|step| step.rule.as_str()).collect();
    assert!(rules.contains(&"fee:ribbon") && rules.contains(&"tax:DE/reduced"), "{rules:?}");
}

async fn law_7_a_wrap_that_is_not_there_is_a_notice_and_not_an_error(s: Subject) {
    let mug = s.for_sale(1_000);
    put(&s, vec![Fee { pieces_max: 1, ..fee("box", "wrap", 500) }, fee("ribbon", "wrap", 350)])
        .await
        .unwrap();
    let told = async |request| {
        let quote = s.quote(request).await;
        let told = quote.notices.iter().map(|notice| (notice.code.clone(), notice.target.clone()));
        told.collect::<Vec<_>>()
    };
    let wrap = ("WRAP_NOT_OFFERED".to_owned(), "/lines/0/wrap".to_owned());
    assert_eq!(told(wrapped(mug, "gone", 0)).await, std::slice::from_ref(&wrap));
    assert_eq!(told(wrapped(mug, "box", 0)).await, [wrap], "two units, and one is the most");
    let message = ("WRAP_MESSAGE_TOO_LONG".to_owned(), "/lines/0/wrap_message".to_owned());
    assert_eq!(told(wrapped(mug, "ribbon", 1)).await, [message]);
    assert!(told(wrapped(mug, "ribbon", 0)).await.is_empty());
    let hostile = s.try_quote(wrapped(mug, "'; drop", 0)).await.unwrap_err();
    assert_eq!(hostile.fields()[0].pointer, "/lines/0/wrap");
}

async fn a_fee_of_goods_knows_them_by_tag_type_and_collection(s: Subject) {
    let (sofa, mug) = (VariantId::new(), s.for_sale(1_000));
    s.catalog.offer(sofa, 50_000, "EUR", |variant| {
        variant.tags = vec!["Bulky".to_owned()];
        "Furniture".clone_into(&mut variant.product_type);
        variant.collection_ids = vec!["col_large".to_owned()];
    });
    let base = || fee("bulky", "piece", 2_000);
    for of in [
        Fee { tags: vec!["bulky".to_owned()], ..base() },
        Fee { product_types: vec!["furniture".to_owned()], ..base() },
        Fee { collection_ids: vec!["col_large".to_owned()], ..base() },
    ] {
        put(&s, vec![of]).await.unwrap();
        let quote = s.quote(cart(&[(sofa, 2), (mug, 1)])).await;
        assert_eq!(charged(&quote), [("bulky", "l0", 4_000)]);
    }
}

async fn wrong_fees_name_the_field_and_change_nothing(s: Subject) {
    put(&s, vec![fee("good", "order", 100)]).await.unwrap();
    let bad = |change: fn(&mut Fee)| {
        let mut fee = fee("bad", "order", 100);
        change(&mut fee);
        fee
    };
    let wrong = [
        ("name", bad(|fee| "Bad One".clone_into(&mut fee.name))),
        ("name", bad(|fee| "good".clone_into(&mut fee.name))),
        ("title", bad(|fee| " ".clone_into(&mut fee.title))),
        ("kind", bad(|fee| "card".clone_into(&mut fee.kind))),
        ("amounts", bad(|fee| fee.amounts.clear())),
        ("amounts/0/minor", bad(|fee| fee.amounts[0].minor = -1)),
        ("below", bad(|fee| (fee.kind, fee.below) = ("piece".to_owned(), vec![money(1, "EUR")]))),
        ("pieces_max", bad(|fee| fee.pieces_max = 3)),
        ("message_length_max", bad(|fee| (fee.kind, fee.message_length_max) = ("wrap".to_owned(), 241))),
        ("tax_class", bad(|fee| "a b".clone_into(&mut fee.tax_class))),
        ("product_ids/0", bad(|fee| fee.product_ids = vec!["x".to_owned()])),
        ("countries/0", bad(|fee| fee.countries = vec!["Germany".to_owned()])),
        ("markets/0", bad(|fee| fee.markets = vec!["A B".to_owned()])),
        ("tags/0", bad(|fee| fee.tags = vec![String::new()])),
        ("ends_at_ms", bad(|fee| (fee.starts_at_ms, fee.ends_at_ms) = (Some(2), Some(2)))),
    ];
    for (field, bad) in wrong {
        let error = put(&s, vec![fee("good", "order", 1), bad]).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/fees/1/{field}"), "{error:?}");
    }
    let many: Vec<Fee> = (0..101).map(|number| fee(&format!("f{number}"), "order", 1)).collect();
    assert_eq!(put(&s, many).await.unwrap_err().fields()[0].pointer, "/fees");
    assert_eq!(minor(listed(&s).await[0].amounts.first()), 100);
}
