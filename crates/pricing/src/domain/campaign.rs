//! Campaigns: promotions that need no code.
//!
//! What one is about, what it asks for, and what it would take off. In which order they count, and which of a group, is
//! decided in [`campaigns`](super::campaigns).

use argosy_kernel::{Currency, Money, MoneyError, PromotionId, Timestamp};

use super::{
    Amounts, Benefit, Buyer, Country, Limits, PricedLine, UsedByCampaign,
    limits::{Spent, Used},
};

/// A promotion that needs no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its id.
    pub id: PromotionId,
    /// What it is put by, and told by in a trace.
    pub name: String,
    /// What a buyer reads.
    pub title: String,
    /// The highest counts first.
    pub priority: i32,
    /// Of those of one group the best counts; empty: it counts beside all others.
    pub group: String,
    /// Of what.
    pub goods: Goods,
    /// The pieces of its goods that are needed.
    pub pieces_min: i64,
    /// The value of its goods that is needed, before discounts. Empty: none. If set at all, it must be set for a cart's
    /// currency.
    pub minimums: Amounts,
    /// Only for destinations in these countries; empty: everywhere.
    pub countries: Vec<Country>,
    /// Only for carts in these currencies; empty: in any.
    pub currencies: Vec<Currency>,
    /// Only in these markets, by name; empty: in all.
    pub markets: Vec<String>,
    /// Only for buyers of one of these groups; empty: for everybody.
    pub buyer_groups: Vec<String>,
    /// For whom.
    pub orders: Orders,
    /// What it takes off.
    pub benefit: Benefit,
    /// How often it may count, and for how much.
    pub limits: Limits,
    /// From when it counts.
    pub starts_at: Option<Timestamp>,
    /// Until when it counts, not included.
    pub ends_at: Option<Timestamp>,
    /// Whether it is switched on at all.
    pub active: bool,
}

/// Which orders of a buyer a campaign is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Orders {
    /// All.
    #[default]
    Any,
    /// Their first. While it is not known whether it is, it does not count.
    First,
}

/// Which goods a campaign is about: those of any of these; all empty: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goods {
    /// Products by id.
    pub products: Vec<String>,
    /// Collections by id.
    pub collections: Vec<String>,
    /// What else is said of products, as [`Item::labels`](super::Item::labels) spells it, e.g. `tag:summer`.
    pub labels: Vec<String>,
}

impl Goods {
    /// All names of which a line must have one.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.products.iter().chain(&self.collections).chain(&self.labels)
    }

    /// Whether a line is of them.
    pub(super) fn holds(&self, line: &PricedLine) -> bool {
        self.names().next().is_none()
            || self.products.contains(&line.product_id)
            || self.collections.iter().any(|id| line.collection_ids.contains(id))
            || self.labels.iter().any(|label| line.labels.contains(label))
    }
}

/// Why a campaign whose goods are in the cart did not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmet {
    /// There are too few pieces.
    #[error("it needs {needed} pieces, there are {there}")]
    Pieces {
        /// Wanted.
        needed: i64,
        /// In the cart.
        there: i64,
    },
    /// The goods are worth too little.
    #[error("it needs goods of at least {0}")]
    Minimum(Money),
    /// Nothing is set for the cart's currency.
    #[error("it has no amount in this currency")]
    Currency,
    /// The goods go elsewhere.
    #[error("it is not for this country")]
    Market,
    /// The buyer is in another market.
    #[error("it is not for this market")]
    OtherMarket,
    /// The cart is in another currency.
    #[error("it is not for this currency")]
    OtherCurrency,
    /// The buyer is in none of its groups.
    #[error("it is for other buyers")]
    BuyerGroup,
    /// It is not the buyer's first order, or that is not known.
    #[error("it is for first orders, and this is not known to be one")]
    FirstOrder,
    /// Part of a bundle is missing.
    #[error("the bundle is not complete")]
    Incomplete,
    /// The gift is not in the cart.
    #[error("its gift can be added: {pieces} of {variant_id}")]
    GiftMissing {
        /// Which.
        variant_id: String,
        /// How many would be free.
        pieces: i64,
    },
    /// It counted as often as it may.
    #[error("it has been used up")]
    UsedUp,
    /// It counted for the buyer as often as it may for one.
    #[error("this buyer has had it before")]
    UsedUpForBuyer,
    /// It would take off more than is left of its budget.
    #[error("what it takes off is more than is left of its budget")]
    BudgetSpent,
    /// No way of shipping is chosen yet, or none is needed.
    #[error("no shipping is chosen")]
    NoShipping,
    /// Others have taken everything off already.
    #[error("there is nothing left to take off")]
    Nothing,
    /// Another of its group takes more off.
    #[error("{0} takes more off")]
    Beaten(String),
}

