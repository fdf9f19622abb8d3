//! Counting what matches by category, price, vendor, type, options and attributes.
//!
//! A facet's own selection does not narrow its own counts: who chose red still sees how many blue ones there are.

use argosy_contracts::search::{Facet, FacetValue};

use super::{
    Answering,
    filters::{Clause, Clauses, PRICE},
    matching,
    text::Found,
};
use crate::{
    domain::{
        bits::Bits,
        request::{Allowed, Query},
    },
    index::{document, segment::UNSOLD, tables::Tables, vocabulary::Known},
};

const FACETS_MAX: usize = 12;
const VALUES_MAX: usize = 50;
/// Facets of so many values are counted by the sets of their values.
const VALUES_BY_SETS_MAX: usize = 64;
/// Children of a category that are counted.
const CATEGORIES_MAX: usize = 100;

/// The facets of what matches.
pub(crate) fn facets(
    answering: &Answering<'_>,
    query: &Query,
    clauses: &Clauses,
    base: &[Bits],
    found: Option<&Found>,
) -> tantivy::Result<Vec<Facet>> {
    let mut facets = Vec::new();
    facets.extend(categories(answering, query, base)?);
    facets.extend(price(answering, query, clauses, base, found)?);
    let mut counts = count(answering, base);
    let mut selected: Vec<&str> = clauses.selected().collect();
    selected.sort_unstable();
    selected.dedup();
    for name in &selected {
        let without = matching(answering, query, clauses, found, |facet| facet != *name)?;
        recount(answering, name, &without, &mut counts)?;
    }
    let known = answering.engine.vocabulary.read();
    let labels = Labels { tables: answering.tables, known: &known };
    let mut chosen = choose(&labels, &counts, &selected);
    for (value, count) in (0u32..).zip(&counts).filter(|(_, count)| **count > 0) {
        let of = known.facet_of.get(value as usize).copied().unwrap_or(u32::MAX);
        if let Some(facet) = chosen.iter_mut().find(|facet| facet.number == of) {
            facet.values.push((value, *count));
        }
    }
    facets.extend(chosen.into_iter().map(|facet| facet.finish(&labels, query)));
    Ok(facets)
}

/// Counts the values of one facet anew.
fn recount(
    answering: &Answering<'_>,
    name: &str,
    matching: &[Bits],
    counts: &mut [u32],
) -> tantivy::Result<()> {
    let values: Vec<(usize, String)> = {
        let known = answering.engine.vocabulary.read();
        let facet = known.facet(name);
        let of_facet = (0u32..).zip(&known.facet_of).filter(|(_, of)| Some(**of) == facet);
        of_facet.map(|(value, _)| (value as usize, known.text(value).to_owned())).collect()
    };
    // The sets of a facet's values are kept like any filter's: few of them are counted faster than all products are.
    if values.len() > VALUES_BY_SETS_MAX {
        let all = count(answering, matching);
        for (value, _) in values {
            if let (Some(count), Some(freed)) = (counts.get_mut(value), all.get(value)) {
                *count = *freed;
            }
        }
        return Ok(());
    }
    for (value, text) in values {
        let clause = Clause::values(name, &[text]);
        let mut freed = 0;
        for ((part, reader), bits) in answering.snapshot.parts().zip(matching) {
            freed += bits.count_common(&*clause.bits(answering.engine, &part.segment, reader)?);
        }
        if let Some(count) = counts.get_mut(value) {
            *count = u32::try_from(freed).unwrap_or(u32::MAX);
        }
    }
    Ok(())
}

/// How many products have each value.
fn count(answering: &Answering<'_>, matching: &[Bits]) -> Vec<u32> {
    let mut counts = vec![0_u32; answering.engine.vocabulary.read().terms.len()];
    for (part, bits) in answering.snapshot.parts.iter().zip(matching) {
        for slot in bits.iter() {
            for value in part.segment.values(slot) {
                if let Some(count) = counts.get_mut(*value as usize) {
                    *count += 1;
                }
            }
        }
    }
    counts
}

struct Labels<'a> {
    tables: &'a Tables,
    known: &'a Known,
}

impl Labels<'_> {
    /// How a facet is called; `None` if it is not offered.
    fn facet(&self, name: &str) -> Option<String> {
        match name {
            "vendor" => Some("Vendor".to_owned()),
            "product_type" => Some("Type".to_owned()),
            "in_stock" => Some("Availability".to_owned()),
            "tag" => None,
            _ if name.starts_with("option:") => name.strip_prefix("option:").map(str::to_owned),
            _ => {
                let attribute = self.tables.attribute(name).filter(|attribute| attribute.filterable)?;
                Some(if attribute.label.is_empty() { name.to_owned() } else { attribute.label.clone() })
            }
        }
    }

    fn value(&self, name: &str, value: &str) -> String {
        if name == "in_stock" {
            return "In stock".to_owned();
        }
        let attribute = self.tables.attribute(name);
        match attribute.map(|attribute| (attribute.kind.as_str(), attribute.unit.as_str())) {
            Some(("boolean", _)) => (if value == "true" { "Yes" } else { "No" }).to_owned(),
            Some(("number", unit)) if !unit.is_empty() => format!("{value} {unit}"),
            _ => value.to_owned(),
        }
    }
}

