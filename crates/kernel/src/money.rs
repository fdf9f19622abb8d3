//! Exact amounts (law 1).
//!
//! An amount is a whole number of a currency's minor unit, so nothing is ever rounded by accident. Decimal
//! types lost: they make "1.005 EUR" sayable, and a price nobody can pay is a bug that surfaces at the till.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency, e.g. `EUR` (2 decimals), `JPY` (0) or `KWD` (3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    /// US dollar.
    pub const USD: Self = Self(iso_currency::Currency::USD);
    /// Pound sterling.
    pub const GBP: Self = Self(iso_currency::Currency::GBP);
    /// Yen, which has no minor unit.
    pub const JPY: Self = Self(iso_currency::Currency::JPY);

    /// The three capital letters of ISO 4217.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the minor unit stands for: 2 for cents, 0 for yen, 3 for fils.
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// The sign shown beside an amount, e.g. `€`.
    pub fn symbol(self) -> String {
        self.0.symbol().to_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.chars().take(8).collect()))
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// Why an amount could not be computed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit 64 bits of minor units.
    #[error("amount is out of range")]
    Overflow,
    /// Two currencies met in one sum.
    #[error("amounts in {0} and {1} cannot be combined")]
    CurrencyMismatch(Currency, Currency),
    /// Not an ISO 4217 code.
    #[error("'{0}' is not an ISO 4217 currency code")]
    UnknownCurrency(String),
    /// Not a decimal amount of that currency.
    #[error("'{0}' is not an amount in {1}")]
    NotAnAmount(String, Currency),
    /// A split needs at least one positive weight.
    #[error("an amount cannot be split over weights that add up to nothing")]
    NoWeights,
}

/// `dividend / divisor`, in 64 bits where both fit, which is nearly always and several times as fast. The divisor is above 0.
fn divided(dividend: i128, divisor: i128) -> i128 {
    match (i64::try_from(dividend), i64::try_from(divisor)) {
        (Ok(dividend), Ok(divisor)) => i128::from(dividend / divisor),
        _ => dividend / divisor,
    }
}

/// A signed amount in minor units of a currency: `Money { minor: 1999, currency: EUR }` is 19.99 EUR.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: cents, pence, fils; whole yen.
    #[serde(rename = "amount")]
    pub minor: i64,
    /// What they are units of.
    pub currency: Currency,
}

