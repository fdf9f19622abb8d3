use argosy_kernel::{Currency, Money};
use proptest::prelude::*;

use super::*;
use crate::domain::{
    attribute::AttributeValue,
    product::{Attribute, Price, ProductOption},
    sample::{draft, drafts, variant},
};

const NOW: Timestamp = Timestamp::from_millis(1_000);

fn entry(draft: Draft) -> Entry {
    let ids = vec![None; draft.variants.len()];
    Entry::new(draft, ids, &[], Undeclared::Declare).unwrap()
}

/// Decides, and answers what would then be stored.
fn apply(entries: Vec<Entry>, stored: Vec<Stored>) -> (Vec<Decision>, Vec<Stored>) {
    let mut known = Known::default();
    for each in stored {
        for variant in &each.product.document.variants {
            let owner = (each.product.id, each.product.handle.clone());
            known.sku_owners.insert(variant.content.sku.clone(), owner);
        }
        known.products.insert(each.product.handle.clone(), each);
    }
    known.sku_owners.remove("");
    let mut after: HashMap<String, Stored> = known.products.clone();
    let mut planner = Planner::new(Arc::default(), known, NOW);
    let decisions: Vec<Decision> = entries.into_iter().map(|entry| planner.decide(entry)).collect();
    for decision in &decisions {
        if let Decision::Created(revision) | Decision::Updated(revision) = decision {
            let Revision { product, content_hash, .. } = (**revision).clone();
            after.insert(product.handle.clone(), Stored { product, content_hash });
        }
    }
    (decisions, after.into_values().collect())
}

fn reason(decision: &Decision) -> &str {
    match decision {
        Decision::Refused(error) => error.reason(),
        other => panic!("not refused: {other:?}"),
    }
}

fn with_skus(handle: &str, skus: &[(&str, &str)]) -> Draft {
    let mut shirt = draft(handle);
    shirt.content.options = vec![ProductOption { name: "Size".into(), values: Vec::new() }];
    shirt.variants = skus.iter().map(|(sku, size)| variant(sku, &[size])).collect();
    shirt
}

fn updated(decisions: &[Decision]) -> &Revision {
    match decisions {
        [Decision::Updated(revision)] => revision,
        other => panic!("not one update: {other:?}"),
    }
}

#[test]
fn variants_keep_their_ids_by_sku_or_by_option_values() {
    let (_, stored) = apply(vec![entry(with_skus("shirt", &[("a", "S"), ("", "M"), ("c", "L")]))], vec![]);
    let before = stored[0].product.document.variants.clone();
    let (decisions, _) =
        apply(vec![entry(with_skus("shirt", &[("a", "XL"), ("b", "M"), ("d", "L")]))], stored);
    let revision = updated(&decisions);
    let after = &revision.product.document.variants;
    assert_eq!(after[0].id, before[0].id, "the SKU is the same");
    assert_eq!(after[1].id, before[1].id, "it had no SKU, the size is the same");
    assert!(before.iter().all(|variant| variant.id != after[2].id), "another SKU is another variant");
    assert_eq!(revision.variants_removed, [before[2].id]);
    assert_eq!(revision.variants_added.len(), 2);
}

#[test]
fn a_variant_named_by_id_keeps_it_when_its_sku_is_corrected() {
    let (_, stored) = apply(vec![entry(with_skus("shirt", &[("a", "S"), ("b", "M")]))], vec![]);
    let before = stored[0].product.document.variants.clone();
    let mut swapped = entry(with_skus("shirt", &[("b", "S"), ("a", "M")]));
    swapped.variant_ids = vec![Some(before[0].id), Some(before[1].id)];
    let (decisions, _) = apply(vec![swapped], stored);
    let revision = updated(&decisions);
    assert_eq!(revision.product.document.variants[0].id, before[0].id);
    assert_eq!((revision.variants_dropped.len(), revision.variants_added.len()), (2, 2));
    assert!(revision.variants_removed.is_empty() && revision.prices_changed.is_empty());
}

