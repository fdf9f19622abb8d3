//! Campaigns: promotions that need no code, compiled once for look-ups.
//!
//! They count by priority, the highest first, each on what those before it left. Of the campaigns of one group only one
//! counts: the one that takes most off, by name where two take as much. So the order in which they were written down
//! makes no difference, and a buyer never pays more because a second offer exists. Codes come after them.

use std::collections::{BTreeMap, HashMap, HashSet};

use argosy_kernel::{Currency, Money, MoneyError, PromotionId, Rate, Timestamp};

use super::{Adjustment, Allocation, Amounts, Country, Discount, PricedLine, Target, TraceStep};

/// Of so many campaigns at most it is told why they did not count.
const EXPLAINED_MAX: usize = 20;

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
    /// What it takes off.
    pub benefit: Benefit,
    /// From when it counts.
    pub starts_at: Option<Timestamp>,
    /// Until when it counts, not included.
    pub ends_at: Option<Timestamp>,
    /// Whether it is switched on at all.
    pub active: bool,
}

/// Which goods a campaign is about: those of any of these; all empty: everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goods {
    /// Products by id.
    pub products: Vec<String>,
    /// Collections by id.
    pub collections: Vec<String>,
}

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
    /// Others have taken everything off already.
    #[error("there is nothing left to take off")]
    Nothing,
    /// Another of its group takes more off.
    #[error("{0} takes more off")]
    Beaten(String),
}

/// All campaigns of a shop, prepared for look-ups.
#[derive(Debug, Clone, Default)]
pub struct Campaigns {
    /// In the order in which they count.
    all: Vec<Campaign>,
    /// Places by what they are about.
    by_goods: HashMap<String, Vec<usize>>,
    about_everything: Vec<usize>,
}

/// What campaigns came to.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) discounts: Vec<Discount>,
    /// Those that did not count, and why.
    pub(super) trace: Vec<TraceStep>,
}

/// Shares of lines, by their places, that a campaign would take off.
struct Offer {
    shares: Vec<(usize, Money)>,
    in_all: Money,
}

impl Campaigns {
    /// Prepares campaigns; those that are switched off are left out.
    pub fn new(campaigns: Vec<Campaign>) -> Self {
        let mut all: Vec<Campaign> = campaigns.into_iter().filter(|campaign| campaign.active).collect();
        all.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.name.cmp(&b.name)));
        let mut by_goods: HashMap<String, Vec<usize>> = HashMap::new();
        let mut about_everything = Vec::new();
        for (place, campaign) in all.iter().enumerate() {
            let goods = &campaign.goods;
            if goods.products.is_empty() && goods.collections.is_empty() {
                about_everything.push(place);
            }
            for id in goods.products.iter().chain(&goods.collections) {
                by_goods.entry(id.clone()).or_default().push(place);
            }
        }
        Self { all, by_goods, about_everything }
    }

    /// Takes off what counts for these lines.
    pub(super) fn apply(
        &self,
        lines: &mut [PricedLine],
        currency: Currency,
        country: Country,
        now: Timestamp,
    ) -> Result<Given, MoneyError> {
        let mut given = Given::default();
        let mut settled: HashSet<&str> = HashSet::new();
        let found = self.found(lines, now);
        for (place, members) in &found {
            let campaign = &self.all[*place];
            if campaign.group.is_empty() {
                match campaign.offer(lines, members, currency, country)? {
                    Ok(offer) => given.take(campaign, &offer, lines)?,
                    Err(unmet) => given.explain(campaign, &unmet, currency),
                }
            } else if settled.insert(&campaign.group) {
                self.settle(&campaign.group, &found, lines, (currency, country), &mut given)?;
            }
        }
        Ok(given)
    }

    /// The campaigns that are about some of the lines, with the places of those lines, in the order in which they count.
    fn found(&self, lines: &[PricedLine], now: Timestamp) -> BTreeMap<usize, Vec<usize>> {
        let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (line_place, line) in lines.iter().enumerate() {
            let ids = std::iter::once(&line.product_id).chain(&line.collection_ids);
            let about = ids.filter_map(|id| self.by_goods.get(id)).flatten().chain(&self.about_everything);
            for place in about.filter(|place| self.all[**place].is_on(now)) {
                let members = found.entry(*place).or_default();
                if members.last() != Some(&line_place) {
                    members.push(line_place);
                }
            }
        }
        found
    }

    /// Lets the best of a group count.
    fn settle(
        &self,
        group: &str,
        found: &BTreeMap<usize, Vec<usize>>,
        lines: &mut [PricedLine],
        (currency, country): (Currency, Country),
        given: &mut Given,
    ) -> Result<(), MoneyError> {
        let mut offers: Vec<(&Campaign, Offer)> = Vec::new();
        for (place, members) in found.iter().filter(|(place, _)| self.all[**place].group == group) {
            let campaign = &self.all[*place];
            match campaign.offer(lines, members, currency, country)? {
                Ok(offer) => offers.push((campaign, offer)),
                Err(unmet) => given.explain(campaign, &unmet, currency),
            }
        }
        let best = offers.iter().max_by(|(a, mine), (b, theirs)| {
            mine.in_all.minor.cmp(&theirs.in_all.minor).then_with(|| b.name.cmp(&a.name))
        });
        let Some(best) = best.map(|(campaign, _)| campaign.name.clone()) else { return Ok(()) };
        for (campaign, offer) in &offers {
            if campaign.name == best {
                given.take(campaign, offer, lines)?;
            } else {
                given.explain(campaign, &Unmet::Beaten(best.clone()), currency);
            }
        }
        Ok(())
    }
}

