use argosy_kernel::Currency;
use proptest::prelude::*;

use crate::domain::{
    product::{Attribute, Draft, Price},
    sample,
};

use super::*;

fn condition(text: &str) -> Condition {
    let mut words = text.splitn(3, ' ').map(str::to_owned);
    let mut next = || words.next().unwrap();
    Condition { field: next(), relation: next(), value: next() }
}

fn definition(name: &str) -> Option<&'static Definition> {
    static DECLARED: std::sync::LazyLock<Vec<Definition>> = std::sync::LazyLock::new(|| {
        let declare = |name: &str, value| Definition::inferred(name, &value);
        vec![
            declare("volume", AttributeValue::Number(0.0)),
            declare("vegan", AttributeValue::Boolean(true)),
            declare("harvest", AttributeValue::Date(String::new())),
            declare("taste", AttributeValue::Text(String::new())),
        ]
    });
    DECLARED.iter().find(|definition| definition.name == name)
}

fn rule(match_any: bool, conditions: &[&str]) -> Result<Rule> {
    let conditions = conditions.iter().map(|text| condition(text)).collect();
    Ok(Rule::new(conditions, match_any, definition)?.expect("has conditions"))
}

fn tea() -> Draft {
    let mut tea = sample::draft("tea");
    tea.content.title = "Green Tea".into();
    tea.content.vendor = "Leaf & Co".into();
    tea.content.tags = vec!["Organic".into(), "drink".into()];
    let attribute = |name: &str, value| Attribute { name: name.into(), value };
    tea.content.attributes = vec![
        attribute("volume", AttributeValue::Number(250.0)),
        attribute("vegan", AttributeValue::Boolean(true)),
        attribute("harvest", AttributeValue::Date("2026-05-01".into())),
        attribute("taste", AttributeValue::Text("Mild".into())),
        attribute("taste", AttributeValue::Text("Grassy".into())),
    ];
    tea.variants[0].prices = vec![Price { amount: Money::new(499, Currency::EUR), compare_at: None }];
    tea
}

fn belongs(match_any: bool, conditions: &[&str]) -> bool {
    let tea = tea();
    rule(match_any, conditions).unwrap().matches(&Candidate::new(&tea.content, tea.variants.iter()))
}

#[test]
fn each_field_is_compared_in_its_own_way() {
    for holds in [
        "tag equals ORGANIC",
        "tag not_equals sale",
        "title contains tea",
        "title starts_with green",
        "vendor equals leaf & co",
        "price less_than 5.00 EUR",
        "price equals 4.99 EUR",
        "attribute:volume greater_than 249.5",
        "attribute:vegan equals true",
        "attribute:harvest less_than 2026-06-01",
        "attribute:taste equals grassy",
        "price not_equals 4.99 USD",
    ] {
        assert!(belongs(false, &[holds]), "{holds}");
    }
    for fails in [
        "tag equals organ",
        "tag not_equals drink",
        "price greater_than 4.99 EUR",
        "price less_than 5 USD",
        "attribute:vegan not_equals true",
        "attribute:taste not_equals mild",
        "attribute:harvest greater_than 2026-05-01",
    ] {
        assert!(!belongs(false, &[fails]), "{fails}");
    }
}

#[test]
fn conditions_hold_all_together_or_any() {
    assert!(!belongs(false, &["tag equals drink", "tag equals sale"]));
    assert!(belongs(true, &["tag equals drink", "tag equals sale"]));
}

#[test]
fn a_condition_that_makes_no_sense_is_refused() {
    for wrong in [
        "colour equals red",
        "tag greater_than a",
        "price contains 5 EUR",
        "price equals 5",
        "price equals 5.001 EUR",
        "attribute:volume equals big",
        "attribute:vegan contains true",
        "attribute:harvest equals May",
        "title equals  ",
    ] {
        assert_eq!(rule(false, &[wrong]).unwrap_err().reason(), INVALID_CONDITION, "{wrong}");
    }
    assert_eq!(rule(false, &["attribute:nope equals 1"]).unwrap_err().reason(), UNKNOWN_ATTRIBUTE);
}

proptest! {
    #[test]
    fn not_equals_is_the_opposite_of_equals(tags in prop::collection::vec("[ab]{1,2}", 0..4), value in "[ab]{1,2}") {
        let mut tea = tea();
        tea.content.tags = tags;
        let candidate = Candidate::new(&tea.content, tea.variants.iter());
        let equals = rule(false, &[&format!("tag equals {value}")]).unwrap();
        let not_equals = rule(false, &[&format!("tag not_equals {value}")]).unwrap();
        prop_assert_ne!(equals.matches(&candidate), not_equals.matches(&candidate));
    }
}
