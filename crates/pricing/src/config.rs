//! Pricing's settings.

use std::collections::BTreeMap;

use argosy_kernel::{Country, Error, Result, Secret};
use argosy_platform::Shop;
use serde::{Deserialize, Serialize};

const NAME_LENGTH_MAX: usize = 40;
/// A checkout that waits longer is one that is left.
const DEADLINE_MS_MAX: u32 = 10_000;
const KEPT_FOR_S_MAX: u32 = 3_600;

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
    /// Carriers that say what shipping costs, by the name that a shipping rate calls them.
    pub carriers: BTreeMap<String, CarrierConfig>,
}

/// A carrier that is asked for its prices (`[pricing.carriers.NAME]`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CarrierConfig {
    /// Where it is asked, by POST.
    pub url: String,
    /// Sent there as a bearer token.
    pub secret: Option<Secret<String>>,
    /// How long a checkout waits for it.
    pub deadline_ms: u32,
    /// How long its answer counts for the same question: who was shown a price pays it.
    pub kept_for_s: u32,
    /// Where parcels come from whose location has no address; empty: the shop's country.
    pub from_country: String,
    /// ISO 3166-2 without the country.
    pub from_region: String,
    /// Its postal code.
    pub from_postal_code: String,
}

impl Default for CarrierConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            secret: None,
            deadline_ms: 1_500,
            kept_for_s: 300,
            from_country: String::new(),
            from_region: String::new(),
            from_postal_code: String::new(),
        }
    }
}

impl CarrierConfig {
    /// Refuses what no carrier can be asked by; `name` is the carrier's.
    pub(crate) fn check(&self, name: &str) -> Result<()> {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        let wrong = if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.chars().all(plain) {
            format!("pricing.carriers.{name}: a name is 1 to {NAME_LENGTH_MAX} of a to z, 0 to 9 and -")
        } else if !(1..=DEADLINE_MS_MAX).contains(&self.deadline_ms) {
            format!("pricing.carriers.{name}.deadline_ms: must be from 1 to {DEADLINE_MS_MAX}")
        } else if self.kept_for_s > KEPT_FOR_S_MAX {
            format!("pricing.carriers.{name}.kept_for_s: must be at most {KEPT_FOR_S_MAX}")
        } else if !self.from_country.is_empty() && self.from_country.parse::<Country>().is_err() {
            format!("pricing.carriers.{name}.from_country: must be an ISO 3166-1 code, e.g. DE")
        } else {
            return Ok(());
        };
        Err(Error::invalid("INVALID_SETTING", wrong))
    }
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
            carriers: BTreeMap::new(),
        }
    }
}
