//! Quotes.

use argosy_contracts::pricing::QuoteRequest;
use argosy_kernel::{Code, VariantId};
use argosy_testkit::contract_stories;

use crate::subject::{Subject, cart, destination, minor, money, percent, sum};

contract_stories! {
    law_1_a_quote_adds_up_to_the_last_cent,
    law_7_a_quote_stays_the_same_until_something_changes,
    law_12_every_price_carries_its_trace,
    a_line_is_described_as_the_catalogue_says,
    currencies_with_no_and_with_three_decimals_are_priced,
    a_quote_asks_the_catalogue_once,
    a_quote_without_codes_needs_no_database,
    what_cannot_be_sold_becomes_a_notice,
    an_unknown_destination_means_the_tax_of_the_shop_and_no_shipping,
    a_shipping_option_that_is_not_offered_becomes_a_notice,
    an_empty_cart_has_a_quote,
    wrong_requests_name_the_field,
}

async fn law_1_a_quote_adds_up_to_the_last_cent(s: Subject) {
    let (mug, plate) = (s.for_sale(1_999), s.for_sale(333));
    s.put(percent("TEN", 10)).await;
    let request = QuoteRequest {
        codes: vec!["ten".to_owned()],
        shipping_option_id: "standard".to_owned(),
        ..cart(&[(mug, 2), (plate, 1)])
    };
    let quote = s.quote(request).await;
    assert_eq!(
        sum(&quote),
        [
            "subtotal Subtotal 4331",
            "discount TEN -433",
            "shipping Standard shipping 490",
            "tax_included VAT 19 % 700",
            "total Total 4388",
        ]
    );
    let lines: i64 = quote.lines.iter().map(|line| minor(line.total.as_ref())).sum();
    assert_eq!(lines + 490, minor(quote.total.as_ref()));
    assert!(quote.tax_included && quote.requires_shipping && quote.notices.is_empty());
}

async fn law_7_a_quote_stays_the_same_until_something_changes(s: Subject) {
    let mug = s.for_sale(1_999);
    let request = || QuoteRequest { codes: vec!["NOPE".to_owned()], ..cart(&[(mug, 3)]) };
    let seen = s.quote(request()).await;
    assert_eq!(s.quote(request()).await, seen);
    s.catalog.offer(mug, 2_099, "EUR", |_| {});
    assert_ne!(s.quote(request()).await, seen);
}

async fn law_12_every_price_carries_its_trace(s: Subject) {
    let mug = s.for_sale(1_000);
    s.put(percent("TEN", 10)).await;
    let request = QuoteRequest {
        codes: vec!["TEN".to_owned()],
        shipping_option_id: "standard".to_owned(),
        ..cart(&[(mug, 1)])
    };
    let quote = s.quote(request).await;
    let rules: Vec<&str> = quote.lines[0].trace.iter().map(|step| step.rule.as_str()).collect();
    assert_eq!(rules, ["list_price", "coupon:TEN", "tax:DE/standard", "line_total"]);
    let rules: Vec<&str> = quote.trace.iter().map(|step| step.rule.as_str()).collect();
    assert_eq!(rules, ["shipping:standard", "tax:DE/standard", "total"]);
    assert_eq!(quote.trace[0].text, "Domestic, Standard shipping, flat price");
}

async fn a_line_is_described_as_the_catalogue_says(s: Subject) {
    let mug = VariantId::new();
    s.catalog.offer(mug, 1_999, "EUR", |variant| {
        variant.variant_title = "Blue".into();
        variant.compare_at = Some(money(2_499, "EUR"));
        variant.tax_class = "reduced".into();
    });
    let line = s.quote(cart(&[(mug, 2)])).await.lines.remove(0);
    assert_eq!((line.line_id.as_str(), line.variant_id), ("l0", mug.to_string()));
    assert_eq!((line.handle.as_str(), line.sku.as_str(), line.title.as_str()), ("mug", "MUG-1", "Mug"));
    assert_eq!((line.variant_title.as_str(), line.quantity, line.weight_g), ("Blue", 2, 500));
    assert_eq!(line.compare_at, Some(money(2_499, "EUR")));
    assert_eq!((line.tax_rate_ppm, minor(line.tax.as_ref())), (70_000, 262));
}

async fn currencies_with_no_and_with_three_decimals_are_priced(s: Subject) {
    for currency in ["JPY", "KWD"] {
        let variant = VariantId::new();
        s.catalog.offer(variant, 1_001, currency, |variant| {
            variant.requires_shipping = false;
        });
        s.put(percent("THIRD", 33)).await;
        let request = QuoteRequest {
            currency: currency.to_owned(),
            codes: vec!["THIRD".to_owned()],
            destination: Some(destination("CH")),
            ..cart(&[(variant, 1)])
        };
        let quote = s.quote(request).await;
        assert_eq!(quote.total, Some(money(671, currency)));
        assert_eq!(sum(&quote)[1..], ["discount THIRD -330", "tax_included VAT 8.1 % 50", "total Total 671"]);
    }
}

async fn a_quote_asks_the_catalogue_once(s: Subject) {
    let mug = s.for_sale(100);
    let quote = s.quote(cart(&[(mug, 1); 50])).await;
    assert_eq!((quote.lines.len(), s.catalog.times_asked()), (50, 1));
}

