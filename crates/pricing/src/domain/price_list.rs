//! Price lists: what some buyers pay instead of the catalogue's price.
//!
//! Of several lists that price a variant the closest counts, and not the lowest of all: a dealer's price stands although a
//! sale for everybody is cheaper, because that is what was agreed with them. Among lists that are as close the lowest price
//! counts, then the first by name, so the order in which they were put makes no difference. A number to order them by lost:
//! whoever adds a list would have to know all others.

use std::collections::HashMap;

use argosy_kernel::{Money, MoneyError, Rate, Timestamp};

/// A price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    /// What it is put by, and told by in a trace.
    pub name: String,
    /// For people.
    pub title: String,
    /// In these markets, by name; empty: in all.
    pub markets: Vec<String>,
    /// For buyers of one of these groups; empty: for everybody.
    pub buyer_groups: Vec<String>,
    /// From when it counts.
    pub starts_at: Option<Timestamp>,
    /// Until when it counts, not included.
    pub ends_at: Option<Timestamp>,
    /// Whether it is switched on at all.
    pub active: bool,
    /// Shares of the catalogue's price, by pieces, ascending; a fixed price counts before them.
    pub steps: Vec<PriceStep>,
    /// A reduction: the catalogue's price is shown beside it.
    pub is_sale: bool,
}

/// A share of the catalogue's price from so many pieces on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceStep {
    /// At least 1.
    pub pieces_min: i64,
    /// May be above the whole.
    pub rate: Rate,
}

/// A variant's price in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedPrice {
    /// The list's name.
    pub list: String,
    /// From so many pieces on, at least 1.
    pub pieces_min: i64,
    /// Of one.
    pub price: Money,
}

/// Fixed prices by variant.
pub type FixedPrices = HashMap<String, Vec<FixedPrice>>;

/// How closely a list names whom it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Everybody,
    Markets,
    Groups,
    GroupsAndMarkets,
}

impl PriceList {
    /// Whether it counts at a time.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.active
            && self.starts_at.is_none_or(|starts_at| now >= starts_at)
            && self.ends_at.is_none_or(|ends_at| now < ends_at)
    }

    /// The share of the catalogue's price that so many pieces cost.
    pub(super) fn rate_for(&self, pieces: i64) -> Option<Rate> {
        let reached = self.steps.iter().filter(|step| step.pieces_min <= pieces);
        reached.max_by_key(|step| step.pieces_min).map(|step| step.rate)
    }

    fn closeness(&self) -> Closeness {
        match (self.buyer_groups.is_empty(), self.markets.is_empty()) {
            (true, true) => Closeness::Everybody,
            (true, false) => Closeness::Markets,
            (false, true) => Closeness::Groups,
            (false, false) => Closeness::GroupsAndMarkets,
        }
    }

    fn is_for(&self, market: Option<&str>, groups: &[String]) -> bool {
        let in_market = || market.is_some_and(|market| self.markets.iter().any(|name| name == market));
        let in_group = || self.buyer_groups.iter().any(|group| groups.contains(group));
        (self.markets.is_empty() || in_market()) && (self.buyer_groups.is_empty() || in_group())
    }

    /// What one of so many pieces costs; `None`: it says nothing of it.
    fn price(&self, base: Money, pieces: i64, fixed: &[FixedPrice]) -> Result<Option<Money>, MoneyError> {
        let own = fixed.iter().filter(|price| price.list == self.name && price.pieces_min <= pieces);
        if let Some(fixed) = own.max_by_key(|price| price.pieces_min) {
            return Ok(Some(fixed.price));
        }
        self.rate_for(pieces).map(|rate| rate.of(base)).transpose()
    }
}

/// All price lists of a shop.
#[derive(Debug, Clone, Default)]
pub struct PriceLists(Vec<PriceList>);

/// A price that a list gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Which list.
    pub list: &'a PriceList,
    /// Of one.
    pub price: Money,
}