impl Money {
    /// An amount in minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Below nothing.
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    #[inline]
    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch(self.currency, other.currency))
        }
    }

    /// `self + other`, in one currency.
    #[inline]
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// `self - other`, in one currency.
    #[inline]
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// `self * quantity`.
    #[inline]
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(quantity).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The same amount with the other sign.
    #[inline]
    pub fn negated(self) -> Result<Self, MoneyError> {
        self.times(-1)
    }

    /// Adds amounts up; `currency` is the answer's when there are none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// `self * numerator / denominator`, rounded once, half away from zero.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] also when the denominator is not positive.
    pub fn scaled(self, numerator: i64, denominator: i64) -> Result<Self, MoneyError> {
        if denominator <= 0 {
            return Err(MoneyError::Overflow);
        }
        let product = i128::from(self.minor) * i128::from(numerator);
        let denominator = i128::from(denominator);
        let half = if product < 0 { -denominator } else { denominator };
        let rounded = divided(2 * product + half, 2 * denominator);
        let minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// Splits the amount in proportion to `weights` by the largest remainder method: the parts add up to the
    /// whole exactly, and each differs from its exact share by less than one minor unit. Equal remainders go
    /// to the earlier part, so the same input always splits the same way.
    pub fn allocate(self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        if total == 0 {
            return Err(MoneyError::NoWeights);
        }
        let whole = i128::from(self.minor);
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        let mut rest = whole;
        for (index, weight) in weights.iter().enumerate() {
            let exact = whole * i128::from(*weight);
            let share = divided(exact, total);
            rest -= share;
            remainders.push(((exact - share * total).abs(), index));
            parts.push(share);
        }
        // So many parts get one more each; in which order is no matter.
        let step = if rest < 0 { -1 } else { 1 };
        let count = usize::try_from(rest.abs()).unwrap_or(usize::MAX).min(parts.len());
        if count > 0 && count < parts.len() {
            remainders.select_nth_unstable_by(count, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        }
        for (_, index) in remainders.into_iter().take(count) {
            parts[index] += step;
        }
        parts
            .into_iter()
            .map(|minor| {
                let minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
                Ok(Self::new(minor, self.currency))
            })
            .collect()
    }

    /// Reads a plain decimal such as `19.99` or `1250` in a currency's major unit.
    ///
    /// More decimals than the currency has are refused unless they are zeros: guessing a rounding is how
    /// catalogues go wrong by a cent.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let refuse = || MoneyError::NotAnAmount(text.chars().take(40).collect(), currency);
        let trimmed = text.trim();
        let (sign, digits) = match trimmed.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, trimmed),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(refuse());
        }
        let exponent = currency.exponent() as usize;
        let (kept, dropped) = fraction.split_at(fraction.len().min(exponent));
        if dropped.bytes().any(|byte| byte != b'0') {
            return Err(refuse());
        }
        let padded = format!("{whole}{kept:0<exponent$}");
        let minor: i64 = padded.parse().map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(sign * minor, currency))
    }

    /// The amount as a plain decimal in the major unit: `19.99`, `1250`.
    pub fn to_decimal(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An amount before tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Net(pub Money);

/// An amount with tax in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gross(pub Money);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    #[test]
    fn law_1_a_split_always_adds_up_and_the_largest_remainders_come_first() {
        assert_eq!(eur(100).allocate(&[1, 1, 1]).unwrap(), [eur(34), eur(33), eur(33)]);
        assert_eq!(eur(-100).allocate(&[1, 1, 1]).unwrap(), [eur(-34), eur(-33), eur(-33)]);
        assert_eq!(eur(5).allocate(&[3, 7]).unwrap(), [eur(2), eur(3)]);
        assert_eq!(eur(5).allocate(&[0, 7]).unwrap(), [eur(0), eur(5)]);
        assert_eq!(eur(5).allocate(&[0, 0]), Err(MoneyError::NoWeights));
    }

    #[test]
    fn currencies_with_no_and_with_three_decimals_read_and_print() {
        let kwd: Currency = "KWD".parse().unwrap();
        assert_eq!(Money::parse_decimal("1.234", kwd).unwrap().minor, 1234);
        assert_eq!(Money::parse_decimal("1250", Currency::JPY).unwrap().to_decimal(), "1250");
        assert_eq!(Money::parse_decimal("5", Currency::EUR).unwrap().to_decimal(), "5.00");
        assert_eq!(Money::new(-5, Currency::EUR).to_decimal(), "-0.05");
        assert!(Money::parse_decimal("1.005", Currency::EUR).is_err());
        assert!(Money::parse_decimal("1,50", Currency::EUR).is_err());
        assert!(Money::parse_decimal("", Currency::EUR).is_err());
        assert!("EURO".parse::<Currency>().is_err());
    }

    #[test]
    fn two_currencies_never_add_up() {
        let mixed = eur(1).plus(Money::new(1, Currency::USD));
        assert_eq!(mixed, Err(MoneyError::CurrencyMismatch(Currency::EUR, Currency::USD)));
    }

    proptest! {
        #[test]
        fn law_1_parts_add_up_to_the_whole(
            minor in -1_000_000_000_000i64..1_000_000_000_000,
            weights in prop::collection::vec(0u64..1_000_000, 1..40),
        ) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let whole = eur(minor);
            let parts = whole.allocate(&weights).unwrap();
            prop_assert_eq!(Money::sum(Currency::EUR, parts.iter().copied()).unwrap(), whole);
            let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let off = i128::from(part.minor) * total - i128::from(minor) * i128::from(*weight);
                prop_assert!(off.abs() < total, "a part is off by a whole minor unit");
            }
        }

        #[test]
        fn a_decimal_reads_back_as_itself(minor in any::<i32>()) {
            for currency in [Currency::EUR, Currency::JPY, "KWD".parse().unwrap()] {
                let money = Money::new(i64::from(minor), currency);
                prop_assert_eq!(Money::parse_decimal(&money.to_decimal(), currency).unwrap(), money);
            }
        }

        #[test]
        fn scaling_is_within_half_a_minor_unit(minor in any::<i32>(), numerator in 0i64..1_000_000) {
            let scaled = eur(i64::from(minor)).scaled(numerator, 1_000_000).unwrap();
            let off = i128::from(scaled.minor) * 1_000_000 - i128::from(minor) * i128::from(numerator);
            prop_assert!(off.abs() * 2 <= 1_000_000);
        }
    }
}
