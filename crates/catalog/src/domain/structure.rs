//! What all products share: declared attributes, categories and collections.

use std::collections::BTreeMap;

use argosy_kernel::{CollectionId, Error, Result};

use crate::{
    domain::{
        attribute::Definition,
        category::{Change, Tree},
        collection::{Candidate, Collection, CollectionDraft},
        limits,
        product::{Content, VariantContent},
    },
    error::{self, ATTRIBUTE_KIND_CHANGED},
};

/// What became of collections that were put.
pub(crate) struct PutCollections {
    /// As they are now, in the order given.
    pub collections: Vec<(Collection, Change)>,
    /// Whether some product may belong to others by rule.
    pub rules_changed: bool,
}

/// Attributes, categories and collections, at one revision. Small enough to be kept whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Structure {
    /// Counts the changes; a write that was decided on an older revision is decided again.
    pub revision: i64,
    pub attributes: BTreeMap<String, Definition>,
    pub categories: Tree,
    pub collections: Vec<Collection>,
}

impl Structure {
    /// Declares attributes or changes what is not their kind; answers which are new or differ.
    ///
    /// # Errors
    /// `ATTRIBUTE_KIND_CHANGED`, `INVALID_ATTRIBUTE`; the structure is then to be thrown away.
    pub(crate) fn declare(&mut self, definitions: Vec<Definition>) -> Result<Vec<(Definition, Change)>> {
        let mut declared = Vec::with_capacity(definitions.len());
        for definition in definitions {
            let definition = definition.checked()?;
            let change = match self.attributes.get(&definition.name) {
                Some(before) if *before == definition => Change::None,
                Some(before) if before.kind != definition.kind => {
                    let (name, kind) = (&definition.name, before.kind.as_str());
                    let message =
                        format!("attribute '{name}' is declared as {kind}, and that does not change");
                    return Err(Error::precondition(ATTRIBUTE_KIND_CHANGED, message));
                }
                _ => Change::Made,
            };
            self.attributes.insert(definition.name.clone(), definition.clone());
            declared.push((definition, change));
        }
        error::within_count("attributes", self.attributes.len(), limits::ATTRIBUTES)?;
        Ok(declared)
    }

    /// Creates or updates collections by handle.
    ///
    /// # Errors
    /// `INVALID_CONDITION`, `UNKNOWN_ATTRIBUTE`, `COLLECTION_KIND_CHANGED`, …; the structure is then to be thrown
    /// away.
    pub(crate) fn put_collections(&mut self, drafts: Vec<CollectionDraft>) -> Result<PutCollections> {
        let mut put = PutCollections { collections: Vec::with_capacity(drafts.len()), rules_changed: false };
        for draft in drafts {
            let collection = draft.collection(|name| self.attributes.get(name))?;
            let place = self.collections.iter().position(|before| before.handle == collection.handle);
            let (collection, change) = if let Some(place) = place {
                let before = &mut self.collections[place];
                let collection = before.replaced_by(collection)?;
                let change = if *before == collection { Change::None } else { Change::Made };
                put.rules_changed |= before.rule != collection.rule;
                before.clone_from(&collection);
                (collection, change)
            } else {
                put.rules_changed |= collection.rule.is_some();
                self.collections.push(collection.clone());
                (collection, Change::Made)
            };
            put.collections.push((collection, change));
        }
        self.collections.sort_by(|a, b| a.handle.cmp(&b.handle));
        error::within_count("collections", self.collections.len(), limits::COLLECTIONS)?;
        Ok(put)
    }

    /// The collections of a product, sorted: those it was put in by hand (`before` knows them), and those whose
    /// rule it matches.
    pub(crate) fn memberships<'a>(
        &self,
        before: &[CollectionId],
        content: &'a Content,
        variants: impl Iterator<Item = &'a VariantContent>,
    ) -> Vec<CollectionId> {
        if self.collections.is_empty() {
            return Vec::new();
        }
        let candidate = Candidate::new(content, variants);
        let belongs = |collection: &&Collection| match &collection.rule {
            Some(rule) => rule.matches(&candidate),
            None => before.contains(&collection.id),
        };
        let mut ids: Vec<CollectionId> =
            self.collections.iter().filter(belongs).map(|each| each.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Of these collections, those that a rule makes.
    pub(crate) fn by_rule(&self, ids: &[CollectionId]) -> Vec<CollectionId> {
        let made = self.collections.iter().filter(|each| each.rule.is_some() && ids.contains(&each.id));
        made.map(|collection| collection.id).collect()
    }
}