/// For which cart and buyer campaigns are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation<'a> {
    pub(super) currency: Currency,
    pub(super) country: Country,
    /// By name, if the shop has markets.
    pub(super) market: Option<&'a str>,
    pub(super) buyer: &'a Buyer,
    /// What of limits is used up.
    pub(super) used: &'a UsedByCampaign,
    pub(super) now: Timestamp,
}

/// The lines that campaigns of the same goods are about.
#[derive(Debug)]
pub(super) struct Members {
    /// Their places.
    pub(super) places: Vec<usize>,
    pieces: i64,
    /// Before discounts.
    worth: Money,
}

impl Members {
    pub(super) fn new(
        places: Vec<usize>,
        lines: &[PricedLine],
        currency: Currency,
    ) -> Result<Self, MoneyError> {
        let pieces = places.iter().fold(0_i64, |sum, place| sum.saturating_add(lines[*place].quantity));
        let worth = Money::sum(currency, places.iter().map(|place| lines[*place].subtotal))?;
        Ok(Self { places, pieces, worth })
    }
}

/// Shares of lines, by their places, that a campaign would take off.
pub(super) struct Offer {
    pub(super) shares: Vec<(usize, Money)>,
    pub(super) in_all: Money,
}

impl Campaign {
    pub(super) fn rule(&self) -> String {
        format!("campaign:{}", self.name)
    }

    pub(super) fn is_on(&self, now: Timestamp) -> bool {
        self.starts_at.is_none_or(|starts_at| now >= starts_at)
            && self.ends_at.is_none_or(|ends_at| now < ends_at)
    }

    /// What it would take off some lines if so much were left of each. `members` are the lines that it is about; `left` is
    /// of all lines.
    pub(super) fn offer(
        &self,
        lines: &[PricedLine],
        left: &[Money],
        members: &Members,
        situation: Situation<'_>,
    ) -> Result<Result<Offer, Unmet>, MoneyError> {
        let paid_for: Members;
        let members = if let Benefit::Gift { variant_id, .. } = &self.benefit {
            // A gift does not count among what it is given for.
            let is_gift = |place: &usize| lines[*place].variant_id == *variant_id;
            let places = members.places.iter().copied().filter(|place| !is_gift(place)).collect();
            paid_for = Members::new(places, lines, situation.currency)?;
            &paid_for
        } else {
            members
        };
        if let Some(unmet) = self.unmet(members, situation) {
            return Ok(Err(unmet));
        }
        let shares = if let Benefit::Gift { variant_id, pieces } = &self.benefit {
            gift(lines, left, variant_id, *pieces)?
        } else {
            let goods: Vec<&PricedLine> = members.places.iter().map(|place| &lines[*place]).collect();
            let left: Vec<Money> = members.places.iter().map(|place| left[*place]).collect();
            let shares = self.benefit.shares(&goods, &left, situation.currency)?;
            shares.map(|shares| members.places.iter().copied().zip(shares).collect())
        };
        let mut shares: Vec<(usize, Money)> = match shares {
            Ok(shares) => shares,
            Err(unmet) => return Ok(Err(unmet)),
        };
        shares.retain(|(_, share)| !share.is_zero());
        if shares.is_empty() {
            return Ok(Err(Unmet::Nothing));
        }
        let in_all = Money::sum(situation.currency, shares.iter().map(|(_, share)| *share))?;
        if let Some(unmet) = self.beyond_budget(in_all, situation) {
            return Ok(Err(unmet));
        }
        Ok(Ok(Offer { shares, in_all }))
    }

