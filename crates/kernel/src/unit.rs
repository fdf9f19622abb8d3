//! Units that goods are measured in, so that prices per unit compare like with like.

use crate::Money;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// By weight.
    Mass,
    /// By volume.
    Volume,
    /// By length.
    Length,
    /// By area.
    Area,
    /// By number.
    Count,
}

/// A unit that goods are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// As it is written: `kg`.
    pub name: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// How many of its dimension's smallest unit it is.
    pub size: i64,
}

const fn unit(name: &'static str, dimension: Dimension, size: i64) -> Unit {
    Unit { name, dimension, size }
}

impl Unit {
    /// All of them.
    pub const ALL: [Self; 13] = [
        unit("mg", Dimension::Mass, 1),
        unit("g", Dimension::Mass, 1_000),
        unit("kg", Dimension::Mass, 1_000_000),
        unit("ml", Dimension::Volume, 1),
        unit("cl", Dimension::Volume, 10),
        unit("l", Dimension::Volume, 1_000),
        unit("m3", Dimension::Volume, 1_000_000),
        unit("mm", Dimension::Length, 1),
        unit("cm", Dimension::Length, 10),
        unit("m", Dimension::Length, 1_000),
        unit("cm2", Dimension::Area, 1),
        unit("m2", Dimension::Area, 10_000),
        unit("piece", Dimension::Count, 1),
    ];

    /// The unit of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.name == name)
    }

    /// What so much of `base` costs if so much of this costs `price`, both in thousandths of their units: rounded once.
    /// `None` where it is too much to tell, or the units measure different things.
    pub fn price_per(self, thousandths: i64, (base, of_base): (Self, i64), price: Money) -> Option<Money> {
        if self.dimension != base.dimension {
            return None;
        }
        let own_size = thousandths.checked_mul(self.size)?;
        price.scaled(of_base.checked_mul(base.size)?, own_size).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    #[test]
    fn a_price_per_unit_is_rounded_once_and_compares_like_with_like() {
        let unit = |name| Unit::named(name).unwrap();
        let price = Money::new(995, Currency::EUR);
        let litre = unit("ml").price_per(750_000, (unit("l"), 1_000), price);
        assert_eq!(litre.unwrap().minor, 1_327, "13.2666… a litre");
        assert_eq!(unit("ml").price_per(750_000, (unit("kg"), 1_000), price), None);
        assert_eq!(unit("g").price_per(0, (unit("kg"), 1_000), price), None);
        assert_eq!(Unit::named("stone"), None);
    }
}
