//! Settings of the HTTP edge (`[edge]`).

use std::net::SocketAddr;

use argosy_kernel::{Error, Result};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Settings of the HTTP edge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EdgeConfig {
    /// The largest request body.
    pub body_bytes_max: usize,
    /// How long a client may take to send its body.
    pub body_timeout_s: u64,
    /// How long a request may take.
    pub request_timeout_s: u64,
    /// Requests worked on at once; more are refused at once with 503.
    pub requests_max: usize,
    /// What one client may ask for in a minute; 0: no limit.
    pub rate_limit_per_minute: u32,
    /// What one client may ask for at once, before the rate counts.
    pub rate_limit_burst: u32,
    /// Where it is counted: `process`, each edge for itself, or `redis`, all together; unset: in Redis if `redis.url`
    /// names one. While Redis is away each edge counts for itself.
    pub rate_limit_store: Option<RateLimitStore>,
    /// Clients that a process remembers for the rate limit; beyond that, strangers share limits.
    pub rate_limit_clients_max: usize,
    /// Proxies whose `X-Forwarded-For` is believed, e.g. `["10.0.0.0/8"]`.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the store API from a browser; `["*"]`: all.
    pub cors_origins: Vec<String>,
    /// How long browsers must insist on HTTPS; 0: not said. Set it once the shop is on HTTPS for good.
    pub hsts_max_age_s: u64,
    /// Which requests get a log line.
    pub access_log: AccessLog,
    /// Who may read `/metrics` where the shop itself is served.
    pub metrics: MetricsAccess,
    /// A listener of its own for `/metrics`, `/healthz` and `/readyz`, e.g. `127.0.0.1:9100`.
    pub metrics_listen: Option<SocketAddr>,
    /// How long the answer to a request with an `Idempotency-Key` is kept.
    pub idempotency_ttl_h: u64,
    /// The largest answer that is kept.
    pub idempotency_response_bytes_max: usize,
}

/// Where it is counted what clients ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitStore {
    /// Each process for itself.
    Process,
    /// All processes together.
    Redis,
}

/// Which requests get a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLog {
    /// Every request.
    All,
    /// Those answered with 5xx.
    Errors,
    /// None.
    Off,
}

/// Who may read `/metrics` where the shop itself is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricsAccess {
    /// Programs on the same machine, and not through a proxy.
    Loopback,
    /// Everyone.
    Everyone,
    /// Nobody.
    Off,
}

impl Default for EdgeConfig {
    fn default() -> Self {
        Self {
            body_bytes_max: 1024 * 1024,
            body_timeout_s: 10,
            request_timeout_s: 15,
            requests_max: 1024,
            rate_limit_per_minute: 6_000,
            rate_limit_burst: 2_000,
            rate_limit_store: None,
            rate_limit_clients_max: 100_000,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            hsts_max_age_s: 0,
            access_log: AccessLog::All,
            metrics: MetricsAccess::Loopback,
            metrics_listen: None,
            idempotency_ttl_h: 24,
            idempotency_response_bytes_max: 256 * 1024,
        }
    }
}

impl EdgeConfig {
    /// Refuses what cannot work.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn check(&self) -> Result<()> {
        let positive = [
            ("body_bytes_max", self.body_bytes_max > 0),
            ("body_timeout_s", self.body_timeout_s > 0),
            ("request_timeout_s", self.request_timeout_s > 0),
            ("requests_max", self.requests_max > 0),
            ("rate_limit_burst", self.rate_limit_burst > 0 || self.rate_limit_per_minute == 0),
            ("rate_limit_clients_max", self.rate_limit_clients_max > 0),
            ("idempotency_ttl_h", self.idempotency_ttl_h > 0),
        ];
        match positive.iter().find(|(_, holds)| !holds) {
            Some((key, _)) => {
                Err(Error::invalid("INVALID_SETTING", format!("edge.{key}: must be at least 1")))
            }
            None => Ok(()),
        }
    }
}
