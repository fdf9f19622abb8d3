//! Words of the index that resemble what was typed.

use std::collections::HashMap;

use tantivy::{Searcher, Term, query::FuzzyTermQuery, schema::Field};

use super::text::Word;
use crate::index::{engine::Engine, schema::Fields};

/// Words that begin with what was typed, the most frequent ones: most products begin with some letter, so that of
/// one letter alone only a few are looked for.
const COMPLETIONS_MAX: usize = 30;
const COMPLETIONS_OF_A_LETTER: usize = 8;
/// Words that are looked at per segment for them.
const LOOKED_AT_MAX: usize = 2_000;
/// Words of one text that are mended.
const MENDED_MAX: usize = 4;
/// Letters from which one or two typos are looked for.
const LETTERS_FOR_ONE: usize = 4;
const LETTERS_FOR_TWO: usize = 8;
/// A word that products use is a typo only if a similar one is so many times as frequent.
const MORE_FREQUENT: u64 = 20;

/// A word of the index that may stand for what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) text: String,
}

impl Completion {
    /// Another spelling.
    pub(crate) fn same(text: String) -> Self {
        Self { text }
    }
}

/// The words that begin with a text, without the text itself.
pub(crate) fn beginning(searcher: &Searcher, field: Field, text: &str) -> tantivy::Result<Vec<Completion>> {
    let mut frequencies: HashMap<String, u64> = HashMap::new();
    for reader in searcher.segment_readers() {
        let index = reader.inverted_index(field)?;
        let mut terms = index.terms().range().ge(text).into_stream()?;
        let mut looked_at = 0;
        while looked_at < LOOKED_AT_MAX && terms.advance() && terms.key().starts_with(text.as_bytes()) {
            looked_at += 1;
            let Ok(word) = std::str::from_utf8(terms.key()) else { continue };
            if word.len() > text.len() {
                *frequencies.entry(word.to_owned()).or_default() += u64::from(terms.value().doc_freq);
            }
        }
    }
    let limit = if text.chars().nth(1).is_none() { COMPLETIONS_OF_A_LETTER } else { COMPLETIONS_MAX };
    Ok(most_frequent(frequencies, limit).map(|(text, _)| Completion { text }).collect())
}

fn most_frequent(frequencies: HashMap<String, u64>, limit: usize) -> impl Iterator<Item = (String, u64)> {
    let mut words: Vec<(String, u64)> = frequencies.into_iter().collect();
    words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words.into_iter().take(limit)
}

/// The words with typos mended; `None` if there are none that can be.
pub(crate) fn mend(
    searcher: &Searcher,
    engine: &Engine,
    words: &[Word],
) -> tantivy::Result<Option<Vec<Word>>> {
    let fields = &engine.fields;
    let mut mended = words.to_vec();
    let mut changes = 0;
    for (place, word) in words.iter().enumerate() {
        let is_known = !word.synonyms.is_empty();
        if changes == MENDED_MAX || is_known || word.text.chars().count() < LETTERS_FOR_ONE {
            continue;
        }
        let used = searcher.doc_freq(&Term::from_field_text(fields.all, &word.text))?;
        let begins = word.completions.iter().any(|each| each.text.starts_with(&word.text));
        if used == 0 && (begins || has_other_forms(searcher, fields, word)?) {
            continue; // the beginning, or another form, of a word that is there
        }
        let more_than = used.saturating_mul(MORE_FREQUENT);
        let better = match similar(searcher, fields, &word.text, more_than)? {
            Some(better) => Some(better),
            // What was taken for a plural's ending may be a part of the word: `wireles`.
            None => similar(searcher, fields, &format!("{}s", word.text), more_than)?,
        };
        if let (Some(better), Some(place)) = (better, mended.get_mut(place)) {
            *place = Word::new(better, &engine.stems);
            changes += 1;
        }
    }
    Ok((changes > 0).then_some(mended))
}

fn has_other_forms(searcher: &Searcher, fields: &Fields, word: &Word) -> tantivy::Result<bool> {
    for stem in &word.stems {
        if searcher.doc_freq(&Term::from_field_text(fields.stems, stem))? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The most frequent word that differs by one typo, or by two if the word is long, if it is frequent enough.
fn similar(
    searcher: &Searcher,
    fields: &Fields,
    word: &str,
    more_than: u64,
) -> tantivy::Result<Option<String>> {
    let distances: &[u8] = if word.chars().count() < LETTERS_FOR_TWO { &[1] } else { &[1, 2] };
    for distance in distances {
        let term = Term::from_field_text(fields.title, word);
        let automaton = FuzzyTermQuery::new(term, *distance, true).automaton()?;
        let mut frequencies: HashMap<String, u64> = HashMap::new();
        for reader in searcher.segment_readers() {
            for field in [fields.title, fields.names] {
                let index = reader.inverted_index(field)?;
                let mut terms = index.terms().search(&automaton).into_stream()?;
                while terms.advance() {
                    let Ok(found) = std::str::from_utf8(terms.key()) else { continue };
                    if found != word {
                        *frequencies.entry(found.to_owned()).or_default() +=
                            u64::from(terms.value().doc_freq);
                    }
                }
            }
        }
        // Hardly anybody mistypes the first letter.
        let first = word.chars().next();
        let (same, other): (HashMap<_, _>, _) = frequencies
            .into_iter()
            .filter(|(_, used)| *used > more_than)
            .partition(|(each, _)| each.chars().next() == first);
        if let Some((best, _)) = most_frequent(same, 1).chain(most_frequent(other, 1)).next() {
            return Ok(Some(best));
        }
    }
    Ok(None)
}
