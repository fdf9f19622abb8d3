//! The price range of a query.
//!
//! Hardly two people ask the same range, so what passes is not kept as other conditions' sets are: the prices of what
//! passes all else are looked at, and no others.

use std::sync::Arc;

use tantivy::SegmentReader;

use crate::{
    domain::{
        bits::Bits,
        order::{Key, Sort},
        request::Query,
        slot::Slot,
    },
    index::{
        engine::Part,
        segment::{Keys, UNSOLD},
    },
};

/// The price range of a query over a segment.
pub(super) enum Priced {
    Anyhow,
    Within { prices: Arc<[i64]>, min: i64, max: i64 },
}

impl Priced {
    pub(super) fn new(part: &Part, reader: &SegmentReader, query: &Query) -> tantivy::Result<Self> {
        let Some((min, max)) = query.price else { return Ok(Self::Anyhow) };
        Ok(Self::Within { prices: part.segment.prices(reader, &query.currency)?, min, max })
    }

    /// Whether a product's price is within.
    pub(super) fn holds(&self, slot: Slot) -> bool {
        match self {
            Self::Anyhow => true,
            Self::Within { prices, min, max } => {
                let price = prices.get(slot.at()).filter(|price| **price != UNSOLD);
                price.is_some_and(|price| min <= price && price <= max)
            }
        }
    }

    /// Keeps what is within.
    pub(super) fn narrow(&self, bits: &mut Bits) {
        match self {
            Self::Anyhow => {}
            Self::Within { .. } => bits.retain(|slot| self.holds(slot)),
        }
    }

    /// The stretch of an order by price in which it holds: the rest need not be looked at.
    pub(super) fn stretch<'a>(&self, order: &'a [Slot], keys: &Keys<'_>, sort: Sort) -> &'a [Slot] {
        let Self::Within { min, max, .. } = self else { return order };
        let (lower, upper) = match sort {
            Sort::PriceAscending => (Key::Number(*min), Key::Number(*max)),
            Sort::PriceDescending => (Key::price(Some(*max), sort), Key::price(Some(*min), sort)),
            Sort::Relevance | Sort::Newest | Sort::Title | Sort::Manual => return order,
        };
        let start = order.partition_point(|slot| keys.position(*slot).0 < lower);
        let rest = &order[start..];
        &rest[..rest.partition_point(|slot| keys.position(*slot).0 <= upper)]
    }
}
