//! Allowances that all edges of a shop share, in Redis.
//!
//! One script a request, which keeps one number a client: when its allowance would be whole again (GCRA, as governor
//! does in process). The time is the server's, so that the clocks of the edges need not agree. Redis forgets a client
//! whose allowance is whole again.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use argosy_kernel::Result;
use argosy_platform::redis::{Redis, Script};

use super::{Allowance, exhausted, seconds_up};

/// Answers whether a request is allowed, how many more are, and the microseconds until the allowance is whole again or,
/// when the request is not allowed, until the next one is. `ARGV`: microseconds a request, requests at once.
const TAKE: &str = r"
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local period, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole_at = math.max(tonumber(redis.call('get', KEYS[1])) or now, now) + period
local owed = whole_at - now
if owed > period * burst then
  return {0, 0, owed - period * burst}
end
redis.call('set', KEYS[1], string.format('%.0f', whole_at), 'px', math.ceil(owed / 1000))
return {1, math.floor((period * burst - owed) / period), owed}
";

/// How long a Redis that was away is left alone, so that not every request waits for it.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Shared {
    redis: Redis,
    take: Script,
    burst: u32,
    period_us: u64,
    away: AtomicBool,
    /// When it may be asked again.
    pause_ends: Mutex<Option<Instant>>,
}

impl Shared {
    pub(super) fn new(redis: Redis, period: Duration, burst: u32) -> Self {
        let period_us = u64::try_from(period.as_micros()).unwrap_or(u64::MAX).max(1);
        let take = Script::new(TAKE);
        Self { redis, take, burst, period_us, away: AtomicBool::new(false), pause_ends: Mutex::new(None) }
    }

    /// Takes one request from what a client may ask of all edges together; `None` if Redis does not say.
    pub(super) async fn take(
        &self,
        network: u128,
    ) -> Option<Result<Allowance, (Allowance, argosy_kernel::Error)>> {
        if self.pauses() {
            return None;
        }
        let arguments = vec![self.period_us.to_string(), self.burst.to_string()];
        let key = format!("rate:{network:x}");
        let why = match self.redis.run(&self.take, &key, arguments).await {
            Ok(answer) => match *answer {
                [allowed, remaining, wait_us] => {
                    self.is_back();
                    return Some(self.read(allowed == 1, remaining, wait_us));
                }
                _ => format!("an answer that is none: {answer:?}"),
            },
            Err(error) => format!("{error:?}"),
        };
        self.is_away(&why);
        None
    }

    fn read(
        &self,
        allowed: bool,
        remaining: i64,
        wait_us: i64,
    ) -> Result<Allowance, (Allowance, argosy_kernel::Error)> {
        let reset_s = seconds_up(Duration::from_micros(wait_us.unsigned_abs()));
        let remaining = u32::try_from(remaining).unwrap_or(0);
        let allowance = Allowance { burst: self.burst, remaining, reset_s };
        if allowed { Ok(allowance) } else { Err(exhausted(allowance)) }
    }

    fn pauses(&self) -> bool {
        if !self.away.load(Ordering::Relaxed) {
            return false;
        }
        let mut ends = self.pause_ends.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if ends.is_some_and(|ends| now < ends) {
            return true;
        }
        // This request asks again; those that come meanwhile do not wait with it.
        *ends = Some(now + PAUSE);
        false
    }

    fn is_away(&self, why: &str) {
        *self.pause_ends.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PAUSE);
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = why, "redis is away: each edge limits rates on its own until it is back");
        }
    }

    fn is_back(&self) {
        if self.away.load(Ordering::Relaxed) && self.away.swap(false, Ordering::Relaxed) {
            tracing::info!("redis is back: edges share rate limits again");
        }
    }
}
