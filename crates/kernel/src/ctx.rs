//! What travels with every call.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{Code, Error, RequestId, Result};

/// On whose behalf a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not signed in.
    Guest,
    /// A signed-in buyer, by id.
    Customer(Arc<str>),
    /// A member of staff, by id.
    Staff(Arc<str>),
    /// Argosy itself: a consumer, a job, a command.
    System(Arc<str>),
}

/// The context of a call: who asks, until when, under which key.
///
/// It is the first argument of every contract method and travels between processes as metadata.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// Ties log lines, answers and facts of one request together.
    pub request_id: Arc<str>,
    /// On whose behalf.
    pub actor: Actor,
    /// When the caller stops waiting. Holds in one process as between two.
    pub deadline: Option<Instant>,
    /// The caller's key for one effect (law 4).
    pub idempotency_key: Option<Arc<str>>,
    /// W3C trace context.
    pub traceparent: Option<Arc<str>>,
}

impl Ctx {
    /// A guest's request with a new id.
    pub fn guest() -> Self {
        Self {
            request_id: RequestId::new().to_string().into(),
            actor: Actor::Guest,
            deadline: None,
            idempotency_key: None,
            traceparent: None,
        }
    }

    /// A call that Argosy makes for itself; `name` says which part.
    pub fn system(name: &str) -> Self {
        Self { actor: Actor::System(name.into()), ..Self::guest() }
    }

    /// The same context under another key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// The same context, giving up after `timeout` unless it would sooner.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        let deadline = Instant::now() + timeout;
        self.deadline = Some(self.deadline.map_or(deadline, |earlier| earlier.min(deadline)));
        self
    }

    /// How long the caller still waits.
    ///
    /// # Errors
    /// `DEADLINE_EXCEEDED` when it has stopped waiting.
    pub fn remaining(&self) -> Result<Option<Duration>> {
        let Some(deadline) = self.deadline else { return Ok(None) };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the call took too long"));
        }
        Ok(Some(left))
    }
}
