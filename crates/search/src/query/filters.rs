//! Conditions as sets of products.

use std::sync::Arc;

use tantivy::{
    DocSet, SegmentReader, TERMINATED, Term,
    schema::{Field, IndexRecordOption},
};

use crate::{
    domain::{
        bits::Bits,
        request::{Allowed, Query},
        slot::Slot,
    },
    index::{document, engine::Engine, segment::Segment, tables::Tables},
};

/// One condition.
pub(crate) struct Clause {
    /// The facet whose selection it is.
    pub(crate) facet: String,
    /// Names the same condition in every query.
    key: String,
    condition: Condition,
}

enum Condition {
    /// Any of some terms.
    Terms(Vec<String>),
    /// Any of some categories or collections.
    Groups(Vec<String>),
    /// A number within a range.
    Range { min: f64, max: f64 },
}

/// The facet of a query's own category and collection.
pub(crate) const SCOPE: &str = "";
/// The facet of the price.
pub(crate) const PRICE: &str = "price";

/// All conditions of a query but its price.
pub(crate) struct Clauses(Vec<Clause>);

impl Clauses {
    /// Those of a query. An unknown category or collection is one that nothing meets.
    pub(crate) fn new(query: &Query, tables: &Tables) -> Self {
        let mut clauses = Vec::new();
        let revision = tables.revision;
        if !query.category.is_empty() {
            let ids = tables.category_by_handle(&query.category).map(|each| tables.subtree(&each.id));
            clauses.push(Clause {
                facet: SCOPE.to_owned(),
                key: format!("category {revision} {}", query.category),
                condition: Condition::Groups(ids.unwrap_or_default()),
            });
        }
        if !query.collection.is_empty() {
            let id = tables.collection(&query.collection).map(str::to_owned);
            clauses.push(Clause {
                facet: SCOPE.to_owned(),
                key: format!("collection {revision} {}", query.collection),
                condition: Condition::Groups(id.into_iter().collect()),
            });
        }
        clauses.extend(query.filters.iter().map(|filter| match &filter.allowed {
            Allowed::Values(values) => Clause::values(&filter.name, values),
            Allowed::Range { min, max } => Clause {
                facet: filter.name.clone(),
                key: format!("range {} {min} {max}", filter.name),
                condition: Condition::Range { min: *min, max: *max },
            },
        }));
        Self(clauses)
    }

    /// The conditions in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Clause> {
        self.0.iter()
    }

    /// The facets in which something is selected.
    pub(crate) fn selected(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|clause| clause.facet.as_str()).filter(|facet| *facet != SCOPE)
    }
}

impl Clause {
    /// A facet with any of some values.
    pub(crate) fn values(name: &str, values: &[String]) -> Self {
        let mut terms: Vec<String> = values.iter().map(|value| document::term(name, value)).collect();
        terms.sort_unstable();
        terms.dedup();
        Self {
            facet: name.to_owned(),
            key: format!("terms {}", terms.join("\u{1e}")),
            condition: Condition::Terms(terms),
        }
    }

    /// The products of a category and all below it.
    pub(crate) fn category(id: &str, tables: &Tables) -> Self {
        let handle = tables.category(id).map_or("", |category| &category.handle);
        Self {
            facet: SCOPE.to_owned(),
            key: format!("category {} {handle}", tables.revision),
            condition: Condition::Groups(tables.subtree(id)),
        }
    }

    /// The products of a segment that meet it, deleted ones among them.
    pub(crate) fn bits(
        &self,
        engine: &Engine,
        segment: &Segment,
        reader: &SegmentReader,
    ) -> tantivy::Result<Arc<Bits>> {
        let key = (segment.id, self.key.clone());
        if let Some(bits) = engine.passed.get(&key) {
            return Ok(bits);
        }
        let bits = Arc::new(self.find(engine, segment, reader)?);
        engine.passed.insert(key, Arc::clone(&bits));
        Ok(bits)
    }

    fn find(&self, engine: &Engine, segment: &Segment, reader: &SegmentReader) -> tantivy::Result<Bits> {
        match &self.condition {
            Condition::Terms(terms) => any_of(reader, segment, engine.fields.terms, terms),
            Condition::Groups(ids) => any_of(reader, segment, engine.fields.groups, ids),
            Condition::Range { min, max } => Ok(in_range(engine, segment, &self.facet, *min, *max)),
        }
    }
}

fn any_of(
    reader: &SegmentReader,
    segment: &Segment,
    field: Field,
    terms: &[String],
) -> tantivy::Result<Bits> {
    let mut found = Vec::new();
    let index = reader.inverted_index(field)?;
    for term in terms {
        let term = Term::from_field_text(field, term);
        let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else { continue };
        let mut document = postings.doc();
        while document != TERMINATED {
            found.push(document);
            document = postings.advance();
        }
    }
    Ok(segment.slots.bits(found))
}

/// Products with a value of a facet that is a number within a range.
fn in_range(engine: &Engine, segment: &Segment, facet: &str, min: f64, max: f64) -> Bits {
    let known = engine.vocabulary.read();
    let Some(facet) = known.facet(facet) else { return Bits::none(0) };
    let numbers = (0u32..).zip(&known.facet_of).filter(|(_, of)| **of == facet);
    let mut within = vec![false; known.terms.len()];
    for (value, _) in numbers {
        let number: Option<f64> = known.text(value).parse().ok();
        if number.is_some_and(|number| min <= number && number <= max)
            && let Some(place) = within.get_mut(value as usize)
        {
            *place = true;
        }
    }
    drop(known);
    let is_within = |slot: &Slot| {
        let mut values = segment.values(*slot).iter();
        values.any(|value| within.get(*value as usize).copied().unwrap_or(false))
    };
    Bits::of(segment.length, (0..segment.length).map(Slot).filter(is_within))
}
