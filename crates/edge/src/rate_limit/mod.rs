//! What one client may ask for, and how it is told: of this process, or of all edges that share a Redis.

mod shared;

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use argosy_kernel::{Code, Error};
use argosy_platform::redis::Redis;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter, clock::Clock, clock::DefaultClock, middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use self::shared::Shared;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Every so many requests, clients that have their full allowance again are forgotten.
const SWEEP_EVERY: u32 = 1_024;
/// How many limits strangers share when too many clients are remembered.
const CROWD_LIMITS: u128 = 4_096;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// An IPv4 address, or an IPv6 /64: a household or a server has at least that much.
    Client(u128),
    Crowd(u128),
}

pub(crate) struct RateLimit {
    limiter: RateLimiter<Key, DashMapStateStore<Key>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    burst: u32,
    period: Duration,
    clients_max: usize,
    seen: AtomicU32,
    full: AtomicBool,
    /// Asked first; the process's own limiter stands in while Redis is away.
    shared: Option<Shared>,
}

/// How a client stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    burst: u32,
    remaining: u32,
    reset_s: u64,
}

impl RateLimit {
    /// `None`: no limit.
    pub(crate) fn new(
        per_minute: u32,
        burst: u32,
        clients_max: usize,
        redis: Option<&Redis>,
    ) -> Option<Self> {
        let per_minute = NonZeroU32::new(per_minute)?;
        let burst = NonZeroU32::new(burst)?;
        let period = Duration::from_mins(1) / per_minute.get();
        let quota = Quota::with_period(period)?.allow_burst(burst);
        Some(Self {
            limiter: RateLimiter::dashmap(quota).with_middleware(),
            clock: DefaultClock::default(),
            burst: burst.get(),
            period,
            clients_max,
            seen: AtomicU32::new(0),
            full: AtomicBool::new(false),
            shared: redis.map(|redis| Shared::new(redis.clone(), period, burst.get())),
        })
    }

    /// Takes one request from a client's allowance.
    ///
    /// # Errors
    /// `RATE_LIMITED` with the time to wait.
    pub(crate) async fn take(&self, client: IpAddr) -> Result<Allowance, (Allowance, Error)> {
        if let Some(shared) = &self.shared
            && let Some(answer) = shared.take(network_of(client)).await
        {
            return answer;
        }
        self.take_here(client)
    }

    fn take_here(&self, client: IpAddr) -> Result<Allowance, (Allowance, Error)> {
        self.sweep();
        match self.limiter.check_key(&self.key_of(client)) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let reset = self.period * self.burst.saturating_sub(remaining);
                Ok(Allowance { burst: self.burst, remaining, reset_s: seconds_up(reset) })
            }
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                let allowance = Allowance { burst: self.burst, remaining: 0, reset_s: seconds_up(wait) };
                Err(exhausted(allowance))
            }
        }
    }

    fn key_of(&self, client: IpAddr) -> Key {
        let bits = network_of(client);
        if self.full.load(Ordering::Relaxed) {
            Key::Crowd(mixed(bits) % CROWD_LIMITS)
        } else {
            Key::Client(bits)
        }
    }

    fn sweep(&self) {
        if self.seen.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY != SWEEP_EVERY - 1 {
            return;
        }
        if self.limiter.len() >= self.clients_max {
            self.limiter.retain_recent();
        }
        self.full.store(self.limiter.len() >= self.clients_max, Ordering::Relaxed);
    }
}

fn network_of(client: IpAddr) -> u128 {
    match client {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

fn exhausted(allowance: Allowance) -> (Allowance, Error) {
    let error = Error::new(Code::ResourceExhausted, "RATE_LIMITED", "too many requests; slow down");
    (allowance, error.with_retry_after(Duration::from_secs(allowance.reset_s.max(1))))
}

fn mixed(bits: u128) -> u128 {
    (bits ^ (bits >> 64) ^ (bits >> 17)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

impl Allowance {
    /// Tells the client: its burst, what is left of it, and the seconds until it is whole again (or, when
    /// nothing is left, until the next request).
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.burst));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset_s));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn a_client_past_its_burst_waits_and_others_do_not() {
        let limit = RateLimit::new(1, 2, 10, None).unwrap();
        assert_eq!(limit.take_here(address(1)).unwrap().remaining, 1);
        assert_eq!(limit.take_here(address(1)).unwrap().remaining, 0);
        let (allowance, error) = limit.take_here(address(1)).unwrap_err();
        assert_eq!(error.reason(), "RATE_LIMITED");
        assert!(error.retry_after().unwrap() <= Duration::from_mins(1));
        assert_eq!(allowance.remaining, 0);
        assert!(limit.take_here(address(2)).is_ok());
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_a_limit() {
        let limit = RateLimit::new(1, 1, 10, None).unwrap();
        assert!(limit.take_here("2001:db8::1".parse().unwrap()).is_ok());
        assert!(limit.take_here("2001:db8::2".parse().unwrap()).is_err());
        assert!(limit.take_here("2001:db8:0:1::2".parse().unwrap()).is_ok());
    }

    #[test]
    fn law_9_memory_is_bounded_whoever_comes() {
        let limit = RateLimit::new(1, 5, 100, None).unwrap();
        for bits in 0..20_000u32 {
            let _answer = limit.take_here(IpAddr::from(bits.to_be_bytes()));
        }
        assert!(limit.limiter.len() <= 100 + SWEEP_EVERY as usize + 4_096);
    }
}
