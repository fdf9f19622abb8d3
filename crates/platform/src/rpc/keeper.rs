//! Keeps a channel's endpoints: resolves names again, and asks those that are away for their health.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use futures::future::join_all;

use super::{address::Named, breaker::Standing, channel::Shared, connect::Dial, endpoint::Endpoint};

/// How often a name is resolved: a new process gets calls, and one that went gets none, after so long.
const RESOLVE_INTERVAL: Duration = Duration::from_secs(3);
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(2);
/// With nothing to do.
const IDLE: Duration = Duration::from_hours(1);

pub(super) struct Keeper {
    pub(super) shared: Weak<Shared>,
    pub(super) named: Option<Named>,
    pub(super) dial: Dial,
}

impl Keeper {
    /// Runs until the channel is gone.
    pub(super) async fn run(self) {
        let mut resolve_at = self.named.as_ref().map(|_| Instant::now());
        while let Some(shared) = self.shared.upgrade() {
            if let Some(named) = &self.named
                && resolve_at.is_some_and(|at| at <= Instant::now())
            {
                self.resolve(&shared, named).await;
                resolve_at = Some(Instant::now() + RESOLVE_INTERVAL);
            }
            let now = Instant::now();
            let away = away(&shared);
            join_all(away.iter().filter(|(at, _)| *at <= now).map(|(_, endpoint)| endpoint.probe())).await;
            let next = self::away(&shared).iter().map(|(at, _)| *at).chain(resolve_at).min();
            let pause = next.map_or(IDLE, |at| at.saturating_duration_since(Instant::now()));
            // Ends early when one more is left out.
            let _elapsed = tokio::time::timeout(pause, shared.left_out.notified()).await;
        }
    }

    /// Endpoints that stay keep their connections; one that went finishes its calls. An answer without addresses
    /// changes nothing: it is more likely a fault of the name server than the end of all processes.
    async fn resolve(&self, shared: &Shared, named: &Named) {
        let found = tokio::net::lookup_host((named.host.as_str(), named.port));
        let found: BTreeSet<SocketAddr> = match tokio::time::timeout(RESOLVE_TIMEOUT, found).await {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(error)) => return cannot_resolve(shared, named, &error.to_string()),
            Err(_) => return cannot_resolve(shared, named, "no answer in time"),
        };
        if found.is_empty() {
            return cannot_resolve(shared, named, "it has no address");
        }
        let known = shared.endpoints.borrow().clone().unwrap_or_default();
        let addresses: Vec<String> =
            found.iter().map(|address| format!("{}://{address}", named.scheme)).collect();
        if known.iter().map(|endpoint| endpoint.address.as_str()).eq(addresses.iter().map(String::as_str)) {
            return;
        }
        tracing::debug!(service = shared.service, processes = addresses.len(), "addresses resolved");
        for gone in known.iter().filter(|endpoint| !addresses.contains(&endpoint.address)) {
            gone.measure(0.0);
        }
        let endpoints = addresses.into_iter().filter_map(|address| {
            let kept = known.iter().find(|endpoint| endpoint.address == address);
            kept.cloned().or_else(|| self.dial.endpoint(&shared.service, address).ok().map(Arc::new))
        });
        let endpoints: Arc<[Arc<Endpoint>]> = endpoints.collect();
        shared.endpoints.send_replace(Some(endpoints));
    }
}

fn cannot_resolve(shared: &Shared, named: &Named, error: &str) {
    tracing::warn!(service = shared.service, host = named.host, error, "a name cannot be resolved");
}

fn away(shared: &Shared) -> Vec<(Instant, Arc<Endpoint>)> {
    let endpoints = shared.endpoints.borrow().clone().unwrap_or_default();
    let now = Instant::now();
    let away = endpoints.iter().filter_map(|endpoint| match endpoint.standing(now) {
        Standing::Away(at) => Some((at, Arc::clone(endpoint))),
        Standing::Well | Standing::Doubtful => None,
    });
    away.collect()
}
