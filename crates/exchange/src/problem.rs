//! What was wrong with a row.

/// A row or product that did not go in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the file it begins, from 1.
    pub line: u64,
    /// Stable, in `UPPER_SNAKE_CASE`.
    pub reason: String,
    /// For people.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(line: u64, reason: &str, message: impl Into<String>) -> Self {
        Self { line, reason: reason.to_owned(), message: message.into() }
    }
}
