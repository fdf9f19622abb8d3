//! One process of a service, as its callers see it.

use std::{
    error::Error as StdError,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use argosy_kernel::{Code, Error};
use http::{Request, Response};
use tonic::{ConnectError, Status, body::Body};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tower::{Service, ServiceExt};

use super::{
    breaker::{Breaker, Failure, Standing},
    error::{Lost, status_of},
};

const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// When to ask again if nothing better is known.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// When a call is over, as an extension of its request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due(pub(super) Instant);

pub(super) struct Endpoint {
    pub(super) service: String,
    pub(super) address: String,
    channel: tonic::transport::Channel,
    in_flight: AtomicUsize,
    breaker: Breaker,
}

impl Endpoint {
    pub(super) fn new(service: &str, address: String, channel: tonic::transport::Channel) -> Self {
        let endpoint = Self {
            service: service.to_owned(),
            address,
            channel,
            in_flight: AtomicUsize::new(0),
            breaker: Breaker::default(),
        };
        endpoint.measure(0.0);
        endpoint
    }

    pub(super) fn standing(&self, now: Instant) -> Standing {
        self.breaker.standing(now)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Calls it; `left_out` is told when that was one failure too many.
    pub(super) async fn call(
        &self,
        request: Request<Body>,
        left_out: impl Fn() + Send,
    ) -> Result<Response<Body>, Status> {
        let due = request.extensions().get::<Due>().map(|due| due.0);
        let running = Running::start(self, due, &left_out);
        let mut channel = self.channel.clone();
        let answer = async { channel.ready().await?.call(request).await }.await;
        running.ended(answer)
    }

    /// Asks for its health. A process that serves but knows no health is well.
    pub(super) async fn probe(&self) {
        let mut health = HealthClient::new(self.channel.clone());
        let asked = health.check(HealthCheckRequest::default());
        let is_well = match tokio::time::timeout(PROBE_TIMEOUT, asked).await {
            Ok(Ok(answer)) => answer.into_inner().status() == ServingStatus::Serving,
            Ok(Err(status)) => status.code() == tonic::Code::Unimplemented,
            Err(_) => false,
        };
        if self.breaker.probed(is_well, Instant::now()) {
            tracing::info!(service = self.service, endpoint = self.address, "a process is back");
            self.measure(0.0);
        }
    }

    /// The state as a metric: 1 when it is left out.
    pub(super) fn measure(&self, away: f64) {
        metrics::gauge!("argosy_rpc_endpoint_away", "service" => self.service.clone(), "endpoint" => self.address.clone())
            .set(away);
    }

    fn failed(&self, failure: Failure, what: &str, left_out: impl Fn()) {
        if self.breaker.failed(failure, Instant::now()) {
            tracing::warn!(
                service = self.service,
                endpoint = self.address,
                error = what,
                "a process is away"
            );
            self.measure(1.0);
            left_out();
        }
    }
}

/// A call that runs. Dropped at its deadline, it counts as not answered; dropped before, as nothing.
struct Running<'a, F: Fn()> {
    endpoint: &'a Endpoint,
    due: Option<Instant>,
    is_over: bool,
    left_out: F,
}

impl<'a, F: Fn()> Running<'a, F> {
    fn start(endpoint: &'a Endpoint, due: Option<Instant>, left_out: F) -> Self {
        endpoint.in_flight.fetch_add(1, Ordering::Relaxed);
        Self { endpoint, due, is_over: false, left_out }
    }

    fn ended(
        mut self,
        answer: Result<Response<Body>, tonic::transport::Error>,
    ) -> Result<Response<Body>, Status> {
        self.is_over = true;
        let error = match answer {
            Ok(response) => {
                self.endpoint.breaker.answered();
                return Ok(response);
            }
            Err(error) => error,
        };
        let what = told(&error);
        if find::<tonic::TimeoutExpired>(&error).is_some() {
            self.endpoint.failed(Failure::NoAnswer, &what, &self.left_out);
            let late = Error::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the call took too long");
            return Err(status_of(&late));
        }
        let is_sent = find::<ConnectError>(&error).is_none();
        let failure = if is_sent { Failure::NoAnswer } else { Failure::NotConnected };
        self.endpoint.failed(failure, &what, &self.left_out);
        let mut status = status_of(&away(&self.endpoint.service, RETRY_AFTER));
        status.set_source(std::sync::Arc::new(Lost { is_sent, what }));
        Err(status)
    }
}

impl<F: Fn()> Drop for Running<'_, F> {
    fn drop(&mut self) {
        self.endpoint.in_flight.fetch_sub(1, Ordering::Relaxed);
        // Timers of the caller fire to the millisecond.
        let now = Instant::now() + Duration::from_millis(2);
        if !self.is_over && self.due.is_some_and(|due| now >= due) {
            self.endpoint.failed(Failure::NoAnswer, "no answer in time", &self.left_out);
        }
    }
}

/// What callers hear when nobody answers.
pub(super) fn away(service: &str, retry_after: Duration) -> Error {
    Error::unavailable("SERVICE_AWAY", format!("{service} cannot be reached at the moment; try again"))
        .with_retry_after(retry_after)
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// An error with what caused it: transport errors say nothing themselves.
fn told(error: &(dyn StdError + 'static)) -> String {
    let chain: Vec<String> = causes(error).map(ToString::to_string).collect();
    chain.join(": ")
}
