//! What a campaign takes off, line by line.

use argosy_kernel::{Currency, Money, MoneyError, Rate};

use super::{Amounts, PricedLine, campaign::Unmet};

/// What a campaign takes off its goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Benefit {
    /// A share of what is left of each line.
    Percentage(Rate),
    /// An amount off the goods together, split in proportion to what is left of each line.
    Fixed(Amounts),
    /// An amount off each piece, at most what is left of it.
    Each(Amounts),
    /// Of every `buy` + `get` pieces the cheapest `get` are cheaper by a rate.
    BuyGet {
        /// Pieces at their price.
        buy: i64,
        /// Pieces that are cheaper.
        get: i64,
        /// By how much; all of it: they are free.
        rate: Rate,
    },
    /// A share by how many pieces there are; the highest step that is reached counts.
    Tiers(Vec<Tier>),
}

/// A step of a tiered campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// From so many pieces.
    pub pieces_min: i64,
    /// A share of what is left of each line.
    pub rate: Rate,
}

/// How many pieces lines are together.
pub(super) fn pieces(goods: &[&PricedLine]) -> i64 {
    goods.iter().fold(0_i64, |sum, line| sum.saturating_add(line.quantity))
}

impl Benefit {
    /// What it takes off each of some lines, never more than is left.
    pub(super) fn shares(
        &self,
        goods: &[&PricedLine],
        currency: Currency,
    ) -> Result<Result<Vec<Money>, Unmet>, MoneyError> {
        let left = goods.iter().map(|line| line.left()).collect::<Result<Vec<_>, _>>()?;
        match self {
            Self::Percentage(rate) => by_rate(*rate, &left).map(Ok),
            Self::Tiers(tiers) => {
                let there = pieces(goods);
                let reached = tiers.iter().filter(|tier| tier.pieces_min <= there);
                if let Some(tier) = reached.max_by_key(|tier| tier.pieces_min) {
                    return by_rate(tier.rate, &left).map(Ok);
                }
                let needed = tiers.iter().map(|tier| tier.pieces_min).min().unwrap_or_default();
                Ok(Err(Unmet::Pieces { needed, there }))
            }
            Self::Fixed(amounts) => match amounts.of(currency) {
                Some(amount) => split(amount, &left).map(Ok),
                None => Ok(Err(Unmet::Currency)),
            },
            Self::Each(amounts) => match amounts.of(currency) {
                Some(amount) => each(amount, goods, &left).map(Ok),
                None => Ok(Err(Unmet::Currency)),
            },
            Self::BuyGet { buy, get, rate } => {
                let (needed, there) = (buy.saturating_add(*get), pieces(goods));
                if there < needed {
                    return Ok(Err(Unmet::Pieces { needed, there }));
                }
                cheapest(there / needed * get, *rate, goods, &left).map(Ok)
            }
        }
    }

    /// The same in words.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Percentage(rate) => format!("{rate} of what is left of the line"),
            Self::Tiers(_) => "a share of what is left of the line, by how many there are".to_owned(),
            Self::Fixed(_) => "the line's share of an amount".to_owned(),
            Self::Each(_) => "an amount off each piece".to_owned(),
            Self::BuyGet { buy, get, rate } => format!("of {} the cheapest {get} at {rate} less", buy + get),
        }
    }
}

fn by_rate(rate: Rate, left: &[Money]) -> Result<Vec<Money>, MoneyError> {
    left.iter().map(|left| rate.of(*left)).collect()
}

/// An amount over lines in proportion to what is left of each, by largest remainder, and no more than there is.
pub(super) fn split(amount: Money, left: &[Money]) -> Result<Vec<Money>, MoneyError> {
    let in_all = Money::sum(amount.currency, left.iter().copied())?;
    let weights: Vec<u64> = left.iter().map(|part| part.minor.unsigned_abs()).collect();
    let taken = Money::new(amount.minor.min(in_all.minor), amount.currency);
    if taken.is_zero() { Ok(vec![taken; left.len()]) } else { taken.allocate(&weights) }
}

fn each(amount: Money, goods: &[&PricedLine], left: &[Money]) -> Result<Vec<Money>, MoneyError> {
    let of_line = |(line, left): (&&PricedLine, &Money)| {
        // What does not fit is more than is left anyway.
        let minor = amount.minor.saturating_mul(line.quantity).min(left.minor);
        Ok(Money::new(minor, amount.currency))
    };
    goods.iter().zip(left).map(of_line).collect()
}

/// A rate off so many pieces, the cheapest as they are now.
fn cheapest(
    mut count: i64,
    rate: Rate,
    goods: &[&PricedLine],
    left: &[Money],
) -> Result<Vec<Money>, MoneyError> {
    let mut order: Vec<usize> = (0..goods.len()).collect();
    // What a piece costs, compared without dividing: a / m < b / n if a × n < b × m.
    order.sort_by(|a, b| {
        let (one, other) = (i128::from(left[*a].minor), i128::from(left[*b].minor));
        let (of_one, of_other) = (i128::from(goods[*a].quantity), i128::from(goods[*b].quantity));
        (one * of_other).cmp(&(other * of_one)).then_with(|| a.cmp(b))
    });
    let mut shares: Vec<Money> = left.iter().map(|left| Money::zero(left.currency)).collect();
    for place in order {
        let quantity = goods[place].quantity;
        let taken = count.min(quantity);
        if taken == 0 {
            break;
        }
        count -= taken;
        shares[place] = rate.of(left[place].scaled(taken, quantity)?)?;
    }
    Ok(shares)
}
