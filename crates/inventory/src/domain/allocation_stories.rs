//! Which locations serve an order, told as stories.

use argosy_kernel::{LocationId, VariantId};
use proptest::prelude::*;

use super::{
    Level, Pick, Shortage, Wanted, Whereabouts,
    allocation::{allocate, of_line},
};

fn mug() -> VariantId {
    VariantId::from_bytes([1; 16])
}

fn cup() -> VariantId {
    VariantId::from_bytes([2; 16])
}

fn place(number: u8) -> LocationId {
    LocationId::from_bytes([number; 16])
}

fn level(variant_id: VariantId, location: u8, available: i64) -> Level {
    Level {
        variant_id,
        location_id: place(location),
        on_hand: available,
        reserved: 0,
        safety_stock: 0,
        backorder: false,
        backorder_max: None,
        expected_on: None,
        preorder: false,
        told_version: 0,
        tracked: true,
        priority: location.into(),
        place: Whereabouts::default(),
    }
}

fn at(level: Level, country: &str, postal_code: &str) -> Level {
    Level { place: Whereabouts::new(country, "", postal_code), ..level }
}

fn wanted(line: usize, variant_id: VariantId, quantity: i64) -> Wanted {
    Wanted { line, variant_id, quantity, is_sent: true }
}

/// Variant, location, units, and how many of them are not there yet.
fn told(picks: &[Pick]) -> Vec<(VariantId, LocationId, i64, i64)> {
    picks.iter().map(|pick| (pick.variant_id, pick.location_id, pick.quantity, pick.backordered)).collect()
}

fn bonn() -> Whereabouts {
    Whereabouts::new("DE", "", "53111")
}

#[test]
fn one_location_that_has_it_all_is_preferred_to_two_that_are_nearer() {
    let levels = [
        at(level(mug(), 1, 5), "DE", "53111"),
        at(level(cup(), 2, 5), "DE", "53113"),
        at(level(mug(), 3, 5), "US", "10001"),
        at(level(cup(), 3, 5), "US", "10001"),
    ];
    let picks = allocate(&[wanted(0, mug(), 2), wanted(1, cup(), 1)], &levels, bonn()).unwrap();
    assert_eq!(told(&picks), [(mug(), place(3), 2, 0), (cup(), place(3), 1, 0)]);
}

#[test]
fn of_sets_of_one_size_the_nearest_sends_and_else_the_first_by_priority() {
    let mut levels = [
        at(level(mug(), 1, 5), "DE", "10115"),
        at(level(mug(), 2, 5), "DE", "53113"),
        at(level(mug(), 3, 5), "FR", "1"),
    ];
    let served =
        |levels: &[Level], near| allocate(&[wanted(0, mug(), 2)], levels, near).unwrap()[0].location_id;
    assert_eq!(served(&levels, bonn()), place(2));
    assert_eq!(served(&levels, Whereabouts::new("FR", "", "75001")), place(3));
    assert_eq!(served(&levels, Whereabouts::default()), place(1));
    levels[2].place = Whereabouts::default();
    assert_eq!(served(&levels, bonn()), place(1), "one of them does not say where it is");
}

#[test]
fn two_parcels_are_sent_where_one_cannot_be_and_not_three() {
    // Greed would begin with the first, which has most.
    let levels =
        [level(mug(), 1, 4), level(cup(), 1, 4), level(mug(), 2, 6), level(cup(), 2, 0), level(cup(), 3, 6)];
    let picks = allocate(&[wanted(0, mug(), 6), wanted(1, cup(), 6)], &levels, bonn()).unwrap();
    assert_eq!(told(&picks), [(mug(), place(2), 6, 0), (cup(), place(3), 6, 0)]);
}

#[test]
fn an_order_that_needs_more_than_all_sets_that_are_tried_is_served_all_the_same() {
    let levels: Vec<Level> = (1..=30).map(|location| level(mug(), location, 1)).collect();
    let picks = allocate(&[wanted(0, mug(), 25)], &levels, bonn()).unwrap();
    assert_eq!(picks.len(), 25);
    assert_eq!(picks[0].location_id, place(1));
}