/// A facet that is shown.
struct Chosen {
    number: u32,
    name: String,
    label: String,
    values: Vec<(u32, u32)>,
}

/// The facets in which something is selected, then those that cover most.
fn choose(labels: &Labels<'_>, counts: &[u32], selected: &[&str]) -> Vec<Chosen> {
    let mut cover = vec![0_u64; labels.known.facets.len()];
    for (of, count) in labels.known.facet_of.iter().zip(counts) {
        if let Some(sum) = cover.get_mut(*of as usize) {
            *sum += u64::from(*count);
        }
    }
    let mut ranked: Vec<(bool, u64, u32)> = (0u32..)
        .zip(&cover)
        .filter(|(_, sum)| **sum > 0)
        .map(|(number, sum)| {
            let name = labels.known.facets.get(number as usize).map_or("", |name| name);
            (selected.contains(&name), *sum, number)
        })
        .collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    let offered = ranked.into_iter().filter_map(|(_, _, number)| {
        let name = labels.known.facets.get(number as usize)?;
        Some(Chosen { number, name: name.to_string(), label: labels.facet(name)?, values: Vec::new() })
    });
    offered.take(FACETS_MAX).collect()
}

impl Chosen {
    fn finish(mut self, labels: &Labels<'_>, query: &Query) -> Facet {
        let filters = query.filters.iter().filter(|filter| filter.name == self.name);
        let selected: Vec<u32> = filters
            .filter_map(|filter| match &filter.allowed {
                Allowed::Values(values) => Some(values),
                Allowed::Range { .. } => None,
            })
            .flatten()
            .filter_map(|value| labels.known.value(&document::term(&self.name, value)))
            .collect();
        let text = |value: u32| labels.known.text(value);
        // What is selected is always shown, even if it is rare.
        let rank = |value: u32, count: u32| (std::cmp::Reverse(count), text(value));
        let kept = VALUES_MAX.saturating_sub(selected.len());
        let missing: Vec<u32> = selected
            .iter()
            .filter(|value| self.values.iter().all(|(each, _)| each != *value))
            .copied()
            .collect();
        self.values.extend(missing.into_iter().map(|value| (value, 0)));
        self.values.sort_unstable_by(|a, b| rank(a.0, a.1).cmp(&rank(b.0, b.1)));
        let mut others = 0;
        self.values.retain(|(value, _)| {
            let chosen = selected.contains(value);
            others += usize::from(!chosen);
            chosen || others <= kept
        });
        let values = self.values.iter().map(|(value, count)| FacetValue {
            value: text(*value).to_owned(),
            label: labels.value(&self.name, text(*value)),
            count: u64::from(*count),
            selected: selected.contains(value),
        });
        Facet { values: values.collect(), name: self.name, label: self.label }
    }
}

/// The children of the query's category, or the roots.
fn categories(answering: &Answering<'_>, query: &Query, base: &[Bits]) -> tantivy::Result<Option<Facet>> {
    let tables = answering.tables;
    let parent = match query.category.as_str() {
        "" => "",
        handle => match tables.category_by_handle(handle) {
            Some(category) => category.id.as_str(),
            None => return Ok(None),
        },
    };
    let mut values = Vec::new();
    for child in tables.children(parent).take(CATEGORIES_MAX) {
        let clause = Clause::category(&child.id, tables);
        let mut count = 0;
        for ((part, reader), bits) in answering.snapshot.parts().zip(base) {
            count += bits.count_common(&*clause.bits(answering.engine, &part.segment, reader)?);
        }
        if count > 0 {
            let (value, label) = (child.handle.clone(), child.title.clone());
            values.push(FacetValue { value, label, count, selected: false });
        }
    }
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    values.truncate(VALUES_MAX);
    let facet = Facet { name: "category".to_owned(), label: "Category".to_owned(), values };
    Ok((!facet.values.is_empty()).then_some(facet))
}

/// The lowest and the highest price, in minor units, as the values `min` and `max`.
fn price(
    answering: &Answering<'_>,
    query: &Query,
    clauses: &Clauses,
    base: &[Bits],
    found: Option<&Found>,
) -> tantivy::Result<Option<Facet>> {
    if query.currency.is_empty() {
        return Ok(None);
    }
    let unbounded = match query.price {
        Some(_) => Some(matching(answering, query, clauses, found, |facet| facet != PRICE)?),
        None => None,
    };
    let (mut least, mut greatest, mut count) = (i64::MAX, i64::MIN, 0);
    for ((part, reader), bits) in answering.snapshot.parts().zip(unbounded.as_deref().unwrap_or(base)) {
        let prices = part.segment.prices(reader, &query.currency)?;
        let lowest = bits.iter().filter_map(|slot| prices.get(slot.at()));
        for price in lowest.filter(|price| **price != UNSOLD) {
            least = least.min(*price);
            greatest = greatest.max(*price);
            count += 1;
        }
    }
    if count == 0 {
        return Ok(None);
    }
    let value = |label: &str, amount: i64| FacetValue {
        value: amount.to_string(),
        label: label.to_owned(),
        count,
        selected: query.price.is_some(),
    };
    let values = vec![value("min", least), value("max", greatest)];
    Ok(Some(Facet { name: PRICE.to_owned(), label: "Price".to_owned(), values }))
}
