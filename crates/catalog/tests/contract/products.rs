//! Products and their variants.

use std::time::Duration;

use argosy_contracts::{
    catalog::{
        Attribute, GetProductsRequest, Image, LowestPricesRequest, Price, PriceHistoryRequest, Product,
        ProductInput, ProductOption, PutProductsRequest, ResolveVariantsRequest, ResolvedVariant,
        ScanProductsRequest, Seo, SetProductStatusRequest, Variant, attribute::Value,
    },
    common::QuantityRule,
};
use argosy_kernel::{Clock, ProductId, VariantId};
use argosy_testkit::contract_stories;

use crate::subject::{Subject, at, eur, input, simple, sized, variant};

contract_stories! {
    a_product_is_read_as_it_was_put,
    the_same_products_twice_write_nothing,
    each_product_goes_in_whole_or_is_refused_whole,
    variants_keep_their_ids_when_their_product_changes,
    a_sku_belongs_to_one_product,
    products_are_found_by_their_skus_once_each,
    a_dry_run_says_what_would_happen_and_changes_nothing,
    two_writers_of_one_product_both_get_in_one_after_the_other,
    products_come_in_the_order_asked_for_and_only_shown_ones,
    variants_resolve_to_what_pricing_needs,
    a_variant_says_what_a_unit_costs_and_in_how_many_it_is_sold,
    a_write_is_read_at_once,
    who_hears_of_a_change_reads_the_change,
    a_product_may_have_two_thousand_variants,
    every_product_is_scanned_once,
    the_lowest_price_is_that_of_the_days_before,
    prices_since_a_time_begin_with_the_one_in_force_then,
    hostile_strings_are_cleaned_or_refused,
    law_9_requests_beyond_their_limits_are_refused,
}

fn full() -> Product {
    let attribute = |name: &str, value| Attribute { name: name.to_owned(), value: Some(value) };
    Product {
        description_html: "<p>Warm.</p>".to_owned(),
        vendor: "Loom & Co".to_owned(),
        product_type: "Shirt".to_owned(),
        tags: vec!["winter".to_owned(), "wool".to_owned()],
        images: vec![Image {
            url: "/media/a.webp".to_owned(),
            alt: "Front".to_owned(),
            width: 600,
            height: 800,
        }],
        options: vec![ProductOption {
            name: "Size".to_owned(),
            values: vec!["S".to_owned(), "M".to_owned()],
        }],
        attributes: vec![
            attribute("harvest", Value::Date("2026-05-01".to_owned())),
            attribute("material", Value::Text("wool".to_owned())),
            attribute("organic", Value::Boolean(true)),
            attribute("weight", Value::Number(250.5)),
        ],
        related_handles: vec!["hat".to_owned()],
        seo: Some(Seo { title: "A shirt".to_owned(), description: "To wear".to_owned() }),
        variants: vec![
            Variant {
                barcode: "4006381333931".to_owned(),
                title: "Small".to_owned(),
                prices: vec![Price {
                    amount: Some(eur(1_999)),
                    compare_at: Some(eur(2_999)),
                    per_unit: None,
                }],
                weight_g: 250,
                length_mm: 10,
                width_mm: 20,
                height_mm: 30,
                tax_class: "reduced".to_owned(),
                image_url: "https://img.example/s.webp".to_owned(),
                ..variant("S-1", &["S"])
            },
            Variant { requires_shipping: false, ..variant("", &["M"]) },
        ],
        ..simple("shirt")
    }
}

fn declaring(product: Product) -> ProductInput {
    ProductInput {
        declare_attributes: true,
        category_paths: vec!["Clothes > Shirts".to_owned()],
        ..input(product)
    }
}

