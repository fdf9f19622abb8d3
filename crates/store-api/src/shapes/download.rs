//! Files that came with what was bought.

use argosy_contracts::media::SoldFile;
use serde::Serialize;
use utoipa::ToSchema;

/// All that may be downloaded of an order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DownloadList {
    pub(crate) items: Vec<DownloadOut>,
}

/// A file.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Download)]
pub(crate) struct DownloadOut {
    id: String,
    /// That it comes with.
    variant_id: String,
    /// As it is saved.
    name: String,
    size_bytes: u64,
    /// Where this API has it, to be asked with the order's key.
    url: String,
}

impl DownloadOut {
    pub(crate) fn of(file: SoldFile, order_id: &str) -> Self {
        Self {
            url: format!("/store/orders/{order_id}/files/{}", file.id),
            id: file.id,
            variant_id: file.variant_id,
            name: file.name,
            size_bytes: file.size_bytes,
        }
    }
}
