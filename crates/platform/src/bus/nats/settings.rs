//! Settings of the bus (`[bus]`).

use std::{path::PathBuf, time::Duration};

use argosy_kernel::{Error, Result, Secret};
use async_nats::ServerAddr;
use serde::{Deserialize, Serialize};

/// How facts travel: read from the outboxes themselves, or through a NATS that processes share.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BusSettings {
    /// `nats://user:password@host:4222`, `tls://` for TLS, several with commas; JetStream must be on. Unset: facts are
    /// read from the outboxes, by gRPC where a service runs elsewhere.
    pub nats_url: Option<Secret<String>>,
    /// A file of credentials (`.creds`), where the server wants more than a user and a password.
    pub nats_credentials_file: Option<PathBuf>,
    /// A file with the certificate authority of the server (PEM), if it is not one that the system trusts.
    pub nats_ca_file: Option<PathBuf>,
    /// The stream of this shop's facts; its subjects begin with the same in small letters. Shops that share a server
    /// have one each.
    pub stream: String,
    /// On how many servers of a cluster each fact is kept: 1, 3 or 5.
    pub stream_replicas: usize,
    /// How long facts stay in the stream: 1 to 30 days, as long as consumers remember what they have done.
    pub stream_age_days_max: u32,
    /// How large the stream may grow; the oldest facts go first.
    pub stream_bytes_max: u64,
    /// How long connecting may take.
    pub connect_timeout_ms: u64,
    /// How long the server may take to answer, such as that a fact is kept.
    pub request_timeout_ms: u64,
}

const STREAM_BYTES_MIN: u64 = 1024 * 1024;
const STREAM_NAME_MAX: usize = 64;
/// What the inbox remembers, see `host.rs`.
const AGE_DAYS_MAX: u32 = 30;

impl Default for BusSettings {
    fn default() -> Self {
        Self {
            nats_url: None,
            nats_credentials_file: None,
            nats_ca_file: None,
            stream: "ARGOSY".to_owned(),
            stream_replicas: 1,
            stream_age_days_max: AGE_DAYS_MAX,
            stream_bytes_max: 4 * 1024 * 1024 * 1024,
            connect_timeout_ms: 5_000,
            request_timeout_ms: 5_000,
        }
    }
}

impl BusSettings {
    /// Refuses what cannot work.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn check(&self) -> Result<()> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        if self.stream.is_empty() || self.stream.len() > STREAM_NAME_MAX || !self.stream.chars().all(plain) {
            let rule = format!("must be 1 to {STREAM_NAME_MAX} letters, digits, - and _");
            return Err(invalid("stream", rule));
        }
        if !matches!(self.stream_replicas, 1 | 3 | 5) {
            return Err(invalid("stream_replicas", "must be 1, 3 or 5"));
        }
        if !(1..=AGE_DAYS_MAX).contains(&self.stream_age_days_max) {
            return Err(invalid("stream_age_days_max", format!("must be from 1 to {AGE_DAYS_MAX}")));
        }
        if self.stream_bytes_max < STREAM_BYTES_MIN || i64::try_from(self.stream_bytes_max).is_err() {
            return Err(invalid("stream_bytes_max", format!("must be at least {STREAM_BYTES_MIN}")));
        }
        for (key, value) in
            [("connect_timeout_ms", self.connect_timeout_ms), ("request_timeout_ms", self.request_timeout_ms)]
        {
            if value == 0 {
                return Err(invalid(key, "must be at least 1"));
            }
        }
        Ok(())
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    pub(super) fn stream_age_max(&self) -> Duration {
        Duration::from_hours(24 * u64::from(self.stream_age_days_max))
    }

    /// What the subjects of facts begin with.
    pub(super) fn prefix(&self) -> String {
        format!("{}.facts", self.stream.to_ascii_lowercase())
    }
}

/// Reads a list of servers. What is said of a wrong one does not repeat it: it may hold a password.
pub(super) fn servers(urls: &str) -> Result<Vec<ServerAddr>> {
    let parse = |url: &str| {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        if !["nats", "tls"].contains(&scheme) {
            return Err(invalid("nats_url", "must start with nats:// or tls://"));
        }
        url.parse::<ServerAddr>().map_err(|_| invalid("nats_url", "is not a URL of a NATS server"))
    };
    urls.split(',').map(|url| parse(url.trim())).collect()
}

/// A wrong setting of this section.
pub(super) fn invalid(key: &str, what: impl std::fmt::Display) -> Error {
    Error::invalid("INVALID_SETTING", format!("bus.{key}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_url_names_the_setting_and_keeps_the_password() {
        for wrong in ["http://a:secret@b", "127.0.0.1:4222", "nats://a:secret@b:port"] {
            let error = servers(wrong).unwrap_err();
            assert!(error.message().starts_with("bus.nats_url: "), "{error}");
            assert!(!error.message().contains("secret"), "{error}");
        }
        assert_eq!(servers("nats://a:1, nats://b").unwrap().len(), 2);
    }

    #[test]
    fn what_jetstream_would_refuse_is_refused_before() {
        let refused = |change: fn(&mut BusSettings)| {
            let mut settings = BusSettings::default();
            change(&mut settings);
            settings.check().unwrap_err().message().split(':').next().unwrap().to_owned()
        };
        assert_eq!(refused(|settings| settings.stream = "my shop".into()), "bus.stream");
        assert_eq!(refused(|settings| settings.stream_replicas = 2), "bus.stream_replicas");
        assert_eq!(refused(|settings| settings.stream_age_days_max = 31), "bus.stream_age_days_max");
        assert_eq!(refused(|settings| settings.stream_bytes_max = 0), "bus.stream_bytes_max");
        BusSettings::default().check().unwrap();
    }
}
