//! Sums as they are shown.

use argosy_contracts::{common::TotalLine, pricing::Quote};
use argosy_kernel::Result;
use serde::Serialize;

use crate::{language::Words, price};

/// A line of a sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SumLine {
    pub(crate) kind: String,
    pub(crate) label: String,
    pub(crate) amount: String,
}

/// The lines of a sum, the total last.
pub(crate) fn sum_lines(totals: &[TotalLine], words: &Words) -> Result<Vec<SumLine>> {
    let mut lines = Vec::with_capacity(totals.len());
    for line in totals {
        let amount = price::format_wire(line.amount.as_ref(), words)?;
        let label = if line.label.is_empty() {
            default_label(&line.kind, words)
        } else {
            words.translated("", &line.label)
        };
        lines.push(SumLine { kind: line.kind.clone(), label, amount });
    }
    lines.sort_by_key(|line| match line.kind.as_str() {
        "total" => 1,
        "tax_included" => 2,
        _ => 0,
    });
    Ok(lines)
}

fn default_label(kind: &str, words: &Words) -> String {
    match kind {
        "subtotal" => words.say("sum-subtotal"),
        "discount" => words.say("sum-discount"),
        "shipping" => words.say("sum-shipping"),
        "tax" => words.say("sum-tax"),
        "tax_included" => words.say("sum-tax-included"),
        "total" => words.say("sum-total"),
        _ => words.say("sum-other"),
    }
}

/// What a form carries to say which total the buyer saw: `1999 EUR`.
pub(crate) fn seen_total(quote: Option<&Quote>) -> String {
    let total = quote.and_then(|quote| quote.total.as_ref());
    total.map_or(String::new(), |total| format!("{} {}", total.minor, total.currency))
}