#[test]
fn the_rest_is_ordered_where_something_is_sent_from_anyway() {
    let later = |level: Level| Level { backorder: true, ..level };
    let levels =
        [later(level(mug(), 1, 0)), level(mug(), 2, 3), later(level(cup(), 2, 0)), later(level(cup(), 1, 0))];
    let picks = allocate(&[wanted(0, mug(), 5), wanted(1, cup(), 1)], &levels, bonn()).unwrap();
    assert_eq!(told(&picks), [(mug(), place(2), 3, 0), (mug(), place(1), 2, 2), (cup(), place(2), 1, 1)]);
}

#[test]
fn what_travels_in_no_parcel_does_not_decide_where_parcels_come_from() {
    let levels =
        [level(cup(), 1, 5), at(level(mug(), 2, 5), "DE", "53111"), at(level(mug(), 1, 5), "DE", "10115")];
    let file = Wanted { is_sent: false, ..wanted(1, cup(), 1) };
    let picks = allocate(&[wanted(0, mug(), 2), file], &levels, bonn()).unwrap();
    assert_eq!(told(&picks), [(mug(), place(2), 2, 0), (cup(), place(1), 1, 0)]);
}

#[test]
fn every_line_that_is_short_is_named() {
    let safe = Level { safety_stock: 3, ..level(mug(), 1, 5) };
    let short = allocate(&[wanted(0, mug(), 3), wanted(1, cup(), 1)], &[safe], bonn()).unwrap_err();
    assert_eq!(short, [Shortage { line: 0, available: 2 }, Shortage { line: 1, available: 0 }]);
}

proptest! {
    #[test]
    fn law_2_picks_add_up_and_never_exceed_what_is_there(
        rows in prop::collection::vec((0u8..8, any::<bool>(), 0i64..20, 0i64..20, 0i64..5, any::<bool>(), 0u8..3), 0..12),
        mugs in 1i64..60,
        cups in 1i64..60,
    ) {
        let mut levels: Vec<Level> = Vec::new();
        for (location, is_mug, on_hand, reserved, safety_stock, backorder, country) in rows {
            let variant = if is_mug { mug() } else { cup() };
            let new = level(variant, location, on_hand);
            let country = ["", "DE", "FR"][usize::from(country)];
            let new = Level { reserved: reserved.min(on_hand), safety_stock, backorder, ..at(new, country, "5") };
            if !levels.iter().any(|known| (known.variant_id, known.location_id) == (variant, new.location_id)) {
                levels.push(new);
            }
        }
        let lines = [wanted(0, mug(), mugs), wanted(1, cup(), cups)];
        let there = |line: Wanted| of_line(line, &levels).map(Level::available).sum::<i64>();
        let later = |line: Wanted| of_line(line, &levels).any(|level| level.backorder);
        match allocate(&lines, &levels, bonn()) {
            Ok(picks) => {
                for line in lines {
                    let of_line: Vec<&Pick> =
                        picks.iter().filter(|pick| pick.variant_id == line.variant_id).collect();
                    prop_assert_eq!(of_line.iter().map(|pick| pick.quantity).sum::<i64>(), line.quantity);
                    let ordered: i64 = of_line.iter().map(|pick| pick.backordered).sum();
                    prop_assert_eq!(ordered, (line.quantity - there(line)).max(0));
                }
                for pick in &picks {
                    let from = levels.iter().find(|level| {
                        (level.variant_id, level.location_id) == (pick.variant_id, pick.location_id)
                    });
                    let from = from.unwrap();
                    prop_assert!(pick.quantity - pick.backordered <= from.available());
                    prop_assert!(pick.backordered == 0 || from.backorder);
                }
                let mut rows: Vec<_> = picks.iter().map(|pick| (pick.variant_id, pick.location_id)).collect();
                rows.sort_unstable();
                rows.dedup();
                prop_assert_eq!(rows.len(), picks.len(), "one pick a row");
            }
            Err(short) => {
                let expected: Vec<Shortage> = lines
                    .iter()
                    .filter(|line| there(**line) < line.quantity && !later(**line))
                    .map(|line| Shortage { line: line.line, available: there(*line) })
                    .collect();
                prop_assert_eq!(short, expected);
            }
        }
    }
}
