//! Amounts as people read them. No floats: digits are only grouped and placed.

use argosy_contracts::common;
use argosy_kernel::{Currency, Money, Result};

use crate::language::Words;

/// As the language writes it: `€1,234.50`, `−£5.00`, `CHF 20.00`; `1.234,50 €`.
pub(crate) fn format(money: Money, words: &Words) -> String {
    let decimal = money.to_decimal();
    let (sign, digits) =
        decimal.strip_prefix('-').map_or(("", decimal.as_str()), |digits| ("\u{2212}", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point = if fraction.is_empty() { "" } else { words.decimal_point.as_str() };
    let amount = format!("{}{point}{fraction}", grouped(whole, &words.thousands));
    let (unit, space) = unit(money.currency);
    let values =
        [("sign", sign.into()), ("unit", unit.into()), ("space", space.into()), ("amount", amount.into())];
    words.say_with("money", values)
}

/// A plain decimal, for a field that is filled in: without marks between thousands.
pub(crate) fn input(money: Money, words: &Words) -> String {
    money.to_decimal().replace('.', &words.decimal_point)
}

/// Currencies whose sign everybody reads; the others are shown by their code.
const WITH_SIGN: &str = "EUR USD GBP JPY INR KRW ILS TRY UAH VND";

/// A currency's sign or code, and what stands between it and digits that follow.
fn unit(currency: Currency) -> (String, &'static str) {
    if WITH_SIGN.split(' ').any(|code| code == currency.code()) {
        (currency.symbol(), "")
    } else {
        (currency.code().to_owned(), "\u{a0}")
    }
}

fn grouped(whole: &str, mark: &str) -> String {
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push_str(mark);
        }
        grouped.push(digit);
    }
    grouped
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
