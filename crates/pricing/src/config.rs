//! Pricing's settings.

use argosy_kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::domain::Country;

/// Settings of the pricing service (`[pricing]`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PricingConfig {
    /// Where the shop is at home, ISO 3166-1 alpha-2. Its tax counts while a destination is unknown, and a new
    /// database gets its shipping zone.
    pub shop_country: String,
    /// The region of that country, where regions have their own tax; else empty.
    pub shop_region: String,
    /// Whether list prices hold tax. Unset: as in the home country's tax zone.
    pub prices_include_tax: Option<bool>,
}

impl Default for PricingConfig {
    fn default() -> Self {
        Self { shop_country: "DE".to_owned(), shop_region: String::new(), prices_include_tax: None }
    }
}

impl PricingConfig {
    /// The home country.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub(crate) fn home(&self) -> Result<Country> {
        self.shop_country.parse().map_err(|error| {
            Error::invalid("INVALID_SETTING", format!("wrong setting pricing.shop_country: {error}"))
        })
    }
}
