//! Fetching one picture: within a time and a size, over few redirects, again only where that may help.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use argosy_kernel::{Error, Result};
use argosy_platform::outgoing::{Answer, Method, Outgoing, OutgoingLimits, Silence, StatusCode, Url, header};

use super::address::{self, PRIVATE, PrivateAddresses};

const NOT_FETCHED: &str = "PICTURE_NOT_FETCHED";
/// A host that could not be reached so often in a row is not tried again in this import.
const FAILURES_MAX: u32 = 3;

/// What fetching pictures may take.
#[derive(Debug, Clone)]
pub struct FetchLimits {
    /// Pictures fetched at once.
    pub concurrent_max: usize,
    /// Bytes of a picture: as many as media takes.
    pub bytes_max: usize,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long an attempt may take, redirects and all.
    pub timeout: Duration,
    /// Redirects followed.
    pub redirects_max: usize,
    /// Attempts when a server fails or does not answer in time.
    pub attempts_max: u32,
    /// The wait before the second attempt; it doubles with each.
    pub backoff: Duration,
    /// Whether pictures may be in private networks.
    pub private_addresses: PrivateAddresses,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            concurrent_max: 8,
            bytes_max: 20 * 1024 * 1024,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            redirects_max: 5,
            attempts_max: 3,
            backoff: Duration::from_millis(500),
            private_addresses: PrivateAddresses::Refuse,
        }
    }
}

/// Fetches pictures.
pub(super) struct Fetcher {
    outgoing: Outgoing,
    limits: FetchLimits,
    /// Failures in a row, by host.
    failures: Mutex<HashMap<String, u32>>,
}

/// Why an attempt failed.
enum Failure {
    /// Trying again will not help.
    Final(Error),
    /// The host cannot be reached.
    Unreachable(Error),
    /// It may go better next time.
    Passing(Error),
}

fn failed(message: impl Into<String>) -> Error {
    Error::invalid(NOT_FETCHED, message)
}

impl Fetcher {
    pub(super) fn new(limits: FetchLimits) -> Result<Self> {
        let outgoing = OutgoingLimits {
            connect_timeout: limits.connect_timeout,
            timeout: limits.timeout,
            body_bytes_max: limits.bytes_max,
            idle_connections_max: limits.concurrent_max,
        };
        let outgoing = match limits.private_addresses {
            PrivateAddresses::Refuse => Outgoing::calling(outgoing, address::is_public)?,
            PrivateAddresses::Allow => Outgoing::new(outgoing)?,
        };
        Ok(Self { outgoing, limits, failures: Mutex::default() })
    }

    /// Whether an address may be fetched, as far as its text tells.
    ///
    /// # Errors
    /// `PICTURE_ADDRESS_REFUSED`.
    pub(super) fn check(&self, address: &str) -> Result<Url> {
        address::read(address, self.limits.private_addresses)
    }

    /// Fetches what is at an address, whatever it is.
    ///
    /// # Errors
    /// `PICTURE_ADDRESS_REFUSED`, `PICTURE_TOO_LARGE`, `PICTURE_NOT_FETCHED`.
    pub(super) async fn fetch(&self, address: &str) -> Result<Vec<u8>> {
        let url = self.check(address)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut wait = self.limits.backoff;
        for attempt in 1.. {
            if self.failures_of(&host) >= FAILURES_MAX {
                return Err(failed(format!("{host} could not be reached before and was not tried again")));
            }
            let timed = tokio::time::timeout(self.limits.timeout, self.attempt(url.clone())).await;
            let error = match timed.unwrap_or_else(|_| Err(self.too_slow())) {
                Ok(content) => {
                    self.note(&host, Reached::Yes);
                    return Ok(content);
                }
                Err(Failure::Final(error)) => {
                    self.note(&host, Reached::Yes);
                    return Err(error);
                }
                Err(Failure::Unreachable(error)) => {
                    self.note(&host, Reached::No);
                    return Err(error);
                }
                Err(Failure::Passing(error)) => error,
            };
            if attempt >= self.limits.attempts_max {
                self.note(&host, Reached::No);
                return Err(failed(format!("{} ({attempt} times)", error.message())));
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(failed("no attempt is allowed"))
    }

    fn too_slow(&self) -> Failure {
        Failure::Passing(failed(format!("no answer in {} s", self.limits.timeout.as_secs_f32())))
    }

    async fn attempt(&self, mut url: Url) -> std::result::Result<Vec<u8>, Failure> {
        for _ in 0..=self.limits.redirects_max {
            let request = self
                .outgoing
                .request(Method::GET, url.clone())
                .header(header::ACCEPT, "image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1");
            let answer = self.outgoing.send(request).await.map_err(|silence| self.failure_of(silence))?;
            let status = answer.status();
            if status.is_redirection() {
                url = self.next_hop(&url, &answer).map_err(Failure::Final)?;
                continue;
            }
            if status.is_server_error() {
                return Err(Failure::Passing(failed(format!("the server answers {status}"))));
            }
            if status != StatusCode::OK {
                return Err(Failure::Final(failed(format!("the server answers {status}"))));
            }
            return answer.body().await.map_err(|silence| self.failure_of(silence));
        }
        Err(Failure::Final(failed(format!("more than {} redirects", self.limits.redirects_max))))
    }

    /// Where a redirect leads. It is looked at like the first address: a public host may send us to a private one.
    fn next_hop(&self, from: &Url, answer: &Answer) -> Result<Url> {
        let location = answer.header("location");
        let location = location.ok_or_else(|| failed("a redirect without an address"))?;
        let url = from.join(location).map_err(|_| failed("a redirect to something that is no address"))?;
        self.check(url.as_str()).map_err(|error| {
            Error::invalid("PICTURE_ADDRESS_REFUSED", format!("it redirects elsewhere: {}", error.message()))
        })
    }

    /// What came of it, in words that name what to do.
    fn failure_of(&self, silence: Silence) -> Failure {
        match silence {
            Silence::NotAllowed => Failure::Final(Error::invalid("PICTURE_ADDRESS_REFUSED", PRIVATE)),
            Silence::NoSuchHost(_) => Failure::Unreachable(failed(silence.to_string())),
            Silence::NotConnected(why) => Failure::Unreachable(failed(format!("cannot connect: {why}"))),
            Silence::NotConnectedInTime => Failure::Passing(failed(silence.to_string())),
            Silence::NotAnsweredInTime => self.too_slow(),
            Silence::BrokenOff(_) => Failure::Final(failed(silence.to_string())),
            Silence::TooLong => {
                let message = format!("it has more than {} MiB", self.limits.bytes_max / (1024 * 1024));
                Failure::Final(Error::invalid("PICTURE_TOO_LARGE", message))
            }
        }
    }

    fn failures_of(&self, host: &str) -> u32 {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).get(host).copied().unwrap_or(0)
    }

    fn note(&self, host: &str, reached: Reached) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match reached {
            Reached::Yes => {
                failures.remove(host);
            }
            Reached::No => *failures.entry(host.to_owned()).or_default() += 1,
        }
    }
}

#[derive(Clone, Copy)]
enum Reached {
    Yes,
    No,
}
