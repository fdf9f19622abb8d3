//! The way to a service: to whichever of its processes is well and has the least to do.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use http::{Request, Response};
use tokio::sync::{Notify, watch};
use tokio_util::sync::DropGuard;
use tonic::{Status, body::Body};
use tower::{Service, retry::budget::TpsBudget};

use super::{
    breaker::Standing,
    endpoint::{Endpoint, RETRY_AFTER, away},
    error::status_of,
};

/// How long the first call waits for a name to be resolved.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(3);

/// The way to a service that runs elsewhere. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Channel {
    pub(super) shared: Arc<Shared>,
    /// Ends the keeper with the last clone.
    pub(super) _keeper: Arc<DropGuard>,
}

pub(super) struct Shared {
    pub(super) service: String,
    /// `None` until a name was resolved for the first time.
    pub(super) endpoints: watch::Sender<Option<Arc<[Arc<Endpoint>]>>>,
    /// Tells the keeper that an endpoint was left out.
    pub(super) left_out: Notify,
    /// Calls that may be repeated, as a share of all.
    pub(super) repeats: TpsBudget,
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let endpoint = shared.endpoint().await?;
            endpoint.call(request, || shared.left_out.notify_one()).await
        })
    }
}

impl Shared {
    async fn endpoint(&self) -> Result<Arc<Endpoint>, Status> {
        let known = self.endpoints.borrow().clone();
        let endpoints = match known {
            Some(endpoints) => endpoints,
            None => self.resolved().await?,
        };
        choose(&endpoints, Instant::now()).map_err(|retry_after| status_of(&away(&self.service, retry_after)))
    }

    async fn resolved(&self) -> Result<Arc<[Arc<Endpoint>]>, Status> {
        let mut changes = self.endpoints.subscribe();
        let resolved = tokio::time::timeout(RESOLVE_TIMEOUT, changes.wait_for(Option::is_some)).await;
        let endpoints = resolved.ok().and_then(Result::ok).and_then(|endpoints| endpoints.clone());
        endpoints.ok_or_else(|| status_of(&away(&self.service, RETRY_AFTER)))
    }
}

/// The better of two at random (the power of two choices): without a doubt before with one, then the less busy. Fails
/// with the time until the next look if all are away.
fn choose(endpoints: &[Arc<Endpoint>], now: Instant) -> Result<Arc<Endpoint>, Duration> {
    if let [only] = endpoints {
        return match only.standing(now) {
            Standing::Away(probe) => Err(wait(probe, now)),
            Standing::Well | Standing::Doubtful => Ok(Arc::clone(only)),
        };
    }
    let mut probe: Option<Instant> = None;
    let mut here = Vec::with_capacity(endpoints.len());
    for endpoint in endpoints {
        match endpoint.standing(now) {
            Standing::Away(at) => probe = Some(probe.map_or(at, |earlier| earlier.min(at))),
            standing => here.push((standing, endpoint.in_flight(), endpoint)),
        }
    }
    let two = match here.len() {
        0 => return Err(probe.map_or(RETRY_AFTER, |at| wait(at, now))),
        1 => [0, 0],
        count => {
            let first = rand::random_range(0..count);
            [first, (first + rand::random_range(1..count)) % count]
        }
    };
    let [one, other] = two.map(|index| here[index]);
    let better = if (other.0, other.1) < (one.0, one.1) { other } else { one };
    Ok(Arc::clone(better.2))
}

fn wait(probe: Instant, now: Instant) -> Duration {
    probe.saturating_duration_since(now).max(Duration::from_millis(100))
}
