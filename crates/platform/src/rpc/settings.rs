//! The settings of calls between processes.

use std::{net::SocketAddr, path::PathBuf};

use argosy_kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// Where other processes call the services of this one, and how this one calls them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RpcSettings {
    /// Address and port for gRPC; unset: nobody calls. Without `tls` whoever reaches it is trusted: keep it inside.
    pub listen: Option<SocketAddr>,
    /// Calls that are worked on at the same time; more are refused at once with `OVERLOADED`.
    pub requests_max: usize,
    /// How long connecting to another process may take.
    pub connect_timeout_ms: u64,
    /// Whether tools such as grpcurl may ask which contracts are served.
    pub reflection: bool,
    /// Encrypts calls, and lets only processes call that have a certificate.
    pub tls: TlsSettings,
}

/// Files in PEM for mutual TLS, of every process the same kind; all three or none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// This process's certificate, with those between it and the authority. It is for the host that others call, and
    /// for both ends of a connection.
    pub certificate: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
    /// Certificates of the authorities whose processes may call and be called.
    pub authority: Option<PathBuf>,
}

impl Default for RpcSettings {
    fn default() -> Self {
        Self {
            listen: None,
            requests_max: 1_024,
            connect_timeout_ms: 2_000,
            reflection: true,
            tls: TlsSettings::default(),
        }
    }
}

impl RpcSettings {
    /// Refuses what cannot work.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn check(&self) -> Result<()> {
        if self.requests_max == 0 {
            return Err(invalid("requests_max", "must be at least 1"));
        }
        if self.connect_timeout_ms == 0 {
            return Err(invalid("connect_timeout_ms", "must be at least 1"));
        }
        Ok(())
    }
}

/// A wrong setting of this section.
pub(super) fn invalid(key: &str, what: impl std::fmt::Display) -> Error {
    Error::invalid("INVALID_SETTING", format!("rpc.{key}: {what}"))
}
