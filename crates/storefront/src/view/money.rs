//! Sums as they are shown.

use argosy_contracts::{
    common::TotalLine,
    pricing::{Quote, TaxNote},
};
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

/// What a buyer must know of the tax.
pub(crate) fn tax_notes(notes: &[TaxNote], words: &Words) -> Vec<String> {
    notes.iter().map(|note| words.translated(&note.kind, &note.text)).collect()
}

/// The lines of a sum, the total last.
pub(crate) fn sum_lines(totals: &[TotalLine], words: &Words) -> Result<Vec<SumLine>> {
    let mut lines = Vec::with_capacity(totals.len());
    for line in totals {
        let amount = price::format_wire(line.amount.as_ref(), words)?;
        let label = if line.label.is_empty() {
            default_label(&line.kind, words)
        } else if line.kind.starts_with("tax") {
            words.tax(&line.label)
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
        "fee" => words.say("sum-fee"),
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_tax_is_named_in_the_language_with_its_rate() {
        let label = |tag: &str, label: &str| Words::read(tag, Path::new("")).unwrap().tax(label);
        assert_eq!(label("en", "VAT 19 %"), "VAT 19 %");
        assert_eq!(label("de", "VAT 19 %"), "MwSt. 19 %");
        assert_eq!(label("de", "VAT 8.1 %"), "MwSt. 8,1 %");
        assert_eq!(label("de", "Salestax"), "Salestax");
    }
}
