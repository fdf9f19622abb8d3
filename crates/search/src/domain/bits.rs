//! A set of places in one segment, one bit each.
//!
//! It holds the words from its first place to its last only: what lies together in a segment, as the products of a
//! category do, is a short stretch of a long row, and costs what the stretch costs.

use super::slot::Slot;

/// Places by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    /// Words before the first that is held; nothing is in them, or in those after the last.
    start: usize,
    words: Vec<u64>,
}

const WORD: u32 = u64::BITS;

impl Bits {
    /// None of `length` places, with room for all.
    pub(crate) fn none(length: u32) -> Self {
        Self { start: 0, words: vec![0; length.div_ceil(WORD) as usize] }
    }

    /// All of `length` places.
    pub(crate) fn all(length: u32) -> Self {
        let mut bits = Self { start: 0, words: vec![u64::MAX; length.div_ceil(WORD) as usize] };
        if let (Some(last), used @ 1..) = (bits.words.last_mut(), length % WORD) {
            *last = (1 << used) - 1;
        }
        bits
    }

    /// Those places of a segment of `length`.
    pub(crate) fn of(length: u32, places: impl IntoIterator<Item = Slot>) -> Self {
        let mut bits = Self::none(length);
        places.into_iter().for_each(|slot| bits.insert(slot));
        bits.trim();
        bits
    }

    /// What is in all of some sets; nothing of none.
    pub(crate) fn common(sets: &[&Self]) -> Self {
        let start = sets.iter().map(|set| set.start).max().unwrap_or(0);
        let end = sets.iter().map(|set| set.end()).min().unwrap_or(0).max(start);
        let mut stretches = sets.iter().map(|set| set.stretch(start, end));
        let mut words = stretches.next().map(<[u64]>::to_vec).unwrap_or_default();
        for stretch in stretches {
            words.iter_mut().zip(stretch).for_each(|(word, other)| *word &= other);
        }
        Self { start, words }
    }

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }

    /// Adds a place; one there is no room for is ignored.
    pub(crate) fn insert(&mut self, slot: Slot) {
        let place = (slot.0 / WORD) as usize;
        if let Some(word) = place.checked_sub(self.start).and_then(|place| self.words.get_mut(place)) {
            *word |= 1 << (slot.0 % WORD);
        }
    }

    /// Whether a place is in it.
    pub(crate) fn contains(&self, slot: Slot) -> bool {
        let place = ((slot.0 / WORD) as usize).checked_sub(self.start);
        let word = place.and_then(|place| self.words.get(place));
        word.is_some_and(|word| word >> (slot.0 % WORD) & 1 == 1)
    }

    /// How many are in it.
    pub(crate) fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// How many are in both.
    pub(crate) fn count_common(&self, other: &Self) -> u64 {
        let start = self.start.max(other.start);
        let end = self.end().min(other.end()).max(start);
        let both = self.stretch(start, end).iter().zip(other.stretch(start, end));
        both.map(|(a, b)| u64::from((a & b).count_ones())).sum()
    }

    /// Keeps the places that pass.
    pub(crate) fn retain(&mut self, passes: impl Fn(Slot) -> bool) {
        for (place, word) in (0u32..).zip(&mut self.words) {
            let first = place.saturating_add(u32::try_from(self.start).unwrap_or(u32::MAX)) * WORD;
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !passes(Slot(first + bit)) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// Those in it, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        let first = u32::try_from(self.start).unwrap_or(u32::MAX);
        (first..).zip(&self.words).flat_map(|(place, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < WORD).then_some(Slot(place * WORD + bit))
            })
        })
    }

    fn end(&self) -> usize {
        self.start + self.words.len()
    }

    /// Its words between two places that lie within.
    fn stretch(&self, start: usize, end: usize) -> &[u64] {
        self.words.get(start - self.start..end - self.start).unwrap_or_default()
    }

    /// Lets go of the empty words at both ends.
    fn trim(&mut self) {
        let is_used = |word: &u64| *word != 0;
        let end = self.words.iter().rposition(is_used).map_or(0, |last| last + 1);
        self.words.truncate(end);
        let empty = self.words.iter().position(is_used).unwrap_or(0);
        self.words.drain(..empty);
        self.words.shrink_to_fit();
        self.start += empty;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(places: &[u32]) -> Bits {
        Bits::of(1_000, places.iter().copied().map(Slot))
    }

    fn places(bits: &Bits) -> Vec<u32> {
        bits.iter().map(|slot| slot.0).collect()
    }

    #[test]
    fn a_set_answers_what_was_put_in() {
        for length in [0, 1, 63, 64, 65, 200] {
            assert_eq!(Bits::all(length).count(), u64::from(length));
            assert_eq!(Bits::all(length).iter().count(), length as usize);
        }
        let some = Bits::of(130, [0, 64, 129, 500].map(Slot));
        assert_eq!(places(&some), [0, 64, 129]);
        assert!(some.contains(Slot(64)) && !some.contains(Slot(63)) && !some.contains(Slot(500)));
        assert_eq!(some.count_common(&Bits::all(130)), 3);
        assert_eq!(some.count_common(&Bits::none(130)), 0);
    }

    #[test]
    fn a_set_takes_the_memory_of_its_stretch() {
        assert_eq!(of(&[640, 710]).bytes(), 16);
        assert_eq!(of(&[]).bytes(), 0);
        assert!(!of(&[640]).contains(Slot(0)) && !of(&[640]).contains(Slot(999)));
    }

    #[test]
    fn stretches_that_overlap_touch_or_lie_apart_have_in_common_what_both_have() {
        let (low, high, far) = (of(&[1, 70, 130, 200]), of(&[130, 200, 500]), of(&[900]));
        assert_eq!(places(&Bits::common(&[&low, &high])), [130, 200]);
        assert_eq!(low.count_common(&high), 2);
        for other in [&far, &of(&[])] {
            assert_eq!(places(&Bits::common(&[&low, other])), [0; 0]);
            assert_eq!(places(&Bits::common(&[other, &low, &high])), [0; 0]);
            assert_eq!((low.count_common(other), other.count_common(&low)), (0, 0));
        }
        assert_eq!(places(&Bits::common(&[&Bits::all(1_000), &high])), [130, 200, 500]);
        assert_eq!(places(&Bits::common(&[])), [0; 0]);
    }

    #[test]
    fn what_does_not_pass_is_let_go_of() {
        let mut some = of(&[130, 131, 200, 511, 512]);
        some.retain(|slot| slot.0 % 2 == 1);
        assert_eq!(places(&some), [131, 511]);
    }
}
