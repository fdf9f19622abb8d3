//! Files that come with what was bought, for the doors that hand them out: `orders` says who may have them, `media` has them.

use std::time::Duration;

use argosy_kernel::{Ctx, Error, Result};
use futures::stream::{self, Stream, TryStreamExt};

use crate::{
    media::{GetFileRequest, ListFilesRequest, MediaClient, ReadFilePartRequest, SoldFile},
    orders::{AftersalesClient, Order, TakeDownloadRequest},
};

/// How long a part may take to be read. Each has its own time: a film takes longer than any request may.
const PART_TIMEOUT: Duration = Duration::from_secs(30);

/// The files that an order's buyer may have now.
///
/// # Errors
/// As `ListFiles`; a shop whose `media` is of the release before sells no files.
pub async fn files_of(media: &MediaClient, ctx: &Ctx, order: &Order) -> Result<Vec<SoldFile>> {
    if order.downloads.is_empty() {
        return Ok(Vec::new());
    }
    let request = ListFilesRequest { variant_ids: order.downloads.clone() };
    match media.list_files(ctx, request).await {
        Ok(listed) => Ok(listed.files),
        Err(error) if error.code() == argosy_kernel::Code::Unimplemented => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A file that an order's buyer takes, which counts, and its bytes.
///
/// # Errors
/// As `GetFile` and `TakeDownload`.
pub async fn take(
    (aftersales, media): (&AftersalesClient, &MediaClient),
    ctx: &Ctx,
    (order_id, key): (&str, &str),
    file_id: &str,
) -> Result<(SoldFile, impl Stream<Item = Result<Vec<u8>>> + Send + use<>)> {
    let file = media.get_file(ctx, GetFileRequest { file_id: file_id.to_owned() }).await?;
    let request = TakeDownloadRequest {
        order_id: order_id.to_owned(),
        key: key.to_owned(),
        variant_id: file.variant_id.clone(),
        file_id: file.id.clone(),
    };
    aftersales.take_download(ctx, request).await?;
    let media = media.clone();
    let parts = stream::iter(file.parts.clone().into_iter().map(Ok::<String, Error>));
    let bytes = parts.and_then(move |digest| {
        let media = media.clone();
        async move {
            let ctx = Ctx::system("downloads").with_timeout(PART_TIMEOUT);
            Ok(media.read_file_part(&ctx, ReadFilePartRequest { digest }).await?.content)
        }
    });
    Ok((file, bytes))
}
