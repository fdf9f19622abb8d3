//! The service's reasons.

use std::time::Duration;

use argosy_kernel::Error;

pub(crate) fn search_busy() -> Error {
    Error::unavailable("SEARCH_BUSY", "too many searches are running")
        .with_retry_after(Duration::from_secs(1))
}

pub(crate) fn rebuild_failed() -> Error {
    Error::unavailable("REBUILD_FAILED", "the index could not be built anew; the old one still answers")
}

pub(crate) fn rebuild_running() -> Error {
    Error::precondition("REBUILD_RUNNING", "the index is being built anew already")
}
