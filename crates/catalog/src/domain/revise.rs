//! What has to be written when a product changes.

use std::collections::HashMap;

use argosy_kernel::{CollectionId, Currency, ProductId, Result, Timestamp, VariantId};

use crate::domain::{
    product::{Content, Document, Product, Variant, VariantContent, content_hash},
    structure::Structure,
};

/// A product as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub product: Product,
    pub content_hash: String,
}

/// A product to be written, and what differs beside it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Revision {
    pub product: Product,
    pub content_hash: String,
    /// The version that it takes the place of; 0 for a new product.
    pub previous_version: i64,
    /// Variants that are no more, or whose SKU is another.
    pub variants_dropped: Vec<VariantId>,
    /// Variants that are new, or whose SKU is another.
    pub variants_added: Vec<(VariantId, String)>,
    /// Of those dropped, the ones that are no more.
    pub variants_removed: Vec<VariantId>,
    pub prices_changed: Vec<(VariantId, Currency, Option<i64>)>,
    /// The collections whose rule it matches, if they are others than before.
    pub collections_by_rule: Option<Vec<CollectionId>>,
}

/// A new product.
pub(crate) fn created(
    handle: String,
    content: Content,
    variants: Vec<Variant>,
    structure: &Structure,
    now: Timestamp,
) -> Result<Revision> {
    let collection_ids = structure.memberships(&[], &content, contents(&variants));
    let product = Product {
        id: ProductId::new(),
        handle,
        version: 1,
        created_at: now,
        updated_at: now,
        document: Document { content, variants, collection_ids },
    };
    revision(product, None, structure)
}

/// The next version of a stored product; memberships by rule are decided anew.
pub(crate) fn revised(
    stored: &Stored,
    content: Content,
    variants: Vec<Variant>,
    structure: &Structure,
    now: Timestamp,
) -> Result<Revision> {
    let before = &stored.product;
    let collection_ids =
        structure.memberships(&before.document.collection_ids, &content, contents(&variants));
    regrouped(stored, Document { content, variants, collection_ids }, structure, now)
}

/// The next version of a stored product with this document, whatever the rules say.
pub(crate) fn regrouped(
    stored: &Stored,
    document: Document,
    structure: &Structure,
    now: Timestamp,
) -> Result<Revision> {
    let before = &stored.product;
    let product = Product {
        version: before.version + 1,
        updated_at: now.max(before.updated_at),
        handle: before.handle.clone(),
        document,
        ..*before
    };
    revision(product, Some(before), structure)
}

fn contents(variants: &[Variant]) -> impl Iterator<Item = &VariantContent> {
    variants.iter().map(|variant| &variant.content)
}

fn revision(product: Product, before: Option<&Product>, structure: &Structure) -> Result<Revision> {
    let document = &product.document;
    let variants_before: HashMap<VariantId, &VariantContent> = before
        .iter()
        .flat_map(|product| &product.document.variants)
        .map(|each| (each.id, &each.content))
        .collect();
    let kept: HashMap<VariantId, &VariantContent> =
        document.variants.iter().map(|variant| (variant.id, &variant.content)).collect();
    let sku_stays =
        |id: &VariantId, content: &VariantContent, others: &HashMap<VariantId, &VariantContent>| {
            others.get(id).is_some_and(|other| other.sku == content.sku)
        };
    let mut variants_dropped: Vec<VariantId> = variants_before
        .iter()
        .filter(|(id, content)| !sku_stays(id, content, &kept))
        .map(|(id, _)| *id)
        .collect();
    variants_dropped.sort_unstable();
    let variants_removed = variants_dropped.iter().filter(|id| !kept.contains_key(id)).copied().collect();
    let added = document
        .variants
        .iter()
        .filter(|variant| !sku_stays(&variant.id, &variant.content, &variants_before));
    let collections_before = before.map_or(&[][..], |product| &product.document.collection_ids);
    let (rules_before, rules) =
        (structure.by_rule(collections_before), structure.by_rule(&document.collection_ids));
    Ok(Revision {
        content_hash: content_hash(&document.content, contents(&document.variants))?,
        previous_version: before.map_or(0, |product| product.version),
        variants_dropped,
        variants_added: added.map(|variant| (variant.id, variant.content.sku.clone())).collect(),
        variants_removed,
        prices_changed: document
            .variants
            .iter()
            .flat_map(|variant| prices_changed(variant, variants_before.get(&variant.id).copied()))
            .collect(),
        collections_by_rule: (rules_before != rules).then_some(rules),
        product,
    })
}

fn prices_changed(
    variant: &Variant,
    before: Option<&VariantContent>,
) -> Vec<(VariantId, Currency, Option<i64>)> {
    let now = &variant.content.prices;
    let before = before.map_or(&[][..], |before| &before.prices);
    let set = now.iter().filter(|price| !before.iter().any(|former| former.amount == price.amount));
    let withdrawn = before
        .iter()
        .filter(|former| !now.iter().any(|price| price.amount.currency == former.amount.currency))
        .map(|former| (variant.id, former.amount.currency, None));
    set.map(|price| (variant.id, price.amount.currency, Some(price.amount.minor))).chain(withdrawn).collect()
}
