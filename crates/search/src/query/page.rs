//! One page of what matches.

use argosy_kernel::{Cursor, ProductId};

use super::{Answering, priced::Priced, text::Found, top::Top};
use crate::{
    domain::{
        bits::Bits,
        order::{Key, Place, Sort},
        request::Query,
        slot::Slot,
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
        for ((place, (part, reader)), bits) in answering.snapshot.parts().enumerate().zip(matching) {
            let priced = Priced::new(part, reader, query)?;
            for (document, score) in found.hits(place) {
                let slot = part.segment.slots.of(*document);
                if bits.contains(slot) && priced.holds(slot) {
                    top.push((Key::score(*score), part.segment.product(slot)));
                }
            }
        }
        return Ok(cut(query, &top.finish()));
    }
    if query.sort == Sort::Manual {
        let places = answering.tables.places(&query.collection);
        let place = |product| places.and_then(|places| places.get(&product).copied()).unwrap_or(i64::MAX);
        for ((part, reader), bits) in answering.snapshot.parts().zip(matching) {
            let priced = Priced::new(part, reader, query)?;
            for slot in bits.iter().filter(|slot| priced.holds(*slot)) {
                let product = part.segment.product(slot);
                top.push((Key::Number(place(product)), product));
            }
        }
        return Ok(cut(query, &top.finish()));
    }
    let mut keys = Vec::with_capacity(matching.len());
    for (part, reader) in answering.snapshot.parts() {
        let priced = Priced::new(part, reader, query)?;
        keys.push((part.segment.keys(reader, query.sort, &query.currency)?, priced));
    }
    for ((part, (keys, priced)), bits) in answering.snapshot.parts.iter().zip(&keys).zip(matching) {
        first(part, keys, bits, priced, query, &mut top);
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
fn first<'a>(
    part: &'a Part,
    keys: &'a Keys<'a>,
    bits: &Bits,
    priced: &Priced,
    query: &'a Query,
    top: &mut Top<'a>,
) {
    let matches = bits.count();
    let wanted = query.limit as u64 + 1;
    if matches == 0 {
        return;
    }
    let passes = |slot: &Slot| bits.contains(*slot) && priced.holds(*slot);
    if matches * matches < wanted * u64::from(part.segment.length) {
        let passing = bits.iter().filter(passes);
        passing.for_each(|slot| top.push(keys.position(slot)));
        return;
    }
    let order = part.segment.order(keys, &query.currency);
    let stretch = priced.stretch(&order, keys, query.sort);
    let start = query
        .after
        .as_ref()
        .map_or(0, |after| stretch.partition_point(|slot| keys.position(*slot) <= after.position()));
    let rest = stretch[start..].iter().filter(|slot| passes(slot));
    rest.take(query.limit + 1).for_each(|slot| top.push(keys.position(*slot)));
}
