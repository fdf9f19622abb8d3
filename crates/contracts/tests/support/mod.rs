//! A service of search that answers as a test wants, in a runtime of its own that can be killed.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use argosy_contracts::search::{
    QueryRequest, QueryResponse, RebuildRequest, RebuildResponse, SearchApi, SearchClient, StatusRequest,
    StatusResponse, SuggestRequest, SuggestResponse, Suggestion,
};
use argosy_kernel::{Ctx, Result};
use argosy_platform::{
    Host,
    http::Listener,
    rpc::{Routes, RpcSettings, Serving},
};
use argosy_testkit::eventually_some;
use tokio::runtime::Runtime;

/// The text of a query that is never answered.
pub(crate) const FOREVER: &str = "forever";

#[derive(Default)]
pub(crate) struct Seen {
    pub queries: AtomicUsize,
    pub rebuilds: AtomicUsize,
    /// Calls that ended before they were answered.
    pub dropped: AtomicUsize,
}

#[derive(Clone)]
struct Search(Arc<Seen>);

struct Dropped(Arc<Seen>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl SearchApi for Search {
    async fn query(&self, _: &Ctx, request: QueryRequest) -> Result<QueryResponse> {
        self.0.queries.fetch_add(1, Ordering::SeqCst);
        if request.text == FOREVER {
            let _dropped = Dropped(Arc::clone(&self.0));
            std::future::pending::<()>().await;
        }
        Ok(QueryResponse::default())
    }

    /// Answers the context.
    async fn suggest(&self, ctx: &Ctx, _: SuggestRequest) -> Result<SuggestResponse> {
        let one = Suggestion {
            text: ctx.request_id.to_string(),
            kind: ctx.traceparent.as_deref().unwrap_or_default().to_owned(),
            handle: ctx.idempotency_key.as_deref().unwrap_or_default().to_owned(),
        };
        Ok(SuggestResponse { suggestions: vec![one] })
    }

    async fn status(&self, _: &Ctx, _: StatusRequest) -> Result<StatusResponse> {
        Ok(StatusResponse::default())
    }

    /// Is never answered.
    async fn rebuild(&self, _: &Ctx, _: RebuildRequest) -> Result<RebuildResponse> {
        self.0.rebuilds.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

/// A process that serves search.
pub(crate) struct Server {
    runtime: Option<Runtime>,
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
    _folder: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(SocketAddr::from(([127, 0, 0, 1], 0)), RpcSettings::default()).await
    }

    pub(crate) async fn start_with(address: SocketAddr, settings: RpcSettings) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (folder, seen) = (tempfile::tempdir().unwrap(), Arc::new(Seen::default()));
        let (path, search) = (folder.path().to_owned(), Search(Arc::clone(&seen)));
        let started = runtime.spawn(async move {
            let listener = bound(address).await;
            let address = listener.address();
            let host = Host::embedded(&path).unwrap();
            let mut routes = Routes::default();
            SearchClient::local(search).add_to(&mut routes);
            routes.reflect(argosy_contracts::DESCRIPTORS).unwrap();
            let serving = Serving::new(&settings, &host).unwrap();
            let shutdown = host.tasks().shutdown();
            host.tasks().spawn(async move {
                serving.serve(listener, routes, shutdown).await.unwrap();
            });
            address
        });
        let address = started.await.unwrap();
        Self { runtime: Some(runtime), address, seen, _folder: folder }
    }

    /// Ends it as a power cut would: connections break, nothing is finished.
    pub(crate) fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    pub(crate) fn queries(&self) -> usize {
        self.seen.queries.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A process that was killed holds its port for a moment.
async fn bound(address: SocketAddr) -> Listener {
    eventually_some("the port is free", || async { Listener::bind(address, "test").await.ok() }).await
}

pub(crate) fn query(text: &str) -> QueryRequest {
    QueryRequest { text: text.to_owned(), ..QueryRequest::default() }
}

/// A guest who waits so long.
pub(crate) fn patient_for(millis: u64) -> Ctx {
    Ctx::guest().with_timeout(Duration::from_millis(millis))
}
