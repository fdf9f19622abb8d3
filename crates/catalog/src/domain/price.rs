//! List prices over time.

use argosy_kernel::Timestamp;

/// From when on a variant had a list price in one currency; `None`: was not sold in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PriceChange {
    pub at: Timestamp,
    pub minor: Option<i64>,
}

/// The lowest price in force at any time in the days before the present price began; `None` when there is no
/// present price or nothing was in force then.
///
/// `history` is one variant's in one currency, oldest first. The source is article 6a of directive 98/6/EC: the
/// prior price is "the lowest price applied by the trader during a period of time not shorter than 30 days prior
/// to the application of the price reduction".
pub(crate) fn lowest_before_present(history: &[PriceChange], days: u32) -> Option<i64> {
    let (present, earlier) = history.split_last()?;
    present.minor?;
    let window = std::time::Duration::from_secs(u64::from(days) * 24 * 3600);
    let start = present.at.minus(window);
    let ends = earlier.iter().skip(1).map(|change| change.at).chain([present.at]);
    earlier.iter().zip(ends).filter(|(_, end)| *end > start).filter_map(|(change, _)| change.minor).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 24 * 3600 * 1000;

    fn history(days: &[(i64, Option<i64>)]) -> Vec<PriceChange> {
        days.iter()
            .map(|(day, minor)| PriceChange { at: Timestamp::from_millis(day * DAY_MS), minor: *minor })
            .collect()
    }

    #[test]
    fn a_price_that_ended_before_the_days_does_not_count_and_one_that_reached_into_them_does() {
        let changes = history(&[(0, Some(500)), (10, Some(900)), (50, Some(1000)), (60, Some(800))]);
        assert_eq!(lowest_before_present(&changes, 30), Some(900));
        assert_eq!(lowest_before_present(&changes, 10), Some(1000));
        assert_eq!(lowest_before_present(&changes, 51), Some(500));
    }

    #[test]
    fn a_first_price_and_a_withdrawn_one_have_no_former_price() {
        assert_eq!(lowest_before_present(&[], 30), None);
        assert_eq!(lowest_before_present(&history(&[(0, Some(1))]), 30), None);
        assert_eq!(lowest_before_present(&history(&[(0, Some(1)), (1, None)]), 30), None);
        assert_eq!(lowest_before_present(&history(&[(0, Some(7)), (1, None), (2, Some(9))]), 30), Some(7));
        assert_eq!(lowest_before_present(&history(&[(0, Some(7)), (1, None), (90, Some(9))]), 30), None);
    }
}
