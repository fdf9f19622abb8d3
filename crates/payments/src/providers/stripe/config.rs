//! Settings of Stripe.

use argosy_kernel::{Result, Secret};
use serde::{Deserialize, Serialize};

use super::super::http::check_base;
use crate::error::invalid_setting;

/// Settings of Stripe. It takes payments when its keys are set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StripeConfig {
    /// The secret key, `sk_…`, or a restricted one, `rk_…`, that may write payment intents and refunds, and for
    /// saved cards setup intents, customers and payment methods. Better from a file: `ARGOSY_PAYMENTS__STRIPE__SECRET_KEY_FILE`.
    pub secret_key: Option<Secret<String>>,
    /// The key that browsers may know, `pk_…`, of the same account and mode.
    pub publishable_key: Option<String>,
    /// What the messages of Stripe are signed with, `whsec_…`; two with a comma between while one replaces the other.
    pub webhook_secret: Option<Secret<String>>,
    /// How old a message may be when it arrives, and how much the clocks may differ.
    pub webhook_tolerance_s: u32,
    /// Where Stripe is.
    pub api_base: String,
    /// Where Stripe takes files.
    pub files_base: String,
    /// How long it may take to get a connection.
    pub connect_timeout_ms: u64,
    /// How long one request may take. All that one step needs must fit into `payments.provider_timeout_ms`.
    pub request_timeout_ms: u64,
    /// How often a request is made again, under the same key, when its outcome is not known.
    pub retries_max: u32,
}

impl Default for StripeConfig {
    fn default() -> Self {
        Self {
            secret_key: None,
            publishable_key: None,
            webhook_secret: None,
            webhook_tolerance_s: 300,
            api_base: "https://api.stripe.com".to_owned(),
            files_base: "https://files.stripe.com".to_owned(),
            connect_timeout_ms: 2_000,
            request_timeout_ms: 5_000,
            retries_max: 2,
        }
    }
}

impl StripeConfig {
    /// Whether Stripe takes payments.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub(super) fn is_on(&self, name: &str) -> Result<bool> {
        let wrong = |key: &str, what: &str| Err(invalid_setting(&format!("{name}.{key}"), what));
        let Some(secret) = self.secret_key.as_ref().map(Secret::expose) else {
            return match &self.publishable_key {
                Some(_) => wrong("secret_key", "is missing beside publishable_key"),
                None => Ok(false),
            };
        };
        if !secret.starts_with("sk_") && !secret.starts_with("rk_") {
            return wrong("secret_key", "must begin with sk_ or rk_");
        }
        let Some(publishable) = &self.publishable_key else {
            return wrong("publishable_key", "is missing beside secret_key");
        };
        if !publishable.starts_with("pk_") {
            return wrong("publishable_key", "must begin with pk_");
        }
        if is_live(secret) != is_live(publishable) {
            let what = "is of another mode than secret_key: one is for tests and one is live";
            return wrong("publishable_key", what);
        }
        if self.webhook_secrets().iter().any(|secret| !secret.starts_with("whsec_")) {
            return wrong("webhook_secret", "must begin with whsec_");
        }
        if self.request_timeout_ms == 0 {
            return wrong("request_timeout_ms", "must be at least 1");
        }
        check_base(&format!("{name}.api_base"), &self.api_base)?;
        check_base(&format!("{name}.files_base"), &self.files_base)?;
        Ok(true)
    }

    pub(super) fn webhook_secrets(&self) -> Vec<&str> {
        let all = self.webhook_secret.as_ref().map_or("", |secret| secret.expose().as_str());
        all.split(',').map(str::trim).filter(|secret| !secret.is_empty()).collect()
    }
}

/// Keys are `sk_test_…` or `sk_live_…`.
fn is_live(key: &str) -> bool {
    key.split('_').nth(1) == Some("live")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(secret: &str, publishable: &str, webhook: &str) -> StripeConfig {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        StripeConfig {
            secret_key: some(secret).map(Secret::new),
            publishable_key: some(publishable),
            webhook_secret: some(webhook).map(Secret::new),
            ..StripeConfig::default()
        }
    }

    #[test]
    fn wrong_settings_are_refused_by_their_key() {
        let wrong = |config: StripeConfig| config.is_on("stripe").unwrap_err().message().to_owned();
        assert!(!config("", "", "").is_on("stripe").unwrap());
        assert!(config("sk_test_1", "pk_test_1", "whsec_1, whsec_2").is_on("stripe").unwrap());
        assert!(wrong(config("", "pk_test_1", "")).contains("payments.stripe.secret_key"));
        assert!(wrong(config("pk_test_1", "pk_test_1", "")).contains("payments.stripe.secret_key"));
        assert!(wrong(config("sk_test_1", "", "")).contains("payments.stripe.publishable_key"));
        assert!(wrong(config("sk_live_1", "pk_test_1", "")).contains("payments.stripe.publishable_key"));
        assert!(wrong(config("sk_test_1", "pk_test_1", "secret")).contains("payments.stripe.webhook_secret"));
        let plain =
            StripeConfig { api_base: "http://stripe.example".into(), ..config("sk_test_1", "pk_test_1", "") };
        assert!(wrong(plain).contains("payments.stripe.api_base"));
        let shown = format!("{:?}", config("sk_test_hidden", "pk_test_1", "whsec_hidden"));
        assert!(!shown.contains("hidden"), "{shown}");
    }
}
