//! The measures of sizes, for products that have a value of an attribute.

use argosy_kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{limits, text},
    error::{self, INVALID_ATTRIBUTE},
};

/// A table of sizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SizeChart {
    /// Of the attribute whose chart it is.
    pub value: String,
    pub title: String,
    /// The first names what the sizes are.
    pub columns: Vec<String>,
    /// As many cells as columns.
    pub rows: Vec<Vec<String>>,
    pub note: String,
}

impl SizeChart {
    /// The chart in its canonical form; `attribute` is whose it is.
    pub(crate) fn checked(mut self, attribute: &str) -> Result<Self> {
        text::clean("a size chart's value", &mut self.value, limits::LABEL_LENGTH, text::line)?;
        text::clean("a size chart's title", &mut self.title, limits::LABEL_LENGTH, text::line)?;
        text::clean("a size chart's note", &mut self.note, limits::SUMMARY_LENGTH, text::lines)?;
        for cell in self.columns.iter_mut().chain(self.rows.iter_mut().flatten()) {
            text::clean("a size chart's cell", cell, limits::LABEL_LENGTH, text::line)?;
        }
        let refuse = |what: &str| {
            let value = error::excerpt(&self.value);
            let message = format!("the size chart '{value}' of attribute '{attribute}' {what}");
            Err(Error::invalid(INVALID_ATTRIBUTE, message))
        };
        if self.value.is_empty() || self.title.is_empty() {
            return refuse("needs a value and a title");
        }
        if !(2..=limits::SIZE_CHART_COLUMNS).contains(&self.columns.len()) {
            return refuse("must have 2 to 12 columns");
        }
        if !(1..=limits::SIZE_CHART_ROWS).contains(&self.rows.len()) {
            return refuse("must have 1 to 60 rows");
        }
        if self.rows.iter().any(|row| row.len() != self.columns.len()) {
            return refuse("must have a cell for each column in every row");
        }
        Ok(self)
    }
}
