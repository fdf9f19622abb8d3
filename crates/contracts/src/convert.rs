//! Between the messages that everyone shares and the kernel's types.

use std::{fmt, str::FromStr};

use argosy_kernel::{Error, Money, Result};

use crate::{catalog, common};

/// Decimals that a measure keeps.
const MEASURE_DECIMALS: usize = 3;

/// A number and a unit: `250 g`, `0.75 l`. Which units there are, the catalogue knows.
impl FromStr for catalog::Measure {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || {
            let message =
                format!("'{text}' is no measure such as 250 g or 0.75 l, of at most three decimals");
            Error::invalid("INVALID_MEASURE", message)
        };
        let trimmed = text.trim();
        let is_number = |letter: char| letter.is_ascii_digit() || letter == '.';
        let end = trimmed.find(|letter| !is_number(letter)).unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let unit = unit.trim();
        if whole.is_empty() || unit.is_empty() || fraction.len() > MEASURE_DECIMALS || fraction.contains('.')
        {
            return Err(refuse());
        }
        let thousandths = format!("{whole}{fraction:0<MEASURE_DECIMALS$}").parse().map_err(|_| refuse())?;
        Ok(Self { thousandths, unit: unit.to_owned() })
    }
}

impl fmt::Display for catalog::Measure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = format!("{}.{:03}", self.thousandths / 1_000, self.thousandths % 1_000);
        write!(formatter, "{} {}", number.trim_end_matches('0').trim_end_matches('.'), self.unit)
    }
}

impl common::QuantityRule {
    /// Whether so many may be bought at once.
    pub fn allows(&self, quantity: i64) -> bool {
        let step = self.step.max(1);
        let most = if self.max == 0 { i64::MAX } else { self.max };
        quantity % step == 0 && (self.min.max(step)..=most).contains(&quantity)
    }

    /// What it asks of a quantity, to go on after "the quantity": `must be a multiple of 6, from 6 to 60`.
    pub fn told(&self) -> String {
        let step = self.step.max(1);
        let multiple = if step > 1 { format!("a multiple of {step}, ") } else { String::new() };
        let range = match (self.min.max(step), self.max) {
            (least, 0) => format!("at least {least}"),
            (least, most) => format!("from {least} to {most}"),
        };
        format!("must be {multiple}{range}")
    }
}

impl From<Money> for common::Money {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency.code().to_owned() }
    }
}

impl TryFrom<&common::Money> for Money {
    type Error = Error;

    fn try_from(money: &common::Money) -> Result<Self> {
        Ok(Self::new(money.minor, money.currency.parse()?))
    }
}

impl TryFrom<common::Money> for Money {
    type Error = Error;

    fn try_from(money: common::Money) -> Result<Self> {
        Self::try_from(&money)
    }
}

#[cfg(test)]
mod tests {
    use super::{catalog::Measure, common::QuantityRule};

    #[test]
    fn a_measure_is_read_as_it_is_written() {
        for text in ["250 g", "0.75 l", "1 kg", "12 piece", "0.001 m2", "1.5 m"] {
            assert_eq!(text.parse::<Measure>().unwrap().to_string(), text);
        }
        assert_eq!(" 250g ".parse::<Measure>().unwrap().to_string(), "250 g");
        for text in ["", "g", "250", "1.2345 l", ".5 l", "-1 g", "99999999999999999999 g", "1.2.3 g"] {
            let error = text.parse::<Measure>().unwrap_err();
            assert!(error.message().contains(&format!("'{text}'")), "{error}");
        }
    }

    #[test]
    fn a_quantity_rule_says_what_it_allows() {
        let cases = [
            (QuantityRule { min: 6, step: 6, max: 60 }, "must be a multiple of 6, from 6 to 60"),
            (QuantityRule { min: 2, step: 1, max: 0 }, "must be at least 2"),
            (QuantityRule { min: 0, step: 4, max: 0 }, "must be a multiple of 4, at least 4"),
        ];
        for (rule, told) in cases {
            assert_eq!(rule.told(), told);
        }
        let dozens = QuantityRule { min: 12, step: 12, max: 24 };
        let allowed: Vec<i64> = (-12..40).filter(|quantity| dozens.allows(*quantity)).collect();
        assert_eq!(allowed, [12, 24]);
        assert!(QuantityRule::default().allows(1) && !QuantityRule::default().allows(0));
    }
}
