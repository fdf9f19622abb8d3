//! Completions while somebody types.

use std::collections::HashSet;

use argosy_contracts::search::{SuggestRequest, SuggestResponse, Suggestion};
use argosy_kernel::{Error, Result};
use tantivy::DocAddress;

use super::{
    Answering,
    text::{self, Lacking},
};
use crate::{
    domain::{order::Key, words},
    index::live,
};

const SUGGESTIONS_MAX: usize = 10;
const TEXT_MAX: usize = 100;
/// Categories come first, but leave room for products.
const CATEGORIES_MAX: usize = 3;

/// Titles of categories and products that what was typed may become.
pub(crate) fn suggest(answering: &Answering<'_>, request: &SuggestRequest) -> Result<SuggestResponse> {
    let limit = match request.limit {
        0 => SUGGESTIONS_MAX,
        limit if limit as usize <= SUGGESTIONS_MAX => limit as usize,
        _ => return Err(Error::invalid_field("/limit", format!("must be from 1 to {SUGGESTIONS_MAX}"))),
    };
    let typed: String = request.text.trim_start().chars().take(TEXT_MAX).collect();
    if typed.is_empty() {
        return Ok(SuggestResponse::default());
    }
    let mut suggestions = categories(answering, &typed);
    suggestions.truncate(CATEGORIES_MAX.min(limit));
    suggestions.extend(products(answering, &typed, limit).map_err(Error::internal)?);
    let mut seen = HashSet::new();
    suggestions.retain(|each| seen.insert(words::fold(&each.text)));
    suggestions.truncate(limit);
    Ok(SuggestResponse { suggestions })
}

/// Categories whose title has all the words, the last one begun.
fn categories(answering: &Answering<'_>, typed: &str) -> Vec<Suggestion> {
    let chunks = words::chunks(typed);
    let typed: Vec<&String> = chunks.iter().flat_map(|chunk| &chunk.words).collect();
    let Some((last, full)) = typed.split_last() else { return Vec::new() };
    let mut found: Vec<Suggestion> = answering
        .tables
        .categories()
        .filter(|category| {
            let title = words::indexed(&category.title);
            let has = |word: &str| title.split(' ').any(|each| each == word);
            full.iter().all(|word| has(word)) && title.split(' ').any(|each| each.starts_with(last.as_str()))
        })
        .map(|category| Suggestion {
            text: category.title.clone(),
            kind: "category".to_owned(),
            handle: category.handle.clone(),
        })
        .collect();
    found.sort_unstable_by(|a, b| (a.text.len(), &a.text).cmp(&(b.text.len(), &b.text)));
    found
}

fn products(answering: &Answering<'_>, typed: &str, limit: usize) -> tantivy::Result<Vec<Suggestion>> {
    let found = text::find(answering, typed, Lacking::Instead)?;
    let mut best: Vec<(Key<'_>, DocAddress)> = Vec::new();
    for (segment, _) in (0u32..).zip(&answering.snapshot.parts) {
        let hits = found.hits(segment as usize).iter();
        best.extend(hits.map(|(document, score)| (Key::score(*score), DocAddress::new(segment, *document))));
    }
    // Some titles may be the same.
    let wanted = (limit * 2).min(best.len());
    if wanted < best.len() {
        best.select_nth_unstable(wanted);
    }
    best.truncate(wanted);
    best.sort_unstable();
    let mut suggestions = Vec::with_capacity(wanted);
    for (_, address) in best {
        let (text, handle) = live::shown(&answering.snapshot.searcher, &answering.engine.fields, address)?;
        suggestions.push(Suggestion { text, kind: "product".to_owned(), handle });
    }
    Ok(suggestions)
}
