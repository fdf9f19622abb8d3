//! What is known of who buys, as far as prices depend on it.

/// Who buys. Nothing of this is kept or told: it names a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buyer {
    /// A VAT number, as it was typed; empty: none.
    pub tax_number: String,
    /// Buys free of tax, as the shop has checked: an embassy, a charity, a reseller with a certificate.
    pub is_tax_exempt: bool,
    /// The groups that the shop has put them in.
    pub groups: Vec<String>,
    /// Whether this is their first order; `None`: not known.
    pub is_first_order: Option<bool>,
    /// What uses of codes are counted by; empty: not known yet.
    pub key: String,
}
