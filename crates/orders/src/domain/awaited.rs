//! Units that are sold before they are there: which, and from when they leave.

use argosy_contracts::{
    inventory::ReservedLine,
    pricing::{Awaited as WireAwaited, Quote},
};
use argosy_kernel::{Day, Result};
use serde::{Deserialize, Serialize};

use super::Line;

/// Units of a line that were sold before they were there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Awaited {
    pub(crate) line: String,
    pub(crate) variant: String,
    pub(crate) quantity: i64,
    /// From when they leave, if that is known.
    pub(crate) expected_on: Option<Day>,
    /// They are not out yet; else they had run out.
    pub(crate) preorder: bool,
    /// Of the fact that told so: only later ones are news.
    #[serde(default)]
    pub(crate) version: i64,
}

impl Awaited {
    /// What of it a line still waits for: what was there is sent first.
    pub(crate) fn left_of(&self, line: &Line) -> i64 {
        self.quantity.min(line.open()).max(0)
    }

    pub(crate) fn to_wire(&self, quantity: i64) -> WireAwaited {
        WireAwaited {
            line_id: self.line.clone(),
            quantity,
            expected_on: Day::text(self.expected_on),
            preorder: self.preorder,
        }
    }
}

/// What stock that left lacks, shared out among the lines that it was for: of lines of one variant the last ones wait.
/// What comes from two places comes when the later one has it.
///
/// # Errors
/// None for what inventory answers.
pub(crate) fn awaited_of(quote: &Quote, left: &[ReservedLine]) -> Result<Vec<Awaited>> {
    let mut awaited: Vec<Awaited> = Vec::new();
    for line in quote.lines.iter().rev() {
        let before = awaited.iter().filter(|one| one.variant == line.variant_id).map(|one| one.quantity);
        let of_variant =
            || left.iter().filter(|pick| pick.variant_id == line.variant_id && pick.backordered > 0);
        let missing = of_variant().map(|pick| pick.backordered).sum::<i64>() - before.sum::<i64>();
        if missing <= 0 {
            continue;
        }
        let days = of_variant().map(|pick| Day::optional(&pick.expected_on)).collect::<Result<Vec<_>>>()?;
        awaited.push(Awaited {
            line: line.line_id.clone(),
            variant: line.variant_id.clone(),
            quantity: missing.min(line.quantity),
            expected_on: if days.contains(&None) { None } else { days.into_iter().flatten().max() },
            preorder: of_variant().any(|pick| pick.preorder),
            version: of_variant().map(|pick| pick.told_version).max().unwrap_or_default(),
        });
    }
    awaited.reverse();
    Ok(awaited)
}

/// From when a line of a quote leaves, as an order that may be compared: at once, on a day, or nobody knows when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Leaves {
    AtOnce,
    On(Day),
    Sometime,
}

impl Leaves {
    pub(crate) fn of(quote: &Quote, line: &str) -> Self {
        match quote.awaited.iter().find(|awaited| awaited.line_id == line) {
            None => Self::AtOnce,
            Some(awaited) => awaited.expected_on.parse().map_or(Self::Sometime, Self::On),
        }
    }

    /// As it stands in a token.
    pub(crate) fn code(&self) -> String {
        match self {
            Self::AtOnce => "at-once".to_owned(),
            Self::On(day) => day.to_string(),
            Self::Sometime => "sometime".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use argosy_contracts::pricing::QuotedLine;

    use super::*;

    fn quote(lines: &[(&str, &str, i64)]) -> Quote {
        let line = |(id, variant, quantity): &(&str, &str, i64)| QuotedLine {
            line_id: (*id).to_owned(),
            variant_id: (*variant).to_owned(),
            quantity: *quantity,
            ..QuotedLine::default()
        };
        Quote { lines: lines.iter().map(line).collect(), ..Quote::default() }
    }

    fn pick(variant: &str, quantity: i64, backordered: i64, expected_on: &str) -> ReservedLine {
        ReservedLine {
            variant_id: variant.to_owned(),
            quantity,
            backordered,
            expected_on: expected_on.to_owned(),
            ..ReservedLine::default()
        }
    }

    #[test]
    fn the_last_lines_of_a_variant_wait_until_the_later_place_has_it() {
        let quote = quote(&[("a", "mug", 2), ("b", "mug", 3), ("c", "cup", 1)]);
        let left = [pick("mug", 2, 2, "2027-03-12"), pick("mug", 3, 2, "2027-04-01"), pick("cup", 1, 0, "")];
        let told: Vec<(String, i64, String)> = awaited_of(&quote, &left)
            .unwrap()
            .into_iter()
            .map(|one| (one.line, one.quantity, Day::text(one.expected_on)))
            .collect();
        let april = || "2027-04-01".to_owned();
        assert_eq!(told, [("a".to_owned(), 1, april()), ("b".to_owned(), 3, april())]);
        let unknown = awaited_of(&quote, &[pick("cup", 1, 1, "")]).unwrap();
        assert_eq!((unknown[0].quantity, unknown[0].expected_on), (1, None));
    }

    #[test]
    fn at_once_is_before_any_day_and_sometime_after_it() {
        let on = |day: &str| Leaves::On(day.parse().unwrap());
        assert!(Leaves::AtOnce < on("2027-03-12") && on("2027-03-12") < on("2027-04-01"));
        assert!(on("9999-12-31") < Leaves::Sometime);
    }
}
