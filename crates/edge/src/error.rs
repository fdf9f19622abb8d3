//! Errors as every door answers them: `application/problem+json` (RFC 9457).

use argosy_kernel::Error;
use argosy_platform::http::{Problem, problem_of};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// A handler's error.
#[derive(Debug)]
pub enum ApiError {
    /// A service's or a codec's error, answered by its code and reason.
    Error(Error),
    /// A problem of HTTP itself, such as a wrong media type.
    Problem(Box<Problem>),
}

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A problem of HTTP itself.
    pub fn http(status: StatusCode, code: &str, detail: &str) -> Self {
        Problem::new(status, code, detail).into()
    }

    /// The error behind it, if it is a service's.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Error(error) => Some(error),
            Self::Problem(_) => None,
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Error(error) => problem_of(&error).into_response(),
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

/// Answers a path that no door knows: 404 `UNKNOWN_PATH`.
pub async fn unknown_path() -> Response {
    Problem::new(StatusCode::NOT_FOUND, "UNKNOWN_PATH", "there is nothing at this path").into_response()
}

/// Answers a method that a path does not have: 405 `METHOD_NOT_ALLOWED`.
pub async fn wrong_method() -> Response {
    let detail = "this path does not answer that method; see the Allow header";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail).into_response()
}
