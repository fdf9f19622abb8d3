//! Finding what people type.
//!
//! Every word must be somewhere in the product; a word in the title counts most, then vendor, type, tags and
//! SKUs, then the rest. The last word may be the beginning of one. If too little is found, words that nobody
//! uses are mended; if that doesn't help, products that have most of the words follow.

use std::collections::HashSet;

use tantivy::{
    Searcher, Term,
    query::{BooleanQuery, BoostQuery, ConstScoreQuery, EnableScoring, Occur, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    Answering,
    spelling::{self, Completion},
};
use crate::{
    domain::{bits::Bits, stems::Stems, synonyms::Alternatives, words},
    index::{engine::Engine, schema::Fields, segment::Segment},
};

/// Words of a text that count.
const WORDS_MAX: usize = 16;
/// With so many products found, other forms of the words are not looked for.
const PLENTY: usize = 100;
/// With fewer products found, typos are looked for, and then products that lack a word.
const ENOUGH: usize = 3;
/// Of so many words, one or more may be missing then.
const NEEDED_SHARE: (usize, usize) = (2, 3);

// A word in the title scores there and anywhere. Judged by `cargo xtask eval search`: with anywhere at less than the
// title, long titles lose to short ones that say less.
const TITLE_BOOST: f32 = 1.0;
const NAMES_BOOST: f32 = 1.0;
const ANYWHERE_BOOST: f32 = 3.0;
/// Two words that follow each other in the title as they do in the text.
const PHRASE_BOOST: f32 = 0.5;
const BEGINNING_IN_TITLE: f32 = 1.5;
const BEGINNING: f32 = 0.2;
/// Another form of the word: after the word itself, in the title before elsewhere.
const FORM_IN_TITLE: f32 = 0.3;
const FORM: f32 = 0.05;
/// What a synonym scores of what the word itself would.
const SYNONYM: f32 = 0.7;
const CODE: f32 = 60.0;
/// More than words can score, so that whoever has all of them comes before whoever has most.
const HAS_ALL: f32 = 1_000.0;

/// What a text found, by segment.
pub(crate) struct Found {
    hits: Vec<Vec<(u32, f32)>>,
    /// The words and stems of the index that it was found by.
    pub(crate) words: HashSet<String>,
    /// What was searched instead, if a typo was mended.
    pub(crate) corrected: Option<String>,
}

impl Found {
    /// Documents of a segment with their scores.
    pub(crate) fn hits(&self, place: usize) -> &[(u32, f32)] {
        self.hits.get(place).map_or(&[], Vec::as_slice)
    }

    /// Products of a segment.
    pub(crate) fn bits(&self, place: usize, segment: &Segment) -> Bits {
        segment.slots.bits(self.hits(place).iter().map(|(document, _)| *document))
    }

    fn count(&self) -> usize {
        self.hits.iter().map(Vec::len).sum()
    }
}

/// A word to be found.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// What counts as the same: other spellings, words that begin so.
    pub(crate) completions: Vec<Completion>,
    /// Pieces that together are as good as the word.
    pieces: Vec<String>,
    /// What the shop says is the same.
    pub(crate) synonyms: Alternatives,
    /// What its other forms have in common with it.
    pub(crate) stems: Vec<String>,
}

/// Whether other forms of a word are as good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    AsTyped,
    All,
}

/// Where products may be that lack a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// After those that have all.
    After,
    /// Only where nothing has all: in a list by price or name they would stand in between.
    Instead,
}