#[test]
fn a_sku_of_another_product_is_refused_until_that_one_gives_it_up() {
    let (_, stored) = apply(vec![entry(with_skus("shirt", &[("a", "S"), ("b", "M")]))], vec![]);
    let taken = entry(with_skus("hat", &[("b", "M")]));
    let (decisions, _) = apply(vec![taken.clone()], stored.clone());
    assert_eq!(reason(&decisions[0]), DUPLICATE_SKU);
    let (decisions, _) = apply(vec![entry(with_skus("shirt", &[("a", "S")])), taken], stored);
    assert!(matches!(decisions[..], [Decision::Updated(_), Decision::Created(_)]));
}

#[test]
fn a_handle_is_there_once_in_a_batch() {
    let (decisions, _) = apply(vec![entry(draft("hat")), entry(draft("hat"))], vec![]);
    assert!(matches!(decisions[0], Decision::Created(_)));
    assert_eq!(reason(&decisions[1]), DUPLICATE_HANDLE);
}

#[test]
fn only_prices_that_differ_are_history() {
    let eur = |minor| Price { amount: Money::new(minor, Currency::EUR), compare_at: None };
    let usd = Price { amount: Money::new(7, Currency::USD), compare_at: None };
    let mut hat = draft("hat");
    hat.variants[0].prices = vec![eur(5), usd];
    let (_, stored) = apply(vec![entry(hat.clone())], vec![]);
    let id = stored[0].product.document.variants[0].id;
    hat.variants[0].prices = vec![eur(6)];
    let (decisions, _) = apply(vec![entry(hat)], stored);
    let changed = [(id, Currency::EUR, Some(6)), (id, Currency::USD, None)];
    assert_eq!(updated(&decisions).prices_changed, changed);
}

#[test]
fn a_refused_product_declares_nothing_and_makes_no_category() {
    let mut hat = draft("hat");
    hat.content.attributes = vec![
        Attribute { name: "size".into(), value: AttributeValue::Number(1.0) },
        Attribute { name: "size".into(), value: AttributeValue::Text("one".into()) },
    ];
    let paths = ["Clothes > Hats".to_owned()];
    let mixed = Entry::new(hat.clone(), vec![None], &paths, Undeclared::Declare).unwrap();
    let undeclared =
        Entry::new(Draft { handle: "cap".into(), ..hat }, vec![None], &paths, Undeclared::Refuse).unwrap();
    let mut planner = Planner::new(Arc::default(), Known::default(), NOW);
    assert_eq!(reason(&planner.decide(mixed)), error::ATTRIBUTE_KIND);
    assert_eq!(reason(&planner.decide(undeclared)), UNKNOWN_ATTRIBUTE);
    assert_eq!(*planner.structure, Structure::default());
    assert!(planner.categories_made.is_empty() && planner.attributes_declared.is_empty());
}

proptest! {
    #[test]
    fn the_same_products_twice_are_unchanged(batch in prop::collection::vec(drafts(), 1..5)) {
        let entries: Vec<Entry> = batch
            .into_iter()
            .filter_map(|draft| {
                let ids = vec![None; draft.variants.len()];
                Entry::new(draft, ids, &[], Undeclared::Declare).ok()
            })
            .collect();
        let (first, stored) = apply(entries.clone(), vec![]);
        let (second, again) = apply(entries, stored.clone());
        for (first, second) in first.iter().zip(&second) {
            prop_assert!(matches!(
                (first, second),
                (Decision::Created(_), Decision::Unchanged(..)) | (Decision::Refused(_), Decision::Refused(_))
            ), "{:?} then {:?}", first, second);
        }
        prop_assert_eq!(stored.len(), again.len());
    }

    #[test]
    fn an_update_never_mixes_ids_up(before in drafts(), after in drafts()) {
        let handle = "one".to_owned();
        let canonical = |draft: Draft| Draft { handle: handle.clone(), ..draft }.canonical();
        let (Ok(before), Ok(after)) = (canonical(before), canonical(after)) else { return Ok(()) };
        let (_, stored) = apply(vec![entry(before)], vec![]);
        let (_, stored) = apply(vec![entry(after.clone())], stored);
        let product = &stored[0].product;
        let ids: HashSet<VariantId> = product.document.variants.iter().map(|variant| variant.id).collect();
        prop_assert_eq!(ids.len(), after.variants.len());
        let contents: Vec<_> = product.document.variants.iter().map(|variant| variant.content.clone()).collect();
        prop_assert_eq!(contents, after.variants);
    }
}
