//! The index: what is in a document, how it is kept on disk, and what is held in memory of it.
//!
//! Tantivy keeps postings and columns in immutable segments. Of each segment we hold a view in memory: ids,
//! sort keys, orders, facet values as plain arrays. A change makes a small new segment, so its view costs what the change
//! costs; the views of older segments stay as they are.

pub(crate) mod document;
pub(crate) mod engine;
pub(crate) mod folder;
pub(crate) mod live;
pub(crate) mod schema;
pub(crate) mod segment;
pub(crate) mod slots;
pub(crate) mod tables;
pub(crate) mod vocabulary;
