//! The decision on a batch of drafts: each goes in whole, changes nothing, or is refused whole.
//!
//! Pure: the service loads what the batch could touch, and writes what is decided here.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use argosy_kernel::{CategoryId, Error, ProductId, Result, Timestamp, VariantId};

use crate::{
    domain::{
        attribute::Definition,
        category::{Category, parse_path},
        limits,
        product::{Draft, Variant, VariantContent, content_hash},
        revise::{self, Revision, Stored},
        structure::Structure,
    },
    error::{self, CATEGORY_NOT_FOUND, DUPLICATE_HANDLE, DUPLICATE_SKU, UNKNOWN_ATTRIBUTE},
};

/// One product of a batch, in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub draft: Draft,
    /// The ids by which its variants were named, where they were; one per variant.
    pub variant_ids: Vec<Option<VariantId>>,
    pub category_paths: Vec<Vec<String>>,
    pub undeclared: Undeclared,
}

/// What to do with an attribute that is not declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undeclared {
    Declare,
    Refuse,
}

impl Entry {
    /// An entry in canonical form.
    pub(crate) fn new(
        draft: Draft,
        variant_ids: Vec<Option<VariantId>>,
        category_paths: &[String],
        undeclared: Undeclared,
    ) -> Result<Self> {
        error::within_count("category paths", category_paths.len(), limits::PRODUCT_CATEGORIES)?;
        let category_paths = category_paths.iter().map(|path| parse_path(path)).collect::<Result<_>>()?;
        Ok(Self { draft: draft.canonical()?, variant_ids, category_paths, undeclared })
    }

    pub(crate) fn skus(&self) -> impl Iterator<Item = &str> {
        self.draft.variants.iter().map(|variant| variant.sku.as_str()).filter(|sku| !sku.is_empty())
    }
}

/// What is decided on one entry.
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    Created(Box<Revision>),
    Updated(Box<Revision>),
    Unchanged(ProductId, Vec<Variant>),
    Refused(Error),
}

/// What a batch could touch.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// By handle.
    pub products: HashMap<String, Stored>,
    /// Who has a SKU: the product's id and handle.
    pub sku_owners: HashMap<String, (ProductId, String)>,
}

/// Decides on the entries of a batch, one after the other: a later one sees what the earlier ones changed.
pub(crate) struct Planner {
    pub structure: Arc<Structure>,
    pub attributes_declared: Vec<Definition>,
    pub categories_made: Vec<Category>,
    known: Known,
    handles_seen: HashSet<String>,
    now: Timestamp,
}

impl Planner {
    pub(crate) fn new(structure: Arc<Structure>, known: Known, now: Timestamp) -> Self {
        let (attributes_declared, categories_made) = (Vec::new(), Vec::new());
        Self { structure, attributes_declared, categories_made, known, handles_seen: HashSet::new(), now }
    }

    /// Decides on the next entry. A refused one leaves no trace.
    pub(crate) fn decide(&mut self, entry: Entry) -> Decision {
        self.checked(&entry)
            .and_then(|declared| self.accept(entry, declared))
            .unwrap_or_else(Decision::Refused)
    }

    /// All that can be wrong, before anything changes; answers the attributes to declare.
    fn checked(&mut self, entry: &Entry) -> Result<Vec<Definition>> {
        let handle = &entry.draft.handle;
        if !self.handles_seen.insert(handle.clone()) {
            let message = format!("the handle '{handle}' is there twice in one request");
            return Err(Error::invalid(DUPLICATE_HANDLE, message));
        }
        let declared = self.checked_attributes(entry)?;
        let total = self.structure.attributes.len() + declared.len();
        error::within_count("attributes", total, limits::ATTRIBUTES)?;
        self.checked_categories(entry)?;
        let id = self.known.products.get(handle).map(|stored| stored.product.id);
        for sku in entry.skus() {
            if let Some((_, owner)) = self.known.sku_owners.get(sku).filter(|(owner, _)| Some(*owner) != id) {
                let message = format!("the SKU '{}' belongs to the product '{owner}'", error::excerpt(sku));
                return Err(Error::invalid(DUPLICATE_SKU, message));
            }
        }
        Ok(declared)
    }

    fn checked_attributes(&self, entry: &Entry) -> Result<Vec<Definition>> {
        let mut declared: Vec<Definition> = Vec::new();
        for attribute in &entry.draft.content.attributes {
            let known = self.structure.attributes.get(&attribute.name);
            let known =
                known.or_else(|| declared.iter().find(|definition| definition.name == attribute.name));
            match (known, entry.undeclared) {
                (Some(definition), _) => definition.accepts(&attribute.value)?,
                (None, Undeclared::Declare) => {
                    declared.push(Definition::inferred(&attribute.name, &attribute.value).checked()?);
                }
                (None, Undeclared::Refuse) => {
                    let message = format!("attribute '{}' is not declared", attribute.name);
                    return Err(Error::invalid(UNKNOWN_ATTRIBUTE, message));
                }
            }
        }
        Ok(declared)
    }