/// Finds a text.
pub(crate) fn find(answering: &Answering<'_>, text: &str, lacking: Lacking) -> tantivy::Result<Found> {
    let (searcher, fields) = (&answering.snapshot.searcher, &answering.engine.fields);
    let words = understand(searcher, answering.engine, text)?;
    if words.is_empty() {
        return Ok(Found { hits: Vec::new(), words: HashSet::new(), corrected: None });
    }
    let code = words::code(text);
    let found_by = words.iter().flat_map(Word::all).collect();
    let as_typed = query(fields, &words, words.len(), Some(&code), Forms::AsTyped);
    let as_typed = collect(answering, &*as_typed, HashSet::clone(&found_by), None)?;
    if as_typed.count() >= PLENTY {
        return Ok(as_typed);
    }
    let all = query(fields, &words, words.len(), Some(&code), Forms::All);
    let all = collect(answering, &*all, found_by, None)?;
    if as_typed.count() >= ENOUGH {
        return Ok(all);
    }
    if let Some(mended) = spelling::mend(searcher, answering.engine, &words)? {
        let text = mended.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let found_by = mended.iter().flat_map(Word::all).collect();
        let query = query(fields, &mended, mended.len(), None, Forms::All);
        let corrected = collect(answering, &*query, found_by, Some(text))?;
        if corrected.count() > all.count() {
            return Ok(corrected);
        }
    }
    if words.len() < 2 || (all.count() > 0 && lacking == Lacking::Instead) {
        return Ok(all);
    }
    let needed = (words.len() * NEEDED_SHARE.0).div_ceil(NEEDED_SHARE.1).min(words.len() - 1);
    let most = query(fields, &words, needed, None, Forms::All);
    let has_all = ConstScoreQuery::new(query(fields, &words, words.len(), Some(&code), Forms::All), HAS_ALL);
    collect(answering, &BooleanQuery::union(vec![most, Box::new(has_all)]), all.words, None)
}

/// The words of a text. `WH-1000XM4` is one word if the index has it joined, else its pieces.
fn understand(searcher: &Searcher, engine: &Engine, text: &str) -> tantivy::Result<Vec<Word>> {
    let (fields, synonyms) = (&engine.fields, &engine.synonyms);
    let plain = |text| Word::new(text, &engine.stems);
    let mut words = Vec::new();
    for chunk in words::chunks(text) {
        let known = match &chunk.joined {
            Some(joined)
                if !synonyms.of(joined).is_empty()
                    || searcher.doc_freq(&Term::from_field_text(fields.all, joined))? > 0 =>
            {
                Some(joined)
            }
            _ => None,
        };
        match known {
            Some(joined) => {
                words.push(Word { pieces: chunk.words.clone(), ..plain(joined.clone()) });
            }
            None => words.extend(chunk.words.into_iter().map(plain)),
        }
    }
    words.truncate(WORDS_MAX);
    for word in &mut words {
        word.completions.extend(words::umlauts(&word.text).map(Completion::same));
        word.synonyms = synonyms.of(&word.text).to_vec();
    }
    if let Some(last) = words.last_mut().filter(|_| !text.ends_with(char::is_whitespace)) {
        last.completions.extend(spelling::beginning(searcher, fields.all, &last.text)?);
    }
    Ok(words)
}

impl Word {
    /// A word as it is.
    pub(crate) fn new(text: String, stems: &Stems) -> Self {
        let stems = stems.of(&text).collect();
        Self { text, completions: Vec::new(), pieces: Vec::new(), synonyms: Vec::new(), stems }
    }

    /// The words and stems of the index that it may be found by.
    fn all(&self) -> impl Iterator<Item = String> {
        let others = self.completions.iter().map(|each| &each.text).chain(&self.stems);
        let parts = self.pieces.iter().chain(self.synonyms.iter().flatten());
        std::iter::once(&self.text).chain(others).chain(parts).cloned()
    }
}

/// Finds at least `needed` of some words, or the product whose code the text is.
pub(crate) fn query(
    fields: &Fields,
    words: &[Word],
    needed: usize,
    code: Option<&str>,
    forms: Forms,
) -> Box<dyn Query> {
    let each: Vec<Box<dyn Query>> = words.iter().map(|word| one_word(fields, word, forms)).collect();
    let all: Box<dyn Query> = if needed >= words.len() {
        Box::new(BooleanQuery::intersection(each))
    } else {
        Box::new(BooleanQuery::union_with_minimum_required_clauses(each, needed))
    };
    let all = in_order(fields, words, all);
    match code.filter(|code| !code.is_empty()) {
        Some(code) => {
            let exact = ConstScoreQuery::new(Box::new(exact(fields.codes, code)), CODE);
            Box::new(BooleanQuery::union(vec![Box::new(exact), all]))
        }
        None => all,
    }
}

