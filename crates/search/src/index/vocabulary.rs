//! Facet values by number, the same in all segments.
//!
//! Counting with numbers that every segment shares needs no merging of texts per query. A value that no product
//! has any more keeps its number until the process ends.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use super::schema::SEPARATOR;

/// Numbers of facets and of their values.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    known: RwLock<Known>,
}

/// What is known at a moment.
#[derive(Debug, Default)]
pub(crate) struct Known {
    numbers: HashMap<Arc<str>, u32>,
    /// The term of each value.
    pub(crate) terms: Vec<Arc<str>>,
    /// The facet of each value.
    pub(crate) facet_of: Vec<u32>,
    facet_numbers: HashMap<Arc<str>, u32>,
    /// The name of each facet.
    pub(crate) facets: Vec<Arc<str>>,
}

impl Known {
    /// The number of a facet.
    pub(crate) fn facet(&self, name: &str) -> Option<u32> {
        self.facet_numbers.get(name).copied()
    }

    /// The number of a value.
    pub(crate) fn value(&self, term: &str) -> Option<u32> {
        self.numbers.get(term).copied()
    }

    /// The value within a term.
    pub(crate) fn text(&self, value: u32) -> &str {
        let term = self.terms.get(value as usize).map_or("", |term| term);
        term.split_once(SEPARATOR).map_or("", |(_, text)| text)
    }

    fn add(&mut self, term: &str) -> u32 {
        if let Some(number) = self.numbers.get(term) {
            return *number;
        }
        let name = term.split_once(SEPARATOR).map_or(term, |(name, _)| name);
        let facet = self.facet(name).unwrap_or_else(|| {
            let (number, name): (_, Arc<str>) = (count(&self.facets), name.into());
            self.facets.push(Arc::clone(&name));
            self.facet_numbers.insert(name, number);
            number
        });
        let (number, term): (_, Arc<str>) = (count(&self.terms), term.into());
        self.terms.push(Arc::clone(&term));
        self.facet_of.push(facet);
        self.numbers.insert(term, number);
        number
    }
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

impl Vocabulary {
    /// What is known now.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The numbers of terms, new ones for new terms.
    pub(crate) fn number(&self, terms: &[String]) -> Vec<u32> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        terms.iter().map(|term| known.add(term)).collect()
    }
}
