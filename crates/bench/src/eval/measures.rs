//! Measures of a ranking, given what people said of the products.
//!
//! NDCG with exponential gain, `(2^rating - 1) / log2(place + 1)`, over the best that the ratings allow: Burges et al.,
//! "Learning to rank using gradient descent", 2005. A product that nobody rated counts as worth nothing; as ratings
//! are mostly of what word search had found, that is hard on whoever finds others, so the same is also measured with
//! unrated products left out of the ranking (Sakai, "Alternatives to Bpref", 2007).

use std::collections::HashMap;

/// The places that people look at.
const DEPTH: usize = 10;

/// Ratings of products for one query: 0 is useless, 3 is what was wanted.
pub(crate) type Ratings = HashMap<String, u8>;

/// NDCG of the first ten; `None` if nothing that was rated is of use.
pub(crate) fn ndcg(ranking: &[String], ratings: &Ratings) -> Option<f64> {
    let mut best: Vec<u8> = ratings.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let ideal = dcg(best.into_iter());
    let found = ranking.iter().map(|id| ratings.get(id).copied().unwrap_or(0));
    (ideal > 0.0).then(|| dcg(found) / ideal)
}

/// The same with products left out that nobody rated.
pub(crate) fn ndcg_of_rated(ranking: &[String], ratings: &Ratings) -> Option<f64> {
    let rated: Vec<String> = ranking.iter().filter(|id| ratings.contains_key(*id)).cloned().collect();
    ndcg(&rated, ratings)
}

/// The share of the useful products that the ranking has at all.
pub(crate) fn recall(ranking: &[String], ratings: &Ratings) -> Option<f64> {
    let useful = ratings.values().filter(|rating| **rating > 0).count();
    let found = ranking.iter().filter(|id| ratings.get(*id).is_some_and(|rating| *rating > 0)).count();
    (useful > 0).then(|| ratio(found, useful))
}

/// The mean of what could be measured.
pub(crate) fn mean(values: impl Iterator<Item = Option<f64>>) -> f64 {
    let (sum, count) = values.flatten().fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

/// A part of a whole.
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    float(part) / float(whole)
}

fn dcg(ratings: impl Iterator<Item = u8>) -> f64 {
    let places = (2..).map(|place: i32| f64::from(place).log2());
    ratings
        .take(DEPTH)
        .zip(places)
        .map(|(rating, discount)| (2_f64.powi(rating.into()) - 1.0) / discount)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(ids: &[&str]) -> Vec<String> {
        ids.iter().map(ToString::to_string).collect()
    }

    fn ratings() -> Ratings {
        [("a", 3), ("b", 1), ("c", 0)].map(|(id, rating)| (id.to_owned(), rating)).into()
    }

    fn close(measured: Option<f64>, expected: f64) -> bool {
        measured.is_some_and(|measured| (measured - expected).abs() < 1e-9)
    }

    #[test]
    fn the_best_order_is_one_and_a_worse_one_is_less() {
        assert!(close(ndcg(&ranking(&["a", "b", "c"]), &ratings()), 1.0));
        let (second, third) = (3_f64.log2(), 2.0);
        let expected = (1.0 / second + 7.0 / third) / (7.0 + 1.0 / second);
        assert!(close(ndcg(&ranking(&["c", "b", "a"]), &ratings()), expected));
        assert!(close(ndcg(&[], &ratings()), 0.0));
    }

    #[test]
    fn what_nobody_rated_counts_as_nothing_or_not_at_all() {
        let found = ranking(&["x", "a", "b"]);
        assert!(ndcg(&found, &ratings()).is_some_and(|measured| measured < 0.7));
        assert!(close(ndcg_of_rated(&found, &ratings()), 1.0));
        assert!(close(recall(&ranking(&["x", "b"]), &ratings()), 0.5));
    }

    #[test]
    fn a_query_without_a_good_answer_is_not_measured() {
        let useless: Ratings = [("a".to_owned(), 0)].into();
        assert_eq!(ndcg(&ranking(&["a"]), &useless), None);
        assert_eq!(recall(&ranking(&["a"]), &useless), None);
        assert!(close(Some(mean([None, Some(0.5), Some(1.0)].into_iter())), 0.75));
    }
}
