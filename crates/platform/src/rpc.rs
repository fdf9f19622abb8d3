//! Calls between processes: gRPC, with the context as metadata and one error on both sides.
//!
//! An [`Error`] travels as a gRPC status: its code as the code, its message as the message, and reason, wrong
//! fields and retry time as JSON in the details. `tonic-types` lost: three protobuf wrappers for three values.

use std::{os::unix::fs::PermissionsExt, path::Path, str::FromStr, time::Duration};

use argosy_kernel::{Actor, Code, Ctx, Error, FieldError, Result};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_stream::{Stream, wrappers::UnixListenerStream};
use tokio_util::sync::CancellationToken;
use tonic::{
    metadata::{MetadataMap, MetadataValue},
    transport::server::Connected,
};
pub use tonic::{service::RoutesBuilder as Routes, transport::Channel};

use crate::http::Listener;

/// The largest message a process accepts: an uploaded picture or a batch of products.
pub const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How long a call may take that came without a deadline.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
const REQUEST_ID: &str = "x-request-id";
const ACTOR: &str = "x-argosy-actor";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const TRACEPARENT: &str = "traceparent";
const TIMEOUT_MS: &str = "x-argosy-timeout-ms";

/// Runs a call, giving up when the context's deadline passes.
pub async fn within_deadline<T>(ctx: &Ctx, call: impl Future<Output = Result<T>>) -> Result<T> {
    match ctx.remaining()? {
        None => call.await,
        Some(left) => tokio::time::timeout(left, call).await.unwrap_or_else(|_| {
            Err(Error::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the call took too long"))
        }),
    }
}

/// A request on its way out, with its context.
pub fn outgoing<T>(ctx: &Ctx, message: T) -> Result<tonic::Request<T>, Error> {
    let mut request = tonic::Request::new(message);
    let timeout = ctx.remaining()?.unwrap_or(TIMEOUT_DEFAULT);
    request.set_timeout(timeout);
    let metadata = request.metadata_mut();
    let mut put = |key: &'static str, value: &str| {
        // A value that is no header text cannot come from a checked request; it is left out, not fatal.
        if let Ok(value) = MetadataValue::from_str(value) {
            metadata.insert(key, value);
        }
    };
    put(REQUEST_ID, &ctx.request_id);
    put(TIMEOUT_MS, &timeout.as_millis().to_string());
    match &ctx.actor {
        Actor::Guest => put(ACTOR, "guest"),
        Actor::Customer(id) => put(ACTOR, &format!("customer:{id}")),
        Actor::Staff(id) => put(ACTOR, &format!("staff:{id}")),
        Actor::System(name) => put(ACTOR, &format!("system:{name}")),
    }
    if let Some(key) = &ctx.idempotency_key {
        put(IDEMPOTENCY_KEY, key);
    }
    if let Some(trace) = &ctx.traceparent {
        put(TRACEPARENT, trace);
    }
    Ok(request)
}

/// A request that came in, with its context.
pub fn incoming<T>(request: tonic::Request<T>) -> Result<(Ctx, T), tonic::Status> {
    let (metadata, _, message) = request.into_parts();
    let mut ctx = Ctx::guest();
    if let Some(id) = text(&metadata, REQUEST_ID) {
        ctx.request_id = id.into();
    }
    if let Some(actor) = text(&metadata, ACTOR) {
        ctx.actor = match actor.split_once(':') {
            Some(("customer", id)) => Actor::Customer(id.into()),
            Some(("staff", id)) => Actor::Staff(id.into()),
            Some(("system", name)) => Actor::System(name.into()),
            Some(_) => return Err(tonic::Status::invalid_argument("unknown kind of actor")),
            None => Actor::Guest,
        };
    }
    ctx.idempotency_key = text(&metadata, IDEMPOTENCY_KEY).map(Into::into);
    ctx.traceparent = text(&metadata, TRACEPARENT).map(Into::into);
    let timeout = text(&metadata, TIMEOUT_MS).and_then(|text| text.parse().ok()).map(Duration::from_millis);
    Ok((ctx.with_timeout(timeout.unwrap_or(TIMEOUT_DEFAULT)), message))
}