/// Titles that have neighbours of the text as neighbours score more.
fn in_order(fields: &Fields, words: &[Word], found: Box<dyn Query>) -> Box<dyn Query> {
    if words.len() < 2 {
        return found;
    }
    let pair = |pair: &[Word]| -> (Occur, Box<dyn Query>) {
        let terms = pair.iter().map(|word| Term::from_field_text(fields.title, &word.text)).collect();
        (Occur::Should, Box::new(BoostQuery::new(Box::new(PhraseQuery::new(terms)), PHRASE_BOOST)))
    };
    let clauses = std::iter::once((Occur::Must, found)).chain(words.windows(2).map(pair)).collect();
    Box::new(BooleanQuery::new(clauses))
}

/// A word anywhere, better in the title and among the names.
fn one_word(fields: &Fields, word: &Word, forms: Forms) -> Box<dyn Query> {
    let scored = |field, text: &str, boost| -> Box<dyn Query> {
        let term = TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs);
        Box::new(BoostQuery::new(Box::new(term), boost))
    };
    let mut anywhere = vec![scored(fields.all, &word.text, ANYWHERE_BOOST)];
    let mut better =
        vec![scored(fields.title, &word.text, TITLE_BOOST), scored(fields.names, &word.text, NAMES_BOOST)];
    if !word.pieces.is_empty() {
        anywhere.push(all_of(fields.all, &word.pieces));
    }
    for synonym in &word.synonyms {
        match synonym.as_slice() {
            [one] => {
                anywhere.push(scored(fields.all, one, ANYWHERE_BOOST * SYNONYM));
                better.push(scored(fields.title, one, TITLE_BOOST * SYNONYM));
                better.push(scored(fields.names, one, NAMES_BOOST * SYNONYM));
            }
            several => anywhere.push(all_of(fields.all, several)),
        }
    }
    if !word.completions.is_empty() {
        let completions = || word.completions.iter().map(|each| each.text.as_str());
        anywhere.push(any_of(fields.all, completions(), BEGINNING));
        better.push(any_of(fields.title, completions(), BEGINNING_IN_TITLE));
    }
    if !word.stems.is_empty() && forms == Forms::All {
        let stems = || word.stems.iter().map(String::as_str);
        anywhere.push(any_of(fields.stems, stems(), FORM));
        better.push(any_of(fields.title_stems, stems(), FORM_IN_TITLE));
    }
    let mut clauses: Vec<(Occur, Box<dyn Query>)> =
        vec![(Occur::Must, Box::new(BooleanQuery::union(anywhere)) as Box<dyn Query>)];
    clauses.extend(better.into_iter().map(|query| (Occur::Should, query)));
    Box::new(BooleanQuery::new(clauses))
}

fn exact(field: Field, text: &str) -> TermQuery {
    TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic)
}

/// Several words, as good as the beginning of one.
fn all_of(field: Field, words: &[String]) -> Box<dyn Query> {
    let words = words.iter().map(|word| -> Box<dyn Query> { Box::new(exact(field, word)) });
    Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::intersection(words.collect())), BEGINNING))
}

fn any_of<'a>(field: Field, words: impl Iterator<Item = &'a str>, score: f32) -> Box<dyn Query> {
    let terms = words.map(|word| -> Box<dyn Query> { Box::new(exact(field, word)) });
    Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::union(terms.collect())), score))
}

fn collect(
    answering: &Answering<'_>,
    query: &dyn Query,
    words: HashSet<String>,
    corrected: Option<String>,
) -> tantivy::Result<Found> {
    let searcher = &answering.snapshot.searcher;
    let weight = query.weight(EnableScoring::enabled_from_searcher(searcher))?;
    let mut found = Found { hits: Vec::with_capacity(answering.snapshot.parts.len()), words, corrected };
    for (part, reader) in answering.snapshot.parts() {
        let mut hits = Vec::new();
        weight.for_each(reader, &mut |document, score| {
            if part.alive.contains(part.segment.slots.of(document)) {
                hits.push((document, score));
            }
        })?;
        found.hits.push(hits);
    }
    Ok(found)
}
