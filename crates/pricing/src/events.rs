//! What pricing tells, and what it listens to.
//!
//! It publishes [`ZONES_CHANGED`] and follows it itself: a process drops the zones it holds in memory when
//! another process changed them. Following twice is harmless, because zones only ever move to a newer version.
//! It consumes no fact of another service.

use argosy_kernel::Result;
use argosy_platform::bus::NewFact;
use serde::Serialize;

/// Tax or shipping zones were replaced.
pub const ZONES_CHANGED: &str = "pricing.zones_changed";

#[derive(Serialize)]
struct ZonesChanged {
    version: i64,
}

pub(crate) fn zones_changed(version: i64) -> Result<NewFact> {
    NewFact::new(ZONES_CHANGED, "zones", version, &ZonesChanged { version })
}
