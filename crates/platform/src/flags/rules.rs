//! For whom a flag is on, and where that is kept.

use std::{collections::BTreeMap, fmt};

use argosy_kernel::{Error, Result};
use sea_orm::FromQueryResult;

use super::Switch;
use crate::database::{Database, sql};

/// For whom a flag is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// For so many of a hundred, chosen by their keys.
    pub percent: u8,
    /// Only in these markets, ISO 3166-1 alpha-2; in all if there are none.
    pub markets: Vec<String>,
}

impl From<Switch> for Rule {
    fn from(switch: Switch) -> Self {
        let percent = match switch {
            Switch::On => 100,
            Switch::Off => 0,
        };
        Self { percent, markets: Vec::new() }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.percent {
            0 => return formatter.write_str("off"),
            100 => formatter.write_str("on")?,
            percent => write!(formatter, "on for {percent} %")?,
        }
        if !self.markets.is_empty() {
            write!(formatter, " in {}", self.markets.join(", "))?;
        }
        Ok(())
    }
}

impl Rule {
    pub(super) fn holds(&self, flag: &str, subject: &str, market: Option<&str>) -> bool {
        let is_there = self.markets.is_empty()
            || market.is_some_and(|market| self.markets.iter().any(|one| one == market));
        let has_share = match self.percent {
            0 => false,
            100.. => true,
            percent => place(flag, subject) < u64::from(percent),
        };
        is_there && has_share
    }
}

/// Where of a hundred a subject is, the same in every process and release; another for each flag, so that it is not
/// always the same buyers who try what is new.
fn place(flag: &str, subject: &str) -> u64 {
    let digest = ring::digest::digest(&ring::digest::SHA256, format!("{flag}/{subject}").as_bytes());
    let number = digest.as_ref().iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    number % 100
}

#[derive(FromQueryResult)]
struct Row {
    key: String,
    percent: i64,
    markets: String,
}

/// What somebody said of the flags of a service, by key.
///
/// # Errors
/// Those of the database.
pub async fn rules(database: &Database) -> Result<BTreeMap<String, Rule>> {
    let rows: Vec<Row> = sql("select key, percent, markets from flag order by key").all(database).await?;
    let rule = |row: &Row| Rule {
        percent: u8::try_from(row.percent).unwrap_or_default(),
        markets: row.markets.split(',').filter(|market| !market.is_empty()).map(str::to_owned).collect(),
    };
    Ok(rows.into_iter().map(|row| (row.key.clone(), rule(&row))).collect())
}

/// Says for whom a flag is on, in place of what was said before. Saying it again changes nothing.
///
/// # Errors
/// `INVALID_FIELD` for more than a hundred of a hundred; those of the database.
pub async fn set(database: &Database, key: &str, rule: &Rule) -> Result<()> {
    if rule.percent > 100 {
        return Err(Error::invalid_field("/percent", "must be from 0 to 100"));
    }
    sql("insert into flag (key, percent, markets) values ($1, $2, $3) \
         on conflict (key) do update set percent = excluded.percent, markets = excluded.markets")
    .bind(key)
    .bind(i64::from(rule.percent))
    .bind(rule.markets.join(","))
    .commit(database)
    .await
    .map(drop)
}

/// Has a flag as the release has it. Again, or of a flag that nobody spoke of, it changes nothing.
///
/// # Errors
/// Those of the database.
pub async fn clear(database: &Database, key: &str) -> Result<()> {
    sql("delete from flag where key = $1").bind(key).commit(database).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(percent: u8) -> Rule {
        Rule { percent, markets: Vec::new() }
    }

    #[test]
    fn a_larger_share_keeps_whom_a_smaller_one_had() {
        let buyers: Vec<String> = (0..10_000).map(|number| format!("cart_{number}")).collect();
        let mut before = Vec::new();
        for percent in [0, 1, 20, 50, 99, 100] {
            let has: Vec<bool> =
                buyers.iter().map(|buyer| share(percent).holds("a.flag", buyer, None)).collect();
            assert!(before.iter().zip(&has).all(|(before, now)| !before || *now), "{percent} %");
            let count = has.iter().filter(|has| **has).count();
            let expected = usize::from(percent) * 100;
            assert!(count.abs_diff(expected) <= 200, "{count} of 10,000 are not {percent} %");
            before = has;
        }
    }

    #[test]
    fn another_flag_is_tried_by_others() {
        let same = (0..1_000).map(|number| format!("cart_{number}"));
        let both = same
            .filter(|buyer| ["a.flag", "another.flag"].iter().all(|flag| share(50).holds(flag, buyer, None)));
        let both = both.count();
        assert!((150..350).contains(&both), "{both} of 1,000 have both");
    }

    #[test]
    fn a_rule_for_a_market_is_for_nobody_elsewhere() {
        let rule = Rule { percent: 100, markets: vec!["DE".to_owned(), "AT".to_owned()] };
        assert!(rule.holds("a.flag", "cart_1", Some("AT")));
        assert!(!rule.holds("a.flag", "cart_1", Some("FR")));
        assert!(!rule.holds("a.flag", "cart_1", None));
        assert_eq!(rule.to_string(), "on in DE, AT");
    }
}
