//! Where a segment's products stand in its arrays.
//!
//! The index numbers documents as they came. Most listings are of one category, so its products stand together here:
//! a listing then reads a stretch of each array from one end to the other, in a shop of a million products as in a small
//! one, instead of picking its products out of all memory.

use argosy_kernel::CategoryId;
use tantivy::{DocSet, SegmentReader, TERMINATED, postings::SegmentPostings, schema::IndexRecordOption};

use super::schema::Fields;
use crate::domain::{bits::Bits, slot::Slot};

/// The places of a segment's documents, and the documents of its places.
pub(crate) struct Slots {
    of: Vec<Slot>,
    documents: Vec<u32>,
}

impl Slots {
    /// Places documents by the smallest category that they are in, then as the index numbers them.
    pub(crate) fn read(reader: &SegmentReader, fields: &Fields) -> tantivy::Result<Self> {
        let mut category_of = vec![u32::MAX; reader.max_doc() as usize];
        for (number, mut postings) in (0u32..).zip(categories(reader, fields)?) {
            let mut document = postings.doc();
            while document != TERMINATED {
                if let Some(category) = category_of.get_mut(document as usize) {
                    *category = number;
                }
                document = postings.advance();
            }
        }
        let mut documents: Vec<u32> = (0..reader.max_doc()).collect();
        documents.sort_by_key(|document| category_of.get(*document as usize));
        let mut of = vec![Slot(0); documents.len()];
        for (slot, document) in (0u32..).zip(&documents) {
            if let Some(place) = of.get_mut(*document as usize) {
                *place = Slot(slot);
            }
        }
        Ok(Self { of, documents })
    }

    /// How many there are.
    pub(crate) fn length(&self) -> u32 {
        u32::try_from(self.documents.len()).unwrap_or(u32::MAX)
    }

    /// The place of a document.
    pub(crate) fn of(&self, document: u32) -> Slot {
        self.of.get(document as usize).copied().unwrap_or(Slot(u32::MAX))
    }

    /// The documents by place.
    pub(crate) fn documents(&self) -> impl Iterator<Item = u32> + '_ {
        self.documents.iter().copied()
    }

    /// The set of some documents.
    pub(crate) fn bits(&self, documents: impl IntoIterator<Item = u32>) -> Bits {
        Bits::of(self.length(), documents.into_iter().map(|document| self.of(document)))
    }
}

/// The documents of every category, the largest one first: what is placed last stays.
fn categories(reader: &SegmentReader, fields: &Fields) -> tantivy::Result<Vec<SegmentPostings>> {
    let index = reader.inverted_index(fields.groups)?;
    let mut categories = Vec::new();
    let mut groups = index.terms().stream()?;
    while groups.advance() {
        if groups.key().starts_with(CategoryId::PREFIX.as_bytes()) {
            let info = groups.value();
            let postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
            categories.push((info.doc_freq, postings));
        }
    }
    categories.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    Ok(categories.into_iter().map(|(_, postings)| postings).collect())
}
