//! What can be sold, for whoever shows or sells goods: one reading of an availability for all.

use crate::{
    inventory::{Availability, AvailabilityAt},
    pricing::{Awaited, Quote},
};

impl Availability {
    /// The most that can be sold now, with what is ordered later.
    pub fn sellable(&self) -> i64 {
        match self.backorder_left {
            _ if !self.tracked => i64::MAX,
            _ if !self.backorder => self.available,
            Some(left) => self.available.saturating_add(left),
            None => i64::MAX,
        }
    }

    /// Of so many units, those that are sold before they are there.
    pub fn awaited(&self, quantity: i64) -> i64 {
        if self.tracked && self.backorder { (quantity - self.available).max(0) } else { 0 }
    }
}

impl AvailabilityAt {
    /// The most that can be sold from there now.
    pub fn sellable(&self) -> i64 {
        if self.unlimited { i64::MAX } else { self.available.saturating_add(self.backorder_left) }
    }
}

/// The units of a quote that are sold before they are there. Of a variant in several lines the first have what there is.
pub fn awaited(quote: &Quote, stock: &[Availability]) -> Vec<Awaited> {
    let mut stock: Vec<Availability> = stock.to_vec();
    let of_line = |line: &crate::pricing::QuotedLine| {
        let item = stock.iter_mut().find(|item| item.variant_id == line.variant_id)?;
        let quantity = item.awaited(line.quantity);
        item.available = (item.available - line.quantity).max(0);
        (quantity > 0).then(|| Awaited {
            line_id: line.line_id.clone(),
            quantity,
            expected_on: item.expected_on.clone(),
            preorder: item.preorder,
        })
    };
    quote.lines.iter().filter_map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::QuotedLine;

    fn item(variant: &str, available: i64, backorder_left: Option<i64>) -> Availability {
        Availability {
            variant_id: variant.to_owned(),
            available,
            backorder: true,
            tracked: true,
            backorder_left,
            ..Availability::default()
        }
    }

    #[test]
    fn what_is_there_is_sold_before_what_is_not() {
        assert_eq!(item("mug", 3, Some(4)).sellable(), 7);
        assert_eq!(item("mug", 3, None).sellable(), i64::MAX);
        assert_eq!(Availability { backorder: false, ..item("mug", 3, None) }.sellable(), 3);
        assert_eq!(Availability { tracked: false, ..item("mug", 0, Some(4)) }.sellable(), i64::MAX);
        let line = |id: &str, quantity| QuotedLine {
            line_id: id.to_owned(),
            variant_id: "mug".to_owned(),
            quantity,
            ..QuotedLine::default()
        };
        let quote = Quote { lines: vec![line("a", 2), line("b", 2), line("c", 5)], ..Quote::default() };
        let told: Vec<(String, i64)> = awaited(&quote, &[item("mug", 3, None)])
            .into_iter()
            .map(|one| (one.line_id, one.quantity))
            .collect();
        assert_eq!(told, [("b".to_owned(), 1), ("c".to_owned(), 5)]);
    }
}
