//! Which campaign of each group counts for a cart.
//!
//! First each group takes what is best when its turn comes, by name where two take as much. Then other choices are tried:
//! one group changed, then two at once; one is kept only if all campaigns together leave the buyer less to pay. The search
//! is bounded by work and not by time, so the same cart always has the same quote. An exhaustive search lost, because its
//! cost is the product of the groups, and so did greed alone: what takes most off early may leave nothing for a rate that
//! comes after it.

use std::collections::HashMap;

use argosy_kernel::{Money, MoneyError};

use super::{
    Benefit, Campaign, PricedLine, Unmet,
    campaign::{Members, Offer, Situation},
    campaigns::{Effort, Found},
};

/// How many lines a search may look at, over all campaigns that it tries: some 200 µs.
pub(super) const WORK_MAX: usize = 1_500;

/// A cart and the campaigns that are about it.
pub(super) struct Search<'a> {
    all: &'a [Campaign],
    found: &'a Found,
    /// Of each found campaign its group, by number; `None`: it counts beside all others.
    groups: Vec<Option<usize>>,
    lines: &'a [PricedLine],
    left: Vec<Money>,
    situation: Situation<'a>,
    /// Lines that may still be looked at.
    work: usize,
    effort: Effort,
    ways: usize,
}

/// What counts, and why the others do not.
pub(super) struct Counting {
    /// In the order in which they count.
    pub(super) steps: Vec<Step>,
    /// Those that would take something off if another did not take more.
    pub(super) beaten: Vec<Beaten>,
    /// Those that count although another of their group takes more off by itself.
    pub(super) preferred: Vec<usize>,
    /// How many choices were looked at.
    pub(super) ways: usize,
}

/// What came of one campaign.
pub(super) struct Step {
    pub(super) place: usize,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    Takes(Offer),
    /// It counts, once the price of shipping is known.
    OfShipping,
    Unmet(Unmet),
}

/// A campaign whose group another one counts for.
pub(super) struct Beaten {
    pub(super) place: usize,
    pub(super) by: usize,
}

/// Of each group the campaign that counts, as its index among the found ones.
type Choice = Vec<Option<usize>>;

