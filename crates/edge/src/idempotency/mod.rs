//! One key, one effect (law 4): the answers to changing requests, kept under their `Idempotency-Key`.

mod key;
mod layer;
mod store;

use std::{sync::Arc, time::Duration};

use argosy_kernel::Result;
use argosy_platform::Host;
use axum::{Router, middleware::from_fn_with_state};

use self::store::Answers;
pub use self::store::DATABASE;
use crate::guard::Edge;

/// Keeps the answers to changing requests, so that the same request under the same key has one effect.
#[derive(Clone)]
pub struct Idempotency {
    inner: Arc<Inner>,
}

struct Inner {
    answers: Answers,
    tasks: argosy_platform::tasks::Tasks,
    /// Routes that a service makes idempotent by itself, durably.
    excluded: Vec<&'static str>,
    body_bytes_max: usize,
    body_timeout: Duration,
    response_bytes_max: usize,
}

impl Idempotency {
    /// Opens the store. `excluded` are routes, as they are matched, whose service keeps the keys itself.
    pub async fn open(host: &Host, edge: &Edge, excluded: &[&'static str]) -> Result<Self> {
        let config = edge.config();
        let ttl = Duration::from_hours(config.idempotency_ttl_h);
        let inner = Inner {
            answers: Answers::open(host, ttl).await?,
            tasks: host.tasks().clone(),
            excluded: excluded.to_vec(),
            body_bytes_max: config.body_bytes_max,
            body_timeout: Duration::from_secs(config.body_timeout_s),
            response_bytes_max: config.idempotency_response_bytes_max,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Makes the changing requests of a router idempotent by key. Call it when it has all its routes.
    pub fn layer(&self, router: Router) -> Router {
        router.route_layer(from_fn_with_state(self.clone(), layer::keep))
    }
}
