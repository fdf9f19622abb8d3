//! The baseline: BM25 over title and text, any of the words, nothing else.

use anyhow::{Context, Result};
use tantivy::{
    Index, IndexReader, TantivyDocument,
    collector::TopDocs,
    query::QueryParser,
    schema::{Field, STORED, STRING, Schema, TEXT, Value},
};

const WRITER_MEMORY: usize = 64 << 20;

/// An index in memory.
pub(crate) struct Plain {
    reader: IndexReader,
    parser: QueryParser,
    id: Field,
}

impl Plain {
    /// Of products: id, title, text.
    pub(crate) fn of<'a>(products: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> Result<Self> {
        let mut schema = Schema::builder();
        let id = schema.add_text_field("id", STRING | STORED);
        let words = schema.add_text_field("words", TEXT);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, WRITER_MEMORY)?;
        for (name, title, text) in products {
            let mut document = TantivyDocument::new();
            document.add_text(id, name);
            document.add_text(words, format!("{title} {text}"));
            writer.add_document(document)?;
        }
        writer.commit()?;
        let parser = QueryParser::for_index(&index, vec![words]);
        Ok(Self { reader: index.reader()?, parser, id })
    }

    /// The best products for a text.
    pub(crate) fn find(&self, text: &str, limit: usize) -> Result<Vec<String>> {
        let (query, _) = self.parser.parse_query_lenient(text);
        let searcher = self.reader.searcher();
        let best = searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())?;
        let id = |(_, address)| {
            let document: TantivyDocument = searcher.doc(address)?;
            let value = document.get_first(self.id).context("a document without an id")?;
            Ok(value.as_str().context("an id that is no text")?.to_owned())
        };
        best.into_iter().map(id).collect()
    }
}
