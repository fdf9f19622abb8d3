//! All campaigns of a shop, compiled once for look-ups.
//!
//! They count by priority, the highest first, each on what those before it left. Of the campaigns of one group only one
//! counts: which one is the business of [`search`](super::search). The order in which campaigns were written down makes no
//! difference. Codes come after campaigns, and are not looked ahead to.
//!
//! Which lines a campaign is about is worked out once for all campaigns of the same goods: in most shops many are about
//! everything.

use std::{collections::HashMap, rc::Rc};

use argosy_kernel::{Currency, Money, MoneyError, Timestamp};

use super::{
    Adjustment, Allocation, Campaign, Discount, GiftOffer, PricedLine, Target, TraceStep, Unmet,
    campaign::{Members, Offer, Situation},
    search::{Outcome, Search, Step, WORK_MAX},
};

/// Of so many campaigns at most it is told why they did not count.
const EXPLAINED_MAX: usize = 20;
/// All campaigns of a shop, prepared for look-ups.
#[derive(Debug, Clone, Default)]
pub struct Campaigns {
    /// In the order in which they count.
    all: Vec<Campaign>,
    /// Of each by its place which kind of goods it is about.
    kinds: Vec<usize>,
    /// How many kinds of goods there are.
    kinds_count: usize,
    /// Kinds by each name that goods may have.
    by_name: HashMap<String, Vec<usize>>,
    /// The kinds that are everything.
    everything: Vec<usize>,
    /// How many lines a search may look at.
    work_max: usize,
    effort: Effort,
}

/// How what a campaign would take off is worked out; to the same end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Effort {
    /// What campaigns have in common once, and shares only where they are needed.
    #[default]
    Shared,
    /// Each by itself and in full: what tests hold the other against.
    #[cfg(test)]
    Plain,
}

/// The campaigns that are about some lines, in the order in which they count.
pub(super) struct Found {
    /// Places of campaigns, and of their kinds of goods.
    pub(super) campaigns: Vec<(usize, usize)>,
    /// By kind of goods.
    pub(super) members: Vec<Members>,
}

/// What campaigns came to.
#[derive(Debug, Default)]
pub(super) struct Given<'a> {
    pub(super) discounts: Vec<Discount>,
    /// Those that did not count, and why.
    pub(super) trace: Vec<TraceStep>,
    /// What can be added for nothing.
    pub(super) gifts: Vec<GiftOffer>,
    /// Whether one would count if this were known to be a first order.
    pub(super) asks_first_order: bool,
    /// Whether one counts that each buyer may use only so often, and it is not known who buys.
    pub(super) asks_buyer: bool,
    /// Those that are about the price of shipping, which is not known yet.
    pub(super) of_shipping: Vec<&'a Campaign>,
}

