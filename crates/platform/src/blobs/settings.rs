//! Settings of blob storage (`[blobs]`).

use std::time::Duration;

use argosy_kernel::{Error, Result, Secret};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use serde::{Deserialize, Serialize};

/// Settings of blob storage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BlobSettings {
    /// `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix` or `file:///folder`; unset: `blobs` in the data
    /// folder.
    pub url: Option<String>,
    /// The server, where it is not the provider's own, e.g. `http://127.0.0.1:9000` for MinIO.
    pub endpoint: Option<String>,
    /// The region of an S3 bucket; unset: what `AWS_REGION` says, or `us-east-1`.
    pub region: Option<String>,
    /// Whether S3 is asked by path (`endpoint/bucket/…`) and not by host name (`bucket.endpoint/…`).
    pub path_style: bool,
    /// S3's access key id, or the name of the Azure account.
    pub access_key_id: Option<String>,
    /// S3's secret access key, the key of the Azure account, or the JSON of the Google service account. Without keys,
    /// those of the provider's environment variables or of the machine are used.
    pub secret_access_key: Option<Secret<String>>,
    /// How long connecting may take.
    pub connect_timeout_ms: u64,
    /// How long one request may take, and how long a body may pause.
    pub request_timeout_ms: u64,
    /// How often a request that failed in passing is sent again.
    pub retries_max: usize,
    /// When a failed request is not sent again any more.
    pub retry_timeout_ms: u64,
}

impl Default for BlobSettings {
    fn default() -> Self {
        Self {
            url: None,
            endpoint: None,
            region: None,
            path_style: true,
            access_key_id: None,
            secret_access_key: None,
            connect_timeout_ms: 2_000,
            request_timeout_ms: 8_000,
            retries_max: 3,
            retry_timeout_ms: 4_000,
        }
    }
}

impl BlobSettings {
    /// Refuses what cannot work.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn check(&self) -> Result<()> {
        for (key, value) in [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("request_timeout_ms", self.request_timeout_ms),
            ("retry_timeout_ms", self.retry_timeout_ms),
        ] {
            if value == 0 {
                return Err(invalid(key, "must be at least 1"));
            }
        }
        if self.access_key_id.is_none() && self.secret_access_key.is_some() && !self.is_google() {
            return Err(invalid("access_key_id", "is missing, though there is a blobs.secret_access_key"));
        }
        if self.access_key_id.is_some() && self.secret_access_key.is_none() {
            return Err(invalid("secret_access_key", "is missing, though there is a blobs.access_key_id"));
        }
        Ok(())
    }

    fn is_google(&self) -> bool {
        self.url.as_deref().is_some_and(|url| url.starts_with("gs:"))
    }

    pub(super) fn client(&self) -> ClientOptions {
        let plain = self.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        ClientOptions::new()
            .with_allow_http(plain)
            .with_connect_timeout(Duration::from_millis(self.connect_timeout_ms))
            .with_timeout(Duration::from_millis(self.request_timeout_ms))
            .with_read_timeout(Duration::from_millis(self.request_timeout_ms))
    }

    pub(super) fn retries(&self) -> RetryConfig {
        let backoff = BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(1),
            base: 2.0,
        };
        let retry_timeout = Duration::from_millis(self.retry_timeout_ms);
        RetryConfig { backoff, max_retries: self.retries_max, retry_timeout }
    }
}

/// A wrong setting of this section.
pub(super) fn invalid(key: &str, what: impl std::fmt::Display) -> Error {
    Error::invalid("INVALID_SETTING", format!("blobs.{key}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_of_keys_names_the_other_half() {
        let mut settings = BlobSettings { access_key_id: Some("a".into()), ..BlobSettings::default() };
        let error = settings.check().unwrap_err();
        assert!(error.message().starts_with("blobs.secret_access_key: is missing"), "{error}");
        settings =
            BlobSettings { secret_access_key: Some(Secret::new("s".into())), ..BlobSettings::default() };
        let error = settings.check().unwrap_err();
        assert!(error.message().starts_with("blobs.access_key_id: is missing"), "{error}");
    }

    #[test]
    fn a_google_key_stands_alone() {
        let secret_access_key = Some(Secret::new("{}".into()));
        let url = Some("gs://bucket".into());
        assert!(BlobSettings { url, secret_access_key, ..BlobSettings::default() }.check().is_ok());
    }
}
