//! How many tests ran, read from the closing lines of the test runners.

use std::{fmt, iter::Sum};

/// Tests by outcome. What neither passed nor was skipped has failed, whatever its runner calls it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// `Summary [ 0.1s] 4 tests run: 2 passed (1 slow), 1 failed, 1 timed out, 3 skipped`
    pub(crate) fn of_nextest(text: &str) -> Self {
        let summaries = text.lines().filter(|line| line.trim_start().starts_with("Summary ["));
        summaries
            .filter_map(|line| line.split_once(" run: "))
            .map(|(_, parts)| Self::of_parts(parts, ", "))
            .sum()
    }

    /// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s`
    pub(crate) fn of_cargo_test(text: &str) -> Self {
        let results = text.lines().filter_map(|line| line.trim_start().strip_prefix("test result: "));
        results
            .filter_map(|result| result.split_once(". "))
            .map(|(_, parts)| Self::of_parts(parts, "; "))
            .sum()
    }

    /// `ℹ pass 3` and the like, a line each, as node's `spec` reporter ends.
    pub(crate) fn of_node(text: &str) -> Self {
        text.lines().filter_map(|line| line.strip_prefix("ℹ ")?.split_once(' ')).map(Self::of_node_line).sum()
    }

    /// `<testsuites errors="0" failures="1" skipped="0" tests="23" …>`, as JUnit's reports begin.
    pub(crate) fn of_junit(text: &str) -> Self {
        let Some((_, sums)) = text.split_once("<testsuites ") else { return Self::default() };
        let sums = sums.split('>').next().unwrap_or_default();
        let count = |name: &str| -> u64 {
            let value = sums.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            value.and_then(|value| value.parse().ok()).unwrap_or(0)
        };
        let (failed, skipped) = (count("failures") + count("errors"), count("skipped"));
        Self { passed: count("tests").saturating_sub(failed + skipped), failed, skipped }
    }

    fn of_node_line((outcome, count): (&str, &str)) -> Self {
        let count = count.trim().parse().unwrap_or(0);
        match outcome {
            "pass" => Self { passed: count, ..Self::default() },
            "fail" | "cancelled" => Self { failed: count, ..Self::default() },
            "skipped" | "todo" => Self { skipped: count, ..Self::default() },
            _ => Self::default(),
        }
    }

    fn of_parts(parts: &str, separator: &str) -> Self {
        without_parentheses(parts).split(separator).map(str::trim).filter_map(Self::of_part).sum()
    }

    fn of_part(part: &str) -> Option<Self> {
        let (count, outcome) = part.split_once(' ')?;
        let count = count.parse().ok()?;
        Some(match outcome.trim() {
            "passed" => Self { passed: count, ..Self::default() },
            "skipped" | "ignored" => Self { skipped: count, ..Self::default() },
            "measured" | "filtered out" => Self::default(),
            _ => Self { failed: count, ..Self::default() },
        })
    }
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_usize;
    let keep = |letter: &char| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(keep).collect()
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, next| Self {
            passed: sum.passed + next.passed,
            failed: sum.failed + next.failed,
            skipped: sum.skipped + next.skipped,
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_tells_passed_failed_and_skipped() {
        let text = "   PASS x\n     Summary [   0.110s] 5/9 tests run: 2 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 3 skipped\n";
        assert_eq!(Counts::of_nextest(text), Counts { passed: 2, failed: 3, skipped: 3 });
    }

    #[test]
    fn cargo_test_is_added_up_over_crates() {
        let text = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0s\n";
        assert_eq!(Counts::of_cargo_test(text), Counts { passed: 4, failed: 2, skipped: 1 });
    }

    #[test]
    fn node_counts_a_cancelled_test_as_failed() {
        let text =
            "✔ a cart\nℹ tests 6\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ duration_ms 70.1\n";
        assert_eq!(Counts::of_node(text), Counts { passed: 3, failed: 2, skipped: 1 });
    }

    #[test]
    fn junit_tells_its_sums_once_and_again_per_suite() {
        let text = "<?xml version=\"1.0\"?>\n<testsuites errors=\"1\" failures=\"2\" skipped=\"3\" tests=\"10\" time=\"1.5\">\n\
                    <testsuite errors=\"1\" failures=\"2\" skipped=\"3\" tests=\"10\">";
        assert_eq!(Counts::of_junit(text), Counts { passed: 4, failed: 3, skipped: 3 });
        assert_eq!(Counts::of_junit("nothing"), Counts::default());
    }

    #[test]
    fn counts_print_as_one_plain_line() {
        let counts = Counts { passed: 7, failed: 1, skipped: 0 };
        assert_eq!(counts.to_string(), "7 passed, 1 failed, 0 skipped");
    }
}
