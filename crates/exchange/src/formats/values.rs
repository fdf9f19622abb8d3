//! Numbers and yes or no, as shops write them.

use argosy_contracts::{catalog::Price, common};
use argosy_kernel::{Currency, Money};

use crate::problem::Problem;

type Value<T> = std::result::Result<T, Problem>;

/// A whole number; empty is 0, and `12.0` is 12.
pub(super) fn integer(line: u64, column: &str, text: &str) -> Value<i64> {
    if text.is_empty() {
        return Ok(0);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number = whole.parse().ok().filter(|_| fraction.bytes().all(|digit| digit == b'0'));
    number.ok_or_else(|| {
        Problem::new(line, "INVALID_NUMBER", format!("{column}: '{}' is not a whole number", short(text)))
    })
}

/// Yes or no; empty is `default`.
pub(super) fn yes_or_no(text: &str, default: bool) -> bool {
    match text.to_lowercase().as_str() {
        "" => default,
        "true" | "yes" | "1" | "active" | "continue" | "y" => true,
        _ => false,
    }
}

/// A price and the one it was before; none if there is no price.
pub(super) fn price(line: u64, currency: Currency, price: &str, compare_at: &str) -> Value<Option<Price>> {
    if price.is_empty() {
        return Ok(None);
    }
    let read = |text: &str| -> Value<common::Money> {
        let money = Money::parse_decimal(text, currency);
        money.map(Into::into).map_err(|error| Problem::new(line, "INVALID_AMOUNT", error.to_string()))
    };
    let compare_at = if compare_at.is_empty() { None } else { Some(read(compare_at)?) };
    Ok(Some(Price { amount: Some(read(price)?), compare_at, per_unit: None }))
}

/// Parts of a list in one cell.
pub(super) fn list(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned)
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_shops_write_them() {
        assert_eq!(integer(1, "x", "12.0").unwrap(), 12);
        assert!(integer(1, "x", "12.5").is_err());
        assert!(price(1, Currency::EUR, "1.999", "").is_err());
        assert_eq!(price(1, Currency::EUR, "19.9", "").unwrap().unwrap().amount.unwrap().minor, 1_990);
    }
}
