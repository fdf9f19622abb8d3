//! The rates that are due together on one class of goods, as one exact share.
//!
//! A share is in parts per trillion, in which a rate on top of another is a whole number: 5 % and, on the price with it,
//! 9.5 % are 14.975 %. The tax is rounded once, for all rates together, and then split between them by largest
//! remainder. Rounding each by itself lost: what is inside a gross price would not add up to it.

use argosy_kernel::{Gross, Money, MoneyError, Net, Rate};

use super::TaxRate;

const WHOLE: i64 = 1_000_000_000_000;
const PPM: i64 = 1_000_000;

/// What is due on goods of one class.
#[derive(Debug, Clone)]
pub(super) struct Levy<'a> {
    /// The class that has the rates, which may be the standard one in place of the one asked for.
    pub(super) tax_class: &'a str,
    /// Each with its share of the net amount, in parts per trillion.
    pub(super) rates: Vec<(&'a TaxRate, i64)>,
    sum: i64,
}

impl<'a> Levy<'a> {
    /// Rates in their order; a compound one counts on the price with those before it.
    pub(super) fn new(tax_class: &'a str, rates: impl IntoIterator<Item = &'a TaxRate>) -> Self {
        let mut levy = Self { tax_class, rates: Vec::new(), sum: 0 };
        for rate in rates {
            let ppm = rate.rate.ppm();
            let share = if rate.is_compound { ppm * PPM + ppm * (levy.sum / PPM) } else { ppm * PPM };
            levy.rates.push((rate, share));
            levy.sum += share;
        }
        levy
    }

    /// All of them as one rate, to the part per million.
    pub(super) fn rate(&self) -> Rate {
        Rate::from_ppm((self.sum + PPM / 2) / PPM)
    }

    /// Whether it comes to nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.sum == 0
    }

    pub(super) fn tax_on(&self, net: Net) -> Result<Money, MoneyError> {
        net.0.scaled(self.sum, WHOLE)
    }

    pub(super) fn tax_in(&self, gross: Gross) -> Result<Money, MoneyError> {
        gross.0.scaled(self.sum, WHOLE + self.sum)
    }

    /// A tax split between the rates.
    pub(super) fn split(&self, tax: Money) -> Result<Vec<Money>, MoneyError> {
        if self.is_nothing() || tax.is_zero() {
            return Ok(vec![Money::zero(tax.currency); self.rates.len()]);
        }
        tax.allocate(&self.rates.iter().map(|(_, share)| share.unsigned_abs()).collect::<Vec<_>>())
    }

    /// `19 %`, or `5 % + 9.5 % on that`.
    pub(super) fn told(&self) -> String {
        let told = |(rate, _): &(&TaxRate, i64)| {
            if rate.is_compound { format!("{} on that", rate.rate) } else { rate.rate.to_string() }
        };
        self.rates.iter().map(told).collect::<Vec<_>>().join(" + ")
    }
}
