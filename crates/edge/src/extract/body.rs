//! Bodies as they come.

use std::time::Duration;

use axum::{
    body,
    extract::{FromRequest, Request},
    http::StatusCode,
};

use super::Scope;
use crate::error::ApiError;

const PATIENCE: Duration = Duration::from_secs(10);

/// A body as it comes, at most as large as the settings say.
///
/// Refusals: `BODY_TOO_LARGE` (413), `BODY_TIMEOUT` (408), `BODY_UNREADABLE` (400).
#[derive(Debug, Clone)]
pub struct Bytes(pub body::Bytes);

impl<S: Send + Sync> FromRequest<S> for Bytes {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let patience = request.extensions().get::<Scope>().map_or(PATIENCE, |scope| scope.body_timeout);
        let read = tokio::time::timeout(patience, body::Bytes::from_request(request, state)).await;
        match read {
            Ok(Ok(body)) => Ok(Self(body)),
            Ok(Err(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(too_large()),
            Ok(Err(_)) => Err(ApiError::http(
                StatusCode::BAD_REQUEST,
                "BODY_UNREADABLE",
                "the body could not be read to its end",
            )),
            Err(_) => Err(too_slow()),
        }
    }
}

pub(crate) fn too_large() -> ApiError {
    ApiError::http(
        StatusCode::PAYLOAD_TOO_LARGE,
        "BODY_TOO_LARGE",
        "the body is larger than is accepted here",
    )
}

pub(crate) fn too_slow() -> ApiError {
    ApiError::http(StatusCode::REQUEST_TIMEOUT, "BODY_TIMEOUT", "the body took too long to arrive")
}