    fn checked_categories(&self, entry: &Entry) -> Result<()> {
        let tree = &self.structure.categories;
        let unknown = |id: &&CategoryId| tree.get(**id).is_none();
        if let Some(id) = entry.draft.content.category_ids.iter().find(unknown) {
            return Err(Error::invalid(CATEGORY_NOT_FOUND, format!("there is no category {id}")));
        }
        let missing: usize =
            entry.category_paths.iter().filter(|path| tree.find(path).is_none()).map(Vec::len).sum();
        if missing > 0 {
            error::within_count("categories", tree.len() + missing, limits::CATEGORIES)?;
        }
        let count = entry.draft.content.category_ids.len() + entry.category_paths.len();
        error::within_count("categories of one product", count, limits::PRODUCT_CATEGORIES)
    }

    fn accept(&mut self, entry: Entry, declared: Vec<Definition>) -> Result<Decision> {
        let Entry { draft: Draft { handle, mut content, variants }, variant_ids, category_paths, .. } = entry;
        if !declared.is_empty() {
            let structure = Arc::make_mut(&mut self.structure);
            structure.declare(declared.clone())?;
            self.attributes_declared.extend(declared);
        }
        content.category_ids.extend(category_paths.iter().filter_map(|path| self.category(path)));
        let mut seen = HashSet::new();
        content.category_ids.retain(|id| seen.insert(*id));
        let Some(stored) = self.known.products.get(&handle) else {
            let variants = matched(&[], variants, &variant_ids);
            let revision = revise::created(handle, content, variants, &self.structure, self.now)?;
            self.note(&revision, None);
            return Ok(Decision::Created(Box::new(revision)));
        };
        if content_hash(&content, variants.iter())? == stored.content_hash {
            return Ok(Decision::Unchanged(stored.product.id, stored.product.document.variants.clone()));
        }
        let variants = matched(&stored.product.document.variants, variants, &variant_ids);
        let revision = revise::revised(stored, content, variants, &self.structure, self.now)?;
        let before = stored.product.document.variants.clone();
        self.note(&revision, Some(before));
        Ok(Decision::Updated(Box::new(revision)))
    }

    fn category(&mut self, path: &[String]) -> Option<CategoryId> {
        self.structure.categories.find(path).or_else(|| {
            Arc::make_mut(&mut self.structure).categories.find_or_make(path, &mut self.categories_made)
        })
    }

    /// SKUs change hands: what a product gave up, a later one of the batch may take.
    fn note(&mut self, revision: &Revision, before: Option<Vec<Variant>>) {
        for variant in before.into_iter().flatten() {
            self.known.sku_owners.remove(&variant.content.sku);
        }
        let owner = (revision.product.id, revision.product.handle.clone());
        let skus = revision.product.document.variants.iter().map(|variant| &variant.content.sku);
        self.known
            .sku_owners
            .extend(skus.filter(|sku| !sku.is_empty()).map(|sku| (sku.clone(), owner.clone())));
    }
}

/// How the id of a draft's variant is found, given its place and what it is.
type IdRule<'a> = dyn Fn(usize, &VariantContent) -> Option<VariantId> + 'a;

/// Gives variants the ids they had: by id where one was named, else by SKU, else, where one side has no SKU, by
/// option values. The others are new.
fn matched(before: &[Variant], variants: Vec<VariantContent>, named: &[Option<VariantId>]) -> Vec<Variant> {
    let mut free: HashSet<VariantId> = before.iter().map(|each| each.id).collect();
    let by_sku: HashMap<&str, VariantId> = before
        .iter()
        .filter(|each| !each.content.sku.is_empty())
        .map(|each| (each.content.sku.as_str(), each.id))
        .collect();
    let by_values: HashMap<&[String], &Variant> =
        before.iter().map(|each| (each.content.option_values.as_slice(), each)).collect();
    let mut ids: Vec<Option<VariantId>> = vec![None; variants.len()];
    let named_id = |index: usize, _: &VariantContent| named.get(index).copied().flatten();
    let sku_id = |_: usize, variant: &VariantContent| by_sku.get(variant.sku.as_str()).copied();
    let values_id = |_: usize, variant: &VariantContent| {
        let same = by_values.get(variant.option_values.as_slice())?;
        (variant.sku.is_empty() || same.content.sku.is_empty()).then_some(same.id)
    };
    let rules: [&IdRule<'_>; 3] = [&named_id, &sku_id, &values_id];
    for rule in rules {
        for (index, variant) in variants.iter().enumerate() {
            if ids[index].is_none() {
                ids[index] = rule(index, variant).filter(|id| free.remove(id));
            }
        }
    }
    let with_id = |(content, id): (VariantContent, Option<VariantId>)| Variant {
        id: id.unwrap_or_else(VariantId::new),
        content,
    };
    variants.into_iter().zip(ids).map(with_id).collect()
}

#[cfg(test)]
#[path = "put_tests.rs"]
mod tests;
