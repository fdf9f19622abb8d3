//! Requests to PayPal: with an access token that is kept while it is good, each change under a key.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use argosy_kernel::{Clock, Error, Result, Secret};
use argosy_platform::outgoing::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{NAME, PaypalConfig, evidence::Multipart, wire::AccessToken};
use crate::{error, providers::http::Caller};

/// So long before its end a token is not used any more.
const TOKEN_MARGIN: Duration = Duration::from_mins(1);
/// Files take longer than a question: so many times.
const UPLOAD_TIMES: u32 = 6;

pub(super) struct Api {
    caller: Caller,
    base: String,
    client_id: String,
    client_secret: Secret<String>,
    token: Mutex<Option<(Secret<String>, Instant)>>,
    upload_timeout: Duration,
}

/// What PayPal answers besides yes.
#[derive(Debug)]
pub(super) enum Failed {
    Refused { status: StatusCode, issue: String },
    Unknown,
}

impl Failed {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Unknown => error::provider_unavailable(NAME),
            Self::Refused { status, issue } => {
                tracing::error!(
                    payment.provider = NAME,
                    http.status = status.as_u16(),
                    issue,
                    "a request is refused"
                );
                Error::precondition(
                    "PROVIDER_REFUSED",
                    format!("payment provider '{NAME}' refuses the request"),
                )
            }
        }
    }
}

impl Api {
    pub(super) fn new(
        config: &PaypalConfig,
        (client_id, client_secret): (String, Secret<String>),
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let connect = Duration::from_millis(config.connect_timeout_ms.max(1));
        let timeout = Duration::from_millis(config.request_timeout_ms);
        Ok(Self {
            caller: Caller::new(NAME, connect, timeout, clock)?,
            base: config.api_base.trim_end_matches('/').to_owned(),
            client_id,
            client_secret,
            token: Mutex::default(),
            upload_timeout: timeout.saturating_mul(UPLOAD_TIMES),
        })
    }

    pub(super) fn is_away(&self) -> bool {
        self.caller.is_away()
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        self.send(Method::GET, path, |request| request).await
    }

    /// A change, once per key.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
        key: &str,
    ) -> Result<T, Failed> {
        self.send(Method::POST, path, |request| request.header("paypal-request-id", key).json(body)).await
    }

    /// A change that brings files.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Multipart,
        key: &str,
    ) -> Result<T, Failed> {
        self.send(Method::POST, path, |request| {
            let request = request.header("paypal-request-id", key).header("content-type", body.content_type);
            request.timeout(self.upload_timeout).body(body.bytes)
        })
        .await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<T, Failed> {
        let token = self.token().await?;
        let request = self.caller.request(method, &format!("{}{path}", self.base));
        let request = request.bearer_auth(token.expose()).header("prefer", "return=representation");
        let answer = self.caller.call(with(request)).await.map_err(|_| Failed::Unknown)?;
        if answer.status == StatusCode::UNAUTHORIZED {
            // Withdrawn before its time; the next request gets another.
            *self.token.lock().await = None;
            return Err(Failed::Unknown);
        }
        if answer.status.is_success() {
            let body = if answer.body.is_empty() { b"null".as_slice() } else { &answer.body };
            return serde_json::from_slice(body).map_err(|error| {
                tracing::error!(payment.provider = NAME, error = ?error, "an answer cannot be read");
                Failed::Unknown
            });
        }
        let is_unknown = answer.status.is_server_error()
            || matches!(answer.status, StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS);
        if is_unknown {
            return Err(Failed::Unknown);
        }
        let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let issue = told["details"][0]["issue"].as_str().or(told["name"].as_str()).unwrap_or_default();
        Err(Failed::Refused { status: answer.status, issue: issue.to_owned() })
    }

    async fn token(&self) -> Result<Secret<String>, Failed> {
        let mut kept = self.token.lock().await;
        if let Some((token, until)) = &*kept
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let request = self
            .caller
            .request(Method::POST, &format!("{}/v1/oauth2/token", self.base))
            .basic_auth(&self.client_id, Some(self.client_secret.expose()))
            .form(&[("grant_type", "client_credentials")]);
        let answer = self.caller.call(request).await.map_err(|_| Failed::Unknown)?;
        if !answer.status.is_success() {
            tracing::error!(
                payment.provider = NAME,
                http.status = answer.status.as_u16(),
                "the client is refused: see payments.paypal.client_secret"
            );
            return Err(Failed::Unknown);
        }
        let made: AccessToken = serde_json::from_slice(&answer.body).map_err(|_| Failed::Unknown)?;
        let token = Secret::new(made.access_token);
        let good_for = Duration::from_secs(made.expires_in).saturating_sub(TOKEN_MARGIN);
        *kept = Some((token.clone(), Instant::now() + good_for));
        Ok(token)
    }
}
