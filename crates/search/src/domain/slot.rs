//! A product's place in a segment, as its arrays and sets have it.

/// A place. Not the index's number of the document: products of one category lie together here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) u32);

impl Slot {
    /// As an index into an array.
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }
}
