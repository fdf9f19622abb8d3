//! Whether a provider is asked at all: after failures in a row it is left alone for a while, then tried by one call.
//!
//! The breaker between processes (`platform/src/rpc`) asks a process for its health; a provider of others has no such
//! question, so here one buyer's call finds out, and all others are answered at once.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Failed calls in a row until a provider is left alone.
const FAILURES_MAX: u32 = 8;
/// For how long.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    /// Nobody asks before; set: the provider is left alone.
    closed_until: Option<Instant>,
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a call may be made; after the pause one may, and the next pause begins with it.
    pub(crate) fn may_call(&self, now: Instant) -> bool {
        let mut state = self.state();
        match state.closed_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.closed_until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    /// Whether the provider is left alone at the moment.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed_until.is_some()
    }

    pub(crate) fn answered(&self) {
        *self.state() = State::default();
    }

    pub(crate) fn failed(&self, now: Instant) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES_MAX {
            state.closed_until = Some(now + PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_fails_is_left_alone_and_tried_by_one() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 1..FAILURES_MAX {
            breaker.failed(now);
        }
        assert!(breaker.may_call(now));
        breaker.failed(now);
        assert!(breaker.is_closed() && !breaker.may_call(now));
        assert!(breaker.may_call(now + PAUSE), "one finds out");
        assert!(!breaker.may_call(now + PAUSE), "the others wait for it");
        breaker.answered();
        assert!(breaker.may_call(now) && !breaker.is_closed());
    }
}
