//! Whether an endpoint is called: after failures in a row it is left out until it says that it is well.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Failed calls in a row until an endpoint is left out.
const FAILURES_MAX: u32 = 5;
/// How long an endpoint that failed once is chosen only when there is no other.
const DOUBT: Duration = Duration::from_secs(1);
const PROBE_DELAY_MIN: Duration = Duration::from_millis(100);
const PROBE_DELAY_MAX: Duration = Duration::from_secs(5);

/// What went wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nobody is there: the call was not sent, and the next would not be either.
    NotConnected,
    /// The connection broke, or the answer did not come in time.
    NoAnswer,
}

/// How an endpoint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Well,
    Doubtful,
    /// Left out; it will be asked for its health then.
    Away(Instant),
}

#[derive(Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    failed_at: Option<Instant>,
    probe_at: Option<Instant>,
    probes: u32,
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn standing(&self, now: Instant) -> Standing {
        let state = self.state();
        match (state.probe_at, state.failed_at) {
            (Some(at), _) => Standing::Away(at),
            (None, Some(failed)) if now.saturating_duration_since(failed) < DOUBT => Standing::Doubtful,
            _ => Standing::Well,
        }
    }

    /// A call was answered. One that was sent before the endpoint was left out does not bring it back.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        if state.probe_at.is_none() && state.failures > 0 {
            *state = State::default();
        }
    }

    /// A call failed; true if the endpoint is left out from now on.
    pub(super) fn failed(&self, failure: Failure, now: Instant) -> bool {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        state.failed_at = Some(now);
        let is_enough = failure == Failure::NotConnected || state.failures >= FAILURES_MAX;
        if state.probe_at.is_some() || !is_enough {
            return false;
        }
        state.probe_at = Some(now + probe_delay(0));
        true
    }

    /// It was asked for its health; true if it is back.
    pub(super) fn probed(&self, is_well: bool, now: Instant) -> bool {
        let mut state = self.state();
        if is_well {
            return std::mem::take(&mut *state).probe_at.is_some();
        }
        state.probes = state.probes.saturating_add(1);
        state.probe_at = Some(now + probe_delay(state.probes));
        false
    }
}

/// Doubles, and differs by up to half, so that many processes do not ask at the same moment.
fn probe_delay(probes: u32) -> Duration {
    let delay = PROBE_DELAY_MIN.saturating_mul(1 << probes.min(10)).min(PROBE_DELAY_MAX);
    rand::random_range(delay / 2..=delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_left_out_after_failures_in_a_row() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 1..FAILURES_MAX {
            assert!(!breaker.failed(Failure::NoAnswer, now));
        }
        assert_eq!(breaker.standing(now), Standing::Doubtful);
        breaker.answered();
        assert_eq!(breaker.standing(now), Standing::Well);
        for _ in 1..FAILURES_MAX {
            assert!(!breaker.failed(Failure::NoAnswer, now));
        }
        assert!(breaker.failed(Failure::NoAnswer, now), "told once");
        assert!(!breaker.failed(Failure::NoAnswer, now));
        assert!(matches!(breaker.standing(now), Standing::Away(_)));
    }

    #[test]
    fn it_is_back_when_it_says_that_it_is_well() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        assert!(breaker.failed(Failure::NotConnected, now), "nobody is there");
        breaker.answered();
        assert!(matches!(breaker.standing(now), Standing::Away(_)), "an old call's answer says nothing");
        assert!(!breaker.probed(false, now));
        let Standing::Away(at) = breaker.standing(now) else { panic!("still away") };
        assert!(at > now && at <= now + PROBE_DELAY_MAX);
        assert!(breaker.probed(true, now));
        assert_eq!(breaker.standing(now), Standing::Well);
    }

    #[test]
    fn a_failure_is_forgotten_with_time() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        breaker.failed(Failure::NoAnswer, now);
        assert_eq!(breaker.standing(now + DOUBT), Standing::Well);
    }
}
