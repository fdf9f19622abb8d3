//! Settings of the Redis that processes share (`[redis]`).

use std::time::Duration;

use argosy_kernel::{Error, Result, Secret};
use fred::types::config::Config;
use serde::{Deserialize, Serialize};

/// Settings of the Redis that processes share. Needs Redis 7 or a server that speaks as it does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedisSettings {
    /// `redis://user:password@host:6379/0`, `rediss://` for TLS, `redis-cluster://host:6379?node=host2:6379`, or
    /// `redis-sentinel://host:26379?sentinelServiceName=shop`; unset: there is none.
    pub url: Option<Secret<String>>,
    /// What every key starts with, so that shops can share a server.
    pub key_prefix: String,
    /// Open connections.
    pub connections: usize,
    /// How long connecting may take.
    pub connect_timeout_ms: u64,
    /// How long a command may take; then what needs it answers 503.
    pub command_timeout_ms: u64,
}

const SCHEMES: [&str; 6] =
    ["redis", "rediss", "redis-cluster", "rediss-cluster", "redis-sentinel", "rediss-sentinel"];
const CONNECTIONS_MAX: usize = 64;
const PREFIX_BYTES_MAX: usize = 64;

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            url: None,
            key_prefix: "argosy:".to_owned(),
            connections: 4,
            connect_timeout_ms: 2_000,
            command_timeout_ms: 500,
        }
    }
}

impl RedisSettings {
    /// Refuses what cannot work.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn check(&self) -> Result<()> {
        if !(1..=CONNECTIONS_MAX).contains(&self.connections) {
            return Err(invalid("connections", format!("must be from 1 to {CONNECTIONS_MAX}")));
        }
        for (key, value) in
            [("connect_timeout_ms", self.connect_timeout_ms), ("command_timeout_ms", self.command_timeout_ms)]
        {
            if value == 0 {
                return Err(invalid(key, "must be at least 1"));
            }
        }
        // In braces is what a cluster places keys by; one for all keys would put them all in one place.
        let plain = |letter: char| letter.is_ascii_graphic() && letter != '{' && letter != '}';
        if self.key_prefix.len() > PREFIX_BYTES_MAX || !self.key_prefix.chars().all(plain) {
            let rule =
                format!("must be at most {PREFIX_BYTES_MAX} printable ASCII characters without braces");
            return Err(invalid("key_prefix", rule));
        }
        Ok(())
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) fn command_timeout(&self) -> Duration {
        Duration::from_millis(self.command_timeout_ms)
    }
}

/// Reads a URL. What is said of a wrong one does not repeat it: it may hold a password.
pub(super) fn parse(url: &str) -> Result<Config> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    if !SCHEMES.contains(&scheme) {
        return Err(invalid("url", format!("must start with one of {}://", SCHEMES.join("://, "))));
    }
    Config::from_url(url).map_err(|error| invalid("url", error.details()))
}

/// A wrong setting of this section.
pub(super) fn invalid(key: &str, what: impl std::fmt::Display) -> Error {
    Error::invalid("INVALID_SETTING", format!("redis.{key}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_url_is_read() {
        crate::tls::choose_provider();
        let plain = parse("redis://shop:secret@127.0.0.1:6380/3").unwrap();
        assert_eq!((plain.database, plain.password.as_deref()), (Some(3), Some("secret")));
        assert!(parse("rediss://localhost").unwrap().uses_tls());
        assert!(parse("redis-cluster://a:1?node=b:2&node=c:3").unwrap().server.is_clustered());
        assert!(
            parse("redis-sentinel://a:1?node=b:2&sentinelServiceName=shop").unwrap().server.is_sentinel()
        );
    }

    #[test]
    fn a_wrong_url_names_the_setting_and_keeps_the_password() {
        for wrong in ["http://a:secret@b", "redis://", "127.0.0.1:6379", "redis://a:secret@b/one"] {
            let error = parse(wrong).unwrap_err();
            assert!(error.message().starts_with("redis.url: "), "{error}");
            assert!(!error.message().contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_prefix_does_not_choose_where_a_cluster_keeps_keys() {
        let settings = RedisSettings { key_prefix: "{shop}:".into(), ..RedisSettings::default() };
        assert!(settings.check().unwrap_err().message().starts_with("redis.key_prefix: "));
    }
}