async fn a_product_is_read_as_it_was_put(s: Subject) {
    let outcome = s.put_inputs(vec![declaring(full())]).await.remove(0);
    assert_eq!(outcome.result, "created", "{}", outcome.message);
    let mut read = s.get("shirt").await.unwrap();
    assert_eq!((read.id.as_str(), read.version), (outcome.product_id.as_str(), 1));
    assert_eq!(read.created_at_ms, read.updated_at_ms);
    for (variant, told) in read.variants.iter_mut().zip(&outcome.variants) {
        assert_eq!((&variant.id, &variant.sku), (&told.variant_id, &told.sku));
        variant.id.clear();
    }
    let categories = s.categories().await;
    assert_eq!(read.category_ids, [categories[1].id.clone()]);
    let mut expected = full();
    "M".clone_into(&mut expected.variants[1].title);
    "standard".clone_into(&mut expected.variants[1].tax_class);
    let (id, category_ids, version) = (read.id.clone(), read.category_ids.clone(), 1);
    let (created_at_ms, updated_at_ms) = (read.created_at_ms, read.updated_at_ms);
    assert_eq!(read, Product { id, category_ids, version, created_at_ms, updated_at_ms, ..expected });
}

async fn the_same_products_twice_write_nothing(s: Subject) {
    let batch =
        || vec![declaring(full()), input(simple("hat")), input(sized("sock", &[("a", "S"), ("", "M")]))];
    let first = s.put_inputs(batch()).await;
    let told = s.facts().await.len();
    let second = s.put_inputs(batch()).await;
    for (first, second) in first.iter().zip(&second) {
        assert_eq!((first.result.as_str(), second.result.as_str()), ("created", "unchanged"));
        assert_eq!((&first.product_id, &first.variants), (&second.product_id, &second.variants));
    }
    let exported = s.get("shirt").await.unwrap();
    assert_eq!(s.put(exported).await.result, "unchanged", "what was read goes back unchanged");
    assert_eq!(s.facts().await.len(), told);
}

async fn each_product_goes_in_whole_or_is_refused_whole(s: Subject) {
    let undeclared = input(full());
    let batch = vec![undeclared, input(simple("hat")), input(simple("hat")), input(Product::default())];
    let outcomes = s.put_inputs(batch).await;
    let told: Vec<(&str, &str)> =
        outcomes.iter().map(|each| (each.result.as_str(), each.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            ("refused", "UNKNOWN_ATTRIBUTE"),
            ("created", ""),
            ("refused", "DUPLICATE_HANDLE"),
            ("refused", "INVALID_STATUS")
        ]
    );
    assert!(s.get("shirt").await.is_none());
    assert_eq!(s.kinds_of_facts().await, ["catalog.product_changed"]);
}

async fn variants_keep_their_ids_when_their_product_changes(s: Subject) {
    let before = s.stored(sized("shirt", &[("a", "S"), ("", "M"), ("c", "L")])).await;
    let after = s.stored(sized("shirt", &[("a", "XL"), ("b", "M")])).await;
    assert_eq!((after.id.as_str(), after.version), (before.id.as_str(), 2));
    assert_eq!(after.variants[0].id, before.variants[0].id);
    assert_eq!(after.variants[1].id, before.variants[1].id);
    assert_eq!(resolve(&s, &[&before.variants[2].id]).await, []);
    let mut renamed = after.clone();
    "b".clone_into(&mut renamed.variants[0].sku);
    "a".clone_into(&mut renamed.variants[1].sku);
    let swapped = s.stored(renamed).await;
    assert_eq!(
        (swapped.variants[0].id.as_str(), swapped.variants[0].sku.as_str()),
        (after.variants[0].id.as_str(), "b")
    );
}

async fn a_sku_belongs_to_one_product(s: Subject) {
    s.put(sized("shirt", &[("a", "S"), ("b", "M")])).await;
    assert_eq!(s.refused(sized("hat", &[("b", "M")])).await, "DUPLICATE_SKU");
    s.put(sized("shirt", &[("a", "S")])).await;
    assert_eq!(s.put(sized("hat", &[("b", "M")])).await.result, "created");
}

async fn products_are_found_by_their_skus_once_each(s: Subject) {
    s.put(sized("shirt", &[("a", "S"), ("b", "M")])).await;
    s.put(sized("hat", &[("c", "M")])).await;
    let found = async |skus: &[&str]| {
        let skus = skus.iter().map(|sku| (*sku).to_owned()).collect();
        let request = GetProductsRequest { skus, include_unpublished: true, ..GetProductsRequest::default() };
        let found = s.catalog.get_products(&s.ctx, request).await.unwrap().products;
        found.into_iter().map(|product| product.handle).collect::<Vec<_>>()
    };
    assert_eq!(found(&["b", "a", "none"]).await, ["shirt"]);
    assert_eq!(found(&["c"]).await, ["hat"]);
}

