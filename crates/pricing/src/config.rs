//! Pricing's settings.

use argosy_kernel::Secret;
use argosy_platform::Shop;
use serde::{Deserialize, Serialize};

/// Settings of the pricing service (`[pricing]`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PricingConfig {
    /// Where the shop is at home. The process sets it from `[shop]`.
    #[serde(skip)]
    pub shop: Shop,
    /// Whether list prices hold tax. Unset: as in the home country's tax zone.
    pub prices_include_tax: Option<bool>,
    /// On which parcels leave and arrive: mon, tue, wed, thu, fri, sat, sun.
    pub working_days: Vec<String>,
    /// On which they don't: `12-25` every year, `2026-04-06` once.
    pub holidays: Vec<String>,
    /// Where the rates of a checkout are asked for, by POST. Unset: nowhere, the shop's own zones count.
    pub tax_engine_url: Option<String>,
    /// Sent there as a bearer token.
    pub tax_engine_secret: Option<Secret<String>>,
    /// How long a checkout waits for it.
    pub tax_engine_timeout_ms: u32,
}

impl Default for PricingConfig {
    fn default() -> Self {
        Self {
            shop: Shop::default(),
            prices_include_tax: None,
            working_days: ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned).to_vec(),
            holidays: Vec::new(),
            tax_engine_url: None,
            tax_engine_secret: None,
            tax_engine_timeout_ms: 800,
        }
    }
}
