//! Amounts as people read them.

use argosy_contracts::common;
use argosy_kernel::{Money, Result};

use crate::language::Words;

/// As the language writes it: `€1,234.50`, `1.234,50 €`.
pub(crate) fn format(money: Money, words: &Words) -> String {
    words.money(money)
}

/// A plain decimal, for a field that is filled in: without marks between thousands.
pub(crate) fn input(money: Money, words: &Words) -> String {
    money.to_decimal().replace('.', &words.decimal_point)
}

/// An amount of a contract, as people read it; empty if it is unset.
pub(crate) fn format_wire(amount: Option<&common::Money>, words: &Words) -> Result<String> {
    amount.map_or(Ok(String::new()), |amount| Ok(format(Money::try_from(amount)?, words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tag: &str, minor: i64, code: &str) -> String {
        let words = Words::read(tag, std::path::Path::new("")).unwrap();
        format(Money::new(minor, code.parse().unwrap()), &words)
    }

    #[test]
    fn amounts_read_well_in_every_currency() {
        let shown = |minor, code: &str| shown("en", minor, code);
        assert_eq!(shown(1_999, "EUR"), "€19.99");
        assert_eq!(shown(123_456_789, "EUR"), "€1,234,567.89");
        assert_eq!(shown(100_000, "EUR"), "€1,000.00");
        assert_eq!(shown(-5, "GBP"), "\u{2212}£0.05");
        assert_eq!(shown(1_250, "JPY"), "¥1,250");
        assert_eq!(shown(1_234, "KWD"), "KWD\u{a0}1.234");
        assert_eq!(shown(0, "CHF"), "CHF\u{a0}0.00");
    }

    #[test]
    fn amounts_are_written_as_the_language_does() {
        assert_eq!(shown("de", 123_456_789, "EUR"), "1.234.567,89\u{a0}€");
        assert_eq!(shown("de", -5, "CHF"), "\u{2212}0,05\u{a0}CHF");
        assert_eq!(shown("de", 1_250, "JPY"), "1.250\u{a0}¥");
    }
}
