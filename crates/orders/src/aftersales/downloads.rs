//! Files that come with what was bought: who may have them, and how often.

use argosy_contracts::orders::{TakeDownloadRequest, TakeDownloadResponse};
use argosy_kernel::{Error, FileId, Result};

use crate::{
    error, messages,
    store::{Store, StoredOrder},
};

/// Counts a download of whoever may have the file.
pub(super) async fn take(
    store: &Store,
    found: &StoredOrder,
    request: &TakeDownloadRequest,
    downloads_max: u32,
) -> Result<TakeDownloadResponse> {
    let file: FileId =
        request.file_id.parse().map_err(|_| Error::invalid_field("/file_id", "must be the id of a file"))?;
    let of_variant =
        |id: &str| found.order.line(id).is_some_and(|line| line.variant_id == request.variant_id);
    if !found.lines.iter().any(|line| of_variant(&line.id)) {
        return Err(error::not_bought());
    }
    if !messages::downloads(found).contains(&request.variant_id) {
        return Err(error::download_not_ready());
    }
    let most = (downloads_max > 0).then_some(downloads_max);
    let taken = store.take_download(found.order.id, file, most).await?;
    let taken = taken.ok_or_else(|| error::downloads_used_up(downloads_max))?;
    let left = most.map(|most| most.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX)));
    Ok(TakeDownloadResponse { left })
}
