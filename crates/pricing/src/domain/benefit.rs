//! What a campaign takes off, line by line.

use argosy_kernel::{Currency, Money, MoneyError, Rate};

use super::{Amounts, PricedLine, bundle::Bundle, campaign::Unmet};

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
    /// An amount off the cheapest piece, at most what it costs.
    Cheapest(Amounts),
    /// Every so many pieces of a line one is cheaper by a rate.
    Nth {
        /// 2: every second.
        every: i64,
        /// By how much.
        rate: Rate,
    },
    /// These goods together for a price, or for less by a rate.
    Bundle(Bundle),
    /// Pieces of a variant for nothing, once it is in the cart.
    Gift {
        /// Which.
        variant_id: String,
        /// How many.
        pieces: i64,
    },
    /// Off the price of shipping.
    Shipping(ShippingBenefit),
}

/// What a campaign takes off the chosen way of shipping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShippingBenefit {
    /// A share of its price; all of it: it is free.
    Share(Rate),
    /// An amount, at most what it costs.
    Amount(Amounts),
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
    /// What it takes off each of some lines of which so much is left, never more than that.
    pub(super) fn shares(
        &self,
        goods: &[&PricedLine],
        left: &[Money],
        currency: Currency,
    ) -> Result<Result<Vec<Money>, Unmet>, MoneyError> {
        match self {
            Self::Percentage(rate) => by_rate(*rate, left).map(Ok),
            Self::Tiers(tiers) => match reached(tiers, pieces(goods)) {
                Ok(tier) => by_rate(tier.rate, left).map(Ok),
                Err(unmet) => Ok(Err(unmet)),
            },
            Self::Fixed(amounts) => match amounts.of(currency) {
                Some(amount) => split(amount, left).map(Ok),
                None => Ok(Err(Unmet::Currency)),
            },
            Self::Each(amounts) => match amounts.of(currency) {
                Some(amount) => each(amount, goods, left).map(Ok),
                None => Ok(Err(Unmet::Currency)),
            },
            Self::BuyGet { buy, get, rate } => {
                let (needed, there) = (buy.saturating_add(*get), pieces(goods));
                if there < needed {
                    return Ok(Err(Unmet::Pieces { needed, there }));
                }
                cheapest(there / needed * get, *rate, goods, left).map(Ok)
            }
            Self::Cheapest(amounts) => match amounts.of(currency) {
                Some(amount) => off_the_cheapest(amount, goods, left).map(Ok),
                None => Ok(Err(Unmet::Currency)),
            },
            Self::Nth { every, rate } => nth(*every, *rate, goods, left),
            Self::Bundle(bundle) => bundle.shares(goods, left, currency),
            // What they are about is not among the goods.
            Self::Gift { .. } | Self::Shipping(_) => Ok(Err(Unmet::Nothing)),
        }
    }

    /// Whether what it takes off in all follows from its lines one by one, without what each other's share is.
    pub(super) fn adds_up_alone(&self) -> bool {
        match self {
            Self::Percentage(_) | Self::Tiers(_) | Self::Fixed(_) | Self::Each(_) => true,
            Self::BuyGet { .. }
            | Self::Cheapest(_)
            | Self::Nth { .. }
            | Self::Bundle(_)
            | Self::Gift { .. }
            | Self::Shipping(_) => false,
        }
    }

    /// The sum of its shares, of the quantities of lines and what is left of them. Only where it adds up alone.
    pub(super) fn in_all(
        &self,
        lines: impl Iterator<Item = (i64, Money)>,
        there: i64,
        currency: Currency,
    ) -> Result<Result<Money, Unmet>, MoneyError> {
        match self {
            Self::Percentage(rate) => by_rate_in_all(*rate, lines, currency).map(Ok),
            Self::Tiers(tiers) => match reached(tiers, there) {
                Ok(tier) => by_rate_in_all(tier.rate, lines, currency).map(Ok),
                Err(unmet) => Ok(Err(unmet)),
            },
            Self::Fixed(amounts) => {
                let Some(amount) = amounts.of(currency) else { return Ok(Err(Unmet::Currency)) };
                let in_all = Money::sum(currency, lines.map(|(_, left)| left))?;
                Ok(Ok(Money::new(amount.minor.min(in_all.minor), currency)))
            }
            Self::Each(amounts) => {
                let Some(amount) = amounts.of(currency) else { return Ok(Err(Unmet::Currency)) };
                Money::sum(currency, lines.map(|(quantity, left)| off_each(amount, quantity, left))).map(Ok)
            }
            _ => Ok(Err(Unmet::Nothing)),
        }
    }

    /// The same in words.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Percentage(rate) => format!("{rate} of what is left of the line"),
            Self::Tiers(_) => "a share of what is left of the line, by how many there are".to_owned(),
            Self::Fixed(_) => "the line's share of an amount".to_owned(),
            Self::Each(_) => "an amount off each piece".to_owned(),
            Self::Cheapest(_) => "an amount off the cheapest piece".to_owned(),
            Self::Nth { every, rate } => format!("of every {every} pieces of the line one at {rate} less"),
            Self::Bundle(_) => "the line's share of what the bundle saves".to_owned(),
            Self::Gift { pieces, .. } => format!("{pieces} for nothing"),
            Self::Shipping(ShippingBenefit::Share(rate)) => format!("{rate} of the price of shipping"),
            Self::Shipping(ShippingBenefit::Amount(_)) => "an amount off the price of shipping".to_owned(),
            Self::BuyGet { buy, get, rate } => format!("of {} the cheapest {get} at {rate} less", buy + get),
        }
    }
}

