//! What stands before every door.
//!
//! One middleware does it all in the order below, and not a layer each: every boxed layer costs an allocation
//! on the path that must stay within half the speed of a bare handler.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use argosy_kernel::{Code, Error, RequestId, Result};
use argosy_platform::redis::Redis;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use futures::FutureExt;
use tokio::sync::Semaphore;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
};

use crate::{
    access::Access,
    address::{ClientAddress, client_of, peer_of},
    config::{EdgeConfig, RateLimitStore},
    error::ApiResult,
    extract::{Scope, too_large},
    rate_limit::RateLimit,
    refusal::{self, Accepted},
    security::SecurityHeaders,
};

/// Sent and answered with every request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Smaller answers are not compressed: it would cost more than it saves.
const COMPRESSED_BYTES_MIN: u64 = 1_024;
/// Routes at which programs of others tell what happened. They come in bursts from few addresses and are checked by
/// their signatures; refused, they would be told late. All other limits hold for them.
const MESSAGES: &str = "/webhooks/";
/// When one whose request took too long may try again.
const RETRY_AFTER_TIMEOUT: Duration = Duration::from_secs(1);
/// When one who finds the shop being worked on may look again.
const RETRY_AFTER_MAINTENANCE: Duration = Duration::from_mins(2);

/// The protections that all doors of a process share. Cheap to clone.
#[derive(Clone)]
pub struct Edge {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: EdgeConfig,
    rate_limit: Option<RateLimit>,
    requests: Semaphore,
    is_closed: AtomicBool,
    security: SecurityHeaders,
    timeout: Duration,
    body_timeout: Duration,
}

impl Edge {
    /// The protections by the settings.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn new(config: EdgeConfig) -> Result<Self> {
        Self::sharing(config, None)
    }

    /// The protections of one of many edges: what a client may ask for is counted in Redis for all of them, unless the
    /// settings say otherwise.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn sharing(config: EdgeConfig, redis: Option<&Redis>) -> Result<Self> {
        config.check()?;
        let redis = match (config.rate_limit_store, redis) {
            (Some(RateLimitStore::Redis), None) => {
                let message = "edge.rate_limit_store: is `redis`, so redis.url is needed";
                return Err(Error::invalid("INVALID_SETTING", message));
            }
            (Some(RateLimitStore::Process), _) => None,
            (Some(RateLimitStore::Redis) | None, redis) => redis,
        };
        let inner = Inner {
            rate_limit: RateLimit::new(
                config.rate_limit_per_minute,
                config.rate_limit_burst,
                config.rate_limit_clients_max,
                redis,
            ),
            requests: Semaphore::new(config.requests_max.min(Semaphore::MAX_PERMITS)),
            is_closed: AtomicBool::new(false),
            security: SecurityHeaders::new(&config),
            timeout: Duration::from_secs(config.request_timeout_s),
            body_timeout: Duration::from_secs(config.body_timeout_s),
            config,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The settings in force.
    pub fn config(&self) -> &EdgeConfig {
        &self.inner.config
    }

    /// Closes the doors while the shop is worked on, or opens them: whoever asks is answered `MAINTENANCE` (503). What
    /// is in flight goes on.
    pub fn set_closed(&self, is_closed: bool) {
        self.inner.is_closed.store(is_closed, Ordering::Relaxed);
    }

    /// Puts the protections before the doors: give it all of them merged, with their fallback if they have
    /// one, and give what it answers to the server.
    ///
    /// Per request: an id, the client's allowance, a place among the requests at work, a time limit, panics
    /// caught, security headers, compression, a log line, metrics.
    pub fn protect(&self, doors: Router) -> Router {
        let worth_it = SizeAbove::new(COMPRESSED_BYTES_MIN)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::SSE)
            .and(NotForContentType::const_new("font/"))
            .and(NotForContentType::const_new("application/zip"));
        doors
            .layer(DefaultBodyLimit::max(self.inner.config.body_bytes_max))
            .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_it))
            .layer(from_fn_with_state(self.clone(), guard))
    }
}

async fn guard(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let inner = &*edge.inner;
    let request_id = request_id_of(&request);
    let client = client_of(peer_of(request.extensions()), request.headers(), &inner.config.trusted_proxies);
    request.extensions_mut().insert(ClientAddress(client));
    request.extensions_mut().insert(Scope {
        request_id: Arc::clone(&request_id),
        deadline: started + inner.timeout,
        body_timeout: inner.body_timeout,
    });
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let accepted = Accepted::of(request.headers());

    let is_message = route.as_ref().is_some_and(|route| route.as_str().starts_with(MESSAGES));
    let taken = match &inner.rate_limit {
        Some(limit) if !is_message => Some(limit.take(client).await),
        _ => None,
    };
    let (allowance, answered) = match taken {
        None => (None, inner.answer(request, next).await),
        Some(Ok(allowance)) => (Some(allowance), inner.answer(request, next).await),
        Some(Err((allowance, error))) => (Some(allowance), Err(error.into())),
    };
    let mut response = answered.unwrap_or_else(|error| refusal::told(error, &method, &uri, &accepted));
    let headers = response.headers_mut();
    if let Some(allowance) = allowance {
        allowance.tell(headers);
    }
    inner.security.add_to(headers);
    if let Ok(value) = HeaderValue::try_from(&*request_id) {
        headers.insert(REQUEST_ID, value);
    }
    let access = Access {
        method: &method,
        path: uri.path(),
        route: route.as_ref().map_or("unmatched", MatchedPath::as_str),
        status: response.status(),
        duration: started.elapsed(),
        client,
        request_id: &request_id,
    };
    access.record(inner.config.access_log);
    response
}

impl Inner {
    /// Lets a request in if there is a place, and waits for its answer as long as the settings say.
    ///
    /// # Errors
    /// What is refused here and not by a door.
    async fn answer(&self, request: Request, next: Next) -> ApiResult<Response> {
        // What says that it is too large is not waited for.
        if declared_bytes(&request) > self.config.body_bytes_max as u64 {
            return Err(too_large());
        }
        if self.is_closed.load(Ordering::Relaxed) {
            let error =
                Error::unavailable("MAINTENANCE", "the shop is being worked on; come back in a few minutes");
            return Err(error.with_retry_after(RETRY_AFTER_MAINTENANCE).into());
        }
        let Ok(_place) = self.requests.try_acquire() else {
            return Err(Error::unavailable("OVERLOADED", "too many requests at once; try again").into());
        };
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
        match tokio::time::timeout(self.timeout, answer).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(panic)) => Err(panicked(&*panic).into()),
            Err(_) => {
                let error =
                    Error::new(Code::DeadlineExceeded, "TIMEOUT", "the request took too long; try again");
                Err(error.with_retry_after(RETRY_AFTER_TIMEOUT).into())
            }
        }
    }
}

fn declared_bytes(request: &Request) -> u64 {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// A panic as a fault of ours.
pub(crate) fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words");
    Error::internal(format!("a handler panicked: {text}"))
}

/// The client's id if it is one of ours in form; else a new one, so that nobody writes into our logs.
fn request_id_of(request: &axum::http::Request<Body>) -> Arc<str> {
    let sent = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match sent.filter(|id| id.parse::<RequestId>().is_ok()) {
        Some(id) => id.into(),
        None => RequestId::new().to_string().into(),
    }
}
