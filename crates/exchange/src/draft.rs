//! A product as a file tells it, before the catalogue has seen it.

use argosy_contracts::catalog::Product;

use crate::problem::Problem;

/// One product of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Draft {
    /// Where it begins.
    pub(crate) line: u64,
    pub(crate) product: Product,
    pub(crate) category_paths: Vec<String>,
    /// Attributes by name as text; the catalogue's declarations say what they are.
    pub(crate) attributes: Vec<(String, String)>,
    /// Stock of each variant, in their order; `None`: not told.
    pub(crate) stock: Vec<Option<Stock>>,
    /// What of the file did not go in with it.
    pub(crate) notes: Vec<Problem>,
}

/// What a file tells of a variant's stock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stock {
    pub(crate) on_hand: i64,
    pub(crate) tracked: bool,
    pub(crate) backorder: bool,
}

/// A title as it stands in an address: `Café au lait` is `cafe-au-lait`.
pub(crate) fn handle_of(text: &str) -> String {
    let plain = deunicode::deunicode(text).to_lowercase();
    let mut handle = String::with_capacity(plain.len());
    for letter in plain.chars() {
        if letter.is_ascii_alphanumeric() {
            handle.push(letter);
        } else if !handle.ends_with('-') && !handle.is_empty() {
            handle.push('-');
        }
    }
    handle.truncate(100);
    handle.trim_end_matches('-').to_owned()
}

/// A column's label as an attribute's name: `Screen size` is `screen_size`.
pub(crate) fn attribute_name(label: &str) -> String {
    handle_of(label).replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_plain() {
        assert_eq!(handle_of("Café au lait — 250 g!"), "cafe-au-lait-250-g");
        assert_eq!(handle_of("  ---  "), "");
        assert_eq!(attribute_name("Screen size (in)"), "screen_size_in");
    }
}
