//! Answering queries from a snapshot.
//!
//! Every condition becomes a set of documents per segment, one bit each; sets of filters are kept, because a
//! segment never changes. What matches is their intersection; facets count it, an order is walked through it.

mod facets;
mod filters;
mod marks;
mod page;
mod spelling;
mod suggest;
mod text;
mod top;

use argosy_contracts::search::QueryResponse;
use argosy_kernel::{Error, Result};

pub(crate) use suggest::suggest;

use self::{
    filters::{Clause, Clauses, PRICE},
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
    // Hardly two people ask the same price range: without facets only the products on the way are looked at.
    let matching = matching(answering, &clauses, found.as_ref(), |clause| wanted || clause.facet != PRICE)?;
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

/// The documents of each segment that pass the clauses that are `counted`, and have the text.
fn matching(
    answering: &Answering<'_>,
    clauses: &Clauses,
    found: Option<&Found>,
    counted: impl Fn(&Clause) -> bool,
) -> tantivy::Result<Vec<Bits>> {
    let mut matching = Vec::with_capacity(answering.snapshot.parts.len());
    for (place, (part, reader)) in answering.snapshot.parts().enumerate() {
        let mut bits = Bits::clone(&part.alive);
        if let Some(found) = found {
            bits.keep(&found.bits(place, part.segment.length));
        }
        for clause in clauses.iter().filter(|clause| counted(clause)) {
            bits.keep(&*clause.bits(answering.engine, &part.segment, reader)?);
        }
        matching.push(bits);
    }
    Ok(matching)
}
