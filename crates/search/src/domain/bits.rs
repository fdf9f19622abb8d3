//! A set of documents of one segment, one bit each.

/// Documents by number, from 0 to a length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

const WORD: u32 = u64::BITS;

impl Bits {
    /// None of `length` documents.
    pub(crate) fn none(length: u32) -> Self {
        Self { words: vec![0; length.div_ceil(WORD) as usize] }
    }

    /// All of `length` documents.
    pub(crate) fn all(length: u32) -> Self {
        let mut bits = Self { words: vec![u64::MAX; length.div_ceil(WORD) as usize] };
        if let (Some(last), used @ 1..) = (bits.words.last_mut(), length % WORD) {
            *last = (1 << used) - 1;
        }
        bits
    }

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }

    /// Adds a document; one beyond the length is ignored.
    pub(crate) fn insert(&mut self, document: u32) {
        if let Some(word) = self.words.get_mut((document / WORD) as usize) {
            *word |= 1 << (document % WORD);
        }
    }

    /// Whether a document is in it.
    pub(crate) fn contains(&self, document: u32) -> bool {
        self.words.get((document / WORD) as usize).is_some_and(|word| word >> (document % WORD) & 1 == 1)
    }

    /// How many are in it.
    pub(crate) fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// How many are in both.
    pub(crate) fn count_common(&self, other: &Self) -> u64 {
        self.words.iter().zip(&other.words).map(|(a, b)| u64::from((a & b).count_ones())).sum()
    }

    /// Keeps what is in both.
    pub(crate) fn keep(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
    }

    /// Those in it, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.words).flat_map(|(place, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < WORD).then_some(place * WORD + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_answers_what_was_put_in() {
        for length in [0, 1, 63, 64, 65, 200] {
            assert_eq!(Bits::all(length).count(), u64::from(length));
            assert_eq!(Bits::all(length).iter().count(), length as usize);
        }
        let mut some = Bits::none(130);
        for document in [0, 64, 129, 500] {
            some.insert(document);
        }
        assert_eq!(some.iter().collect::<Vec<_>>(), [0, 64, 129]);
        assert!(some.contains(64) && !some.contains(63) && !some.contains(500));
        assert_eq!(some.count_common(&Bits::all(130)), 3);
        some.keep(&Bits::none(130));
        assert_eq!(some.count(), 0);
    }
}
