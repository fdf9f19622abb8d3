//! What happens to plain text on its way in.
//!
//! One rule for all of it: tabs and line breaks become a space, runs of spaces one space, and characters that
//! nobody can see, or that reorder the text around them, are dropped. Refusing them lost: real exports are full
//! of byte-order marks and zero-width spaces, and a merchant cannot find what cannot be seen. Zero-width joiners
//! stay (emoji and Persian need them), as do the plain direction marks.

use std::borrow::Cow;

use argosy_kernel::Result;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::error;

/// Dropped wherever text comes in: invisible, or able to make text look like what it isn't.
fn is_hidden(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => false,
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => c.is_control() || (c as u32) & 0xfffe == 0xfffe,
    }
}

/// The text without hidden characters; line breaks stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hidden) {
        Cow::Owned(text.chars().filter(|c| !is_hidden(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Most text is plain already, and an import has millions of pieces of it.
fn is_plain(text: &str) -> bool {
    let mut after_space = true;
    for byte in text.bytes() {
        if !(b' '..=b'~').contains(&byte) || (byte == b' ' && after_space) {
            return false;
        }
        after_space = byte == b' ';
    }
    !after_space || text.is_empty()
}

fn composed(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_nfc(&text) { text } else { Cow::Owned(text.nfc().collect()) }
}

/// Text on one line.
pub(crate) fn line(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let visible = composed(visible(text));
    let mut line = String::with_capacity(visible.len());
    for word in visible.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Text on several lines: each cleaned as a line, with no more than one empty line between two.
pub(crate) fn lines(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut empty_before = true;
    for each in text.split(['\n', '\u{2028}', '\u{2029}']).map(line) {
        if each.is_empty() && empty_before {
            continue;
        }
        empty_before = each.is_empty();
        cleaned.push_str(&each);
        cleaned.push('\n');
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// A code such as a SKU: no joiners or marks either, so that two that look the same are the same.
pub(crate) fn code(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let seen = |c: &char| !matches!(c, '\u{200c}'..='\u{200f}' | '\u{61c}' | '\u{fe00}'..='\u{fe0f}');
    line(&visible(text).chars().filter(seen).collect::<String>())
}

/// Cleans a field in place and refuses it when it is too long; a huge one is refused before any work on it.
pub(crate) fn clean(
    name: &str,
    text: &mut String,
    length_max: usize,
    cleaned: fn(&str) -> String,
) -> Result<()> {
    if text.len() > length_max.saturating_mul(8) {
        return error::within_length(name, text, length_max);
    }
    if !is_plain(text) {
        *text = cleaned(text);
    }
    error::within_length(name, text, length_max)
}

/// Whether anything of it can be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    !text.chars().any(|c| !c.is_whitespace() && !matches!(c, '\u{200c}'..='\u{200f}' | '\u{61c}'))
}

/// The form in which two texts are compared when their case does not matter.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_dropped_and_what_breaks_lines_is_a_space() {
        assert_eq!(line("\u{feff} Red\u{200b}\tshirt\r\n\u{0}large "), "Red shirt large");
        assert_eq!(line("abc\u{202e}gpj.exe"), "abcgpj.exe");
        assert_eq!(lines("One \u{7}\n\n\n\n two\u{2028}three \n"), "One\n\ntwo\nthree");
        assert_eq!(code("A\u{200d}-1\u{200e}"), "A-1");
    }

    #[test]
    fn joiners_stay_where_scripts_and_emoji_need_them() {
        assert_eq!(line("👩\u{200d}🚀 می\u{200c}خواهم"), "👩\u{200d}🚀 می\u{200c}خواهم");
        assert!(is_blank("\u{200f} \u{200d}"));
    }

    #[test]
    fn a_composed_and_a_decomposed_letter_are_the_same() {
        assert_eq!(line("Cafe\u{301}"), "Café");
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,20}|[ \\t\\r\\na-zé\u{200b}-\u{200f}\u{2028}-\u{202e}\u{301}\u{85}\u{0}]{0,30}") {
            for cleaned in [line, lines, code] {
                let once = cleaned(&text);
                prop_assert_eq!(cleaned(&once), once);
            }
        }
    }
}
