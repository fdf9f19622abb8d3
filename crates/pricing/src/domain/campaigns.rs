//! All campaigns of a shop, compiled once for look-ups.
//!
//! They count by priority, the highest first, each on what those before it left. Of the campaigns of one group only one
//! counts: which one is the business of [`search`](super::search). The order in which campaigns were written down makes no
//! difference. Codes come after campaigns, and are not looked ahead to.

use std::collections::HashMap;

use argosy_kernel::{Currency, Money, MoneyError};

use super::{
    Adjustment, Allocation, Campaign, Discount, GiftOffer, PricedLine, Target, TraceStep, Unmet,
    campaign::{Offer, Situation},
    search::{Outcome, Search, WORK_MAX},
};

/// Of so many campaigns at most it is told why they did not count.
const EXPLAINED_MAX: usize = 20;
/// All campaigns of a shop, prepared for look-ups.
#[derive(Debug, Clone, Default)]
pub struct Campaigns {
    /// In the order in which they count.
    all: Vec<Campaign>,
    /// Places by what they are about.
    by_goods: HashMap<String, Vec<usize>>,
    about_everything: Vec<usize>,
    /// How many lines a search may look at.
    work_max: usize,
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
    /// Those that are about the price of shipping, which is not known yet.
    pub(super) of_shipping: Vec<&'a Campaign>,
}

impl Campaigns {
    /// Prepares campaigns; those that are switched off are left out.
    pub fn new(campaigns: Vec<Campaign>) -> Self {
        let mut all: Vec<Campaign> = campaigns.into_iter().filter(|campaign| campaign.active).collect();
        all.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.name.cmp(&b.name)));
        let mut by_goods: HashMap<String, Vec<usize>> = HashMap::new();
        let mut about_everything = Vec::new();
        for (place, campaign) in all.iter().enumerate() {
            if campaign.goods.names().next().is_none() {
                about_everything.push(place);
            }
            for name in campaign.goods.names() {
                by_goods.entry(name.clone()).or_default().push(place);
            }
        }
        Self { all, by_goods, about_everything, work_max: WORK_MAX }
    }

    /// The same without a search: each group takes the best when its turn comes.
    #[cfg(test)]
    pub(super) fn greedy(self) -> Self {
        Self { work_max: 0, ..self }
    }

    /// Takes off what counts for these lines.
    pub(super) fn apply<'a>(
        &'a self,
        lines: &mut [PricedLine],
        situation: Situation<'_>,
    ) -> Result<Given<'a>, MoneyError> {
        let found = self.found(lines, situation);
        let found = Search::new(&self.all, &found, lines, situation, self.work_max).run()?;
        let mut given = Given::default();
        for beaten in &found.beaten {
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
        for step in found.steps {
            let campaign = &self.all[step.place];
            given.asks_first_order |= matches!(step.outcome, Outcome::Unmet(Unmet::FirstOrder))
                && situation.buyer.is_first_order.is_none();
            match step.outcome {
                Outcome::Takes(offer) => given.take(campaign, &offer, lines)?,
                Outcome::OfShipping => given.of_shipping.push(campaign),
                Outcome::Unmet(unmet) => given.explain(campaign, &unmet, situation.currency),
            }
        }
        Ok(given)
    }

    /// The campaigns that are about some of the lines, with the places of those lines, in the order in which they count.
    fn found(&self, lines: &[PricedLine], situation: Situation<'_>) -> Vec<(usize, Vec<usize>)> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.all.len()];
        for (line_place, line) in lines.iter().enumerate() {
            let names = std::iter::once(&line.product_id).chain(&line.collection_ids).chain(&line.labels);
            for place in names.filter_map(|name| self.by_goods.get(name)).flatten() {
                if members[*place].last() != Some(&line_place) {
                    members[*place].push(line_place);
                }
            }
        }
        if !lines.is_empty() {
            for place in &self.about_everything {
                members[*place] = (0..lines.len()).collect();
            }
        }
        let found = members.into_iter().enumerate();
        found
            .filter(|(place, members)| !members.is_empty() && self.all[*place].is_on(situation.now))
            .collect()
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
        for (place, share) in &offer.shares {
            let amount = share.negated()?;
            let line = &mut lines[*place];
            let adjustment = Adjustment {
                promotion_id: campaign.id,
                code: String::new(),
                label: campaign.title.clone(),
                amount,
            };
            line.adjust(adjustment, TraceStep { amount, ..step.clone() })?;
            allocations.push(Allocation { target: Target::Line(line.line_id.clone()), amount });
        }
        let amount = offer.in_all.negated()?;
        let (code, title) = (String::new(), campaign.title.clone());
        self.discounts.push(Discount { code, title, amount, allocations });
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