async fn a_dry_run_says_what_would_happen_and_changes_nothing(s: Subject) {
    let hat = s.stored(simple("hat")).await;
    let told = s.facts().await.len();
    let products = vec![declaring(full()), input(at(simple("hat"), 1)), input(simple("hat"))];
    let request = PutProductsRequest { products, dry_run: true };
    let outcomes = s.catalog.put_products(&s.ctx, request).await.unwrap().outcomes;
    let results: Vec<&str> = outcomes.iter().map(|outcome| outcome.result.as_str()).collect();
    assert_eq!(results, ["created", "updated", "refused"]);
    assert_eq!((outcomes[0].product_id.as_str(), &outcomes[1].product_id), ("", &hat.id));
    assert!(s.get("shirt").await.is_none());
    assert_eq!(s.get("hat").await.unwrap(), hat);
    assert!(s.categories().await.is_empty() && s.attributes().await.is_empty());
    assert_eq!(s.facts().await.len(), told);
}

async fn two_writers_of_one_product_both_get_in_one_after_the_other(s: Subject) {
    let s = std::sync::Arc::new(s);
    let mut writers = tokio::task::JoinSet::new();
    for turn in 0..12 {
        let s = s.clone();
        writers.spawn(async move {
            let path = format!("Clothes > Department {}", turn % 3);
            let wanted = ProductInput { category_paths: vec![path], ..input(at(simple("hat"), 100 + turn)) };
            s.put_inputs(vec![wanted, input(simple(&format!("cap-{turn}")))]).await
        });
    }
    let outcomes: Vec<_> = writers.join_all().await.into_iter().flatten().collect();
    assert!(outcomes.iter().all(|outcome| outcome.result != "refused"), "{outcomes:?}");
    let hat = s.get("hat").await.unwrap();
    assert_eq!(hat.version, 12);
    assert_eq!(s.categories().await.len(), 4);
}

async fn products_come_in_the_order_asked_for_and_only_shown_ones(s: Subject) {
    let now = s.test.clock.now().as_millis();
    let mut ids = Vec::new();
    for (handle, status, publish_at_ms) in [
        ("a", "active", None),
        ("b", "draft", None),
        ("c", "active", Some(now + 60_000)),
        ("d", "archived", None),
        ("e", "active", Some(now)),
    ] {
        ids.push(s.stored(Product { status: status.to_owned(), publish_at_ms, ..simple(handle) }).await.id);
    }
    let foreign = [ProductId::new().to_string(), "nonsense".to_owned()];
    let asked = |include_unpublished| GetProductsRequest {
        ids: ids.iter().rev().chain(&foreign).cloned().collect(),
        handles: vec!["e".to_owned(), "A'; drop table product; --".to_owned(), "a".to_owned()],
        include_unpublished,
        ..GetProductsRequest::default()
    };
    let handles = async |include_unpublished| {
        let response = s.catalog.get_products(&s.ctx, asked(include_unpublished)).await.unwrap();
        response.products.into_iter().map(|product| product.handle).collect::<String>()
    };
    assert_eq!(handles(false).await, "eaea");
    assert_eq!(handles(true).await, "edcbaea");
    let request = SetProductStatusRequest { product_id: ids[1].clone(), status: "active".to_owned() };
    assert_eq!(s.catalog.set_product_status(&s.ctx, request).await.unwrap().product.unwrap().version, 2);
    assert_eq!(handles(false).await, "ebaea");
    let request = SetProductStatusRequest { product_id: foreign[0].clone(), status: "active".to_owned() };
    assert_eq!(
        s.catalog.set_product_status(&s.ctx, request).await.unwrap_err().reason(),
        "PRODUCT_NOT_FOUND"
    );
}

async fn resolve(s: &Subject, ids: &[&str]) -> Vec<ResolvedVariant> {
    let variant_ids = ids.iter().map(|&id| id.to_owned()).collect();
    let request = ResolveVariantsRequest { variant_ids, currency: "EUR".to_owned() };
    s.catalog.resolve_variants(&s.ctx, request).await.unwrap().variants
}

