//! What is saved to pay with, as its owner knows it.

use std::fmt::Write;

use argosy_contracts::payments::SavedMethod;
use serde::Serialize;

use crate::language::Words;

/// What the choice of a saved method is called in a form, before its provider and id.
pub(crate) const SAVED: &str = "saved:";

/// Names of brands, as they are written.
const BRANDS: [(&str, &str); 9] = [
    ("visa", "Visa"),
    ("mastercard", "Mastercard"),
    ("amex", "American Express"),
    ("discover", "Discover"),
    ("diners", "Diners Club"),
    ("jcb", "JCB"),
    ("unionpay", "UnionPay"),
    ("cartes_bancaires", "Cartes Bancaires"),
    ("eftpos_au", "eftpos"),
];

/// A saved means of payment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SavedView {
    pub(crate) id: String,
    /// What a form sends to pay with it.
    pub(crate) value: String,
    /// `Visa ···· 4242, 04/29`.
    title: String,
    pub(crate) is_expired: bool,
    pub(crate) chosen: bool,
}

impl SavedView {
    pub(crate) fn of(method: &SavedMethod, chosen: &str, words: &Words) -> Self {
        let brand =
            BRANDS.iter().find(|(name, _)| *name == method.brand).map(|(_, shown)| (*shown).to_owned());
        let mut title = brand.unwrap_or_else(|| words.say("card-field"));
        if !method.last_four.is_empty() {
            let _ = write!(title, " ···· {}", method.last_four);
        }
        if method.expiry_month != 0 {
            let _ = write!(title, ", {:02}/{:02}", method.expiry_month, method.expiry_year % 100);
        }
        let value = format!("{SAVED}{}:{}", method.provider, method.id);
        Self { id: method.id.clone(), chosen: value == chosen, value, title, is_expired: method.is_expired }
    }
}

/// All that are saved. If the form chose nothing yet, the first that can pay is chosen.
pub(crate) fn saved(methods: &[SavedMethod], chosen: &str, words: &Words) -> Vec<SavedView> {
    let mut all: Vec<SavedView> = methods.iter().map(|method| SavedView::of(method, chosen, words)).collect();
    if chosen.is_empty()
        && let Some(first) = all.iter_mut().find(|one| !one.is_expired)
    {
        first.chosen = true;
    }
    all
}
