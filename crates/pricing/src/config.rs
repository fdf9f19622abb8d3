//! Pricing's settings.

use argosy_platform::Shop;
use serde::{Deserialize, Serialize};

/// Settings of the pricing service (`[pricing]`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PricingConfig {
    /// Where the shop is at home. The process sets it from `[shop]`.
    #[serde(skip)]
    pub shop: Shop,
    /// Whether list prices hold tax. Unset: as in the home country's tax zone.
    pub prices_include_tax: Option<bool>,
}