impl PriceLists {
    /// Prepares lists for look-ups.
    pub fn new(mut lists: Vec<PriceList>) -> Self {
        lists.sort_by(|a, b| b.closeness().cmp(&a.closeness()).then_with(|| a.name.cmp(&b.name)));
        Self(lists)
    }

    /// The lists that count for a buyer in a market now.
    pub fn counting(&self, market: Option<&str>, groups: &[String], now: Timestamp) -> Counting<'_> {
        let counts = |list: &&PriceList| list.is_on(now) && list.is_for(market, groups);
        Counting(self.0.iter().filter(counts).collect())
    }

    /// The latest time up to now at which one of them began or ceased to count.
    pub fn changed_last(&self, now: Timestamp) -> Option<Timestamp> {
        let active = self.0.iter().filter(|list| list.active);
        let times = active.flat_map(|list| [list.starts_at, list.ends_at]).flatten();
        times.filter(|time| *time <= now).max()
    }
}

/// The lists that count, the closest first, then by name.
#[derive(Debug, Clone, Default)]
pub struct Counting<'a>(Vec<&'a PriceList>);

impl<'a> Counting<'a> {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.0.iter().map(|list| list.name.as_str())
    }

    /// Whether no list counts.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What one of so many pieces of a variant costs, if a list prices it. `base` is the catalogue's price.
    ///
    /// # Errors
    /// [`MoneyError`] if it does not fit.
    pub fn price(
        &self,
        base: Money,
        pieces: i64,
        fixed: &[FixedPrice],
    ) -> Result<Option<Listed<'a>>, MoneyError> {
        let mut best: Option<Listed<'a>> = None;
        for list in self.0.iter().copied() {
            if best.is_some_and(|best| list.closeness() < best.list.closeness()) {
                break;
            }
            let Some(price) = list.price(base, pieces, fixed)? else { continue };
            if best.is_none_or(|best| price.minor < best.price.minor) {
                best = Some(Listed { list, price });
            }
        }
        Ok(best)
    }

    /// From how many pieces on one costs something else, above one, ascending.
    ///
    /// # Errors
    /// As [`Counting::price`].
    pub fn steps(&self, base: Money, fixed: &[FixedPrice]) -> Result<Vec<(i64, Money)>, MoneyError> {
        let named = |price: &&FixedPrice| self.names().any(|name| name == price.list);
        let mut from: Vec<i64> = fixed.iter().filter(named).map(|price| price.pieces_min).collect();
        from.extend(self.0.iter().flat_map(|list| list.steps.iter().map(|step| step.pieces_min)));
        from.retain(|pieces| *pieces > 1);
        from.sort_unstable();
        from.dedup();
        let mut before = self.price(base, 1, fixed)?.map_or(base, |listed| listed.price);
        let mut steps = Vec::new();
        for pieces in from {
            let price = self.price(base, pieces, fixed)?.map_or(base, |listed| listed.price);
            if price != before {
                steps.push((pieces, price));
                before = price;
            }
        }
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::Currency;
    use proptest::prelude::*;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn list(name: &str, steps: &[(i64, i64)]) -> PriceList {
        let step = |(pieces_min, percent): &(i64, i64)| PriceStep {
            pieces_min: *pieces_min,
            rate: Rate::from_ppm(percent * 10_000),
        };
        PriceList {
            name: name.to_owned(),
            title: String::new(),
            markets: Vec::new(),
            buyer_groups: Vec::new(),
            starts_at: None,
            ends_at: None,
            active: true,
            steps: steps.iter().map(step).collect(),
            is_sale: false,
        }
    }

    fn fixed(list: &str, pieces_min: i64, minor: i64) -> FixedPrice {
        FixedPrice { list: list.to_owned(), pieces_min, price: eur(minor) }
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    fn priced(lists: &PriceLists, market: &str, groups: &[&str], pieces: i64) -> (String, i64) {
        let counting = lists.counting(Some(market), &names(groups), Timestamp::default());
        let listed = counting.price(eur(1_000), pieces, &[fixed("dealers", 5, 400)]).unwrap();
        listed.map_or((String::new(), 1_000), |listed| (listed.list.name.clone(), listed.price.minor))
    }

    fn shop() -> PriceLists {
        PriceLists::new(vec![
            list("sale", &[(1, 50)]),
            PriceList { markets: names(&["uk"]), ..list("uk", &[(1, 110)]) },
            PriceList { buyer_groups: names(&["dealer"]), ..list("dealers", &[(1, 90)]) },
            PriceList { buyer_groups: names(&["dealer"]), ..list("clearance", &[(10, 80)]) },
            PriceList {
                buyer_groups: names(&["dealer"]),
                markets: names(&["uk"]),
                ..list("uk-dealers", &[(3, 70)])
            },
        ])
    }

    #[test]
    fn the_closest_list_counts_then_the_lowest_price() {
        let lists = shop();
        assert_eq!(priced(&lists, "dach", &[], 1), ("sale".to_owned(), 500));
        assert_eq!(priced(&lists, "uk", &[], 1), ("uk".to_owned(), 1_100), "also where it is dearer");
        assert_eq!(priced(&lists, "uk", &["dealer"], 1), ("dealers".to_owned(), 900));
        assert_eq!(priced(&lists, "uk", &["dealer"], 3), ("uk-dealers".to_owned(), 700));
        assert_eq!(priced(&lists, "dach", &["dealer", "staff"], 5), ("dealers".to_owned(), 400), "fixed");
        assert_eq!(priced(&lists, "dach", &["dealer"], 12), ("dealers".to_owned(), 400), "the lowest of two");
    }

    #[test]
    fn a_list_counts_in_its_time_only() {
        let at = Timestamp::from_millis;
        let timed = PriceList { starts_at: Some(at(10)), ends_at: Some(at(20)), ..list("sale", &[(1, 50)]) };
        let lists = PriceLists::new(vec![timed, PriceList { active: false, ..list("off", &[(1, 1)]) }]);
        let counts = |now: i64| !lists.counting(None, &[], at(now)).is_empty();
        assert_eq!([9, 10, 19, 20].map(counts), [false, true, true, false]);
        assert_eq!([9, 10, 20].map(|now| lists.changed_last(at(now))), [None, Some(at(10)), Some(at(20))]);
    }

    #[test]
    fn steps_are_told_where_the_price_changes() {
        let lists = PriceLists::new(vec![list("tiers", &[(1, 100), (5, 90), (10, 90), (20, 80)])]);
        let counting = lists.counting(None, &[], Timestamp::default());
        let steps = counting.steps(eur(1_000), &[fixed("other", 3, 1)]).unwrap();
        assert_eq!(steps, [(5, eur(900)), (20, eur(800))]);
    }

    proptest! {
        #[test]
        fn the_order_in_which_lists_are_written_makes_no_difference(
            lists in prop::collection::vec((0_u8..4, 1_i64..5, 1_i64..200), 0..6),
            prices in prop::collection::vec((0_usize..6, 1_i64..5, 0_i64..2_000), 0..6),
            pieces in 1_i64..8,
        ) {
            let mut lists: Vec<PriceList> = lists.into_iter().enumerate().map(|(place, (kind, from, percent))| PriceList {
                markets: if kind % 2 == 1 { names(&["m"]) } else { Vec::new() },
                buyer_groups: if kind > 1 { names(&["g"]) } else { Vec::new() },
                ..list(&format!("l{place}"), &[(from, percent)])
            }).collect();
            let fixed: Vec<FixedPrice> =
                prices.into_iter().map(|(list, from, minor)| fixed(&format!("l{list}"), from, minor)).collect();
            let price = |lists: Vec<PriceList>| {
                let lists = PriceLists::new(lists);
                let counting = lists.counting(Some("m"), &names(&["g"]), Timestamp::default());
                let listed = counting.price(eur(1_000), pieces, &fixed).unwrap();
                listed.map(|listed| (listed.list.name.clone(), listed.price))
            };
            let forwards = price(lists.clone());
            lists.reverse();
            prop_assert_eq!(price(lists), forwards);
        }
    }
}
