//! What is held in memory of one segment: it never changes.
//!
//! Per product 16 bytes of id, 8 of time, 8 of its place, 8 a currency, 4 an order, 4 a facet value and its title's sort
//! key: some 110 bytes. That buys listings whose cost hardly depends on the size of the catalogue: an order is walked
//! from the cursor on until the page is full. Sorting what matches, query by query, lost: it touches every match.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use argosy_kernel::ProductId;
use tantivy::{SegmentReader, columnar::StrColumn, index::SegmentId};

use super::{
    schema::{CREATED, Fields, ID_HALVES, PRICES, TERMS, TITLE_KEY},
    slots::Slots,
    vocabulary::Vocabulary,
};
use crate::domain::{
    order::{Key, Sort},
    slot::Slot,
};

/// The price of what is not sold in a currency.
pub(crate) const UNSOLD: i64 = i64::MAX;

/// An order of the products.
pub(crate) type OrderName = (Sort, String);

/// A segment's arrays, by place.
pub(crate) struct Segment {
    pub(crate) id: SegmentId,
    pub(crate) length: u32,
    pub(crate) slots: Slots,
    ids: Vec<ProductId>,
    created: Vec<i64>,
    titles: Titles,
    starts: Vec<u32>,
    values: Vec<u32>,
    prices: Mutex<HashMap<String, Arc<[i64]>>>,
    orders: Mutex<HashMap<OrderName, Arc<[Slot]>>>,
}

#[derive(Default)]
struct Titles {
    text: String,
    ends: Vec<u32>,
    of: Vec<u32>,
}

impl Titles {
    fn key(&self, slot: Slot) -> &str {
        let ord = self.of.get(slot.at()).map_or(usize::MAX, |ord| *ord as usize);
        let start =
            if ord == 0 { 0 } else { self.ends.get(ord.wrapping_sub(1)).copied().unwrap_or_default() };
        let end = self.ends.get(ord).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

impl Segment {
    /// Reads a segment's columns.
    pub(crate) fn read(
        reader: &SegmentReader,
        fields: &Fields,
        vocabulary: &Vocabulary,
    ) -> tantivy::Result<Self> {
        let slots = Slots::read(reader, fields)?;
        let columns = reader.fast_fields();
        let (high, low) = (columns.u64(ID_HALVES[0])?, columns.u64(ID_HALVES[1])?);
        let id = |document| {
            let bits = u128::from(high.first(document).unwrap_or_default()) << 64;
            ProductId::from_bytes((bits | u128::from(low.first(document).unwrap_or_default())).to_be_bytes())
        };
        let created = columns.i64(CREATED)?;
        let mut starts = vec![0];
        let mut values = Vec::new();
        if let Some(terms) = columns.str(TERMS)? {
            let numbers = vocabulary.number(&texts(&terms)?);
            for document in slots.documents() {
                let ords = terms.ords().values_for_doc(document);
                values.extend(ords.filter_map(|ord| numbers.get(usize::try_from(ord).ok()?)));
                starts.push(u32::try_from(values.len()).unwrap_or(u32::MAX));
            }
        }
        Ok(Self {
            id: reader.segment_id(),
            length: slots.length(),
            ids: slots.documents().map(id).collect(),
            created: slots.documents().map(|each| created.first(each).unwrap_or_default()).collect(),
            titles: columns
                .str(TITLE_KEY)?
                .map(|column| titles(&column, &slots))
                .transpose()?
                .unwrap_or_default(),
            slots,
            starts,
            values,
            prices: Mutex::default(),
            orders: Mutex::default(),
        })
    }

    /// The product at a place.
    pub(crate) fn product(&self, slot: Slot) -> ProductId {
        self.ids.get(slot.at()).copied().unwrap_or(ProductId::from_bytes([0; 16]))
    }

    /// The facet values of a product.
    pub(crate) fn values(&self, slot: Slot) -> &[u32] {
        match (self.starts.get(slot.at()), self.starts.get(slot.at() + 1)) {
            (Some(start), Some(end)) => self.values.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The lowest prices in a currency, one a product, [`i64::MAX`] where it is not sold; empty if nothing is.
    pub(crate) fn prices(&self, reader: &SegmentReader, currency: &str) -> tantivy::Result<Arc<[i64]>> {
        let mut read = self.prices.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prices) = read.get(currency) {
            return Ok(Arc::clone(prices));
        }
        let Some(column) = reader.fast_fields().column_opt::<i64>(&format!("{PRICES}.{currency}"))? else {
            return Ok(Arc::from([]));
        };
        let prices: Arc<[i64]> =
            self.slots.documents().map(|document| column.first(document).unwrap_or(UNSOLD)).collect();
        read.insert(currency.to_owned(), Arc::clone(&prices));
        Ok(prices)
    }

    /// What its products are sorted by.
    pub(crate) fn keys(
        &self,
        reader: &SegmentReader,
        sort: Sort,
        currency: &str,
    ) -> tantivy::Result<Keys<'_>> {
        let prices = if sort.by_price() { self.prices(reader, currency)? } else { Arc::from([]) };
        Ok(Keys { segment: self, sort, prices })
    }

    /// Its products in an order, made when it is first asked for.
    pub(crate) fn order(&self, keys: &Keys<'_>, currency: &str) -> Arc<[Slot]> {
        let currency = if keys.sort.by_price() && !keys.prices.is_empty() { currency } else { "" };
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (keys.sort, currency.to_owned());
        let made = orders.entry(name).or_insert_with(|| {
            let mut order: Vec<Slot> = (0..self.length).map(Slot).collect();
            order.sort_unstable_by_key(|slot| keys.position(*slot));
            order.into()
        });
        Arc::clone(made)
    }

    /// The orders that were asked for.
    pub(crate) fn order_names(&self) -> Vec<OrderName> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

/// What the products of a segment are sorted by.
pub(crate) struct Keys<'a> {
    segment: &'a Segment,
    sort: Sort,
    prices: Arc<[i64]>,
}

impl Keys<'_> {
    /// A product's key and id: its place in the order.
    pub(crate) fn position(&self, slot: Slot) -> (Key<'_>, ProductId) {
        let key = match self.sort {
            Sort::Relevance | Sort::Newest | Sort::Manual => {
                Key::newest(self.segment.created.get(slot.at()).copied().unwrap_or_default())
            }
            Sort::PriceAscending | Sort::PriceDescending => {
                let price = self.prices.get(slot.at()).copied().filter(|price| *price != UNSOLD);
                Key::price(price, self.sort)
            }
            Sort::Title => Key::Text(self.segment.titles.key(slot)),
        };
        (key, self.segment.product(slot))
    }
}

fn texts(column: &StrColumn) -> tantivy::Result<Vec<String>> {
    let mut texts = Vec::with_capacity(column.num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        texts.push(String::from_utf8_lossy(stream.key()).into_owned());
    }
    Ok(texts)
}

fn titles(column: &StrColumn, slots: &Slots) -> tantivy::Result<Titles> {
    let mut titles = Titles::default();
    for text in texts(column)? {
        titles.text.push_str(&text);
        titles.ends.push(u32::try_from(titles.text.len()).unwrap_or(u32::MAX));
    }
    let ords = column.ords();
    titles.of = slots
        .documents()
        .map(|document| ords.first(document).and_then(|ord| u32::try_from(ord).ok()).unwrap_or(u32::MAX))
        .collect();
    Ok(titles)
}
