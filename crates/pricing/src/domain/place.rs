//! Where goods go, in the form that zones are compared with.

use argosy_kernel::Country;

/// A destination as far as taxes and shipping depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its country.
    pub country: Country,
    /// ISO 3166-2 without the country, in capitals; empty: unknown, or the country has none.
    pub region: String,
    /// In capitals without spaces and hyphens; empty: unknown, or the country has none.
    pub postal_code: String,
}

impl Place {
    /// Reads what was typed, so that `sw1a 1aa` and `SW1A1AA` are one place.
    pub fn new(country: Country, region: &str, postal_code: &str) -> Self {
        Self { country, region: region.trim().to_uppercase(), postal_code: compact(postal_code) }
    }
}

/// A postal code as it is compared.
pub(super) fn compact(postal_code: &str) -> String {
    postal_code
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .collect::<String>()
        .to_uppercase()
}
