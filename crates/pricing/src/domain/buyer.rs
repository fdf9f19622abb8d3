//! What is known of who buys, as far as prices depend on it.

/// Who buys. Nothing of this is kept or told: it names a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buyer {
    /// A VAT number, as it was typed; empty: none.
    pub tax_number: String,
    /// Buys free of tax, as the shop has checked: an embassy, a charity, a reseller with a certificate.
    pub is_tax_exempt: bool,
}
