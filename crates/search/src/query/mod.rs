//! Answering queries from a snapshot.
//!
//! Every condition but the price becomes a set of products per segment, one bit each; sets of filters are kept, because
//! a segment never changes. What matches is their intersection; facets count it, an order is walked through it.

mod facets;
mod filters;
mod marks;
mod page;
mod priced;
mod spelling;
mod suggest;
mod text;
mod top;

use std::sync::Arc;

use argosy_contracts::search::QueryResponse;
use argosy_kernel::{Error, Result};

pub(crate) use suggest::suggest;

use self::{
    filters::{Clauses, PRICE},
    priced::Priced,
    text::{Found, Lacking},
};
use crate::{
    domain::{
        bits::Bits,
        order::Sort,
        request::{Facets, Query},
    },
    index::{
        engine::{Engine, Snapshot},
        tables::Tables,
    },
};

/// What a query is answered from.
pub(crate) struct Answering<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) tables: &'a Tables,
}

/// Answers a query.
pub(crate) fn answer(answering: &Answering<'_>, query: &Query) -> Result<QueryResponse> {
    run(answering, query).map_err(Error::internal)
}

fn run(answering: &Answering<'_>, query: &Query) -> tantivy::Result<QueryResponse> {
    let lacking = if query.sort == Sort::Relevance { Lacking::After } else { Lacking::Instead };
    let find = || text::find(answering, &query.text, lacking);
    let found = if query.text.is_empty() { None } else { Some(find()?) };
    let clauses = Clauses::new(query, answering.tables);
    let wanted = query.facets == Facets::Wanted;
    // Without facets only the prices of the products on the way are looked at.
    let matching = matching(answering, query, &clauses, found.as_ref(), |facet| wanted || facet != PRICE)?;
    let page = page::page(answering, query, &matching, found.as_ref())?;
    let facets = if wanted {
        facets::facets(answering, query, &clauses, &matching, found.as_ref())?
    } else {
        Vec::new()
    };
    Ok(QueryResponse {
        product_ids: page.products.iter().map(ToString::to_string).collect(),
        next: page.next.map(String::from).unwrap_or_default(),
        facets,
        marks: match &found {
            Some(found) if query.is_marked => marks::marks(answering, found, &page.products)?,
            _ => Vec::new(),
        },
        matches: if wanted { matching.iter().map(Bits::count).sum() } else { 0 },
        corrected: found.and_then(|found| found.corrected).unwrap_or_default(),
    })
}

/// The products of each segment that have the text and pass the conditions whose facet is `counted`.
fn matching(
    answering: &Answering<'_>,
    query: &Query,
    clauses: &Clauses,
    found: Option<&Found>,
    counted: impl Fn(&str) -> bool,
) -> tantivy::Result<Vec<Bits>> {
    let mut matching = Vec::with_capacity(answering.snapshot.parts.len());
    for (place, (part, reader)) in answering.snapshot.parts().enumerate() {
        let mut sets = vec![Arc::clone(&part.alive)];
        sets.extend(found.map(|found| Arc::new(found.bits(place, &part.segment))));
        for clause in clauses.iter().filter(|clause| counted(&clause.facet)) {
            sets.push(clause.bits(answering.engine, &part.segment, reader)?);
        }
        let mut bits = Bits::common(&sets.iter().map(|set| &**set).collect::<Vec<_>>());
        if counted(PRICE) {
            Priced::new(part, reader, query)?.narrow(&mut bits);
        }
        matching.push(bits);
    }
    Ok(matching)
}
