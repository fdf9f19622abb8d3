//! Settings of PayPal.

use argosy_kernel::{Result, Secret};
use serde::{Deserialize, Serialize};

use super::super::http::check_base;
use crate::error::invalid_setting;

/// Settings of PayPal. It takes payments when its keys are set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaypalConfig {
    /// The client id of the shop's app there.
    pub client_id: Option<String>,
    /// Its secret. Better from a file: `ARGOSY_PAYMENTS__PAYPAL__CLIENT_SECRET_FILE`.
    pub client_secret: Option<Secret<String>>,
    /// Where PayPal is; `https://api-m.sandbox.paypal.com` for tests.
    pub api_base: String,
    /// How long it may take to get a connection.
    pub connect_timeout_ms: u64,
    /// How long one request may take. All that one step needs must fit into `payments.provider_timeout_ms`.
    pub request_timeout_ms: u64,
}

impl Default for PaypalConfig {
    fn default() -> Self {
        Self {
            client_id: None,
            client_secret: None,
            api_base: "https://api-m.paypal.com".to_owned(),
            connect_timeout_ms: 2_000,
            request_timeout_ms: 5_000,
        }
    }
}

impl PaypalConfig {
    /// The id and secret, if PayPal takes payments.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub(super) fn keys(&self) -> Result<Option<(String, Secret<String>)>> {
        let keys = match (&self.client_id, &self.client_secret) {
            (None, None) => return Ok(None),
            (Some(id), Some(secret)) => (id.clone(), secret.clone()),
            (Some(_), None) => {
                return Err(invalid_setting("paypal.client_secret", "is missing beside client_id"));
            }
            (None, Some(_)) => {
                return Err(invalid_setting("paypal.client_id", "is missing beside client_secret"));
            }
        };
        if keys.0.is_empty() || keys.1.expose().is_empty() {
            return Err(invalid_setting("paypal.client_id", "and client_secret must not be empty"));
        }
        if self.request_timeout_ms == 0 {
            return Err(invalid_setting("paypal.request_timeout_ms", "must be at least 1"));
        }
        check_base("paypal.api_base", &self.api_base)?;
        Ok(Some(keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_refused_by_their_key() {
        let config = |id: Option<&str>, secret: Option<&str>, base: &str| PaypalConfig {
            client_id: id.map(str::to_owned),
            client_secret: secret.map(|secret| Secret::new(secret.to_owned())),
            api_base: base.to_owned(),
            ..PaypalConfig::default()
        };
        let wrong = |config: PaypalConfig| config.keys().unwrap_err().message().to_owned();
        let base = "https://api-m.paypal.com";
        assert!(config(None, None, "").keys().unwrap().is_none());
        assert!(config(Some("id"), Some("secret"), base).keys().unwrap().is_some());
        assert!(wrong(config(Some("id"), None, base)).contains("payments.paypal.client_secret"));
        assert!(wrong(config(None, Some("secret"), base)).contains("payments.paypal.client_id"));
        assert!(wrong(config(Some("id"), Some("secret"), "paypal")).contains("payments.paypal.api_base"));
    }
}
