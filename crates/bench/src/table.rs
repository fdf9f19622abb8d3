//! Rows as a table and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

/// One measurement.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// Products in the shop.
    pub(crate) products: usize,
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
    /// The same of the baseline, measured in turns with the subject.
    pub(crate) baseline: Option<f64>,
    pub(crate) ratio: Option<f64>,
    pub(crate) target: Option<Target>,
    pub(crate) is_met: Option<bool>,
}

/// What a row must reach.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "of", content = "limit", rename_all = "snake_case")]
pub(crate) enum Target {
    /// The value is at most this.
    AtMost(f64),
    /// The ratio to the baseline is at least this.
    RatioAtLeast(f64),
    /// The ratio to the baseline is at most this.
    RatioAtMost(f64),
    /// The value is exactly this.
    Exactly(f64),
}

impl Row {
    pub(crate) fn new(products: usize, name: &str, unit: &'static str, value: f64) -> Self {
        Self {
            products,
            name: name.to_owned(),
            unit,
            value,
            baseline: None,
            ratio: None,
            target: None,
            is_met: None,
        }
    }

    /// Adds the baseline; the ratio is the median of those of the rounds.
    pub(crate) fn beside(mut self, baseline: f64, ratio: f64) -> Self {
        (self.baseline, self.ratio) = (Some(baseline), Some(ratio));
        self
    }

    pub(crate) fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self.is_met = match target {
            Target::AtMost(limit) => Some(self.value <= limit),
            Target::RatioAtLeast(limit) => self.ratio.map(|ratio| ratio >= limit),
            Target::RatioAtMost(limit) => self.ratio.map(|ratio| ratio <= limit),
            Target::Exactly(limit) => Some((self.value - limit).abs() < f64::EPSILON),
        };
        self
    }
}

impl Target {
    fn shown(self) -> String {
        match self {
            Self::AtMost(limit) => format!("≤ {}", number(limit)),
            Self::RatioAtLeast(limit) => format!("≥ {:.0} %", limit * 100.0),
            Self::RatioAtMost(limit) => format!("≤ {limit:.1}×"),
            Self::Exactly(limit) => format!("= {}", number(limit)),
        }
    }
}

/// The table as text, one row a line.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = line(&["products", "row", "value", "unit", "baseline", "ratio", "target", "met"]);
    text.push_str(&line(&["-------:", "---", "----:", "----", "-------:", "----:", "-----:", "---"]));
    for row in rows {
        let cells = [
            row.products.to_string(),
            row.name.clone(),
            number(row.value),
            row.unit.to_owned(),
            row.baseline.map(number).unwrap_or_default(),
            row.ratio.map(|ratio| ratio_shown(ratio, row.target)).unwrap_or_default(),
            row.target.map(Target::shown).unwrap_or_default(),
            row.is_met.map_or("", |met| if met { "yes" } else { "NO" }).to_owned(),
        ];
        text.push_str(&line(&cells.each_ref().map(String::as_str)));
    }
    text
}

fn line(cells: &[&str; 8]) -> String {
    let [products, name, value, unit, baseline, ratio, target, met] = cells;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "| {products:>8} | {name:<52} | {value:>9} | {unit:<10} | {baseline:>9} | {ratio:>6} | {target:>8} | {met:<3} |"
    );
    text
}

fn ratio_shown(ratio: f64, target: Option<Target>) -> String {
    match target {
        Some(Target::RatioAtMost(_)) => format!("{ratio:.2}×"),
        _ if ratio < 0.1 => format!("{:.1} %", ratio * 100.0),
        _ => format!("{:.0} %", ratio * 100.0),
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_it_reached_its_target() {
        let slow = Row::new(10, "listing", "ms", 12.0).target(Target::AtMost(10.0));
        assert_eq!(slow.is_met, Some(false));
        let half =
            Row::new(10, "product", "answers/s", 30.0).beside(50.0, 0.6).target(Target::RatioAtLeast(0.5));
        assert_eq!(half.is_met, Some(true));
        assert!(table(&[slow, half]).contains("NO"));
    }
}
