//! Bundles: these goods together for less.
//!
//! As many sets as the cart holds count, each made of the dearest pieces that a part can take, so that a fixed price saves
//! the most. A product stands in one part only, so how many sets there are is a minimum and no search.

use argosy_kernel::{Currency, Money, MoneyError, Rate};

use super::{
    Amounts, PricedLine,
    benefit::{by_price, split},
    campaign::Unmet,
};

/// Goods that are cheaper together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// What a set is made of.
    pub parts: Vec<BundlePart>,
    /// What a set costs.
    pub price: BundlePrice,
}

/// So many pieces of any of some products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundlePart {
    /// Products by id.
    pub products: Vec<String>,
    /// Of a set.
    pub pieces: i64,
}

/// What a set costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundlePrice {
    /// This, if its pieces cost more by themselves.
    Fixed(Amounts),
    /// Less by a share.
    Less(Rate),
}

impl Bundle {
    pub(super) fn shares(
        &self,
        goods: &[&PricedLine],
        left: &[Money],
        currency: Currency,
    ) -> Result<Result<Vec<Money>, Unmet>, MoneyError> {
        let there = |part: &BundlePart| {
            let lines = goods.iter().filter(|line| part.products.contains(&line.product_id));
            lines.fold(0_i64, |sum, line| sum.saturating_add(line.quantity)) / part.pieces.max(1)
        };
        let sets = self.parts.iter().map(there).min().unwrap_or_default();
        if sets == 0 {
            return Ok(Err(Unmet::Incomplete));
        }
        let worth = self.worth(sets, goods, left)?;
        match &self.price {
            BundlePrice::Less(rate) => {
                worth.into_iter().map(|worth| rate.of(worth)).collect::<Result<_, _>>().map(Ok)
            }
            BundlePrice::Fixed(amounts) => {
                let Some(price) = amounts.of(currency) else { return Ok(Err(Unmet::Currency)) };
                let in_all = Money::sum(currency, worth.iter().copied())?;
                let saved = in_all.minor.saturating_sub(price.times(sets)?.minor).max(0);
                split(Money::new(saved, currency), &worth).map(Ok)
            }
        }
    }

    /// What the pieces of so many sets cost now, line by line.
    fn worth(&self, sets: i64, goods: &[&PricedLine], left: &[Money]) -> Result<Vec<Money>, MoneyError> {
        let mut worth: Vec<Money> = left.iter().map(|left| Money::zero(left.currency)).collect();
        let dearest: Vec<usize> = by_price(goods, left).into_iter().rev().collect();
        for part in &self.parts {
            let mut rest = part.pieces.saturating_mul(sets);
            for place in dearest.iter().copied() {
                let line = goods[place];
                if part.products.contains(&line.product_id) {
                    let taken = rest.min(line.quantity);
                    rest -= taken;
                    worth[place] = left[place].scaled(taken, line.quantity.max(1))?;
                }
            }
        }
        Ok(worth)
    }
}
