//! Places where a drill may kill the process, as a power cut would.
//!
//! A place costs one load of a static. The `fail` crate lost: it knows panics and delays, but a panic unwinds
//! and cleans up, which is just what a crash does not do.

use std::sync::OnceLock;

static PLACE: OnceLock<String> = OnceLock::new();

/// Arms one place, by the name that [`point`] is called with. Only the first call counts.
pub fn arm(place: &str) {
    if PLACE.set(place.to_owned()).is_ok() {
        tracing::warn!(crash.place = place, "this process will kill itself when it comes to this place");
    }
}

/// Kills the process at once, with nothing flushed, if this place is armed.
pub fn point(place: &str) {
    if PLACE.get().is_some_and(|armed| armed == place) {
        std::process::abort();
    }
}
