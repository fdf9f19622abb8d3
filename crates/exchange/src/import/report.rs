//! What came of an import.

use crate::problem::Problem;

/// Problems and warnings kept for the report; all are counted.
const KEPT: usize = 10_000;

/// What came of an import.
#[derive(Debug, Clone, Default)]
pub struct ImportReport {
    /// New products.
    pub created: u64,
    /// Products that changed.
    pub updated: u64,
    /// Products that were so already.
    pub unchanged: u64,
    /// Rows and products that did not go in.
    pub refused: u64,
    /// Why, for the first ten thousand.
    pub problems: Vec<Problem>,
    /// What products went in without.
    pub warned: u64,
    /// What that was, for the first ten thousand.
    pub warnings: Vec<Problem>,
    /// Pictures that were fetched.
    pub fetched: u64,
    /// Whether it was stopped before the end of the file.
    pub is_interrupted: bool,
}

impl ImportReport {
    /// Products and rows that were dealt with.
    pub(super) fn products(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.refused
    }

    pub(super) fn refuse(&mut self, problem: Problem) {
        self.refused += 1;
        if self.problems.len() < KEPT {
            self.problems.push(problem);
        }
    }

    pub(super) fn warn(&mut self, warning: Problem) {
        self.warned += 1;
        if self.warnings.len() < KEPT {
            self.warnings.push(warning);
        }
    }

    /// In the order of the file.
    pub(super) fn sort(&mut self) {
        self.problems.sort_by_key(|problem| problem.line);
        self.warnings.sort_by_key(|warning| warning.line);
    }
}