/// What comes of it if each group takes the best when its turn comes.
struct Greedy {
    steps: Vec<Step>,
    choice: Choice,
    /// Of each group those that would take something off then.
    rivals: Vec<Vec<usize>>,
    left: i128,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        all: &'a [Campaign],
        found: &'a Found,
        lines: &'a [PricedLine],
        situation: Situation<'a>,
        (work, effort): (usize, Effort),
    ) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let groups = found.campaigns.iter().map(|(place, _)| {
            let group = all[*place].group.as_str();
            let next = numbers.len();
            (!group.is_empty()).then(|| *numbers.entry(group).or_insert(next))
        });
        let groups = groups.collect();
        Self { all, found, groups, lines, left: Vec::new(), situation, work, effort, ways: 1 }
    }

    pub(super) fn run(mut self) -> Result<Counting, MoneyError> {
        self.left = self.lines.iter().map(PricedLine::left).collect::<Result<_, _>>()?;
        let greedy = self.greedily()?;
        let choice = self.improve(&greedy)?;
        let (mut beaten, mut preferred) = (Vec::new(), Vec::new());
        for (group, counting) in choice.iter().enumerate() {
            let Some(counting) = *counting else { continue };
            let by = self.place(counting);
            let rivals = greedy.rivals[group].iter().filter(|rival| **rival != counting);
            beaten.extend(rivals.map(|rival| Beaten { place: self.place(*rival), by }));
            if greedy.choice[group] != Some(counting) {
                preferred.push(by);
            }
        }
        let steps = if choice == greedy.choice {
            greedy.steps
        } else {
            // Those of groups that lacked something lack it still; all others are worked out again.
            let lacking = greedy.steps.into_iter().filter(|step| {
                !self.all[step.place].group.is_empty() && matches!(step.outcome, Outcome::Unmet(_))
            });
            let mut left = self.left.clone();
            let again = self.counting(&choice).map(|index| self.step(index, &mut left));
            lacking.map(Ok).chain(again).collect::<Result<_, _>>()?
        };
        Ok(Counting { steps, beaten, preferred, ways: self.ways })
    }

    /// Each group takes the best when its turn comes.
    fn greedily(&self) -> Result<Greedy, MoneyError> {
        let groups = self.groups.iter().flatten().max().map_or(0, |last| last + 1);
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); groups];
        for (index, group) in self.groups.iter().enumerate() {
            if let Some(group) = *group {
                members[group].push(index);
            }
        }
        let mut steps = Vec::with_capacity(self.found.campaigns.len());
        let (mut choice, mut rivals) = (vec![None; groups], vec![Vec::new(); groups]);
        let mut left = self.left.clone();
        for (index, group) in self.groups.iter().enumerate() {
            let Some(group) = *group else {
                steps.push(self.step(index, &mut left)?);
                continue;
            };
            // A group's turn is that of its first campaign.
            if members[group].first() != Some(&index) {
                continue;
            }
            let mut best: Option<(usize, Money)> = None;
            for index in &members[group] {
                match self.worth(*index, &left)? {
                    Err(unmet) => {
                        steps.push(Step { place: self.place(*index), outcome: Outcome::Unmet(unmet) });
                    }
                    Ok(worth) => {
                        rivals[group].push(*index);
                        if best.is_none_or(|held| self.is_better((*index, worth), held)) {
                            best = Some((*index, worth));
                        }
                    }
                }
            }
            if let Some((index, _)) = best {
                choice[group] = Some(index);
                steps.push(self.step(index, &mut left)?);
            }
        }
        Ok(Greedy { steps, choice, rivals, left: sum(&left) })
    }

    /// Whether one takes more off than another, or as much and comes first by name.
    fn is_better(&self, one: (usize, Money), other: (usize, Money)) -> bool {
        let name = |index: usize| &self.all[self.place(index)].name;
        let (more, less) = (one.1.minor, other.1.minor);
        more > less || (more == less && name(one.0) < name(other.0))
    }

    /// The place of a found campaign among all.
    fn place(&self, index: usize) -> usize {
        self.found.campaigns[index].0
    }

    /// The lines that a found campaign is about.
    fn members(&self, index: usize) -> &'a Members {
        &self.found.members[self.found.campaigns[index].1]
    }

    /// Tries other choices for so long as work is left: each group by itself, again after each change, then two at once.
    fn improve(&mut self, greedy: &Greedy) -> Result<Choice, MoneyError> {
        let (mut best, mut least) = (greedy.choice.clone(), greedy.left);
        let contested: Vec<usize> = (0..best.len()).filter(|group| greedy.rivals[*group].len() > 1).collect();
        let mut has_changed = !contested.is_empty();
        while has_changed {
            has_changed = false;
            for group in &contested {
                for rival in &greedy.rivals[*group] {
                    match self.try_out(&best, &[(*group, *rival)], least)? {
                        Tried::Better(choice, left) => (best, least, has_changed) = (choice, left, true),
                        Tried::NoBetter => {}
                        Tried::OutOfWork => return Ok(best),
                    }
                }
            }
        }
        for (position, one) in contested.iter().enumerate() {
            for other in &contested[position + 1..] {
                for a in &greedy.rivals[*one] {
                    for b in &greedy.rivals[*other] {
                        match self.try_out(&best, &[(*one, *a), (*other, *b)], least)? {
                            Tried::Better(choice, left) => (best, least) = (choice, left),
                            Tried::NoBetter => {}
                            Tried::OutOfWork => return Ok(best),
                        }
                    }
                }
            }
        }
        Ok(best)
    }

    /// What is left to pay if these groups are changed, all of them or it was tried before.
    fn try_out(
        &mut self,
        best: &Choice,
        changes: &[(usize, usize)],
        least: i128,
    ) -> Result<Tried, MoneyError> {
        if changes.iter().any(|(group, rival)| best[*group] == Some(*rival)) {
            return Ok(Tried::NoBetter);
        }
        let mut choice = best.clone();
        for (group, rival) in changes {
            choice[*group] = Some(*rival);
        }
        let cost: usize = self.counting(&choice).map(|index| self.members(index).places.len() + 1).sum();
        let Some(work) = self.work.checked_sub(cost) else { return Ok(Tried::OutOfWork) };
        self.work = work;
        self.ways += 1;
        let mut left = self.left.clone();
        for index in self.counting(&choice) {
            if let Ok(offer) = self.offer(index, &left)? {
                offer.take_from(&mut left)?;
            }
        }
        let left = sum(&left);
        Ok(if left < least { Tried::Better(choice, left) } else { Tried::NoBetter })
    }

    /// The campaigns that a choice lets count, in their order: a group counts when its first campaign would.
    fn counting<'s>(&'s self, choice: &'s Choice) -> impl Iterator<Item = usize> + 's {
        let mut settled = vec![false; choice.len()];
        self.groups.iter().enumerate().filter_map(move |(index, group)| match group {
            None => Some(index),
            Some(group) => {
                let is_settled = std::mem::replace(&mut settled[*group], true);
                choice[*group].filter(|_| !is_settled)
            }
        })
    }

    fn step(&self, index: usize, left: &mut [Money]) -> Result<Step, MoneyError> {
        let place = self.place(index);
        let campaign = &self.all[place];
        if matches!(campaign.benefit, Benefit::Shipping(_)) {
            let unmet = campaign.unmet(self.members(index), self.situation);
            return Ok(Step { place, outcome: unmet.map_or(Outcome::OfShipping, Outcome::Unmet) });
        }
        let outcome = match self.offer(index, left)? {
            Ok(offer) => {
                offer.take_from(left)?;
                Outcome::Takes(offer)
            }
            Err(unmet) => Outcome::Unmet(unmet),
        };
        Ok(Step { place, outcome })
    }

    fn offer(&self, index: usize, left: &[Money]) -> Result<Result<Offer, Unmet>, MoneyError> {
        self.all[self.place(index)].offer(self.lines, left, self.members(index), self.situation)
    }

    /// What it would take off in all.
    fn worth(&self, index: usize, left: &[Money]) -> Result<Result<Money, Unmet>, MoneyError> {
        match self.effort {
            Effort::Shared => {
                self.all[self.place(index)].worth(self.lines, left, self.members(index), self.situation)
            }
            #[cfg(test)]
            Effort::Plain => Ok(self.offer(index, left)?.map(|offer| offer.in_all)),
        }
    }
}

enum Tried {
    Better(Choice, i128),
    NoBetter,
    OutOfWork,
}

impl Offer {
    fn take_from(&self, left: &mut [Money]) -> Result<(), MoneyError> {
        for (place, share) in &self.shares {
            left[*place] = left[*place].minus(*share)?;
        }
        Ok(())
    }
}

fn sum(left: &[Money]) -> i128 {
    left.iter().map(|amount| i128::from(amount.minor)).sum()
}
