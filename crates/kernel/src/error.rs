//! The one error that crosses a service's boundary, the same in one process and between two.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

/// A result whose error may cross a boundary.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure, in gRPC's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Code {
    /// The request is wrong and will stay wrong.
    InvalidArgument,
    /// No such thing.
    NotFound,
    /// There is one already.
    AlreadyExists,
    /// Right in form, but not in this state.
    FailedPrecondition,
    /// Lost a race; the same request may be tried again.
    Aborted,
    /// A limit is reached.
    ResourceExhausted,
    /// Known, but not allowed.
    PermissionDenied,
    /// Unknown caller.
    Unauthenticated,
    /// Not now; try again.
    Unavailable,
    /// Took too long; it may or may not have happened.
    DeadlineExceeded,
    /// A fault of ours.
    Internal,
    /// Not offered.
    Unimplemented,
}

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901) into the request, e.g. `/lines/0/quantity`.
    pub pointer: String,
    /// What would be right.
    pub message: String,
}

/// A failure that a caller can act on.
///
/// `reason` is contract: callers match on it, so it never changes meaning. `message` is for people. The source
/// is for the log only and does not cross a process boundary.
#[derive(Clone)]
pub struct Error(Box<Parts>);

#[derive(Clone)]
struct Parts {
    code: Code,
    reason: Cow<'static, str>,
    message: String,
    fields: Vec<FieldError>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with a code, a reason in `UPPER_SNAKE_CASE`, and a message of one clause.
    pub fn new(code: Code, reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            reason: reason.into(),
            message: message.into(),
            fields: Vec::new(),
            retry_after: None,
            source: None,
        }))
    }

    /// The request is wrong.
    pub fn invalid(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, reason, message)
    }

    /// One field of the request is wrong; `pointer` is a JSON pointer to it.
    pub fn invalid_field(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        let pointer = pointer.into();
        let name = pointer.trim_start_matches('/').to_owned();
        Self::invalid("INVALID_FIELD", format!("{name}: {message}")).with_field(pointer, message)
    }

    /// There is no such thing.
    pub fn not_found(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, reason, message)
    }

    /// Not in this state.
    pub fn precondition(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, reason, message)
    }

    /// Not now; try again.
    pub fn unavailable(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, reason, message)
    }

    /// A fault of ours: the client is told nothing, the log everything.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = source.into();
        let mut error = Self::new(Code::Internal, "INTERNAL", source.to_string());
        error.0.source = Some(Arc::from(source));
        error
    }

    /// Names a wrong field too.
    #[must_use]
    pub fn with_field(mut self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.fields.push(FieldError { pointer: pointer.into(), message: message.into() });
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.0.retry_after = Some(after);
        self
    }

    /// Keeps what caused it, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// What kind of failure.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What callers match on.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// What people read.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The wrong fields, if it is about fields.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// When to try again, if that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same request may succeed when it is sent again unchanged.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.0.code,
            Code::Aborted | Code::ResourceExhausted | Code::Unavailable | Code::DeadlineExceeded
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}): {}", self.0.reason, self.0.code, self.0.message)?;
        self.0.source.as_ref().map_or(Ok(()), |source| write!(f, "; caused by {source:?}"))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}

impl From<crate::MoneyError> for Error {
    fn from(error: crate::MoneyError) -> Self {
        let reason = match error {
            crate::MoneyError::Overflow => "AMOUNT_OUT_OF_RANGE",
            crate::MoneyError::CurrencyMismatch(..) => "CURRENCY_MISMATCH",
            crate::MoneyError::UnknownCurrency(_) => "UNKNOWN_CURRENCY",
            crate::MoneyError::NotAnAmount(..) => "INVALID_AMOUNT",
            crate::MoneyError::NoWeights => "NOTHING_TO_SPLIT",
        };
        Self::invalid(reason, error.to_string())
    }
}
