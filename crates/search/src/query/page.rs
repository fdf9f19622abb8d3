//! One page of what matches.

use std::sync::Arc;

use argosy_kernel::{Cursor, ProductId};
use tantivy::SegmentReader;

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
        for ((place, (part, reader)), bits) in answering.snapshot.parts().enumerate().zip(matching) {
            let priced = Priced::new(part, reader, query)?;
            let hits = found.hits(place).iter();
            for (document, score) in hits.filter(|(each, _)| bits.contains(*each) && priced.holds(*each)) {
                top.push((Key::score(*score), part.segment.product(*document)));
            }
        }
        return Ok(cut(query, &top.finish()));
    }
    if query.sort == Sort::Manual {
        let places = answering.tables.places(&query.collection);
        let place = |product| places.and_then(|places| places.get(&product).copied()).unwrap_or(i64::MAX);
        for ((part, reader), bits) in answering.snapshot.parts().zip(matching) {
            let priced = Priced::new(part, reader, query)?;
            for document in bits.iter().filter(|document| priced.holds(*document)) {
                let product = part.segment.product(document);
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

/// The price range of a query over a segment.
enum Priced {
    Anyhow,
    Within { prices: Arc<[i64]>, min: i64, max: i64 },
}

impl Priced {
    fn new(part: &Part, reader: &SegmentReader, query: &Query) -> tantivy::Result<Self> {
        let Some((min, max)) = query.price else { return Ok(Self::Anyhow) };
        Ok(Self::Within { prices: part.segment.prices(reader, &query.currency)?, min, max })
    }

    fn holds(&self, document: u32) -> bool {
        match self {
            Self::Anyhow => true,
            Self::Within { prices, min, max } => {
                let price = prices.get(document as usize).filter(|price| **price != i64::MAX);
                price.is_some_and(|price| min <= price && price <= max)
            }
        }
    }

    /// The stretch of an order by price in which it holds: the rest need not be looked at.
    fn stretch<'a>(&self, order: &'a [u32], keys: &Keys<'_>, sort: Sort) -> &'a [u32] {
        let Self::Within { min, max, .. } = self else { return order };
        let (lower, upper) = match sort {
            Sort::PriceAscending => (Key::Number(*min), Key::Number(*max)),
            Sort::PriceDescending => (Key::price(Some(*max), sort), Key::price(Some(*min), sort)),
            Sort::Relevance | Sort::Newest | Sort::Title | Sort::Manual => return order,
        };
        let start = order.partition_point(|document| keys.position(*document).0 < lower);
        let rest = &order[start..];
        &rest[..rest.partition_point(|document| keys.position(*document).0 <= upper)]
    }
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
    let passes = |document: &u32| bits.contains(*document) && priced.holds(*document);
    if matches * matches < wanted * u64::from(part.segment.length) {
        let passing = bits.iter().filter(passes);
        passing.for_each(|document| top.push(keys.position(document)));
        return;
    }
    let order = part.segment.order(keys, &query.currency);
    let stretch = priced.stretch(&order, keys, query.sort);
    let start = query
        .after
        .as_ref()
        .map_or(0, |after| stretch.partition_point(|document| keys.position(*document) <= after.position()));
    let rest = stretch[start..].iter().filter(|document| passes(document));
    rest.take(query.limit + 1).for_each(|document| top.push(keys.position(*document)));
}
