//! Many rows in few statements.
//!
//! A statement's text depends on how many rows it has, and preparing a large one costs more than running it. So
//! rows go out in a few fixed sizes, whose statements stay prepared, and lists to search for are filled up to
//! the next of them.

use argosy_kernel::Result;
use argosy_platform::database::{Executor, Value, sql};

/// Rows of one statement: times ten columns this stays far below what SQLite binds.
const ROWS: [usize; 4] = [512, 64, 8, 1];
/// Values of one list.
const VALUES_MAX: usize = 4_096;

/// The largest statement size that these rows fill.
fn statement_rows(left: usize) -> usize {
    ROWS.into_iter().find(|size| *size <= left).unwrap_or(left)
}

/// Runs `start … values (rows) end` until all rows are through; answers how many rows were touched.
pub(super) async fn insert<const N: usize>(
    on: &impl Executor,
    start: &str,
    end: &str,
    rows: Vec<[Value; N]>,
) -> Result<u64> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    let mut touched = 0;
    while left > 0 {
        let size = statement_rows(left);
        left -= size;
        touched += sql(start).rows(rows.by_ref().take(size)).then(end).execute(on).await?;
    }
    Ok(touched)
}

/// The values in lists of at most a few thousand, each filled up with its last one.
pub(super) fn lists(values: impl IntoIterator<Item = String>) -> Vec<Vec<String>> {
    let values: Vec<String> = values.into_iter().collect();
    let filled = |chunk: &[String]| {
        let mut list = chunk.to_vec();
        list.resize(chunk.len().next_power_of_two().max(chunk.len()), chunk[chunk.len() - 1].clone());
        list
    };
    values.chunks(VALUES_MAX).map(filled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_filled_up_with_what_they_hold() {
        let list = lists(["a", "b", "c"].map(str::to_owned));
        assert_eq!(list, [["a", "b", "c", "c"]]);
        assert!(lists([]).is_empty());
        assert_eq!(lists((0..5_000).map(|number| number.to_string())).len(), 2);
    }

    #[test]
    fn a_statement_has_one_of_few_sizes() {
        assert_eq!([2_000, 511, 63, 7].map(statement_rows), [512, 64, 8, 1]);
    }
}