impl Campaigns {
    /// Prepares campaigns; those that are switched off are left out.
    pub fn new(campaigns: Vec<Campaign>) -> Self {
        let mut all: Vec<Campaign> = campaigns.into_iter().filter(|campaign| campaign.active).collect();
        all.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.name.cmp(&b.name)));
        let mut known: HashMap<Vec<&str>, usize> = HashMap::new();
        let kinds = all.iter().map(|campaign| {
            let mut names: Vec<&str> = campaign.goods.names().map(String::as_str).collect();
            names.sort_unstable();
            names.dedup();
            let next = known.len();
            *known.entry(names).or_insert(next)
        });
        let kinds = kinds.collect();
        Self::of_kinds(all, kinds)
    }

    fn of_kinds(all: Vec<Campaign>, kinds: Vec<usize>) -> Self {
        let kinds_count = kinds.iter().max().map_or(0, |last| last + 1);
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut everything = Vec::new();
        let mut seen = vec![false; kinds_count];
        for (campaign, kind) in all.iter().zip(&kinds) {
            if std::mem::replace(&mut seen[*kind], true) {
                continue;
            }
            if campaign.goods.names().next().is_none() {
                everything.push(*kind);
            }
            for name in campaign.goods.names() {
                by_name.entry(name.clone()).or_default().push(*kind);
            }
        }
        let (work_max, effort) = (WORK_MAX, Effort::default());
        Self { all, kinds, kinds_count, by_name, everything, work_max, effort }
    }

    /// The same, each campaign worked out by itself and in full.
    #[cfg(test)]
    pub(super) fn plain(self) -> Self {
        let kinds = (0..self.all.len()).collect();
        Self { effort: Effort::Plain, work_max: self.work_max, ..Self::of_kinds(self.all, kinds) }
    }

    /// The same without a search: each group takes the best when its turn comes.
    #[cfg(test)]
    pub(super) fn greedy(self) -> Self {
        Self { work_max: 0, ..self }
    }

    /// Those with limits that count now, by name; and of them those that count each buyer's uses.
    pub fn limited(&self, now: Timestamp) -> (Vec<String>, Vec<String>) {
        let limited = self.all.iter().filter(|campaign| !campaign.limits.is_none() && campaign.is_on(now));
        let (mut all, mut by_buyer) = (Vec::new(), Vec::new());
        for campaign in limited {
            all.push(campaign.name.clone());
            if campaign.limits.uses_per_buyer.is_some() {
                by_buyer.push(campaign.name.clone());
            }
        }
        (all, by_buyer)
    }

    /// Takes off what counts for these lines.
    pub(super) fn apply<'a>(
        &'a self,
        lines: &mut [PricedLine],
        situation: Situation<'_>,
    ) -> Result<Given<'a>, MoneyError> {
        let found = self.found(lines, situation)?;
        let found = Search::new(&self.all, &found, lines, situation, (self.work_max, self.effort)).run()?;
        let mut given = Given::default();
        for beaten in found.beaten.iter().take(EXPLAINED_MAX) {
            let unmet = Unmet::Beaten(self.all[beaten.by].name.clone());
            given.explain(&self.all[beaten.place], &unmet, situation.currency);
        }
        for place in found.preferred {
            let campaign = &self.all[place];
            let text = format!(
                "{} counts: another of its group takes more off by itself, but with the other groups this one leaves \
                 less to pay; {} ways were looked at",
                campaign.name, found.ways
            );
            let rule = format!("campaign_group:{}", campaign.group);
            given.trace.push(TraceStep::new(rule, text, Money::zero(situation.currency)));
        }
        make_room(lines, &found.steps);
        for step in found.steps {
            let campaign = &self.all[step.place];
            given.asks_first_order |= matches!(step.outcome, Outcome::Unmet(Unmet::FirstOrder))
                && situation.buyer.is_first_order.is_none();
            given.asks_buyer |= !matches!(step.outcome, Outcome::Unmet(_))
                && campaign.limits.uses_per_buyer.is_some()
                && situation.buyer.key.is_empty();
            match step.outcome {
                Outcome::Takes(offer) => given.take(campaign, &offer, lines)?,
                Outcome::OfShipping => given.of_shipping.push(campaign),
                Outcome::Unmet(unmet) => given.explain(campaign, &unmet, situation.currency),
            }
        }
        Ok(given)
    }

    /// The campaigns that are about some of the lines, in the order in which they count.
    fn found(&self, lines: &[PricedLine], situation: Situation<'_>) -> Result<Found, MoneyError> {
        let mut places: Vec<Vec<usize>> = vec![Vec::new(); self.kinds_count];
        let open = || lines.iter().enumerate().filter(|(_, line)| !line.is_agreed);
        for (line_place, line) in open() {
            let names = std::iter::once(&line.product_id).chain(&line.collection_ids).chain(&line.labels);
            for kind in names.filter_map(|name| self.by_name.get(name)).flatten() {
                if places[*kind].last() != Some(&line_place) {
                    places[*kind].push(line_place);
                }
            }
        }
        for kind in &self.everything {
            places[*kind] = open().map(|(place, _)| place).collect();
        }
        let is_found = |(place, kind): &(usize, usize)| {
            !places[*kind].is_empty() && self.all[*place].is_on(situation.now)
        };
        let campaigns = self.kinds.iter().copied().enumerate().filter(is_found).collect();
        let members = places.into_iter().map(|places| Members::new(places, lines, situation.currency));
        Ok(Found { campaigns, members: members.collect::<Result<_, _>>()? })
    }
}

/// Makes room for what is about to be taken off each line.
fn make_room(lines: &mut [PricedLine], steps: &[Step]) {
    let mut counts = vec![0; lines.len()];
    for step in steps {
        if let Outcome::Takes(offer) = &step.outcome {
            offer.shares.iter().for_each(|(place, _)| counts[*place] += 1);
        }
    }
    for (line, count) in lines.iter_mut().zip(counts).filter(|(_, count)| *count > 0) {
        line.make_room(count);
    }
}

impl Given<'_> {
    fn take(
        &mut self,
        campaign: &Campaign,
        offer: &Offer,
        lines: &mut [PricedLine],
    ) -> Result<(), MoneyError> {
        let mut allocations = Vec::with_capacity(offer.shares.len());
        let step = TraceStep::new(campaign.rule(), campaign.benefit.told(), offer.in_all);
        let (code, label): (Rc<str>, Rc<str>) = ("".into(), campaign.title.as_str().into());
        for (place, share) in &offer.shares {
            let amount = share.negated()?;
            let line = &mut lines[*place];
            let adjustment = Adjustment {
                promotion_id: campaign.id,
                code: Rc::clone(&code),
                label: Rc::clone(&label),
                amount,
            };
            line.adjust(adjustment, TraceStep { amount, ..step.clone() })?;
            allocations.push(Allocation { target: Target::Line(Rc::clone(&line.line_id)), amount });
        }
        let amount = offer.in_all.negated()?;
        let (code, title) = (String::new(), campaign.title.clone());
        let campaign = campaign.redeemed_by();
        self.discounts.push(Discount { code, campaign, title, amount, allocations });
        Ok(())
    }

    /// Says why a campaign did not count; a gift that can be had is offered beside.
    fn explain(&mut self, campaign: &Campaign, unmet: &Unmet, currency: Currency) {
        if let Unmet::GiftMissing { variant_id, pieces } = unmet {
            self.gifts.push(GiftOffer {
                title: campaign.title.clone(),
                variant_id: variant_id.clone(),
                pieces: *pieces,
            });
        }
        if self.trace.len() < EXPLAINED_MAX {
            let text = format!("did not count: {unmet}");
            self.trace.push(TraceStep::new(campaign.rule(), text, Money::zero(currency)));
        }
    }
}
