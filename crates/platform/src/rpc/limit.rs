//! A limit on the calls that a process works on; more are refused at once, before they cost anything.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use argosy_kernel::{Code, Error};
use futures::future::{BoxFuture, ready};
use http::{Request, Response};
use tokio::sync::Semaphore;
use tonic::body::Body;
use tower::{Layer, Service};

use super::error::status_of;

const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Readers of facts wait for the next one most of the time: they have a limit of their own, so that they take no
/// place from calls that work.
const WAITING: &str = "/argosy.facts.";
/// Never refused: who asks for health must hear that a busy process is alive.
const HEALTH: &str = "/grpc.health.";

/// Refuses calls above a number at once.
#[derive(Clone)]
pub(super) struct Limit {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Limit {
    pub(super) fn new(requests_max: usize) -> Self {
        let places = || Arc::new(Semaphore::new(requests_max.clamp(1, Semaphore::MAX_PERMITS)));
        Self { working: places(), waiting: places() }
    }
}

impl<S> Layer<S> for Limit {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Limited<S> {
        Limited { inner, limit: self.clone() }
    }
}

/// A server whose calls are limited.
#[derive(Clone)]
pub(super) struct Limited<S> {
    inner: S,
    limit: Limit,
}

impl<S, B> Service<Request<B>> for Limited<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        if path.starts_with(HEALTH) {
            return Box::pin(self.inner.call(request));
        }
        let places = if path.starts_with(WAITING) { &self.limit.waiting } else { &self.limit.working };
        let Ok(place) = Arc::clone(places).try_acquire_owned() else {
            metrics::counter!("argosy_rpc_refused_total").increment(1);
            return Box::pin(ready(Ok(status_of(&overloaded()).into_http())));
        };
        let call = self.inner.call(request);
        Box::pin(async move {
            let answer = call.await;
            drop(place);
            answer
        })
    }
}

fn overloaded() -> Error {
    Error::new(Code::ResourceExhausted, "OVERLOADED", "this process has too much to do; try again")
        .with_retry_after(RETRY_AFTER)
}