async fn variants_resolve_to_what_pricing_needs(s: Subject) {
    let shirt = s.put_inputs(vec![declaring(full())]).await.remove(0);
    let hat = s.stored(simple("hat")).await;
    let draft = s.stored(Product { status: "draft".to_owned(), ..simple("cap") }).await;
    let unknown = VariantId::new().to_string();
    let ids = [
        &hat.variants[0].id,
        &unknown,
        &shirt.variants[0].variant_id,
        &draft.variants[0].id,
        &shirt.variants[1].variant_id,
    ];
    let resolved = resolve(&s, &ids.map(String::as_str)).await;
    let told: Vec<&str> = resolved.iter().map(|variant| variant.handle.as_str()).collect();
    assert_eq!(told, ["hat", "shirt", "shirt"]);
    assert_eq!((resolved[0].title.as_str(), resolved[0].variant_title.as_str()), ("The hat", ""));
    let small = &resolved[1];
    assert_eq!((small.price.clone(), small.compare_at.clone()), (Some(eur(1_999)), Some(eur(2_999))));
    assert_eq!(
        (small.variant_title.as_str(), small.image_url.as_str()),
        ("Small", "https://img.example/s.webp")
    );
    assert_eq!((small.weight_g, small.tax_class.as_str(), small.category_ids.len()), (250, "reduced", 1));
    assert_eq!((resolved[2].image_url.as_str(), resolved[2].requires_shipping), ("/media/a.webp", false));
    let request =
        ResolveVariantsRequest { variant_ids: vec![hat.variants[0].id.clone()], currency: "USD".to_owned() };
    assert_eq!(s.catalog.resolve_variants(&s.ctx, request).await.unwrap().variants[0].price, None);
    let request = ResolveVariantsRequest { variant_ids: Vec::new(), currency: "EURO".to_owned() };
    assert_eq!(s.catalog.resolve_variants(&s.ctx, request).await.unwrap_err().reason(), "UNKNOWN_CURRENCY");
}

async fn a_variant_says_what_a_unit_costs_and_in_how_many_it_is_sold(s: Subject) {
    let measured = |measure: &str, base: &str, rule: Option<QuantityRule>| {
        let mut product = simple("oil");
        product.variants[0].unit_measure = Some(measure.parse().unwrap());
        product.variants[0].unit_base = base.parse().ok();
        product.variants[0].quantity_rule = rule;
        product
    };
    s.put(measured("250 ml", "", None)).await;
    let oil = s.get("oil").await.unwrap().variants.remove(0);
    assert_eq!(oil.prices[0].per_unit, Some(eur(7_996)), "19.99 for 250 ml");
    assert_eq!(oil.unit_base.unwrap().to_string(), "1 l");
    let again = s.put(measured("250 ml", "1 l", None)).await;
    assert_eq!(again.result, "unchanged", "the usual base, said or not");
    let dozens = QuantityRule { step: 12, ..QuantityRule::default() };
    s.put(measured("250 ml", "100 ml", Some(dozens))).await;
    let oil = s.get("oil").await.unwrap().variants.remove(0);
    assert_eq!(oil.prices[0].per_unit, Some(eur(800)));
    assert_eq!(oil.quantity_rule, Some(QuantityRule { min: 12, step: 12, max: 0 }));
    let resolved = resolve(&s, &[&oil.id]).await;
    assert_eq!(resolved[0].quantity_rule, oil.quantity_rule);
    assert_eq!(s.refused(measured("250 stone", "", None)).await, "INVALID_MEASURE");
    assert_eq!(s.refused(measured("250 ml", "1 kg", None)).await, "INVALID_MEASURE");
    let uneven = QuantityRule { min: 5, step: 2, max: 0 };
    assert_eq!(s.refused(measured("250 ml", "", Some(uneven))).await, "INVALID_MEASURE");
}

async fn a_write_is_read_at_once(s: Subject) {
    for minor in 1..20 {
        let hat = s.stored(at(simple("hat"), minor)).await;
        assert_eq!(hat.variants[0].prices[0].amount, Some(eur(minor)));
        assert_eq!(resolve(&s, &[&hat.variants[0].id]).await[0].price, Some(eur(minor)));
    }
}

