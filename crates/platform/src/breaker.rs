//! Whether somebody outside is asked at all: after failures in a row they are left alone for a while, then tried by one
//! call.
//!
//! The breaker between processes ([`crate::rpc`]) is another kind: it asks a process for its health, and chooses among
//! several. Somebody else's service has no such question, so here one buyer's call finds out, and all others are
//! answered at once.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use argosy_kernel::{Clock, Timestamp};

/// Keeps calls from somebody who fails.
pub struct Breaker {
    failures_max: u32,
    pause: Duration,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    /// Set: nobody asks before.
    away_until: Option<Timestamp>,
}

impl Breaker {
    /// After so many failures in a row nobody asks for so long.
    pub fn new(failures_max: u32, pause: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { failures_max, pause, clock, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a pause lasts. A clock that was set back does not make it longer.
    fn lasts(&self, until: Timestamp) -> bool {
        let now = self.clock.now();
        now < until && until.minus(self.pause) <= now
    }

    /// Whether a call may be made; after the pause one may, and the next pause begins with it.
    pub fn may_call(&self) -> bool {
        let mut state = self.state();
        match state.away_until {
            Some(until) if self.lasts(until) => false,
            Some(_) => {
                state.away_until = Some(self.clock.now().plus(self.pause));
                true
            }
            None => true,
        }
    }

    /// Whether they are left alone at the moment. After the pause they are not: somebody has to find out.
    pub fn is_away(&self) -> bool {
        self.state().away_until.is_some_and(|until| self.lasts(until))
    }

    /// A call was answered.
    pub fn answered(&self) {
        *self.state() = State::default();
    }

    /// A call failed.
    pub fn failed(&self) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= self.failures_max {
            state.away_until = Some(self.clock.now().plus(self.pause));
        }
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::ManualClock;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(5);

    fn breaker() -> (Breaker, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)));
        (Breaker::new(3, PAUSE, clock.clone()), clock)
    }

    #[test]
    fn who_fails_is_left_alone_and_tried_by_one() {
        let (breaker, clock) = breaker();
        breaker.failed();
        breaker.failed();
        assert!(breaker.may_call() && !breaker.is_away());
        breaker.failed();
        assert!(breaker.is_away() && !breaker.may_call());
        clock.advance(PAUSE);
        assert!(!breaker.is_away(), "offered again, or nobody would find out");
        assert!(breaker.may_call(), "one finds out");
        assert!(breaker.is_away() && !breaker.may_call(), "the others wait for it");
        breaker.answered();
        assert!(breaker.may_call() && !breaker.is_away());
    }

    #[test]
    fn one_failure_after_the_pause_is_enough() {
        let (breaker, clock) = breaker();
        (0..3).for_each(|_| breaker.failed());
        clock.advance(PAUSE);
        assert!(breaker.may_call());
        breaker.failed();
        clock.advance(PAUSE / 2);
        assert!(breaker.is_away());
    }

    #[test]
    fn failures_that_are_not_in_a_row_do_not_count() {
        let (breaker, _clock) = breaker();
        for _ in 0..5 {
            breaker.failed();
            breaker.failed();
            breaker.answered();
        }
        assert!(breaker.may_call());
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_pause_longer() {
        let far = Arc::new(Settable(std::sync::Mutex::new(10_000_000)));
        let breaker = Breaker::new(1, PAUSE, far.clone());
        breaker.failed();
        assert!(breaker.is_away());
        *far.0.lock().unwrap() = 1_000;
        assert!(!breaker.is_away() && breaker.may_call());
    }

    struct Settable(std::sync::Mutex<i64>);

    impl Clock for Settable {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(*self.0.lock().unwrap())
        }
    }
}
