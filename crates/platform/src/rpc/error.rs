//! An error as a gRPC status, and back.

use std::{error::Error as _, time::Duration};

use argosy_kernel::{Code, Error, FieldError};
use serde::{Deserialize, Serialize};

use super::endpoint::RETRY_AFTER;

#[derive(Serialize, Deserialize)]
struct Details {
    reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

/// An error as it is sent. What caused it stays here, in the log.
pub fn status_of(error: &Error) -> tonic::Status {
    if error.code() == Code::Internal {
        tracing::error!(error = ?error, "a call failed");
    }
    let details = Details {
        reason: error.reason().to_owned(),
        fields: error.fields().to_vec(),
        retry_after_ms: error.retry_after().map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX)),
    };
    let details = serde_json::to_vec(&details).unwrap_or_default();
    tonic::Status::with_details(grpc_code(error.code()), error.message(), details.into())
}

/// Why there is no answer, as the source of a status that was made on this side.
#[derive(Debug)]
pub(super) struct Lost {
    /// Whether the other side may have got the call.
    pub(super) is_sent: bool,
    pub(super) what: String,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Lost {}

impl Lost {
    /// What is known of a call that was lost; `None` if it was answered.
    pub(super) fn of(status: &tonic::Status) -> Option<Self> {
        let source = status.source()?;
        let lost = source.downcast_ref::<Self>();
        // Any other source: the connection broke while the answer was read.
        Some(Self {
            is_sent: lost.is_none_or(|lost| lost.is_sent),
            what: lost.map_or_else(|| source.to_string(), |lost| lost.what.clone()),
        })
    }
}

/// An error as it was received.
pub fn error_of(status: &tonic::Status) -> Error {
    let lost = Lost::of(status);
    let code = if lost.is_some() { Code::Unavailable } else { kernel_code(status.code()) };
    let Ok(details) = serde_json::from_slice::<Details>(status.details()) else {
        let reason = match code {
            Code::Unimplemented => return contract_unknown(),
            Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Code::Unavailable if lost.is_some() => "SERVICE_AWAY",
            Code::Unavailable => "UNAVAILABLE",
            _ => "REMOTE_CALL_FAILED",
        };
        let error = Error::new(code, reason, status.message().to_owned());
        return if lost.is_some() { error.with_retry_after(RETRY_AFTER) } else { error };
    };
    let mut error = Error::new(code, details.reason, status.message().to_owned());
    for field in details.fields {
        error = error.with_field(field.pointer, field.message);
    }
    match details.retry_after_ms {
        Some(millis) => error.with_retry_after(Duration::from_millis(millis)),
        None => error,
    }
}

/// Ours says no reason where no service has the method: the process that answered is of another release, or the address
/// is another service's.
fn contract_unknown() -> Error {
    let message =
        "the process that answered does not know this call: it is of another release, or runs other services";
    Error::new(Code::Unimplemented, "CONTRACT_UNKNOWN", message)
}

fn grpc_code(code: Code) -> tonic::Code {
    match code {
        Code::InvalidArgument => tonic::Code::InvalidArgument,
        Code::NotFound => tonic::Code::NotFound,
        Code::AlreadyExists => tonic::Code::AlreadyExists,
        Code::FailedPrecondition => tonic::Code::FailedPrecondition,
        Code::Aborted => tonic::Code::Aborted,
        Code::ResourceExhausted => tonic::Code::ResourceExhausted,
        Code::PermissionDenied => tonic::Code::PermissionDenied,
        Code::Unauthenticated => tonic::Code::Unauthenticated,
        Code::Unavailable => tonic::Code::Unavailable,
        Code::DeadlineExceeded => tonic::Code::DeadlineExceeded,
        Code::Internal => tonic::Code::Internal,
        Code::Unimplemented => tonic::Code::Unimplemented,
    }
}

fn kernel_code(code: tonic::Code) -> Code {
    match code {
        tonic::Code::InvalidArgument | tonic::Code::OutOfRange => Code::InvalidArgument,
        tonic::Code::NotFound => Code::NotFound,
        tonic::Code::AlreadyExists => Code::AlreadyExists,
        tonic::Code::FailedPrecondition => Code::FailedPrecondition,
        tonic::Code::Aborted => Code::Aborted,
        tonic::Code::ResourceExhausted => Code::ResourceExhausted,
        tonic::Code::PermissionDenied => Code::PermissionDenied,
        tonic::Code::Unauthenticated => Code::Unauthenticated,
        tonic::Code::Unavailable => Code::Unavailable,
        tonic::Code::DeadlineExceeded | tonic::Code::Cancelled => Code::DeadlineExceeded,
        tonic::Code::Unimplemented => Code::Unimplemented,
        tonic::Code::Ok | tonic::Code::Unknown | tonic::Code::Internal | tonic::Code::DataLoss => {
            Code::Internal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_the_other_side_does_not_know_is_told_as_that() {
        let error = error_of(&tonic::Status::unimplemented(""));
        assert_eq!((error.code(), error.reason()), (Code::Unimplemented, "CONTRACT_UNKNOWN"));
        let ours = Error::new(Code::Unimplemented, "NO_WEBHOOKS", "there are none");
        assert_eq!(error_of(&status_of(&ours)).reason(), "NO_WEBHOOKS");
    }

    #[test]
    fn an_error_survives_the_wire() {
        let error = Error::precondition("OUT_OF_STOCK", "one item is sold out")
            .with_field("/lines/0", "only 2 left")
            .with_retry_after(Duration::from_secs(3));
        let received = error_of(&status_of(&error));
        assert_eq!(received.code(), Code::FailedPrecondition);
        assert_eq!(received.reason(), "OUT_OF_STOCK");
        assert_eq!(received.message(), "one item is sold out");
        assert_eq!(received.fields(), error.fields());
        assert_eq!(received.retry_after(), error.retry_after());
    }
}