/// The highest step that so many pieces reach.
fn reached(tiers: &[Tier], there: i64) -> Result<&Tier, Unmet> {
    let reached = tiers.iter().filter(|tier| tier.pieces_min <= there);
    let needed = || tiers.iter().map(|tier| tier.pieces_min).min().unwrap_or_default();
    reached.max_by_key(|tier| tier.pieces_min).ok_or_else(|| Unmet::Pieces { needed: needed(), there })
}

fn by_rate_in_all(
    rate: Rate,
    mut lines: impl Iterator<Item = (i64, Money)>,
    currency: Currency,
) -> Result<Money, MoneyError> {
    lines.try_fold(Money::zero(currency), |sum, (_, left)| sum.plus(rate.of(left)?))
}

/// An amount off each piece of a line, at most what is left of it.
fn off_each(amount: Money, quantity: i64, left: Money) -> Money {
    // What does not fit is more than is left anyway.
    Money::new(amount.minor.saturating_mul(quantity).min(left.minor), amount.currency)
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
    goods.iter().zip(left).map(|(line, left)| Ok(off_each(amount, line.quantity, *left))).collect()
}

/// Lines by what a piece costs now, the cheapest first.
pub(super) fn by_price(goods: &[&PricedLine], left: &[Money]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..goods.len()).collect();
    // What a piece costs, compared without dividing: a / m < b / n if a × n < b × m.
    order.sort_by(|a, b| {
        let (one, other) = (i128::from(left[*a].minor), i128::from(left[*b].minor));
        let (of_one, of_other) = (i128::from(goods[*a].quantity), i128::from(goods[*b].quantity));
        (one * of_other).cmp(&(other * of_one)).then_with(|| a.cmp(b))
    });
    order
}

/// A rate off so many pieces, the cheapest as they are now.
fn cheapest(
    mut count: i64,
    rate: Rate,
    goods: &[&PricedLine],
    left: &[Money],
) -> Result<Vec<Money>, MoneyError> {
    let mut shares: Vec<Money> = left.iter().map(|left| Money::zero(left.currency)).collect();
    for place in by_price(goods, left) {
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

/// An amount off one piece, the cheapest that still costs something.
fn off_the_cheapest(amount: Money, goods: &[&PricedLine], left: &[Money]) -> Result<Vec<Money>, MoneyError> {
    let mut shares: Vec<Money> = left.iter().map(|left| Money::zero(left.currency)).collect();
    if let Some(place) = by_price(goods, left).into_iter().find(|place| !left[*place].is_zero()) {
        let piece = left[place].scaled(1, goods[place].quantity)?;
        shares[place] = Money::new(amount.minor.min(piece.minor), amount.currency);
    }
    Ok(shares)
}

/// Of every so many pieces of one line one is cheaper.
fn nth(
    every: i64,
    rate: Rate,
    goods: &[&PricedLine],
    left: &[Money],
) -> Result<Result<Vec<Money>, Unmet>, MoneyError> {
    let most = goods.iter().map(|line| line.quantity).max().unwrap_or_default();
    if most < every {
        return Ok(Err(Unmet::Pieces { needed: every, there: most }));
    }
    let of_line = |(line, left): (&&PricedLine, &Money)| {
        rate.of(left.scaled(line.quantity / every.max(1), line.quantity.max(1))?)
    };
    goods.iter().zip(left).map(of_line).collect::<Result<_, _>>().map(Ok)
}
