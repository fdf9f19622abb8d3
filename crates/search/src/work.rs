//! Work that would hold up other requests, done on threads of its own.

use argosy_kernel::{Error, Result};

/// Runs it where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