async fn a_quote_without_codes_needs_no_database(s: Subject) {
    let mug = s.for_sale(1_000);
    for database in s.test.host.databases() {
        database.close().await.unwrap();
    }
    assert_eq!(minor(s.quote(cart(&[(mug, 1)])).await.total.as_ref()), 1_000);
    let with_code = QuoteRequest { codes: vec!["TEN".to_owned()], ..cart(&[(mug, 1)]) };
    assert!(s.try_quote(with_code).await.is_err());
}

async fn what_cannot_be_sold_becomes_a_notice(s: Subject) {
    let (mug, dollars) = (s.for_sale(1_000), VariantId::new());
    s.catalog.offer(dollars, 1_000, "USD", |_| {});
    let quote = s.quote(cart(&[(VariantId::new(), 1), (mug, 1), (dollars, 1)])).await;
    let notices: Vec<(&str, &str, &str)> = quote
        .notices
        .iter()
        .map(|notice| (notice.code.as_str(), notice.target.as_str(), notice.resolution.as_str()))
        .collect();
    assert_eq!(
        notices,
        [("VARIANT_NOT_FOUND", "/lines/0", "fix"), ("NOT_SOLD_IN_CURRENCY", "/lines/2", "fix")]
    );
    assert_eq!((quote.lines.len(), minor(quote.total.as_ref())), (1, 1_000));
}

async fn an_unknown_destination_means_the_tax_of_the_shop_and_no_shipping(s: Subject) {
    let mug = s.for_sale(1_190);
    let quote = s.quote(QuoteRequest { destination: None, ..cart(&[(mug, 1)]) }).await;
    assert_eq!(sum(&quote), ["subtotal Subtotal 1190", "tax_included VAT 19 % 190", "total Total 1190"]);
    assert!(quote.requires_shipping && quote.shipping_options.is_empty() && quote.notices.is_empty());
}

async fn a_shipping_option_that_is_not_offered_becomes_a_notice(s: Subject) {
    let mug = s.for_sale(1_000);
    let request = QuoteRequest {
        shipping_option_id: "standard".to_owned(),
        destination: Some(destination("FR")),
        ..cart(&[(mug, 1)])
    };
    let quote = s.quote(request).await;
    assert_eq!(quote.shipping_option_id, "");
    assert_eq!(quote.notices[0].code, "SHIPPING_OPTION_GONE");
    assert_eq!(quote.shipping_options[0].id, "eu-standard");
    let heavy = s.quote(QuoteRequest { destination: Some(destination("FR")), ..cart(&[(mug, 64)]) }).await;
    assert_eq!(heavy.notices[0].code, "NOT_SHIPPED_THERE");
}

async fn an_empty_cart_has_a_quote(s: Subject) {
    let quote = s.quote(cart(&[])).await;
    assert_eq!(sum(&quote), ["subtotal Subtotal 0", "total Total 0"]);
    assert_eq!(s.catalog.times_asked(), 0);
}

async fn wrong_requests_name_the_field(s: Subject) {
    let mug = s.for_sale(1_000);
    let change = |change: fn(&mut QuoteRequest)| {
        let mut request = cart(&[(mug, 1), (mug, 1)]);
        change(&mut request);
        request
    };
    let too_many = "CODE".to_owned();
    let cases = [
        (change(|cart| cart.lines[0].quantity = 0), "/lines/0/quantity"),
        (change(|cart| cart.lines[1].quantity = i64::MAX), "/lines/1/quantity"),
        (change(|cart| cart.lines[1].line_id = "l0".into()), "/lines/1/line_id"),
        (change(|cart| cart.lines[1].line_id = "shipping".into()), "/lines/1/line_id"),
        (change(|cart| cart.lines[1].variant_id = "prod_1".into()), "/lines/1/variant_id"),
        (change(|cart| cart.codes = vec!["A".to_owned(), " ".to_owned()]), "/codes/1"),
        (change(|cart| cart.destination.as_mut().unwrap().country = "XX".into()), "/destination/country"),
        (change(|cart| cart.shipping_option_id = "a b".into()), "/shipping_option_id"),
        (QuoteRequest { codes: vec![too_many; 11], ..cart(&[(mug, 1)]) }, "/codes"),
        (cart(&vec![(mug, 1); 201]), "/lines"),
    ];
    for (request, pointer) in cases {
        let error = s.try_quote(request).await.unwrap_err();
        assert_eq!((error.code(), error.reason()), (Code::InvalidArgument, "INVALID_FIELD"), "{pointer}");
        assert_eq!(error.fields()[0].pointer, pointer);
    }
    let unknown = s.try_quote(change(|cart| cart.currency = "EURO".into())).await.unwrap_err();
    assert_eq!((unknown.reason(), unknown.fields()[0].pointer.as_str()), ("UNKNOWN_CURRENCY", "/currency"));
    let mint = s.for_sale(i64::MAX / 2);
    let absurd = s.try_quote(cart(&[(mint, 3)])).await.unwrap_err();
    assert_eq!(absurd.reason(), "AMOUNT_OUT_OF_RANGE");
}
