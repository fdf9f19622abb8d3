//! What a word is, the same for products and for what people type.
//!
//! Case, accents, invisible characters and plain plurals make no difference. Stems stand beside words, not in their
//! place ([`super::stems`]): a shop mixes languages in one title, and what is a stem in English is none in German.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longest word that is kept, in characters; the rest of a longer one is ignored.
const WORD_MAX: usize = 40;
/// Most pieces of one chunk such as `WH-1000XM4` that are also kept joined.
const JOINED_PIECES_MAX: usize = 6;

/// What stands between two spaces: its words, and the same joined when there are several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// At least one.
    pub(crate) words: Vec<String>,
    /// `wh1000xm4` of `WH-1000XM4`.
    pub(crate) joined: Option<String>,
}

/// Lower case without accents and invisible characters.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkd().filter(|character| !is_combining_mark(*character) && !invisible(*character))
    {
        for lower in character.to_lowercase() {
            match lower {
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'þ' => folded.push_str("th"),
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                'đ' | 'ð' => folded.push('d'),
                'ı' => folded.push('i'),
                other if is_combining_mark(other) => {}
                other => folded.push(other),
            }
        }
    }
    folded
}

fn invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// The chunks of a text in order; what has neither letters nor digits is left out.
pub(crate) fn chunks(text: &str) -> Vec<Chunk> {
    fold(text).split_whitespace().filter_map(chunk).collect()
}

fn chunk(folded: &str) -> Option<Chunk> {
    let pieces: Vec<&str> = folded
        .split(|character: char| !character.is_alphanumeric())
        .filter(|piece| !piece.is_empty())
        .collect();
    let joined = (2..=JOINED_PIECES_MAX).contains(&pieces.len()).then(|| stem(&pieces.concat()));
    let words: Vec<String> = pieces.into_iter().map(stem).collect();
    if words.is_empty() { None } else { Some(Chunk { words, joined }) }
}

/// All words of a text as they are indexed: pieces and joined forms, separated by spaces.
pub(crate) fn indexed(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for chunk in chunks(text) {
        for word in chunk.words.iter().chain(&chunk.joined) {
            words.push_str(word);
            words.push(' ');
        }
    }
    words
}

/// A SKU, barcode or model number as it is compared: letters and digits only.
pub(crate) fn code(text: &str) -> String {
    fold(text).chars().filter(|character| character.is_alphanumeric()).take(WORD_MAX * 2).collect()
}

/// A title as it is sorted: folded, its first letters.
pub(crate) fn sort_key(title: &str) -> String {
    let folded = fold(title);
    let start = folded.trim_start_matches(|character: char| !character.is_alphanumeric());
    start
        .chars()
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .take(WORD_MAX)
        .collect()
}

/// A word without a plain plural's ending.
fn stem(word: &str) -> String {
    let end = word.char_indices().nth(WORD_MAX).map_or(word.len(), |(end, _)| end);
    let word = &word[..end];
    let letters = word.chars().count();
    if letters < 4 || !word.ends_with('s') || word.chars().any(|character| character.is_ascii_digit()) {
        return word.to_owned();
    }
    if ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending)) {
        return word.to_owned();
    }
    if let Some(start) = word.strip_suffix("ies").filter(|_| letters > 4) {
        return format!("{start}y");
    }
    let hissing = ["xes", "ches", "shes", "sses"].iter().any(|ending| word.ends_with(ending));
    word[..word.len() - if hissing { 2 } else { 1 }].to_owned()
}

/// `kuhlschrank` of `kuehlschrank`: what is indexed when the title has an umlaut. `None` if nothing differs.
pub(crate) fn umlauts(word: &str) -> Option<String> {
    let collapsed = word.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    (collapsed != word).then_some(collapsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_plurals_and_invisible_characters_make_no_difference() {
        assert_eq!(indexed("Kühlschränke"), indexed("kuhlschranke"));
        assert_eq!(indexed("Head\u{200b}phones"), "headphone ");
        assert_eq!(indexed("batteries boxes glass bus"), "battery box glass bus ");
        assert_eq!(indexed("Straße"), "strasse ");
        assert_eq!(umlauts("kuehlschrank").as_deref(), Some("kuhlschrank"));
    }

    #[test]
    fn model_numbers_are_kept_whole_and_in_pieces() {
        assert_eq!(indexed("Sony WH-1000XM4"), "sony wh 1000xm4 wh1000xm4 ");
        assert_eq!(code("WH-1000 XM/4"), "wh1000xm4");
    }

    #[test]
    fn what_has_no_letters_has_no_words() {
        assert!(chunks("  🎧 -- \u{200b} !!! ").is_empty());
        assert_eq!(chunks(&"x".repeat(10_000))[0].words[0].len(), WORD_MAX);
    }
}
