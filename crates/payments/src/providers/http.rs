//! Calls to providers over HTTP: each with a deadline, a bounded answer and a breaker before it.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Result};
use argosy_platform::{
    breaker::Breaker,
    outgoing::{Method, Outgoing, OutgoingLimits, RequestBuilder, StatusCode, Url},
};

use crate::error;

/// No answer of a provider is larger.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Connections that are kept for the next call.
const IDLE_MAX: usize = 32;

/// Failed calls in a row until a provider is left alone.
const FAILURES_MAX: u32 = 8;
/// For how long.
const PAUSE: Duration = Duration::from_secs(5);

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
    outgoing: Outgoing,
    breaker: Breaker,
}

impl Caller {
    pub(crate) fn new(
        name: &'static str,
        connect: Duration,
        request: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let limits = OutgoingLimits {
            connect_timeout: connect,
            timeout: request,
            body_bytes_max: ANSWER_BYTES_MAX,
            idle_connections_max: IDLE_MAX,
        };
        let breaker = Breaker::new(FAILURES_MAX, PAUSE, clock);
        Ok(Self { name, outgoing: Outgoing::new(limits)?, breaker })
    }

    pub(crate) fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.outgoing.request(method, url)
    }

    /// Whether the provider does not answer at the moment, as far as is known.
    pub(crate) fn is_away(&self) -> bool {
        self.breaker.is_away()
    }

    /// Makes a call.
    pub(crate) async fn call(&self, request: RequestBuilder) -> Result<Answered, Silence> {
        if !self.breaker.may_call() {
            return Err(Silence::NotSent);
        }
        let answered = self.receive(request).await;
        match &answered {
            Ok(answer) if !answer.status.is_server_error() => self.breaker.answered(),
            _ => self.breaker.failed(),
        }
        answered.map_err(|error| {
            let silence = if error.may_be_done() { Silence::NoAnswer } else { Silence::NotSent };
            tracing::warn!(payment.provider = self.name, error = ?error, "a provider does not answer");
            silence
        })
    }

    async fn receive(&self, request: RequestBuilder) -> Result<Answered, argosy_platform::outgoing::Silence> {
        let answer = self.outgoing.send(request).await?;
        let status = answer.status();
        let should_retry = answer.header("stripe-should-retry").map(|value| value == "true");
        Ok(Answered { status, should_retry, body: answer.body().await? })
    }
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
