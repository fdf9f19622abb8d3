//! Who asks, until when, under which key.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use argosy_kernel::{Ctx, Error, Result};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, request::Parts},
};

use crate::error::ApiError;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const KEY_LENGTH_MAX: usize = 255;

/// What the guard knows of a request; extractors read it.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) request_id: Arc<str>,
    pub(crate) deadline: Instant,
    pub(crate) body_timeout: Duration,
}

/// The context for calls to services: request id, deadline, trace context and `Idempotency-Key`.
#[derive(Debug, Clone)]
pub struct Caller(pub Ctx);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let mut ctx = match parts.extensions.get::<Scope>() {
            Some(scope) => Ctx {
                request_id: Arc::clone(&scope.request_id),
                actor: argosy_kernel::Actor::Guest,
                deadline: Some(scope.deadline),
                idempotency_key: None,
                traceparent: None,
            },
            None => Ctx::guest(),
        };
        ctx.idempotency_key = valid_key(&parts.headers)?.map(Into::into);
        ctx.traceparent = parts
            .headers
            .get(TRACEPARENT)
            .and_then(|value| value.to_str().ok())
            .filter(|value| is_traceparent(value))
            .map(Into::into);
        Ok(Self(ctx))
    }
}

/// The key of a request, if it has one.
///
/// # Errors
/// `KEY_INVALID` unless it is 1 to 255 visible ASCII characters, sent once.
pub(crate) fn valid_key(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut sent = headers.get_all(KEY).iter();
    let Some(key) = sent.next() else { return Ok(None) };
    let visible =
        (1..=KEY_LENGTH_MAX).contains(&key.len()) && key.as_bytes().iter().all(u8::is_ascii_graphic);
    match key.to_str() {
        Ok(key) if visible && sent.next().is_none() => Ok(Some(key)),
        _ => Err(Error::invalid("KEY_INVALID", "Idempotency-Key must be 1 to 255 visible ASCII characters")),
    }
}

/// `00-{32 hex}-{16 hex}-{2 hex}`: anything else is dropped, as the standard asks.
fn is_traceparent(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let nothing = |part: &str| part.bytes().all(|byte| byte == b'0');
    matches!(parts[..], [version, trace, span, flags]
        if version == "00" && hex(trace, 32) && hex(span, 16) && hex(flags, 2) && !nothing(trace) && !nothing(span))
}
