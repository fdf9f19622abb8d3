//! Where the titles of a page have what was searched, for those who show it.

use std::collections::{HashMap, HashSet};

use argosy_contracts::search::{Marks, TextRange};
use argosy_kernel::ProductId;
use tantivy::DocAddress;

use super::{Answering, text::Found};
use crate::{
    domain::{stems::Stems, words},
    index::live,
};

/// The marks of products, in their order.
pub(crate) fn marks(
    answering: &Answering<'_>,
    found: &Found,
    products: &[ProductId],
) -> tantivy::Result<Vec<Marks>> {
    let wanted: HashSet<ProductId> = products.iter().copied().collect();
    let mut addresses = HashMap::new();
    for (number, part) in (0u32..).zip(&answering.snapshot.parts) {
        for (document, _) in found.hits(number as usize) {
            let product = part.segment.product(part.segment.slots.of(*document));
            if wanted.contains(&product) {
                addresses.insert(product, DocAddress::new(number, *document));
            }
        }
    }
    let title = |product: &ProductId| match addresses.get(product) {
        Some(address) => {
            let (title, _) = live::shown(&answering.snapshot.searcher, &answering.engine.fields, *address)?;
            Ok(Marks { title: ranges(&title, &found.words, &answering.engine.stems) })
        }
        None => Ok(Marks::default()),
    };
    products.iter().map(title).collect()
}

/// The stretches of a title that are among some words, in characters. `WH-1000XM4` is one if it is one in the index.
fn ranges(title: &str, found_by: &HashSet<String>, stems: &Stems) -> Vec<TextRange> {
    let mut ranges = Vec::new();
    let characters: Vec<char> = title.chars().collect();
    for (start, end) in stretches(&characters, |character| !character.is_whitespace()) {
        let chunk: String = characters[start..end].iter().collect();
        let is_found = |text: &str| {
            words::chunks(text).iter().any(|chunk| {
                let joined = chunk.joined.as_ref().is_some_and(|joined| found_by.contains(joined));
                let is_word = |word: &str| {
                    found_by.contains(word) || stems.of(word).any(|stem| found_by.contains(&stem))
                };
                joined || matches!(chunk.words.as_slice(), [word] if is_word(word))
            })
        };
        let pieces = stretches(&characters[start..end], |character| {
            // What is left out of words in the middle of one does not end it.
            character.is_alphanumeric() || words::fold(&character.to_string()).is_empty()
        });
        let several = pieces.len() > 1;
        if several && is_found(&chunk) {
            let (first, last) = (pieces[0].0, pieces[pieces.len() - 1].1);
            ranges.push((start + first, start + last));
            continue;
        }
        for (from, to) in pieces {
            let piece: String = characters[start + from..start + to].iter().collect();
            if is_found(&piece) {
                ranges.push((start + from, start + to));
            }
        }
    }
    let range = |(start, end): (usize, usize)| {
        Some(TextRange { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
    };
    ranges.into_iter().filter_map(range).collect()
}

/// The longest stretches of characters that all belong.
fn stretches(characters: &[char], belongs: impl Fn(&char) -> bool) -> Vec<(usize, usize)> {
    let mut stretches = Vec::new();
    let mut start = None;
    for (place, character) in characters.iter().enumerate() {
        match (belongs(character), start) {
            (true, None) => start = Some(place),
            (false, Some(from)) => {
                stretches.push((from, place));
                start = None;
            }
            _ => {}
        }
    }
    stretches.extend(start.map(|from| (from, characters.len())));
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(title: &str, found_by: &[&str]) -> String {
        let found_by = found_by.iter().map(|word| (*word).to_owned()).collect();
        let mut shown: Vec<String> = title.chars().map(String::from).collect();
        for range in ranges(title, &found_by, &Stems::of_languages(&["en".to_owned()]).unwrap()) {
            shown[range.start as usize].insert(0, '[');
            shown[range.end as usize - 1].push(']');
        }
        shown.concat()
    }

    #[test]
    fn a_title_is_marked_where_it_has_the_words_as_they_are_written_there() {
        assert_eq!(marked("Harbour mugs, blue", &["mug"]), "Harbour [mugs], blue");
        assert_eq!(marked("Kühlschränke „Öl“", &["kuhlschranke", "ol"]), "[Kühlschränke] „[Öl]“");
        assert_eq!(marked("Sony WH-1000XM4 black", &["wh1000xm4"]), "Sony [WH-1000XM4] black");
        assert_eq!(marked("Sony WH-1000XM4 black", &["1000xm4"]), "Sony WH-[1000XM4] black");
        assert_eq!(marked("Head\u{200b}phones 👩‍🚀", &["headphone"]), "[Head\u{200b}phones] 👩‍🚀");
        assert_eq!(marked("Knitted throw", &["en:knit"]), "[Knitted] throw");
        assert_eq!(marked("", &["mug"]), "");
        assert_eq!(marked("mug", &[]), "mug");
    }
}
