//! Errors for HTTP clients: RFC 9457 `application/problem+json`.

use argosy_kernel::{Code, Error, FieldError};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// An error as it is answered. A fault of ours is logged in full and answered with nothing but its status.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Always `about:blank`: `code` tells the kind.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The HTTP status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// Stable; what clients match on.
    pub code: String,
    /// For people.
    pub detail: String,
    /// The wrong fields, if it is about fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after_s: Option<u64>,
}

/// The status that a code is answered with.
fn status_of(code: Code, reason: &str) -> StatusCode {
    match code {
        Code::InvalidArgument if matches!(reason, "KEY_REUSED" | "INVALID_FIELD") => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::InvalidArgument => StatusCode::BAD_REQUEST,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::FailedPrecondition | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
    }
}

/// An error as a problem; a fault of ours is logged here, once.
pub fn problem_of(error: &Error) -> Problem {
    let status = status_of(error.code(), error.reason());
    let hidden = error.code() == Code::Internal;
    if hidden {
        tracing::error!(error = ?error, "a request failed");
    }
    let waits = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        code: error.reason().to_owned(),
        detail: if hidden {
            "something went wrong on our side".to_owned()
        } else {
            error.message().to_owned()
        },
        errors: error.fields().to_vec(),
        retry_after_s: error.retry_after().map(|after| after.as_secs().max(1)).or(waits.then_some(1)),
    }
}

impl Problem {
    /// A problem that has no error behind it, such as an unknown path.
    pub fn new(status: StatusCode, code: &str, detail: &str) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.to_owned(),
            errors: Vec::new(),
            retry_after_s: None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(after) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after));
        }
        response
    }
}
