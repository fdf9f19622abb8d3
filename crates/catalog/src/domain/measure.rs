//! How much is in a variant, and what one unit of it costs.
//!
//! Where goods are sold by measure, the price of a kilogram, litre, metre, square metre or piece must be shown
//! beside the price (directive 98/6/EC, articles 2 b and 3).

use argosy_kernel::{Dimension, Error, Money, Result, Unit};
use serde::{Deserialize, Serialize};

use crate::error::{self, INVALID_MEASURE};

/// A thousand tonnes in milligrams are far below what a multiplication holds.
const THOUSANDTHS_MAX: i64 = 1_000_000_000;

/// So much of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Measure {
    /// Of the unit.
    pub thousandths: i64,
    pub unit: String,
}

impl Measure {
    /// Refuses what is no measure; `owner` is whose it is.
    pub(crate) fn check(&self, owner: &str) -> Result<()> {
        let refuse = |message: String| Err(Error::invalid(INVALID_MEASURE, format!("{owner}: {message}")));
        if self.named().is_none() {
            let units = Unit::ALL.map(|unit| unit.name).join(", ");
            return refuse(format!("'{}' is not a unit: {units}", error::excerpt(&self.unit)));
        }
        if !(1..=THOUSANDTHS_MAX).contains(&self.thousandths) {
            return refuse("a measure must be above 0 and at most a million of its unit".to_owned());
        }
        Ok(())
    }

    fn named(&self) -> Option<Unit> {
        Unit::named(&self.unit)
    }

    /// What prices per unit are for, where a merchant does not say.
    pub(crate) fn default_base(&self) -> Self {
        let unit = match self.named().map(|unit| unit.dimension) {
            Some(Dimension::Mass) => "kg",
            Some(Dimension::Volume) => "l",
            Some(Dimension::Length) => "m",
            Some(Dimension::Area) => "m2",
            Some(Dimension::Count) | None => "piece",
        };
        Self { thousandths: 1_000, unit: unit.to_owned() }
    }

    /// Refuses a base that measures something else.
    pub(crate) fn check_base(&self, base: &Self, owner: &str) -> Result<()> {
        base.check(owner)?;
        match (self.named(), base.named()) {
            (Some(one), Some(other)) if one.dimension == other.dimension => Ok(()),
            _ => {
                let message = format!("{owner}: {} cannot be priced by {}", self.unit, base.unit);
                Err(Error::invalid(INVALID_MEASURE, message))
            }
        }
    }

    /// What one `base` costs if this much costs `price`, rounded once; `None` where it is too much to tell.
    pub(crate) fn price_per(&self, base: &Self, price: Money) -> Option<Money> {
        self.named()?.price_per(self.thousandths, (base.named()?, base.thousandths), price)
    }
}

/// How many may be bought at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QuantityRule {
    pub min: i64,
    pub step: i64,
    /// 0: no limit of the merchant's.
    pub max: i64,
}

/// More of a line than a cart takes.
const QUANTITY_MAX: i64 = 9_999;

impl QuantityRule {
    /// The rule with what is left out filled in; `None` if it allows everything.
    pub(crate) fn canonical(self, owner: &str) -> Result<Option<Self>> {
        let step = if self.step == 0 { 1 } else { self.step };
        let min = if self.min == 0 { step } else { self.min };
        let rule = Self { min, step, max: self.max };
        let refuse = |what: &str| {
            Err(Error::invalid(INVALID_MEASURE, format!("{owner}: {what} ({min}, {step}, {})", self.max)))
        };
        if !(1..=QUANTITY_MAX).contains(&step) || !(1..=QUANTITY_MAX).contains(&min) {
            return refuse("the least quantity and its step must be from 1 to 9999");
        }
        if self.max != 0 && !(min..=QUANTITY_MAX).contains(&self.max) {
            return refuse("the most must be from the least quantity to 9999, or 0 for no limit");
        }
        if min % step != 0 || self.max % step != 0 {
            return refuse("the least and the most must be multiples of the step");
        }
        Ok((rule != Self { min: 1, step: 1, max: 0 }).then_some(rule))
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::Currency;
    use proptest::prelude::*;

    use super::*;

    fn measure(thousandths: i64, unit: &str) -> Measure {
        Measure { thousandths, unit: unit.to_owned() }
    }

    fn per(measure: &Measure, minor: i64) -> i64 {
        measure.price_per(&measure.default_base(), Money::new(minor, Currency::EUR)).unwrap().minor
    }

    #[test]
    fn a_price_per_unit_is_of_the_trades_own_unit() {
        assert_eq!(per(&measure(250_000, "g"), 399), 1_596, "3.99 for 250 g are 15.96 a kilogram");
        assert_eq!(per(&measure(750_000, "ml"), 995), 1_327, "13.2666… a litre");
        assert_eq!(per(&measure(12_000, "piece"), 299), 25);
        assert_eq!(per(&measure(1_500, "m2"), 4_500), 3_000);
        let hundred = measure(100_000, "g");
        let price = measure(40_000, "g").price_per(&hundred, Money::new(199, Currency::EUR));
        assert_eq!(price.unwrap().minor, 498, "by 100 g");
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for wrong in [measure(0, "g"), measure(-1, "g"), measure(1, "stone"), measure(i64::MAX, "kg")] {
            assert_eq!(wrong.check("x").unwrap_err().reason(), INVALID_MEASURE, "{wrong:?}");
        }
        assert!(measure(1, "g").check_base(&measure(1, "l"), "x").is_err());
        assert!(measure(1, "g").check_base(&measure(1, "kg"), "x").is_ok());
    }

    #[test]
    fn a_quantity_rule_is_filled_in_and_must_make_sense() {
        let rule = |min, step, max| QuantityRule { min, step, max };
        assert_eq!(rule(0, 6, 0).canonical("x").unwrap(), Some(rule(6, 6, 0)));
        assert_eq!(rule(0, 0, 0).canonical("x").unwrap(), None);
        assert_eq!(rule(2, 0, 10).canonical("x").unwrap(), Some(rule(2, 1, 10)));
        for wrong in [rule(5, 6, 0), rule(6, 6, 10), rule(6, 6, 3), rule(-1, 1, 0), rule(1, 10_000, 0)] {
            assert_eq!(wrong.canonical("x").unwrap_err().reason(), INVALID_MEASURE, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn law_1_a_price_per_unit_is_the_nearest_one(
            thousandths in 1_i64..=THOUSANDTHS_MAX, minor in 0_i64..1_000_000, unit in 0_usize..Unit::ALL.len(),
        ) {
            let Unit { name, size, .. } = Unit::ALL[unit];
            let content = measure(thousandths, name);
            let base = content.default_base();
            let base_size = 1_000 * i128::from(base.named().unwrap().size);
            let own_size = i128::from(thousandths) * i128::from(size);
            if let Some(price) = content.price_per(&base, Money::new(minor, Currency::EUR)) {
                let exact = i128::from(minor) * base_size;
                let apart = (i128::from(price.minor) * own_size - exact).abs();
                prop_assert!(2 * apart <= own_size);
            }
        }
    }
}
