//! The first few of many, without sorting all.

use argosy_kernel::ProductId;

use crate::domain::order::{Key, Place};

/// Keeps the smallest positions of those it is shown.
pub(crate) struct Top<'a> {
    limit: usize,
    after: Option<(Key<'a>, ProductId)>,
    kept: Vec<(Key<'a>, ProductId)>,
    /// Nothing greater is among the first any more.
    bound: Option<(Key<'a>, ProductId)>,
}

impl<'a> Top<'a> {
    /// The first `limit` after a place.
    pub(crate) fn new(limit: usize, after: Option<&'a Place>) -> Self {
        Self { limit, after: after.map(Place::position), kept: Vec::new(), bound: None }
    }

    /// Shows it one.
    pub(crate) fn push(&mut self, position: (Key<'a>, ProductId)) {
        if self.bound.is_some_and(|bound| position > bound)
            || self.after.is_some_and(|after| position <= after)
        {
            return;
        }
        self.kept.push(position);
        if self.kept.len() >= self.limit * 2 + 64 {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.limit > 0 && self.kept.len() > self.limit {
            let (_, last, _) = self.kept.select_nth_unstable(self.limit - 1);
            self.bound = Some(*last);
            self.kept.truncate(self.limit);
        }
    }

    /// The first, in order.
    pub(crate) fn finish(mut self) -> Vec<(Key<'a>, ProductId)> {
        self.cut();
        self.kept.sort_unstable();
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_many_are_the_first_of_all_sorted() {
        let mut all: Vec<(Key<'_>, ProductId)> =
            (0..5_000_i64).map(|number| (Key::Number(number * 7919 % 1009), ProductId::new())).collect();
        let mut top = Top::new(25, None);
        for position in &all {
            top.push(*position);
        }
        all.sort_unstable();
        assert_eq!(top.finish(), all[..25]);
        let place = Place::after(all[24].0, all[24].1);
        let mut next = Top::new(25, Some(&place));
        for position in all.iter().rev() {
            next.push(*position);
        }
        assert_eq!(next.finish(), all[25..50]);
    }
}
