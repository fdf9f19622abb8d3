//! Calls to providers over HTTP: each with a deadline, a bounded answer and a breaker before it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use argosy_kernel::{Error, Result};
use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::Breaker;
use crate::error;

/// No answer of a provider is larger.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Connections that are kept for the next call.
const IDLE_MAX: usize = 32;

/// What was answered.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    /// Whether the provider itself says that asking again may help; unset: it does not say.
    pub(crate) should_retry: Option<bool>,
    pub(crate) body: Vec<u8>,
}

/// Why nothing was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// It was not sent, so nothing was done.
    NotSent,
    /// Whether it was done is not known.
    NoAnswer,
}

/// Somebody who is called over HTTP.
pub(crate) struct Caller {
    name: &'static str,
    client: Client,
    breaker: Breaker,
}

impl Caller {
    pub(crate) fn new(name: &'static str, connect: Duration, request: Duration) -> Result<Self> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(IDLE_MAX)
            .connect_timeout(connect)
            .timeout(request)
            .user_agent(concat!("argosy/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { name, client, breaker: Breaker::default() })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the provider does not answer at the moment, as far as is known.
    pub(crate) fn is_away(&self) -> bool {
        self.breaker.is_closed()
    }

    /// Makes a call.
    pub(crate) async fn call(&self, request: RequestBuilder) -> Result<Answered, Silence> {
        if !self.breaker.may_call(Instant::now()) {
            return Err(Silence::NotSent);
        }
        let answered = receive(request).await;
        match &answered {
            Ok(answer) if !answer.status.is_server_error() => self.breaker.answered(),
            _ => self.breaker.failed(Instant::now()),
        }
        answered.map_err(|error| {
            // The address may hold ids; what went wrong does not need them.
            let silence = if error.is_connect() { Silence::NotSent } else { Silence::NoAnswer };
            tracing::warn!(payment.provider = self.name, error = ?error.without_url(), "a provider does not answer");
            silence
        })
    }
}

async fn receive(request: RequestBuilder) -> Result<Answered, reqwest::Error> {
    let mut response = request.send().await?;
    let status = response.status();
    let should_retry = response.headers().get("stripe-should-retry").map(|value| value == "true");
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        if body.len() + part.len() > ANSWER_BYTES_MAX {
            break;
        }
        body.extend_from_slice(&part);
    }
    Ok(Answered { status, should_retry, body })
}

/// An address that providers are called at: `https`, but for one on this machine.
pub(crate) fn check_base(key: &str, base: &str) -> Result<()> {
    let url = Url::parse(base).map_err(|why| error::invalid_setting(key, why))?;
    let host = url.host_str().unwrap_or_default();
    let is_here = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    match url.scheme() {
        _ if host.is_empty() => Err(error::invalid_setting(key, "names no host")),
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(error::invalid_setting(key, "must begin with https://")),
    }
}