async fn who_hears_of_a_change_reads_the_change(s: Subject) {
    let id = s.stored(simple("hat")).await.id;
    let log = s.test.host.bus().log("catalog").unwrap();
    let listener = async {
        let mut read = 0;
        loop {
            let facts = log.read(read, 100, Duration::from_secs(5)).await.unwrap();
            let last = facts.facts.last().unwrap();
            read = last.position;
            let request = GetProductsRequest {
                ids: vec![id.clone()],
                include_unpublished: true,
                ..GetProductsRequest::default()
            };
            let seen = s.catalog.get_products(&s.ctx, request).await.unwrap().products.remove(0);
            assert!(seen.version >= last.sequence, "{} after {}", seen.version, last.sequence);
            if last.sequence == 201 {
                return;
            }
        }
    };
    let writer = async {
        for minor in 1..=200 {
            s.put(at(simple("hat"), minor)).await;
            s.get("hat").await;
        }
    };
    tokio::join!(listener, writer);
}

async fn a_product_may_have_two_thousand_variants(s: Subject) {
    let option = |name: &str| ProductOption { name: name.to_owned(), values: Vec::new() };
    let mut cable = simple("cable");
    cable.options = vec![option("Length"), option("Colour"), option("Plug")];
    cable.variants = (0..2_000)
        .map(|number| {
            let values = [
                format!("{} m", number / 100),
                format!("colour {}", number / 10 % 10),
                format!("plug {}", number % 10),
            ];
            variant(&format!("CABLE-{number}"), &values.each_ref().map(String::as_str))
        })
        .collect();
    let stored = s.stored(cable.clone()).await;
    let lengths: Vec<usize> = stored.options.iter().map(|option| option.values.len()).collect();
    assert_eq!((stored.variants.len(), lengths), (2_000, vec![20, 10, 10]));
    assert_eq!(s.put(cable.clone()).await.result, "unchanged");
    let ids: Vec<&str> = stored.variants.iter().take(500).map(|variant| variant.id.as_str()).collect();
    assert_eq!(resolve(&s, &ids).await.len(), 500);
    cable.variants.truncate(1);
    assert_eq!(s.stored(cable).await.variants, stored.variants[..1]);
    assert_eq!(resolve(&s, &ids).await.len(), 1);
}

async fn every_product_is_scanned_once(s: Subject) {
    s.put_inputs((0..25).map(|number| input(simple(&format!("product-{number}")))).collect()).await;
    let mut handles = std::collections::HashSet::new();
    let mut after_id = String::new();
    loop {
        let request = ScanProductsRequest { after_id: after_id.clone(), limit: 10 };
        let page = s.catalog.scan_products(&s.ctx, request).await.unwrap().products;
        let Some(last) = page.last() else { break };
        after_id.clone_from(&last.id);
        assert!(page.into_iter().all(|product| handles.insert(product.handle)));
    }
    assert_eq!(handles.len(), 25);
}

async fn the_lowest_price_is_that_of_the_days_before(s: Subject) {
    let hat = s.stored(at(simple("hat"), 900)).await;
    let day = std::time::Duration::from_hours(24);
    for (days, minor) in [(10, 500), (5, 1_200), (40, 1_000), (10, 800)] {
        s.test.clock.advance(day * days);
        s.put(at(simple("hat"), minor)).await;
    }
    let new = s.stored(simple("cap")).await;
    let lowest = async |days| {
        let variant_ids = vec![hat.variants[0].id.clone(), new.variants[0].id.clone()];
        let request = LowestPricesRequest { variant_ids, currency: "EUR".to_owned(), days };
        s.catalog.lowest_prices(&s.ctx, request).await.unwrap().prices
    };
    for (days, minor) in [(9, 1_000), (30, 1_000), (31, 1_000), (50, 1_000), (51, 500), (56, 500)] {
        let prices = lowest(days).await;
        assert_eq!((prices.len(), prices[0].amount.clone()), (1, Some(eur(minor))), "{days} days");
    }
}

