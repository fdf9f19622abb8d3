//! The connection loop: bounded, patient with none, graceful at the end.
//!
//! hyper's own graceful shutdown waits for whoever has sent half a head, and for HTTP/2 clients that answer no ping.
//! Here a connection without a request in flight is closed, whatever its client is up to; only who has just connected is
//! given a moment to ask, for a restart must not cost a request.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::ConnectInfo,
};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::Listener;

/// How often a connection that is to close is looked at. One that has no request in flight twice in a row is closed:
/// a request may be on its way, and an answer on its last bytes.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// How long who has only just connected may take to ask, when the server is about to end.
const FIRST_REQUEST: Duration = Duration::from_secs(1);
/// How long connections that are in the kernel's queue then are taken, and how long one is waited for.
const LAST_LOOK_MAX: Duration = Duration::from_millis(200);
const LAST_LOOK: Duration = Duration::from_millis(10);

/// What a client may take of a server (law 9).
#[derive(Debug, Clone, Copy)]
pub struct ServerLimits {
    /// Open connections; more wait in the kernel's queue.
    pub connections_max: usize,
    /// How long a client may take to send its request's head.
    pub header_timeout: Duration,
    /// How long a shutdown waits for requests in flight.
    pub drain_timeout: Duration,
}

/// Serves until `shutdown`, then finishes what is in flight within the drain timeout.
pub async fn serve(listener: Listener, router: Router, limits: ServerLimits, shutdown: CancellationToken) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.header_timeout);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(20));
    let builder = Arc::new(builder);
    let slots = Arc::new(Semaphore::new(limits.connections_max));
    let connections = TaskTracker::new();
    let welcome = |(stream, peer): (TcpStream, SocketAddr), slot: OwnedSemaphorePermit| {
        let answering = Answering { router: router.clone(), peer, in_flight: InFlight::default() };
        let (builder, shutdown) = (Arc::clone(&builder), shutdown.clone());
        connections.spawn(async move {
            if let Err(error) = converse(&builder, stream, answering, &shutdown).await {
                tracing::debug!(error, client.address = %peer, "a connection ended early");
            }
            drop(slot);
        });
    };
    loop {
        let slot = tokio::select! {
            () = shutdown.cancelled() => break,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        let Ok(slot) = slot else { break };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(accepted) => welcome(accepted, slot),
            Err(error) => {
                tracing::warn!(error = %error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Whoever is in the queue already would be reset with the listener.
    let last_look = async {
        while let Ok(slot) = Arc::clone(&slots).try_acquire_owned()
            && let Ok(Ok(accepted)) = tokio::time::timeout(LAST_LOOK, listener.accept()).await
        {
            welcome(accepted, slot);
        }
    };
    let _ = tokio::time::timeout(LAST_LOOK_MAX, last_look).await;
    drop(listener);
    connections.close();
    if tokio::time::timeout(limits.drain_timeout, connections.wait()).await.is_err() {
        tracing::warn!("requests were still running at the end of the drain timeout");
    }
}

/// Serves a connection until its client ends it, or until the shutdown when its last answer is out.
async fn converse(
    builder: &auto::Builder<TokioExecutor>,
    stream: TcpStream,
    answering: Answering,
    shutdown: &CancellationToken,
) -> Result<(), String> {
    let in_flight = answering.in_flight.clone();
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answering));
    tokio::select! {
        ended = connection.as_mut() => return ended.map_err(|error| error.to_string()),
        () = shutdown.cancelled() => {}
    }
    // hyper hangs up on whoever has not asked yet.
    let asked = async {
        while !in_flight.has_begun() {
            tokio::time::sleep(LAST_LOOK).await;
        }
    };
    tokio::select! {
        ended = connection.as_mut() => return ended.map_err(|error| error.to_string()),
        _ = tokio::time::timeout(FIRST_REQUEST, asked) => {}
    }
    connection.as_mut().graceful_shutdown();
    let mut was_idle = false;
    loop {
        if let Ok(ended) = tokio::time::timeout(LOOK_INTERVAL, connection.as_mut()).await {
            return ended.map_err(|error| error.to_string());
        }
        let is_idle = in_flight.is_zero();
        if is_idle && was_idle {
            return Ok(());
        }
        was_idle = is_idle;
    }
}

/// The requests of a connection whose answers are not out.
#[derive(Clone, Default)]
struct InFlight(Arc<Requests>);

#[derive(Default)]
struct Requests {
    running: AtomicUsize,
    begun: AtomicBool,
}

impl InFlight {
    fn begin(&self) -> Running {
        self.0.running.fetch_add(1, Ordering::AcqRel);
        self.0.begun.store(true, Ordering::Release);
        Running(self.clone())
    }

    fn is_zero(&self) -> bool {
        self.0.running.load(Ordering::Acquire) == 0
    }

    /// Whether there was any.
    fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::Acquire)
    }
}

/// A request in flight, as long as it lives.
struct Running(InFlight);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The router to one connection.
struct Answering {
    router: Router,
    peer: SocketAddr,
    in_flight: InFlight,
}

impl hyper::service::Service<http::Request<Incoming>> for Answering {
    type Response = http::Response<Counted>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: http::Request<Incoming>) -> Self::Future {
        let running = self.in_flight.begin();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let router = self.router.clone();
        Box::pin(async move {
            let response = router.oneshot(request).await?;
            Ok(response.map(|body| Counted { body, _running: running }))
        })
    }
}

/// A body that is in flight until it is out.
struct Counted {
    body: Body,
    _running: Running,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
