//! What pricing tells, and what it listens to.
//!
//! It publishes [`ZONES_CHANGED`] for every change of what quotes are made with and follows it itself: a process drops what
//! it holds in memory when another process changed it. Following twice is harmless, because it only ever moves to a newer
//! version. [`MARKETS_CHANGED`] and [`PRICES_CHANGED`] are for those who show goods.
//! It consumes no fact of another service.

use argosy_kernel::Result;
use argosy_platform::bus::NewFact;
use serde::Serialize;

/// Zones were replaced, or campaigns, markets or price lists put.
pub const ZONES_CHANGED: &str = "pricing.zones_changed";

/// Markets were replaced.
pub const MARKETS_CHANGED: &str = "pricing.markets_changed";
/// Price lists or their prices were put, or a list began or ceased to count.
pub const PRICES_CHANGED: &str = "pricing.prices_changed";

#[derive(Serialize)]
struct ZonesChanged {
    version: i64,
}

pub(crate) fn zones_changed(version: i64) -> Result<NewFact> {
    NewFact::new(ZONES_CHANGED, "zones", version, &ZonesChanged { version })
}

pub(crate) fn markets_changed(version: i64) -> Result<NewFact> {
    NewFact::new(MARKETS_CHANGED, "markets", version, &ZonesChanged { version })
}

#[derive(Serialize)]
struct PricesChanged {
    version: i64,
    price_lists: Vec<String>,
}

/// `price_lists`: which were put; none: time has passed.
pub(crate) fn prices_changed(version: i64, price_lists: Vec<String>) -> Result<NewFact> {
    NewFact::new(PRICES_CHANGED, "prices", version, &PricesChanged { version, price_lists })
}