impl Given {
    fn take(
        &mut self,
        campaign: &Campaign,
        offer: &Offer,
        lines: &mut [PricedLine],
    ) -> Result<(), MoneyError> {
        let mut allocations = Vec::with_capacity(offer.shares.len());
        for (place, share) in &offer.shares {
            let amount = share.negated()?;
            let line = &mut lines[*place];
            let adjustment = Adjustment {
                promotion_id: campaign.id,
                code: String::new(),
                label: campaign.title.clone(),
                amount,
            };
            line.adjust(adjustment, TraceStep::new(campaign.rule(), campaign.benefit.told(), amount))?;
            allocations.push(Allocation { target: Target::Line(line.line_id.clone()), amount });
        }
        let amount = offer.in_all.negated()?;
        let (code, title) = (String::new(), campaign.title.clone());
        self.discounts.push(Discount { code, title, amount, allocations });
        Ok(())
    }

    fn explain(&mut self, campaign: &Campaign, unmet: &Unmet, currency: Currency) {
        if self.trace.len() < EXPLAINED_MAX {
            let text = format!("did not count: {unmet}");
            self.trace.push(TraceStep::new(campaign.rule(), text, Money::zero(currency)));
        }
    }
}

impl Campaign {
    fn rule(&self) -> String {
        format!("campaign:{}", self.name)
    }

    fn is_on(&self, now: Timestamp) -> bool {
        self.starts_at.is_none_or(|starts_at| now >= starts_at)
            && self.ends_at.is_none_or(|ends_at| now < ends_at)
    }

    /// What it would take off some lines as they are now.
    fn offer(
        &self,
        lines: &[PricedLine],
        members: &[usize],
        currency: Currency,
        country: Country,
    ) -> Result<Result<Offer, Unmet>, MoneyError> {
        let goods: Vec<&PricedLine> = members.iter().map(|place| &lines[*place]).collect();
        if let Some(unmet) = self.unmet(&goods, currency, country)? {
            return Ok(Err(unmet));
        }
        let shares = match self.benefit.shares(&goods, currency)? {
            Ok(shares) => shares,
            Err(unmet) => return Ok(Err(unmet)),
        };
        let shares: Vec<(usize, Money)> =
            members.iter().copied().zip(shares).filter(|(_, share)| !share.is_zero()).collect();
        if shares.is_empty() {
            return Ok(Err(Unmet::Nothing));
        }
        let in_all = Money::sum(currency, shares.iter().map(|(_, share)| *share))?;
        Ok(Ok(Offer { shares, in_all }))
    }

    fn unmet(
        &self,
        goods: &[&PricedLine],
        currency: Currency,
        country: Country,
    ) -> Result<Option<Unmet>, MoneyError> {
        if !self.countries.is_empty() && !self.countries.contains(&country) {
            return Ok(Some(Unmet::Market));
        }
        let there = pieces(goods);
        if there < self.pieces_min {
            return Ok(Some(Unmet::Pieces { needed: self.pieces_min, there }));
        }
        if self.minimums.is_empty() {
            return Ok(None);
        }
        let worth = Money::sum(currency, goods.iter().map(|line| line.subtotal))?;
        Ok(match self.minimums.of(currency) {
            None => Some(Unmet::Currency),
            Some(minimum) if worth.minor < minimum.minor => Some(Unmet::Minimum(minimum)),
            Some(_) => None,
        })
    }
}

impl Benefit {
    /// What it takes off each of some lines, never more than is left.
    fn shares(
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
    fn told(&self) -> String {
        match self {
            Self::Percentage(rate) => format!("{rate} of what is left of the line"),
            Self::Tiers(_) => "a share of what is left of the line, by how many there are".to_owned(),
            Self::Fixed(_) => "the line's share of an amount".to_owned(),
            Self::Each(_) => "an amount off each piece".to_owned(),
            Self::BuyGet { buy, get, rate } => format!("of {} the cheapest {get} at {rate} less", buy + get),
        }
    }
}

fn pieces(goods: &[&PricedLine]) -> i64 {
    goods.iter().fold(0_i64, |sum, line| sum.saturating_add(line.quantity))
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
