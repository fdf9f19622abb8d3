//! Proportions such as tax rates and percentage discounts.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, Gross, Money, MoneyError, Net};

/// A proportion in parts per million: 19 % is 190 000, 8.875 % is 88 750.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(i64);

const ONE: i64 = 1_000_000;

impl Rate {
    /// No share at all.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const WHOLE: Self = Self(ONE);

    /// A rate in parts per million.
    pub const fn from_ppm(ppm: i64) -> Self {
        Self(ppm)
    }

    /// Parts per million.
    pub const fn ppm(self) -> i64 {
        self.0
    }

    /// This share of an amount, rounded half away from zero.
    #[inline]
    pub fn of(self, amount: Money) -> Result<Money, MoneyError> {
        // Where it fits, the divisor is known when this is compiled, and no division is left.
        let Some(product) = amount.minor.checked_mul(self.0) else { return amount.scaled(self.0, ONE) };
        let (whole, rest) = (product / ONE, product % ONE);
        let up = if 2 * rest.abs() >= ONE { rest.signum() } else { 0 };
        Ok(Money::new(whole + up, amount.currency))
    }

    /// The tax on top of a net amount.
    pub fn tax_on(self, net: Net) -> Result<Money, MoneyError> {
        self.of(net.0)
    }

    /// The tax contained in a gross amount: `gross × rate ÷ (1 + rate)`.
    pub fn tax_in(self, gross: Gross) -> Result<Money, MoneyError> {
        gross.0.scaled(self.0, ONE + self.0)
    }
}

impl FromStr for Rate {
    type Err = Error;

    /// Reads a percentage such as `19` or `8.875`, with at most four decimals.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse =
            || Error::invalid("INVALID_RATE", format!("'{text}' is not a percentage such as 19 or 8.875"));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 4 || !digits(whole) || !digits(fraction) {
            return Err(refuse());
        }
        format!("{whole}{fraction:0<4}").parse().map(Self).map_err(|_| refuse())
    }
}

impl fmt::Display for Rate {
    /// As a percentage, without trailing zeros: `19 %`, `8.875 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / 10_000, self.0 % 10_000);
        let fraction = format!("{fraction:04}");
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { write!(f, "{whole} %") } else { write!(f, "{whole}.{fraction} %") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Currency;

    proptest! {
        #[test]
        fn a_share_is_what_scaling_makes_it(minor in any::<i64>(), shift in 0..63_u32, ppm in -3_000_000..3_000_000_i64) {
            let amount = Money::new(minor >> shift, Currency::EUR);
            prop_assert_eq!(Rate(ppm).of(amount), amount.scaled(ppm, ONE));
        }
    }

    #[test]
    fn tax_on_net_and_in_gross_agree() {
        let rate: Rate = "19".parse().unwrap();
        let net = Money::new(10_000, Currency::EUR);
        assert_eq!(rate.tax_on(Net(net)).unwrap().minor, 1_900);
        assert_eq!(rate.tax_in(Gross(Money::new(11_900, Currency::EUR))).unwrap().minor, 1_900);
        assert_eq!(rate.to_string(), "19 %");
        assert_eq!("8.875".parse::<Rate>().unwrap().to_string(), "8.875 %");
        assert!("-1".parse::<Rate>().is_err());
        assert!("1.23456".parse::<Rate>().is_err());
    }
}