fn text<'a>(metadata: &'a MetadataMap, key: &str) -> Option<&'a str> {
    metadata.get(key).and_then(|value| value.to_str().ok())
}

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

/// An error as it was received.
pub fn error_of(status: &tonic::Status) -> Error {
    let code = kernel_code(status.code());
    let Ok(details) = serde_json::from_slice::<Details>(status.details()) else {
        let reason = match code {
            Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Code::Unavailable => "UNAVAILABLE",
            _ => "REMOTE_CALL_FAILED",
        };
        return Error::new(code, reason, status.message().to_owned());
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

/// A channel to another process; it connects when it is first used and again when it broke.
///
/// # Errors
/// `INVALID_ADDRESS` if the address is not a URL such as `http://10.0.0.2:9090`.
pub fn connect(address: &str) -> Result<Channel> {
    let refuse = || {
        Error::invalid("INVALID_ADDRESS", format!("'{address}' is not a URL such as http://127.0.0.1:9090"))
    };
    let endpoint = tonic::transport::Endpoint::from_shared(address.to_owned()).map_err(|_| refuse())?;
    Ok(endpoint
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_secs(2))
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_while_idle(true)
        .connect_lazy())
}

/// Serves contracts, with gRPC health, until `shutdown`; in-flight calls are finished.
pub async fn serve(listener: Listener, routes: Routes, shutdown: CancellationToken) -> Result<()> {
    serve_incoming(listener.into_stream(), routes, shutdown).await
}

/// The same over a socket in the file system, which only its owner may use: how commands of the same machine
/// reach a running store.
pub async fn serve_socket(path: &Path, routes: Routes, shutdown: CancellationToken) -> Result<()> {
    // A socket that is left over from a process that was killed; the folder's lock says that it is gone.
    let _ = std::fs::remove_file(path);
    let listener = tokio::net::UnixListener::bind(path).map_err(Error::internal)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(Error::internal)?;
    let done = serve_incoming(UnixListenerStream::new(listener), routes, shutdown).await;
    let _ = std::fs::remove_file(path);
    done
}

async fn serve_incoming<S>(
    incoming: impl Stream<Item = std::io::Result<S>>,
    mut routes: Routes,
    shutdown: CancellationToken,
) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
{
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_service_status("", tonic_health::ServingStatus::Serving).await;
    routes.add_service(health);
    tonic::transport::Server::builder()
        .tcp_nodelay(true)
        .add_routes(routes.routes())
        .serve_with_incoming_shutdown(incoming, async move {
            shutdown.cancelled().await;
            reporter.set_service_status("", tonic_health::ServingStatus::NotServing).await;
        })
        .await
        .map_err(Error::internal)
}

/// A channel to a store of the same machine, by its socket.
pub fn connect_socket(path: &Path) -> Channel {
    let path = path.to_owned();
    let connector = tower::service_fn(move |_| {
        let path = path.clone();
        async move { tokio::net::UnixStream::connect(path).await.map(TokioIo::new) }
    });
    tonic::transport::Endpoint::from_static("http://socket.invalid").connect_with_connector_lazy(connector)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_context_survives_the_wire() {
        let mut ctx = Ctx::system("test").with_key("key-1").with_timeout(Duration::from_secs(5));
        ctx.traceparent = Some("00-abc".into());
        let (received, message) = incoming(outgoing(&ctx, 7).unwrap()).unwrap();
        assert_eq!(message, 7);
        assert_eq!(received.request_id, ctx.request_id);
        assert_eq!(received.actor, ctx.actor);
        assert_eq!(received.idempotency_key, ctx.idempotency_key);
        assert_eq!(received.traceparent, ctx.traceparent);
        assert!(received.remaining().unwrap().unwrap() <= Duration::from_secs(5));
    }
}
