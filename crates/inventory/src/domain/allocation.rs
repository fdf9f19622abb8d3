//! From which locations a line is served.

use argosy_kernel::{LocationId, VariantId};

use super::Level;

/// A line of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its index in the request.
    pub(crate) line: usize,
    pub(crate) variant_id: VariantId,
    pub(crate) quantity: i64,
}

/// A quantity to take from a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) variant_id: VariantId,
    pub(crate) location_id: LocationId,
    pub(crate) quantity: i64,
    /// Of these, so many are not on hand.
    pub(crate) backordered: i64,
}

/// A line that cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortage {
    pub(crate) line: usize,
    pub(crate) available: i64,
}

/// Serves a line from its levels, which come in order of priority: from the first location that has it all, else
/// from several, else the rest is backordered at the first that allows it. No parcel is split without need.
pub(crate) fn allocate(wanted: Wanted, levels: &[Level]) -> Result<Vec<Pick>, Shortage> {
    let pick = |level: &Level, quantity: i64, backordered: i64| Pick {
        variant_id: wanted.variant_id,
        location_id: level.location_id,
        quantity,
        backordered,
    };
    let whole = levels.iter().find(|level| !level.tracked || level.available() >= wanted.quantity);
    if let Some(level) = whole {
        return Ok(vec![pick(level, wanted.quantity, 0)]);
    }
    let mut missing = wanted.quantity;
    let mut picks = Vec::new();
    for level in levels {
        let taken = level.available().min(missing);
        if taken > 0 {
            picks.push(pick(level, taken, 0));
            missing -= taken;
        }
    }
    if missing == 0 {
        return Ok(picks);
    }
    let Some(later) = levels.iter().find(|level| level.backorder) else {
        return Err(Shortage { line: wanted.line, available: wanted.quantity - missing });
    };
    match picks.iter_mut().find(|pick| pick.location_id == later.location_id) {
        Some(pick) => {
            pick.quantity += missing;
            pick.backordered = missing;
        }
        None => picks.push(pick(later, missing, missing)),
    }
    Ok(picks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn level(on_hand: i64, reserved: i64, safety_stock: i64, backorder: bool) -> Level {
        let (variant_id, location_id) = (VariantId::from_bytes([1; 16]), LocationId::new());
        Level { variant_id, location_id, on_hand, reserved, safety_stock, backorder, tracked: true }
    }

    fn wanted(quantity: i64) -> Wanted {
        Wanted { line: 0, variant_id: VariantId::from_bytes([1; 16]), quantity }
    }

    #[test]
    fn one_location_that_has_it_all_is_preferred_to_two() {
        let levels = [level(3, 0, 0, false), level(10, 0, 0, false)];
        let picks = allocate(wanted(5), &levels).unwrap();
        assert_eq!(picks.len(), 1);
        assert_eq!(picks[0].location_id, levels[1].location_id);
    }

    #[test]
    fn the_rest_is_backordered_where_that_is_allowed() {
        let levels = [level(3, 1, 0, false), level(0, 0, 0, true)];
        let picks = allocate(wanted(5), &levels).unwrap();
        assert_eq!(
            picks.iter().map(|pick| (pick.quantity, pick.backordered)).collect::<Vec<_>>(),
            [(2, 0), (3, 3)]
        );
    }

    #[test]
    fn safety_stock_is_not_sold() {
        let short = allocate(wanted(3), &[level(5, 0, 3, false)]).unwrap_err();
        assert_eq!(short.available, 2);
    }

    proptest! {
        #[test]
        fn law_2_picks_add_up_and_never_exceed_what_is_there(
            rows in prop::collection::vec((0i64..20, 0i64..20, 0i64..5, any::<bool>()), 0..6),
            quantity in 1i64..60,
        ) {
            let levels: Vec<Level> =
                rows.into_iter().map(|(on_hand, reserved, safety, backorder)| level(on_hand, reserved.min(on_hand), safety, backorder)).collect();
            let there: i64 = levels.iter().map(Level::available).sum();
            match allocate(wanted(quantity), &levels) {
                Ok(picks) => {
                    prop_assert_eq!(picks.iter().map(|pick| pick.quantity).sum::<i64>(), quantity);
                    for pick in &picks {
                        let from = levels.iter().find(|level| level.location_id == pick.location_id).unwrap();
                        prop_assert!(pick.quantity - pick.backordered <= from.available());
                        prop_assert!(pick.backordered == 0 || from.backorder);
                    }
                }
                Err(short) => prop_assert!(short.available == there && there < quantity),
            }
        }
    }
}