async fn prices_since_a_time_begin_with_the_one_in_force_then(s: Subject) {
    let hat = s.stored(at(simple("hat"), 900)).await;
    let day = std::time::Duration::from_hours(24);
    let start = s.test.clock.now();
    for minor in [500, 1_200] {
        s.test.clock.advance(day);
        s.put(at(simple("hat"), minor)).await;
    }
    let since = async |days: u32, currency: &str| {
        let request = PriceHistoryRequest {
            variant_ids: vec![hat.variants[0].id.clone(), "none".to_owned()],
            currency: currency.to_owned(),
            since_ms: start.plus(day * days).as_millis() + 1,
        };
        let variants = s.catalog.price_history(&s.ctx, request).await.unwrap().variants;
        let changes = variants.into_iter().flat_map(|variant| variant.changes);
        changes.map(|change| change.price.map_or(0, |price| price.minor)).collect::<Vec<_>>()
    };
    assert_eq!(since(0, "EUR").await, [900, 500, 1_200]);
    assert_eq!(since(1, "EUR").await, [500, 1_200]);
    assert_eq!(since(9, "EUR").await, [1_200]);
    assert_eq!(since(0, "USD").await, [0; 0]);
}

async fn hostile_strings_are_cleaned_or_refused(s: Subject) {
    let hostile = Product {
        title: "\u{feff}Evil\u{0}\u{202e} \u{200b}\r\nhat\u{7f}".to_owned(),
        vendor: "'; drop table product; --".to_owned(),
        description_html: "<p onclick=\"x()\">Hi</p><script>alert(1)</script>\u{0}".to_owned(),
        tags: vec!["\u{200b}".to_owned(), "می\u{200c}خواهم".to_owned(), "👩\u{200d}🚀".to_owned()],
        ..simple("hat")
    };
    let stored = s.stored(hostile).await;
    assert_eq!((stored.title.as_str(), stored.vendor.as_str()), ("Evil hat", "'; drop table product; --"));
    assert_eq!(stored.description_html, "<p>Hi</p>");
    assert_eq!(stored.tags, ["می\u{200c}خواهم", "👩\u{200d}🚀"]);
    let title = |title: String| Product { title, ..simple("hat") };
    assert_eq!(s.refused(title("\u{202e}\u{200b}\u{0} ".to_owned())).await, "TITLE_MISSING");
    assert_eq!(s.refused(title("a".repeat(10_000_000))).await, "TEXT_TOO_LONG");
    assert_eq!(s.refused(simple("../../etc/passwd")).await, "INVALID_HANDLE");
    let image = Image { url: "javascript:alert(1)".to_owned(), ..Image::default() };
    assert_eq!(s.refused(Product { images: vec![image], ..simple("hat") }).await, "INVALID_IMAGE_URL");
    let mut priced = simple("hat");
    priced.variants[0].prices = vec![Price {
        amount: Some(argosy_contracts::common::Money { minor: 1, currency: "XXXX".to_owned() }),
        compare_at: None,
        per_unit: None,
    }];
    assert_eq!(s.refused(priced).await, "INVALID_PRICE");
    assert_eq!(s.get("hat").await.unwrap(), stored);
}

async fn law_9_requests_beyond_their_limits_are_refused(s: Subject) {
    let products = vec![input(simple("hat")); 501];
    let request = PutProductsRequest { products, dry_run: false };
    let error = s.catalog.put_products(&s.ctx, request).await.unwrap_err();
    assert_eq!((error.reason(), error.fields()[0].pointer.as_str()), ("INVALID_FIELD", "/products"));
    let request = GetProductsRequest { ids: vec![String::new(); 201], ..Default::default() };
    assert_eq!(s.catalog.get_products(&s.ctx, request).await.unwrap_err().reason(), "INVALID_FIELD");
    let request = ScanProductsRequest { after_id: String::new(), limit: 501 };
    assert_eq!(s.catalog.scan_products(&s.ctx, request).await.unwrap_err().reason(), "INVALID_FIELD");
    let request = LowestPricesRequest { variant_ids: Vec::new(), currency: "EUR".to_owned(), days: 0 };
    assert_eq!(s.catalog.lowest_prices(&s.ctx, request).await.unwrap_err().reason(), "INVALID_FIELD");
    let many = Product { variants: vec![variant("", &["S"]); 2_001], ..sized("shirt", &[]) };
    assert_eq!(s.refused(many).await, "TOO_MANY_VARIANTS");
}
