//! `/healthz` (alive), `/readyz` (can serve), `/metrics` (Prometheus): outside the protections, so that a full
//! shop is not taken for a dead one.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use argosy_kernel::Result;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::future::{BoxFuture, join_all};

use crate::{
    address::peer_of,
    config::{EdgeConfig, MetricsAccess},
    error::unknown_path,
};

/// A check that takes longer has failed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;
type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// Something that must work for the process to be ready, or that it can do without for a while.
#[derive(Clone)]
pub struct Probe {
    name: &'static str,
    needed: bool,
    check: Check,
}

impl Probe {
    /// A check with a name, e.g. of a database.
    pub fn new<F>(name: &'static str, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self { name, needed: true, check: Arc::new(move || Box::pin(check())) }
    }

    /// Told, but no reason to send clients elsewhere: every process would lack the same, and most of the shop goes on
    /// without it.
    #[must_use]
    pub fn dispensable(self) -> Self {
        Self { needed: false, ..self }
    }
}

/// The three paths that whoever runs Argosy looks at.
#[derive(Clone)]
pub struct Probes {
    probes: Arc<[Probe]>,
    render: Render,
}

impl Probes {
    /// `render` writes the metrics in Prometheus' text format.
    pub fn new(
        probes: impl IntoIterator<Item = Probe>,
        render: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self { probes: probes.into_iter().collect(), render: Arc::new(render) }
    }

    /// The routes beside the shop's: `/metrics` for whom the settings let. Merge them into what
    /// [`Edge::protect`](crate::Edge::protect) answers.
    pub fn beside_the_doors(&self, config: &EdgeConfig) -> Router {
        let metrics = match config.metrics {
            MetricsAccess::Loopback => get(metrics_on_loopback),
            MetricsAccess::Everyone => get(metrics),
            MetricsAccess::Off => get(unknown_path),
        };
        health().route("/metrics", metrics).with_state(self.clone())
    }

    /// The routes for a listener of their own (`edge.metrics_listen`): everything for everyone who reaches it.
    pub fn on_their_own(&self) -> Router {
        health().route("/metrics", get(metrics)).fallback(unknown_path).with_state(self.clone())
    }
}

fn health() -> Router<Probes> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

async fn alive() -> Response {
    uncached(StatusCode::OK, "ok\n".to_owned())
}

async fn ready(State(probes): State<Probes>) -> Response {
    let checks = probes.probes.iter().map(|probe| async move {
        let done = tokio::time::timeout(CHECK_TIMEOUT, (probe.check)()).await;
        let failed = match done {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(format!("{error:?}")),
            Err(_) => Some("no answer".to_owned()),
        };
        if let Some(why) = &failed {
            let message = if probe.needed { "not ready" } else { "ready, but lacks something" };
            tracing::warn!(probe = probe.name, error = why, "{message}");
        }
        (probe, failed.is_none())
    });
    let mut status = StatusCode::OK;
    let mut body = String::new();
    for (probe, good) in join_all(checks).await {
        if !good && probe.needed {
            status = StatusCode::SERVICE_UNAVAILABLE;
        }
        let state = match (good, probe.needed) {
            (true, _) => "ok",
            (false, true) => "failed",
            (false, false) => "away",
        };
        // Writing to a string cannot fail.
        let _written = writeln!(body, "{} {state}", probe.name);
    }
    uncached(status, body)
}

async fn metrics(State(probes): State<Probes>) -> Response {
    let mut response = uncached(StatusCode::OK, (probes.render)());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// A proxy on the same machine calls from loopback too, so what it forwards is not let in.
async fn metrics_on_loopback(state: State<Probes>, request: Request) -> Response {
    let forwarded = |headers: &HeaderMap| {
        headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED)
    };
    if peer_of(request.extensions()).is_loopback() && !forwarded(request.headers()) {
        metrics(state).await
    } else {
        unknown_path().await
    }
}

fn uncached(status: StatusCode, body: String) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}
