//! What a variant cost in a list over time, for the notice that a reduction needs.
//!
//! Article 6a of directive 98/6/EC: the prior price is the lowest that was applied in the 30 days before the reduction. Before
//! a list counted, and while it does not, the catalogue's price was applied. The history is worked out from what was put and
//! when, and not written down whenever a price was in force: schedules and percentages change prices without a write.

use std::{collections::HashMap, time::Duration};

use argosy_kernel::{Money, MoneyError, Timestamp};

use super::PriceList;

/// From a time on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since<T> {
    /// When.
    pub at: Timestamp,
    /// What.
    pub is: T,
}

/// How a list and one of its variants were put, each oldest first.
#[derive(Debug, Clone, Default)]
pub struct ListHistory {
    /// The list as it was.
    pub lists: Vec<Since<PriceList>>,
    /// The variant's fixed price for one piece; `None`: it had none.
    pub fixed: Vec<Since<Option<Money>>>,
}

/// The histories of one list by variant.
pub type ListHistories = HashMap<String, ListHistory>;

fn at<T>(history: &[Since<T>], time: Timestamp) -> Option<&T> {
    history.iter().rev().find(|since| since.at <= time).map(|since| &since.is)
}

impl ListHistory {
    /// When something of its own last changed what it says.
    pub fn changed_last(&self, now: Timestamp) -> Timestamp {
        self.times(now).max().unwrap_or_default()
    }

    fn times(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        let schedules = self.lists.iter().flat_map(|list| [list.is.starts_at, list.is.ends_at]).flatten();
        let put = self.lists.iter().map(|list| list.at).chain(self.fixed.iter().map(|price| price.at));
        schedules.chain(put).filter(move |time| *time <= now)
    }

    fn price(&self, base: Option<Money>, time: Timestamp) -> Result<Option<Money>, MoneyError> {
        let Some(base) = base else { return Ok(None) };
        let Some(list) = at(&self.lists, time).filter(|list| list.is_on(time)) else { return Ok(Some(base)) };
        if let Some(Some(fixed)) = at(&self.fixed, time) {
            return Ok(Some(*fixed));
        }
        list.rate_for(1).map_or(Ok(Some(base)), |rate| rate.of(base).map(Some))
    }

    /// The lowest price in force at any time in the days before the present one began; `None` if there was none. `base` is
    /// the catalogue's price, oldest first.
    ///
    /// # Errors
    /// [`MoneyError`] if a price does not fit.
    pub fn lowest_before(
        &self,
        base: &[Since<Option<Money>>],
        days: u32,
        now: Timestamp,
    ) -> Result<Option<Money>, MoneyError> {
        let of_base = base.iter().map(|price| price.at).filter(|time| *time <= now);
        let mut times: Vec<Timestamp> = self.times(now).chain(of_base).collect();
        times.sort_unstable();
        times.dedup();
        let mut prices: Vec<(Timestamp, Option<Money>)> = Vec::new();
        for time in times {
            let price = self.price(at(base, time).copied().flatten(), time)?;
            if prices.last().is_none_or(|(_, before)| *before != price) {
                prices.push((time, price));
            }
        }
        let Some(((began, Some(_)), earlier)) = prices.split_last() else { return Ok(None) };
        let start = began.minus(Duration::from_secs(u64::from(days) * 24 * 3_600));
        let ends = earlier.iter().skip(1).map(|(time, _)| *time).chain([*began]);
        let in_days = earlier.iter().zip(ends).filter(|(_, end)| *end > start);
        Ok(in_days.filter_map(|((_, price), _)| *price).min_by_key(|price| price.minor))
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::{Currency, Rate};

    use super::{super::PriceStep, *};

    const DAY_MS: i64 = 24 * 3_600 * 1_000;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_millis(day * DAY_MS)
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn since<T>(from: i64, is: T) -> Since<T> {
        Since { at: day(from), is }
    }

    /// A list at a share of the price, from a day to a day.
    fn sale(percent: i64, from: i64, to: i64) -> PriceList {
        PriceList {
            name: "sale".to_owned(),
            title: String::new(),
            markets: Vec::new(),
            buyer_groups: Vec::new(),
            starts_at: Some(day(from)),
            ends_at: Some(day(to)),
            active: true,
            steps: vec![PriceStep { pieces_min: 1, rate: Rate::from_ppm(percent * 10_000) }],
            is_sale: true,
        }
    }

    fn lowest(history: &ListHistory, base: &[(i64, i64)], now: i64) -> Option<i64> {
        let base: Vec<_> = base.iter().map(|(from, minor)| since(*from, Some(eur(*minor)))).collect();
        history.lowest_before(&base, 30, day(now)).unwrap().map(|price| price.minor)
    }

    #[test]
    fn a_sale_is_told_with_the_lowest_price_of_the_days_before_it_began() {
        let history = ListHistory { lists: vec![since(90, sale(80, 100, 120))], fixed: Vec::new() };
        assert_eq!(lowest(&history, &[(0, 1_000)], 110), Some(1_000));
        assert_eq!(lowest(&history, &[(0, 900), (80, 1_000)], 110), Some(900), "it cost less 20 days before");
        assert_eq!(lowest(&history, &[(0, 900), (60, 1_000)], 110), Some(1_000), "that is too long ago");
        assert_eq!(lowest(&history, &[(0, 1_000)], 130), Some(800), "after the sale");
        assert_eq!(lowest(&history, &[(100, 1_000)], 110), None, "a first price");
        assert_eq!(lowest(&history, &[], 110), None);
    }

    #[test]
    fn a_price_that_goes_on_falling_is_compared_with_what_the_list_had_before() {
        let lists = vec![since(90, sale(90, 100, 200)), since(110, sale(70, 100, 200))];
        let fixed = vec![since(115, Some(eur(500))), since(118, None)];
        let history = ListHistory { lists: lists.clone(), fixed };
        assert_eq!(lowest(&history, &[(0, 1_000)], 112), Some(900));
        assert_eq!(lowest(&history, &[(0, 1_000)], 116), Some(700));
        assert_eq!(lowest(&history, &[(0, 1_000)], 119), Some(500), "it was fixed for three days");
        let history = ListHistory { lists, fixed: Vec::new() };
        assert_eq!(lowest(&history, &[(0, 1_000)], 160), Some(900), "the present price began on day 110");
    }
}
