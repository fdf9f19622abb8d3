//! Requests to Stripe: its version pinned, each change under a key, made again while its outcome is not known.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Error, Result, Secret};
use argosy_platform::outgoing::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use super::{
    StripeConfig,
    wire::{ApiError, Refused},
};
use crate::{
    error,
    providers::http::{Answered, Caller, Silence},
};

/// What the answers and messages of this version mean is what is read here.
const VERSION: &str = "2025-03-31.basil";
/// A file takes longer than a question.
const UPLOAD_TIME_MAX: Duration = Duration::from_mins(1);
const PAUSE_MIN: Duration = Duration::from_millis(150);
const PAUSE_MAX: Duration = Duration::from_secs(2);

pub(super) struct Api {
    name: &'static str,
    caller: Caller,
    base: String,
    files_base: String,
    secret_key: Secret<String>,
    retries_max: u32,
}

/// What Stripe answers besides yes.
#[derive(Debug)]
pub(super) enum Failed {
    /// No, and why.
    Refused { status: StatusCode, error: ApiError },
    /// It was never sent.
    NotSent,
    /// Whether it was done is not known.
    Unknown,
}

impl Failed {
    /// As an error of ours, for what was no question to a card.
    pub(super) fn into_error(self, name: &str) -> Error {
        match self {
            Self::NotSent | Self::Unknown => error::provider_unavailable(name),
            Self::Refused { status, error } => {
                log_refused(name, status, &error);
                Error::precondition(
                    "PROVIDER_REFUSED",
                    format!("payment provider '{name}' refuses the request"),
                )
            }
        }
    }
}

/// What a merchant has to mend, a key or a right, or we. Stripe's message is left out: it may quote the buyer's token.
pub(super) fn log_refused(name: &str, status: StatusCode, error: &ApiError) {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let (kind, code, param) = (text(&error.kind), text(&error.code), text(&error.param));
    tracing::error!(
        payment.provider = name,
        http.status = status.as_u16(),
        kind,
        code,
        param,
        "a request is refused"
    );
}

type Form<'a> = &'a [(&'a str, String)];

impl Api {
    pub(super) fn new(
        name: &'static str,
        config: &StripeConfig,
        secret_key: Secret<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let connect = Duration::from_millis(config.connect_timeout_ms.max(1));
        let caller = Caller::new(name, connect, Duration::from_millis(config.request_timeout_ms), clock)?;
        let base = config.api_base.trim_end_matches('/').to_owned();
        let files_base = config.files_base.trim_end_matches('/').to_owned();
        Ok(Self { name, caller, base, files_base, secret_key, retries_max: config.retries_max })
    }

    /// Whether Stripe does not answer at the moment.
    pub(super) fn is_away(&self) -> bool {
        self.caller.is_away()
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, query: Form<'_>) -> Result<T, Failed> {
        self.send(Method::GET, path, query, None).await
    }

    /// A change, once per key.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        form: Form<'_>,
        key: &str,
    ) -> Result<T, Failed> {
        self.send(Method::POST, path, form, Some(key)).await
    }

    /// Takes something away; again changes nothing.
    pub(super) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// A file, once per key.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        content_type: &str,
        body: Vec<u8>,
        key: &str,
    ) -> Result<T, Failed> {
        let url = format!("{}/v1/files", self.files_base);
        self.until_answered(|| {
            let request = self.caller.request(Method::POST, &url).header("content-type", content_type);
            self.signed(request, Some(key)).timeout(UPLOAD_TIME_MAX).body(body.clone())
        })
        .await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        form: Form<'_>,
        key: Option<&str>,
    ) -> Result<T, Failed> {
        let url = format!("{}/v1/{path}", self.base);
        self.until_answered(|| {
            let request = self.signed(self.caller.request(method.clone(), &url), key);
            if method == Method::POST { request.form(form) } else { request.query(form) }
        })
        .await
    }

    /// Makes a request, again while that may help.
    async fn until_answered<T: DeserializeOwned>(
        &self,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<T, Failed> {
        let mut tries = 0;
        let mut is_sent = false;
        loop {
            let answered = self.caller.call(request()).await;
            is_sent |= !matches!(answered, Err(Silence::NotSent));
            let again = match &answered {
                Ok(answer) => may_change(answer),
                Err(Silence::NotSent | Silence::NoAnswer) => true,
            };
            if again && tries < self.retries_max {
                tokio::time::sleep(pause(tries)).await;
                tries += 1;
                continue;
            }
            return self
                .read(&answered.map_err(|_| if is_sent { Failed::Unknown } else { Failed::NotSent })?);
        }
    }

    fn signed(&self, request: RequestBuilder, key: Option<&str>) -> RequestBuilder {
        let request = request.bearer_auth(self.secret_key.expose()).header("stripe-version", VERSION);
        key.into_iter().fold(request, |request, key| request.header("idempotency-key", key))
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answered) -> Result<T, Failed> {
        if answer.status.is_success() {
            return serde_json::from_slice(&answer.body).map_err(|error| {
                tracing::error!(payment.provider = self.name, error = ?error, "an answer cannot be read");
                Failed::Unknown
            });
        }
        let is_unknown = answer.status.is_server_error()
            || matches!(answer.status, StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS);
        if is_unknown {
            return Err(Failed::Unknown);
        }
        let refused: Option<Refused> = serde_json::from_slice(&answer.body).ok();
        let error = refused.map(|refused| refused.error).unwrap_or_default();
        Err(Failed::Refused { status: answer.status, error })
    }
}

/// Whether the same request may be answered otherwise in a moment: too many of them, another one under this key at
/// work, or something wrong at Stripe.
fn may_change(answer: &Answered) -> bool {
    let may = matches!(answer.status, StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS)
        || answer.status.is_server_error();
    may && answer.should_retry.unwrap_or(true)
}

/// Doubles, and differs by up to half, so that those who were refused together do not come back together.
fn pause(tries: u32) -> Duration {
    let pause = PAUSE_MIN.saturating_mul(1 << tries.min(6)).min(PAUSE_MAX);
    rand::random_range(pause / 2..=pause)
}
