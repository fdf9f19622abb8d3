//! Settings of the guard.

use std::collections::BTreeMap;

use argosy_kernel::{Error, Result, Secret};
use serde::{Deserialize, Serialize};

use crate::domain::{Thresholds, TrailKind};

/// How guessing of cards is stopped, and from when on a purchase is looked at or refused (docs/security.md).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RiskConfig {
    /// For how long a declined payment counts. At midnight (UTC) counting begins anew.
    pub declines_window_s: u32,
    /// Declined payments to one address within the window until more are refused; 0: no limit.
    pub declines_per_address_max: u32,
    /// The same from one device.
    pub declines_per_device_max: u32,
    /// The same from one network address, behind which there may be many.
    pub declines_per_network_max: u32,
    /// The same for the same goods, if more than three of four payments for them are declined.
    pub declines_per_goods_max: u32,
    /// The same by one card, where its provider tells which it is, from wherever and for whatever it is tried.
    pub declines_per_card_max: u32,
    /// Points from which on an order is held until somebody has looked at it.
    pub review_score: u32,
    /// Points from which on a purchase is refused.
    pub deny_score: u32,
    /// Units of one variant that are many.
    pub many_units: u32,
    /// Totals that are large, in minor units by currency: `{ EUR = 100000 }`.
    pub large_totals: BTreeMap<String, i64>,
    /// Asked for its points too: a POST of what the rules know, as JSON, answered by `{"points": 0, "text": ""}`.
    pub scorer_url: Option<String>,
    /// What the scorer knows the shop by, as a bearer token.
    pub scorer_secret: Option<Secret<String>>,
    /// How long a purchase waits for the scorer. Without an answer the rules alone decide.
    pub scorer_timeout_ms: u32,
}

impl Default for RiskConfig {
    fn default() -> Self {
        Self {
            declines_window_s: 3_600,
            declines_per_address_max: 10,
            declines_per_device_max: 10,
            declines_per_network_max: 50,
            declines_per_goods_max: 30,
            declines_per_card_max: 5,
            review_score: 50,
            deny_score: 100,
            many_units: 50,
            large_totals: BTreeMap::new(),
            scorer_url: None,
            scorer_secret: None,
            scorer_timeout_ms: 50,
        }
    }
}

impl RiskConfig {
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |key: &str, what: &str| {
            Err(Error::invalid("INVALID_SETTING", format!("orders.risk.{key}: {what}")))
        };
        if self.review_score > self.deny_score {
            return wrong("review_score", "must be at most deny_score");
        }
        if self.review_score == 0 {
            return wrong("review_score", "must be at least 1");
        }
        if !(60..=86_400).contains(&self.declines_window_s) {
            return wrong("declines_window_s", "must be from 60 to 86400");
        }
        if self.large_totals.keys().any(|code| code.parse::<argosy_kernel::Currency>().is_err()) {
            return wrong("large_totals", "must have currencies as keys, e.g. EUR");
        }
        if self.scorer_timeout_ms == 0 {
            return wrong("scorer_timeout_ms", "must be at least 1");
        }
        Ok(())
    }

    pub(super) fn limit(&self, kind: TrailKind) -> Option<u32> {
        let limit = match kind {
            TrailKind::Address => self.declines_per_address_max,
            TrailKind::Device => self.declines_per_device_max,
            TrailKind::Network => self.declines_per_network_max,
            TrailKind::Goods => self.declines_per_goods_max,
            TrailKind::Card => self.declines_per_card_max,
        };
        (limit > 0).then_some(limit)
    }

    pub(super) fn thresholds(&self, currency: &str) -> Thresholds {
        Thresholds {
            review_score: self.review_score,
            deny_score: self.deny_score,
            units_of_one: self.many_units.into(),
            large_total: self.large_totals.get(currency).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_refused_by_their_key() {
        let wrong = |config: RiskConfig| config.check().unwrap_err().message().to_owned();
        RiskConfig::default().check().unwrap();
        let config = RiskConfig::default;
        assert!(wrong(RiskConfig { review_score: 101, ..config() }).contains("orders.risk.review_score"));
        assert!(wrong(RiskConfig { review_score: 0, ..config() }).contains("orders.risk.review_score"));
        assert!(wrong(RiskConfig { declines_window_s: 1, ..config() }).contains("declines_window_s"));
        let totals = BTreeMap::from([("EURO".to_owned(), 1)]);
        assert!(wrong(RiskConfig { large_totals: totals, ..config() }).contains("large_totals"));
        assert!(wrong(RiskConfig { scorer_timeout_ms: 0, ..config() }).contains("scorer_timeout_ms"));
    }
}