    /// What [`Campaign::offer`] would come to. Of the rivals of a group only the one that counts needs its shares.
    pub(super) fn worth(
        &self,
        lines: &[PricedLine],
        left: &[Money],
        members: &Members,
        situation: Situation<'_>,
    ) -> Result<Result<Money, Unmet>, MoneyError> {
        if !self.benefit.adds_up_alone() {
            return Ok(self.offer(lines, left, members, situation)?.map(|offer| offer.in_all));
        }
        if let Some(unmet) = self.unmet(members, situation) {
            return Ok(Err(unmet));
        }
        let each = members.places.iter().map(|place| (lines[*place].quantity, left[*place]));
        let in_all = self.benefit.in_all(each, members.pieces, situation.currency)?;
        Ok(in_all.and_then(|in_all| match self.beyond_budget(in_all, situation) {
            _ if in_all.is_zero() => Err(Unmet::Nothing),
            Some(unmet) => Err(unmet),
            None => Ok(in_all),
        }))
    }

    /// What it lacks, whatever it would take off.
    pub(super) fn unmet(&self, members: &Members, situation: Situation<'_>) -> Option<Unmet> {
        if let Some(unmet) = self.for_others(situation) {
            return Some(unmet);
        }
        let there = members.pieces;
        if there < self.pieces_min.max(1) {
            return Some(Unmet::Pieces { needed: self.pieces_min.max(1), there });
        }
        if self.minimums.is_empty() {
            return None;
        }
        match self.minimums.of(situation.currency) {
            None => Some(Unmet::Currency),
            Some(minimum) if members.worth.minor < minimum.minor => Some(Unmet::Minimum(minimum)),
            Some(_) => None,
        }
    }

    fn for_others(&self, situation: Situation<'_>) -> Option<Unmet> {
        let Situation { country, currency, buyer, market, .. } = situation;
        if !self.countries.is_empty() && !self.countries.contains(&country) {
            return Some(Unmet::Market);
        }
        let is_here = |name: &String| market.is_some_and(|market| name == market);
        if !self.markets.is_empty() && !self.markets.iter().any(is_here) {
            return Some(Unmet::OtherMarket);
        }
        if !self.currencies.is_empty() && !self.currencies.contains(&currency) {
            return Some(Unmet::OtherCurrency);
        }
        if !self.buyer_groups.is_empty()
            && !self.buyer_groups.iter().any(|group| buyer.groups.contains(group))
        {
            return Some(Unmet::BuyerGroup);
        }
        if self.orders == Orders::First && buyer.is_first_order != Some(true) {
            return Some(Unmet::FirstOrder);
        }
        match self.limits.spent(self.used(situation), currency)? {
            Spent::Uses => Some(Unmet::UsedUp),
            Spent::UsesOfBuyer => Some(Unmet::UsedUpForBuyer),
            Spent::NoBudget => Some(Unmet::Currency),
        }
    }

    /// What is used up of its limits; one without any is not looked up.
    fn used<'a>(&self, situation: Situation<'a>) -> Option<&'a Used> {
        if self.limits.is_none() { None } else { situation.used.get(&self.name) }
    }

    /// Why it cannot take so much off. A part of it is not taken: what a buyer is promised is a rule, not the rest of a pot.
    pub(super) fn beyond_budget(&self, in_all: Money, situation: Situation<'_>) -> Option<Unmet> {
        (!self.limits.covers(self.used(situation), in_all)).then_some(Unmet::BudgetSpent)
    }

    /// What whoever places an order redeems it by; empty: it has no limits.
    pub(super) fn redeemed_by(&self) -> String {
        if self.limits.is_none() { String::new() } else { self.name.clone() }
    }
}

/// So many pieces of a variant free, wherever in the cart they are.
fn gift(
    lines: &[PricedLine],
    left: &[Money],
    variant_id: &str,
    pieces: i64,
) -> Result<Result<Vec<(usize, Money)>, Unmet>, MoneyError> {
    let (mut rest, mut shares) = (pieces, Vec::new());
    let is_gift = |line: &PricedLine| line.variant_id == *variant_id && !line.is_agreed;
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| is_gift(line)) {
        let free = rest.min(line.quantity);
        if free > 0 {
            shares.push((place, left[place].scaled(free, line.quantity)?));
            rest -= free;
        }
    }
    if shares.is_empty() {
        return Ok(Err(Unmet::GiftMissing { variant_id: variant_id.to_owned(), pieces }));
    }
    Ok(Ok(shares))
}
