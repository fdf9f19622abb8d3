//! How much is in goods, what a unit of it costs, in how many they are sold, and how sizes measure.

use argosy_contracts::{
    catalog::{Measure, SizeChart},
    common::QuantityRule,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Amount, text};

/// So much of a unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Measure, example = json!({"amount": "250", "unit": "g"}))]
pub(crate) struct MeasureOut {
    /// A plain decimal with at most three places.
    amount: String,
    /// `mg`, `g`, `kg`, `ml`, `cl`, `l`, `m3`, `mm`, `cm`, `m`, `cm2`, `m2` or `piece`.
    unit: String,
}

impl From<&Measure> for MeasureOut {
    fn from(measure: &Measure) -> Self {
        let shown = measure.to_string();
        let amount = shown.strip_suffix(&measure.unit).unwrap_or(&shown).trim_end().to_owned();
        Self { amount, unit: measure.unit.clone() }
    }
}

/// What a unit costs.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = UnitPrice)]
pub(crate) struct UnitPriceOut {
    pub(crate) price: Amount,
    /// What that is for.
    pub(crate) per: MeasureOut,
}

/// In how many something is sold: multiples of `step`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = QuantityRule)]
pub(crate) struct QuantityRuleOut {
    min: i64,
    step: i64,
    /// Unset: as many as there are.
    max: Option<i64>,
}

impl From<QuantityRule> for QuantityRuleOut {
    fn from(rule: QuantityRule) -> Self {
        Self { min: rule.min, step: rule.step, max: (rule.max > 0).then_some(rule.max) }
    }
}

/// The measures of sizes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SizeChart)]
pub(crate) struct SizeChartOut {
    title: String,
    /// The first names what the sizes are.
    columns: Vec<String>,
    /// As many cells as columns.
    rows: Vec<Vec<String>>,
    /// How to measure.
    note: Option<String>,
}

impl From<SizeChart> for SizeChartOut {
    fn from(chart: SizeChart) -> Self {
        Self {
            title: chart.title,
            columns: chart.columns,
            rows: chart.rows.into_iter().map(|row| row.cells).collect(),
            note: text(chart.note),
        }
    }
}
