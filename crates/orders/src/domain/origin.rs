//! Which location an order's units come from: written down with the sale, as their stock left.

use std::collections::HashMap;

use argosy_contracts::{inventory::ReservedLine, pricing::Quote};
use serde::{Deserialize, Serialize};

use super::Units;

/// What one location sends, or the buyer collects there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) location_id: String,
    pub(crate) units: Vec<Units>,
}

/// Stock that left, shared out among the lines that it was for. Lines of one variant get it in their order.
pub(crate) fn origins_of(quote: &Quote, left: &[ReservedLine]) -> Vec<Origin> {
    let mut wanted: HashMap<&str, i64> =
        quote.lines.iter().map(|line| (line.line_id.as_str(), line.quantity)).collect();
    let mut origins: Vec<Origin> = Vec::new();
    for pick in left {
        let mut units_left = pick.quantity;
        for line in quote.lines.iter().filter(|line| line.variant_id == pick.variant_id) {
            let Some(wanted) = wanted.get_mut(line.line_id.as_str()) else { continue };
            let quantity = units_left.min(*wanted);
            if quantity == 0 {
                continue;
            }
            (*wanted, units_left) = (*wanted - quantity, units_left - quantity);
            let units = Units { line: line.line_id.clone(), quantity };
            match origins.iter_mut().find(|origin| origin.location_id == pick.location_id) {
                Some(origin) => origin.units.push(units),
                None => origins.push(Origin { location_id: pick.location_id.clone(), units: vec![units] }),
            }
        }
    }
    // As the checkout showed them, as far as it came so.
    origins.sort_by_key(|origin| {
        let mut planned = quote.parcels.iter();
        planned.position(|parcel| parcel.location_id == origin.location_id).unwrap_or(usize::MAX)
    });
    origins
}

/// What locations still have to send: without what was sent or put back. Of what was sent without a word of where from,
/// the first has sent as much as it could.
pub(crate) fn left_at(origins: &[Origin], gone: &[(Option<&str>, &[Units])]) -> Vec<Origin> {
    let mut left = origins.to_vec();
    let named = gone.iter().filter(|(location, _)| location.is_some());
    for (location, units) in named.chain(gone.iter().filter(|(location, _)| location.is_none())) {
        for gone in *units {
            let mut quantity = gone.quantity;
            let from = left.iter_mut().filter(|origin| location.is_none_or(|id| id == origin.location_id));
            for there in from.flat_map(|origin| &mut origin.units).filter(|there| there.line == gone.line) {
                let taken = quantity.min(there.quantity);
                (there.quantity, quantity) = (there.quantity - taken, quantity - taken);
            }
        }
    }
    for origin in &mut left {
        origin.units.retain(|units| units.quantity > 0);
    }
    left
}

/// Takes units from where they are left, from the last location first, so that the first may still send in one parcel.
/// What none is known to have comes last, without a location.
pub(crate) fn taken_back(left: &[Origin], units: &[Units]) -> Vec<(String, Units)> {
    let mut taken = Vec::new();
    for Units { line, quantity } in units {
        let mut missing = *quantity;
        for origin in left.iter().rev() {
            let there = origin.units.iter().filter(|there| there.line == *line);
            let quantity = there.map(|there| there.quantity).sum::<i64>().min(missing);
            if quantity > 0 {
                missing -= quantity;
                taken.push((origin.location_id.clone(), Units { line: line.clone(), quantity }));
            }
        }
        if missing > 0 {
            taken.push((String::new(), Units { line: line.clone(), quantity: missing }));
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use argosy_contracts::pricing::QuotedLine;
    use proptest::prelude::*;

    use super::*;

    fn units(line: &str, quantity: i64) -> Units {
        Units { line: line.to_owned(), quantity }
    }

    fn origin(location: &str, of: &[(&str, i64)]) -> Origin {
        let units = of.iter().map(|(line, quantity)| units(line, *quantity)).collect();
        Origin { location_id: location.to_owned(), units }
    }

    fn pick(variant: &str, location: &str, quantity: i64) -> ReservedLine {
        let (variant_id, location_id) = (variant.to_owned(), location.to_owned());
        ReservedLine { variant_id, location_id, quantity, ..ReservedLine::default() }
    }

    #[test]
    fn stock_of_two_places_is_shared_out_among_lines_of_one_variant() {
        let line = |id: &str, variant: &str, quantity| QuotedLine {
            line_id: id.to_owned(),
            variant_id: variant.to_owned(),
            quantity,
            ..QuotedLine::default()
        };
        let quote = Quote {
            lines: vec![line("a", "mug", 2), line("b", "mug", 3), line("c", "cup", 1)],
            ..Quote::default()
        };
        let left = [pick("cup", "quay", 1), pick("mug", "quay", 4), pick("mug", "hill", 1)];
        let origins = origins_of(&quote, &left);
        assert_eq!(origins, [origin("quay", &[("c", 1), ("a", 2), ("b", 2)]), origin("hill", &[("b", 1)])]);
    }

    #[test]
    fn what_is_canceled_goes_back_to_the_last_place_that_has_it_still() {
        let origins = [origin("quay", &[("a", 2)]), origin("hill", &[("a", 2)])];
        let sent = [units("a", 1)];
        let left = left_at(&origins, &[(Some("hill"), &sent)]);
        assert_eq!(left, [origin("quay", &[("a", 2)]), origin("hill", &[("a", 1)])]);
        let back = taken_back(&left, &[units("a", 2), units("added", 1)]);
        let told: Vec<(&str, &str, i64)> =
            back.iter().map(|(at, units)| (at.as_str(), units.line.as_str(), units.quantity)).collect();
        assert_eq!(told, [("hill", "a", 1), ("quay", "a", 1), ("", "added", 1)]);
    }

    #[test]
    fn of_what_was_sent_from_nobody_knows_where_the_first_has_sent_its_own() {
        let origins = [origin("quay", &[("a", 2)]), origin("hill", &[("a", 2)])];
        let (unnamed, named) = ([units("a", 3)], [units("a", 1)]);
        let left = left_at(&origins, &[(None, &unnamed), (Some("hill"), &named)]);
        assert!(left.iter().all(|origin| origin.units.is_empty()), "{left:?}");
    }

    proptest! {
        #[test]
        fn no_unit_is_put_back_twice_and_none_is_lost(
            stock in prop::collection::vec((0usize..3, 1i64..9), 1..6),
            sent in 0i64..9,
            canceled in 1i64..9,
        ) {
            let origins: Vec<Origin> = stock
                .iter()
                .enumerate()
                .map(|(place, (line, quantity))| origin(&format!("loc{place}"), &[(["a", "b", "c"][*line], *quantity)]))
                .collect();
            let gone = [units("a", sent)];
            let left = left_at(&origins, &[(None, &gone)]);
            let there: i64 = left.iter().flat_map(|one| &one.units).filter(|one| one.line == "a").map(|one| one.quantity).sum();
            let back = taken_back(&left, &[units("a", canceled)]);
            prop_assert_eq!(back.iter().map(|(_, units)| units.quantity).sum::<i64>(), canceled);
            let placed: i64 = back.iter().filter(|(at, _)| !at.is_empty()).map(|(_, units)| units.quantity).sum();
            prop_assert_eq!(placed, canceled.min(there));
        }
    }
}
