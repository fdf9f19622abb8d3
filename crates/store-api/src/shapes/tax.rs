//! The tax of a quote, by rate.

use argosy_contracts::pricing::{TaxLine, TaxNote};
use serde::Serialize;
use utoipa::ToSchema;

use super::Amount;

/// The tax of one rate: of lines and shipping together.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TaxLine)]
pub(crate) struct TaxLineOut {
    /// What it is called.
    label: String,
    /// In parts per million: 190000 is 19 %.
    rate_ppm: i64,
    /// What it is due on, without any tax.
    base: Option<Amount>,
    /// In the prices if `tax_included`, else on top of them.
    amount: Option<Amount>,
}

/// What a buyer must know of the tax.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TaxNote)]
pub(crate) struct TaxNoteOut {
    /// `reverse_charge`, `exempt`, `tax_number_unknown` or `tax_number_without_effect`.
    kind: String,
    /// For people.
    text: String,
}

impl From<TaxLine> for TaxLineOut {
    fn from(line: TaxLine) -> Self {
        Self {
            label: line.label,
            rate_ppm: line.rate_ppm,
            base: line.base.map(Into::into),
            amount: line.amount.map(Into::into),
        }
    }
}

impl From<TaxNote> for TaxNoteOut {
    fn from(note: TaxNote) -> Self {
        Self { kind: note.kind, text: note.text }
    }
}
