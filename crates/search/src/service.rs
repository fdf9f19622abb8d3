//! The contract: check, look whether the answer is known, else search where it may take a moment.

use std::{sync::Arc, time::Duration};

use argosy_contracts::search::{
    QueryRequest, QueryResponse, RebuildRequest, RebuildResponse, SearchApi, StatusRequest, StatusResponse,
    SuggestRequest, SuggestResponse,
};
use argosy_kernel::{Ctx, Result};
use async_trait::async_trait;
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    time::timeout,
};

use crate::{
    SearchConfig,
    domain::request::Query,
    error,
    feed::Waiting,
    index::engine::Engine,
    query::{self, Answering},
    work,
};

/// How long a query waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(1);

pub(crate) struct SearchService {
    engine: Arc<Engine>,
    rebuild: mpsc::Sender<Waiting>,
    turns: Arc<Semaphore>,
}

impl SearchService {
    pub(crate) fn new(engine: Arc<Engine>, rebuild: mpsc::Sender<Waiting>, config: &SearchConfig) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let turns = usize::try_from(config.queries_max).ok().filter(|turns| *turns > 0).unwrap_or(cores);
        Self { engine, rebuild, turns: Arc::new(Semaphore::new(turns)) }
    }

    /// Runs a search when it is its turn.
    async fn in_turn<T: Send + 'static>(
        &self,
        search: impl FnOnce(&Engine) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = timeout(TURN_WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.ok().and_then(std::result::Result::ok).ok_or_else(error::search_busy)?;
        let engine = Arc::clone(&self.engine);
        work::blocking(move || {
            let _turn = turn;
            search(&engine)
        })
        .await
    }
}

#[async_trait]
impl SearchApi for SearchService {
    async fn query(&self, _ctx: &Ctx, request: QueryRequest) -> Result<QueryResponse> {
        let (snapshot, tables) = (self.engine.snapshot(), self.engine.tables());
        let query = Query::check(request, |collection| tables.places(collection).is_some())?;
        let key = (snapshot.generation, tables.revision, format!("{query:?}"));
        if let Some(answer) = self.engine.answers.get(&key) {
            return Ok(QueryResponse::clone(&answer));
        }
        self.in_turn(move |engine| {
            let answer = query::answer(&Answering { engine, snapshot: &snapshot, tables: &tables }, &query)?;
            engine.answers.insert(key, Arc::new(answer.clone()));
            Ok(answer)
        })
        .await
    }

    async fn suggest(&self, _ctx: &Ctx, request: SuggestRequest) -> Result<SuggestResponse> {
        let (snapshot, tables) = (self.engine.snapshot(), self.engine.tables());
        self.in_turn(move |engine| {
            query::suggest(&Answering { engine, snapshot: &snapshot, tables: &tables }, &request)
        })
        .await
    }

    async fn status(&self, _ctx: &Ctx, _request: StatusRequest) -> Result<StatusResponse> {
        let snapshot = self.engine.snapshot();
        Ok(StatusResponse { products: snapshot.searcher.num_docs(), position: snapshot.positions.catalog })
    }

    async fn rebuild(&self, _ctx: &Ctx, _request: RebuildRequest) -> Result<RebuildResponse> {
        let (waiting, built) = oneshot::channel();
        self.rebuild.try_send(waiting).map_err(|_| error::rebuild_running())?;
        let products = built.await.map_err(|_| error::rebuild_failed())??;
        Ok(RebuildResponse { products })
    }
}
