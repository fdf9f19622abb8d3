//! An index that is open for writing.

use std::path::{Path, PathBuf};

use argosy_kernel::{Error, Result};
use tantivy::{
    DocAddress, Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term,
    merge_policy::LogMergePolicy, schema::Value,
};

use super::{
    engine::Positions,
    schema::{Fields, SCHEMA_VERSION},
};

/// Memory in which documents are collected before they are written.
const ARENA_BYTES: usize = 30_000_000;
/// Few segments make fast queries; merging is done beside them.
const SEGMENTS_PER_MERGE: usize = 4;
/// Segments up to so many documents are merged with each other first.
const SMALL_SEGMENT: u32 = 2_000;
/// A segment with this share of deleted documents is written anew.
const DELETED_SHARE_MAX: f32 = 0.3;
/// Largest segment that merging makes.
const SEGMENT_MAX: usize = 2_000_000;

/// An open index. What is written counts from its commit on.
pub(crate) struct LiveIndex {
    pub(crate) path: PathBuf,
    fields: Fields,
    reader: IndexReader,
    writer: IndexWriter,
    positions: Positions,
}

/// Why an index cannot be opened.
pub(crate) enum Unusable {
    /// Another writer holds it, or the disk fails: try again.
    ForNow(Error),
    /// It is damaged, or of other fields: build it anew.
    ForGood(String),
}

impl LiveIndex {
    /// An empty index in an empty folder.
    pub(crate) fn create(path: &Path, fields: &Fields) -> Result<Self> {
        let index = Index::create_in_dir(path, fields.schema.clone()).map_err(Error::internal)?;
        Self::start(path, fields, &index, Positions::default()).map_err(Error::internal)
    }

    /// An index that was committed before.
    pub(crate) fn open(path: &Path, fields: &Fields) -> Result<Self, Unusable> {
        let damaged = |error: TantivyError| Unusable::ForGood(error.to_string());
        let index = Index::open_in_dir(path).map_err(damaged)?;
        let payload = index.load_metas().map_err(damaged)?.payload.unwrap_or_default();
        let positions: Positions =
            serde_json::from_str(&payload).map_err(|error| Unusable::ForGood(error.to_string()))?;
        if positions.schema != SCHEMA_VERSION || index.schema() != fields.schema {
            return Err(Unusable::ForGood("it has other fields".to_owned()));
        }
        Self::start(path, fields, &index, positions).map_err(|error| match error {
            TantivyError::LockFailure(..) => Unusable::ForNow(Error::internal(error)),
            _ => damaged(error),
        })
    }

    fn start(path: &Path, fields: &Fields, index: &Index, positions: Positions) -> tantivy::Result<Self> {
        let writer = index.writer_with_num_threads(1, ARENA_BYTES)?;
        let mut merging = LogMergePolicy::default();
        merging.set_min_num_segments(SEGMENTS_PER_MERGE);
        merging.set_min_layer_size(SMALL_SEGMENT);
        merging.set_del_docs_ratio_before_merge(DELETED_SHARE_MAX);
        merging.set_max_docs_before_merge(SEGMENT_MAX);
        writer.set_merge_policy(Box::new(merging));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { path: path.to_owned(), fields: fields.clone(), reader, writer, positions })
    }

    /// How far the facts are that its last commit holds.
    pub(crate) fn positions(&self) -> Positions {
        self.positions
    }

    /// Takes a product out; what is put in afterwards stays.
    pub(crate) fn remove(&self, product_id: &str) {
        self.writer.delete_term(Term::from_field_text(self.fields.id, product_id));
    }

    /// Puts a document in.
    pub(crate) fn put(&self, document: TantivyDocument) -> Result<()> {
        self.writer.add_document(document).map(|_| ()).map_err(Error::internal)
    }

    /// Makes what was written last, together with how far the facts are, and answers the index as it is then.
    pub(crate) fn commit(&mut self, positions: Positions) -> Result<Searcher> {
        let payload = serde_json::to_string(&positions).map_err(Error::internal)?;
        let mut commit = self.writer.prepare_commit().map_err(Error::internal)?;
        commit.set_payload(&payload);
        commit.commit().map_err(Error::internal)?;
        self.positions = positions;
        self.searcher()
    }

    /// The index as it was committed last.
    pub(crate) fn searcher(&self) -> Result<Searcher> {
        self.reader.reload().map_err(Error::internal)?;
        Ok(self.reader.searcher())
    }
}

/// The title and handle of a document.
pub(crate) fn shown(
    searcher: &Searcher,
    fields: &Fields,
    at: DocAddress,
) -> tantivy::Result<(String, String)> {
    let document: TantivyDocument = searcher.doc(at)?;
    let text = |field| {
        let value = document.get_first(field);
        value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    Ok((text(fields.shown_title), text(fields.shown_handle)))
}
