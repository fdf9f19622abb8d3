//! One page of what matches.

use argosy_kernel::{Cursor, ProductId};

use super::{Answering, text::Found, top::Top};
use crate::{
    domain::{
        bits::Bits,
        order::{Key, Place, Sort},
        request::Query,
    },
    index::{engine::Part, segment::Keys},
};

/// A page.
pub(crate) struct Page {
    pub(crate) products: Vec<ProductId>,
    pub(crate) next: Option<Cursor>,
}

/// The page that a query asks for.
pub(crate) fn page(
    answering: &Answering<'_>,
    query: &Query,
    matching: &[Bits],
    found: Option<&Found>,
) -> tantivy::Result<Page> {
    // One more than a page has tells whether there is a next one.
    let mut top = Top::new(query.limit + 1, query.after.as_ref());
    if let (Sort::Relevance, Some(found)) = (query.sort, found) {
        for (place, part) in answering.snapshot.parts.iter().enumerate() {
            let Some(bits) = matching.get(place) else { continue };
            for (document, score) in found.hits(place).iter().filter(|(document, _)| bits.contains(*document))
            {
                top.push((Key::score(*score), part.segment.product(*document)));
            }
        }
        return Ok(cut(query, &top.finish()));
    }
    let mut keys = Vec::with_capacity(matching.len());
    for (part, reader) in answering.snapshot.parts() {
        keys.push(part.segment.keys(reader, query.sort, &query.currency)?);
    }
    for ((part, keys), bits) in answering.snapshot.parts.iter().zip(&keys).zip(matching) {
        first(part, keys, bits, query, &mut top);
    }
    Ok(cut(query, &top.finish()))
}

fn cut(query: &Query, first: &[(Key<'_>, ProductId)]) -> Page {
    let shown = &first[..first.len().min(query.limit)];
    let more = first.len() > query.limit;
    let last = shown.last().filter(|_| more);
    Page {
        products: shown.iter().map(|(_, product)| *product).collect(),
        next: last.map(|(key, product)| Place::after(*key, *product).encode(query.sort, &query.currency)),
    }
}

/// Shows the first of a segment's matches. Either its order is walked from the cursor on, or all its matches are
/// looked at, whichever is expected to be less.
fn first<'a>(part: &'a Part, keys: &'a Keys<'a>, bits: &Bits, query: &'a Query, top: &mut Top<'a>) {
    let matches = bits.count();
    let wanted = query.limit as u64 + 1;
    if matches == 0 {
        return;
    }
    if matches * matches < wanted * u64::from(part.segment.length) {
        bits.iter().for_each(|document| top.push(keys.position(document)));
        return;
    }
    let order = part.segment.order(keys, &query.currency);
    let start = query
        .after
        .as_ref()
        .map_or(0, |after| order.partition_point(|document| keys.position(*document) <= after.position()));
    let rest = order[start..].iter().filter(|document| bits.contains(**document));
    rest.take(query.limit + 1).for_each(|document| top.push(keys.position(*document)));
}
