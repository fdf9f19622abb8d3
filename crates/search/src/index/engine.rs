//! What queries are answered from: a snapshot of the index, the tables, and what was worked out before.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use argosy_contracts::search::QueryResponse;
use argosy_kernel::{Error, Result};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use tantivy::{Index, Opstamp, ReloadPolicy, Searcher, SegmentReader, index::SegmentId};

use super::{
    schema::{Fields, SCHEMA_VERSION},
    segment::{OrderName, Segment},
    tables::Tables,
    vocabulary::Vocabulary,
};
use crate::domain::{bits::Bits, order::Sort, stems::Stems, synonyms::Synonyms};

/// How far the facts are in an index; kept in its commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Positions {
    pub(crate) schema: u32,
    pub(crate) catalog: i64,
    pub(crate) inventory: i64,
}

impl Positions {
    /// Positions in an index of today's fields.
    pub(crate) fn new(catalog: i64, inventory: i64) -> Self {
        Self { schema: SCHEMA_VERSION, catalog, inventory }
    }
}

/// The index at a moment.
pub(crate) struct Snapshot {
    pub(crate) searcher: Searcher,
    pub(crate) parts: Vec<Part>,
    /// Differs from that of every other snapshot of the process.
    pub(crate) generation: u64,
    pub(crate) positions: Positions,
}

/// One segment of a snapshot.
pub(crate) struct Part {
    pub(crate) segment: Arc<Segment>,
    pub(crate) alive: Arc<Bits>,
    deletes: Option<Opstamp>,
}

impl Snapshot {
    /// Its segments with their readers.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&Part, &SegmentReader)> {
        self.parts.iter().zip(self.searcher.segment_readers())
    }
}

/// Answers are kept by what was asked and by the generation they are of.
pub(crate) type AnswerKey = (u64, u64, String);

/// What queries are answered from.
pub(crate) struct Engine {
    pub(crate) fields: Fields,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) synonyms: Synonyms,
    pub(crate) stems: Stems,
    snapshot: ArcSwap<Snapshot>,
    tables: ArcSwap<Tables>,
    /// The products that pass a filter, by segment: a segment never changes, so they never do.
    pub(crate) passed: Cache<(SegmentId, String), Arc<Bits>>,
    pub(crate) answers: Cache<AnswerKey, Arc<QueryResponse>>,
    generations: AtomicU64,
}

const ANSWERS_MAX: u64 = 2_000;

impl Engine {
    /// An engine of an empty index. Filters' results take at most `cache_bytes`.
    pub(crate) fn new(cache_bytes: u64, synonyms: Synonyms, stems: Stems) -> Result<Self> {
        let fields = Fields::new(&stems.languages());
        let vocabulary = Vocabulary::default();
        let empty = Index::create_in_ram(fields.schema.clone());
        let reader = empty.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
        let searcher = reader.map_err(Error::internal)?.searcher();
        let snapshot =
            Snapshot { searcher, parts: Vec::new(), generation: 0, positions: Positions::default() };
        let weight = |_: &_, bits: &Arc<Bits>| u32::try_from(bits.bytes() + 128).unwrap_or(u32::MAX);
        Ok(Self {
            fields,
            vocabulary,
            synonyms,
            stems,
            snapshot: ArcSwap::from_pointee(snapshot),
            tables: ArcSwap::default(),
            passed: Cache::builder().max_capacity(cache_bytes).weigher(weight).build(),
            answers: Cache::new(ANSWERS_MAX),
            generations: AtomicU64::new(1),
        })
    }

    /// The index now.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The tables now.
    pub(crate) fn tables(&self) -> Arc<Tables> {
        self.tables.load_full()
    }

    /// Takes new tables.
    pub(crate) fn set_tables(&self, tables: Tables) {
        self.tables.store(Arc::new(tables));
    }

    /// Lets queries see an index. Only segments that the last snapshot did not have are read.
    pub(crate) fn show(&self, searcher: Searcher, positions: Positions) -> tantivy::Result<()> {
        let before = self.snapshot();
        let known: HashMap<SegmentId, &Part> =
            before.parts.iter().map(|part| (part.segment.id, part)).collect();
        let mut orders: Vec<OrderName> =
            before.parts.iter().flat_map(|part| part.segment.order_names()).collect();
        orders.push((Sort::Newest, String::new()));
        orders.sort_unstable();
        orders.dedup();
        let mut parts = Vec::new();
        for reader in searcher.segment_readers() {
            let earlier = known.get(&reader.segment_id());
            let segment = match earlier {
                Some(part) => Arc::clone(&part.segment),
                None => Arc::new(self.read_segment(reader, &orders)?),
            };
            let deletes = reader.delete_opstamp();
            let alive = match earlier.filter(|part| part.deletes == deletes) {
                Some(part) => Arc::clone(&part.alive),
                None => Arc::new(alive(reader, &segment)),
            };
            parts.push(Part { segment, alive, deletes });
        }
        let generation = self.generations.fetch_add(1, Ordering::Relaxed);
        self.snapshot.store(Arc::new(Snapshot { searcher, parts, generation, positions }));
        Ok(())
    }

    /// Reads a segment and makes the orders that others had, so that no query waits for them.
    fn read_segment(&self, reader: &SegmentReader, orders: &[OrderName]) -> tantivy::Result<Segment> {
        let segment = Segment::read(reader, &self.fields, &self.vocabulary)?;
        for (sort, currency) in orders {
            segment.order(&segment.keys(reader, *sort, currency)?, currency);
        }
        Ok(segment)
    }
}

fn alive(reader: &SegmentReader, segment: &Segment) -> Bits {
    match reader.alive_bitset() {
        Some(alive) => segment.slots.bits(alive.iter_alive()),
        None => Bits::all(segment.length),
    }
}
