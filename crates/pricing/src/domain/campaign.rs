//! Campaigns: promotions that need no code, compiled once for look-ups.
//!
//! They count by priority, the highest first, each on what those before it left. Of the campaigns of one group only one
//! counts: the one that takes most off then, by name where two take as much. So the order in which they were written down
//! makes no difference. What the campaigns after it would take off is not looked at, so another of the group may have been
//! cheaper in all. Codes come after them.

use std::collections::{BTreeMap, HashMap, HashSet};

use argosy_kernel::{Currency, Money, MoneyError, PromotionId, Timestamp};

use super::{
    Adjustment, Allocation, Amounts, Benefit, Country, Discount, PricedLine, Target, TraceStep,
    benefit::pieces,
};

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
