//! Amounts as people read them. No floats: digits are only grouped and placed.

use argosy_contracts::common;
use argosy_kernel::{Currency, Money, Result};

/// `€1,234.50`, `¥1,200`, `−£5.00`, `CHF 20.00`.
pub(crate) fn format(money: Money) -> String {
    let decimal = money.to_decimal();
    let (sign, digits) =
        decimal.strip_prefix('-').map_or(("", decimal.as_str()), |digits| ("\u{2212}", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{}{point}{fraction}", unit(money.currency), grouped(whole))
}

/// Currencies whose sign everybody reads; the others are shown by their code.
const WITH_SIGN: &str = "EUR USD GBP JPY INR KRW ILS TRY UAH VND";

fn unit(currency: Currency) -> String {
    if WITH_SIGN.split(' ').any(|code| code == currency.code()) {
        currency.symbol()
    } else {
        format!("{}\u{a0}", currency.code())
    }
}

fn grouped(whole: &str) -> String {
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// An amount of a contract, as people read it; empty if it is unset.
pub(crate) fn format_wire(amount: Option<&common::Money>) -> Result<String> {
    amount.map_or(Ok(String::new()), |amount| Ok(format(Money::try_from(amount)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well_in_every_currency() {
        let shown = |minor, code: &str| format(Money::new(minor, code.parse().unwrap()));
        assert_eq!(shown(1_999, "EUR"), "€19.99");
        assert_eq!(shown(123_456_789, "EUR"), "€1,234,567.89");
        assert_eq!(shown(100_000, "EUR"), "€1,000.00");
        assert_eq!(shown(-5, "GBP"), "\u{2212}£0.05");
        assert_eq!(shown(1_250, "JPY"), "¥1,250");
        assert_eq!(shown(1_234, "KWD"), "KWD\u{a0}1.234");
        assert_eq!(shown(0, "CHF"), "CHF\u{a0}0.00");
    }
}
