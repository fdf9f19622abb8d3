//! The fields of a document.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, JsonObjectOptions, STORED, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

/// Counts changes of what is in a document; an index of another number is built anew.
pub(crate) const SCHEMA_VERSION: u32 = 2;

/// Parts a facet's name from its value in a term of `terms`.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// The fields.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// The product's id; what a change deletes by.
    pub(crate) id: Field,
    pub(crate) id_high: Field,
    pub(crate) id_low: Field,
    /// Ids of its variants, to find the product whose stock changed.
    pub(crate) variants: Field,
    /// Every word of the product.
    pub(crate) all: Field,
    pub(crate) title: Field,
    /// What the words of the product, and those of its title, have in common with their other forms.
    pub(crate) stems: Field,
    pub(crate) title_stems: Field,
    /// Vendor, type, tags, options, SKUs.
    pub(crate) names: Field,
    /// SKUs and barcodes, letters and digits only.
    pub(crate) codes: Field,
    /// What facets count and filters ask: name, separator, value.
    pub(crate) terms: Field,
    /// Ids of categories and collections.
    pub(crate) groups: Field,
    pub(crate) title_key: Field,
    pub(crate) created: Field,
    /// The lowest price per currency.
    pub(crate) prices: Field,
    pub(crate) shown_title: Field,
    pub(crate) shown_handle: Field,
}

/// Name of the column of `terms`.
pub(crate) const TERMS: &str = "terms";
/// Name of the column of `title_key`.
pub(crate) const TITLE_KEY: &str = "title_key";
/// Name of the column of `created`.
pub(crate) const CREATED: &str = "created";
/// Names of the columns with the halves of the id.
pub(crate) const ID_HALVES: [&str; 2] = ["id_high", "id_low"];
/// Name of the column family of `prices`.
pub(crate) const PRICES: &str = "prices";

impl Fields {
    /// The fields, the same for the same languages of stems.
    pub(crate) fn new(languages: &str) -> Self {
        let mut schema = SchemaBuilder::new();
        let exact = || indexing("raw", IndexRecordOption::Basic);
        let words = || indexing("whitespace", IndexRecordOption::WithFreqs);
        let words_of_no_weight = || indexing("whitespace", IndexRecordOption::Basic);
        // Only in titles is it asked which word follows which.
        let phrases = indexing("whitespace", IndexRecordOption::WithFreqsAndPositions);
        let raw = |options: TextFieldIndexing| {
            TextOptions::default().set_indexing_options(options.set_fieldnorms(false))
        };
        let text = |options| TextOptions::default().set_indexing_options(options);
        let id = schema.add_text_field("id", raw(exact()));
        let id_high = schema.add_u64_field(ID_HALVES[0], FAST);
        let id_low = schema.add_u64_field(ID_HALVES[1], FAST);
        let variants = schema.add_text_field("variants", raw(exact()));
        let all = schema.add_text_field("all", text(words()));
        let title = schema.add_text_field("title", text(phrases));
        // The languages are part of the name: an index of other ones has other fields.
        let by_languages = |name: &str| format!("{name} {languages}");
        let stems = schema.add_text_field(&by_languages("stems"), raw(words_of_no_weight()));
        let title_stems = schema.add_text_field(&by_languages("title_stems"), raw(words_of_no_weight()));
        let names = schema.add_text_field("names", text(words()));
        let codes = schema.add_text_field("codes", raw(exact()));
        let terms = schema.add_text_field(TERMS, raw(exact()).set_fast("raw"));
        let groups = schema.add_text_field("groups", raw(exact()));
        let title_key = schema.add_text_field(TITLE_KEY, TextOptions::default().set_fast("raw"));
        let created = schema.add_i64_field(CREATED, FAST | INDEXED);
        let prices = schema.add_json_field(PRICES, JsonObjectOptions::default().set_fast("raw"));
        let shown_title = schema.add_text_field("shown_title", STORED);
        let shown_handle = schema.add_text_field("shown_handle", STORED);
        Self {
            schema: schema.build(),
            id,
            id_high,
            id_low,
            variants,
            all,
            title,
            stems,
            title_stems,
            names,
            codes,
            terms,
            groups,
            title_key,
            created,
            prices,
            shown_title,
            shown_handle,
        }
    }
}

fn indexing(tokenizer: &str, option: IndexRecordOption) -> TextFieldIndexing {
    TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option)
}
