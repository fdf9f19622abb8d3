//! Drafts for tests.

use argosy_kernel::{Currency, Money};
use proptest::prelude::*;

use crate::domain::{
    attribute::AttributeValue,
    product::{Attribute, Content, Draft, Price, ProductOption, Status, VariantContent},
};

pub(crate) fn draft(handle: &str) -> Draft {
    let content = Content {
        title: "A thing".into(),
        description_html: "<p>Good.</p>".into(),
        vendor: String::new(),
        product_type: String::new(),
        tags: Vec::new(),
        status: Status::Active,
        publish_at: None,
        images: Vec::new(),
        options: Vec::new(),
        attributes: Vec::new(),
        category_ids: Vec::new(),
        related_handles: Vec::new(),
        seo_title: String::new(),
        seo_description: String::new(),
    };
    Draft { handle: handle.into(), content, variants: vec![variant("", &[])] }
}

pub(crate) fn variant(sku: &str, option_values: &[&str]) -> VariantContent {
    VariantContent {
        sku: sku.into(),
        barcode: String::new(),
        title: String::new(),
        option_values: option_values.iter().map(|&value| value.into()).collect(),
        prices: vec![Price { amount: Money::new(1_999, Currency::EUR), compare_at: None }],
        weight_g: 0,
        length_mm: 0,
        width_mm: 0,
        height_mm: 0,
        requires_shipping: true,
        tax_class: String::new(),
        image_url: String::new(),
        unit_measure: None,
        unit_base: None,
        quantity_rule: None,
    }
}

fn variants() -> impl Strategy<Value = Vec<VariantContent>> {
    let each = ("[abc]{0,2}", "[ \u{200b}SML]{1,2}", prop::option::of(-2..40i64), 0..60i64).prop_map(
        |(sku, size, compare_at, minor)| {
            let eur = |minor| Money::new(minor, Currency::EUR);
            let mut variant = variant(&sku, &[&size]);
            variant.prices = vec![Price { amount: eur(minor), compare_at: compare_at.map(eur) }];
            variant
        },
    );
    prop::collection::vec(each, 1..4)
}

/// Drafts of which some are refused, many touch the same handles and SKUs, and few are canonical.
pub(crate) fn drafts() -> impl Strategy<Value = Draft> {
    let texts = ("[a-c]", "[ \ta-zé\u{200b}<&>]{0,12}|A", "(<(p|b|/b|script)>|[a-z &\n]){0,8}");
    let lists = (prop::collection::vec("[ a-b]{0,3}", 0..4), prop::collection::vec(("[ab]", 0..3i32), 0..4));
    (texts, lists, variants()).prop_map(|((handle, title, html), (tags, numbers), variants)| {
        let mut draft = draft(&handle);
        draft.content.title = title;
        draft.content.description_html = html;
        draft.content.tags = tags;
        let number =
            |(name, number): (String, i32)| Attribute { name, value: AttributeValue::Number(number.into()) };
        draft.content.attributes = numbers.into_iter().map(number).collect();
        draft.content.options =
            vec![ProductOption { name: "Size".into(), values: vec!["M ".into(), "L".into()] }];
        draft.variants = variants;
        draft
    })
}
