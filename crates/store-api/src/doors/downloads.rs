//! Files that came with what was bought.

use std::sync::Arc;

use argosy_contracts::{downloads, orders::GetOrderRequest};
use argosy_edge::{ApiResult, Caller, Path, Query, attachment};
use argosy_kernel::{FileId, OrderId};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{id, orders::OrderQuery, private};
use crate::{
    shapes::{DownloadList, DownloadOut},
    state::Store,
};

/// The files that the buyer may download now: of what is paid, not held, and neither canceled nor sent back.
#[utoipa::path(
    get, path = "/store/orders/{id}/files", tag = "orders",
    params(("id" = String, Path, pattern = "^ord_[0-9a-v]{25}[048cgkos]$", description = "The order's id"), OrderQuery),
    responses(
        (status = 200, body = DownloadList),
        (status = 404, description = "`ORDER_NOT_FOUND`: there is none, or it has another key"),
    )
)]
pub(super) async fn list_files(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(order): Path<String>,
    Query(query): Query<OrderQuery>,
) -> ApiResult<Response> {
    let order_id = id::<OrderId>(&order)?.to_string();
    let request = GetOrderRequest { order_id, key: query.key, ..GetOrderRequest::default() };
    let order = store.clients.orders.get_order(&ctx, request).await?;
    let files = downloads::files_of(&store.clients.media, &ctx, &order).await?;
    let items = files.into_iter().map(|file| DownloadOut::of(file, &order.id)).collect();
    Ok(private(StatusCode::OK, DownloadList { items }))
}

/// One of them. Each download counts, up to `orders.downloads_max`; begun again within an hour it does not.
#[utoipa::path(
    get, path = "/store/orders/{id}/files/{file_id}", tag = "orders",
    params(
        ("id" = String, Path, pattern = "^ord_[0-9a-v]{25}[048cgkos]$", description = "The order's id"),
        ("file_id" = String, Path, pattern = "^file_[0-9a-v]{25}[048cgkos]$", description = "The file's id"),
        OrderQuery,
    ),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "`ORDER_NOT_FOUND`: there is none, or it has another key; `FILE_NOT_FOUND`"),
        (status = 409, description = "`NOT_BOUGHT`, `DOWNLOAD_NOT_READY`, `DOWNLOADS_USED_UP`"),
    )
)]
pub(super) async fn get_file(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((order, file)): Path<(String, String)>,
    Query(query): Query<OrderQuery>,
) -> ApiResult<Response> {
    let (order, file) = (id::<OrderId>(&order)?.to_string(), id::<FileId>(&file)?.to_string());
    let clients = (&store.clients.aftersales, &store.clients.media);
    let (file, bytes) = downloads::take(clients, &ctx, (&order, &query.key), &file).await?;
    Ok(attachment(&file.name, file.size_bytes, bytes)?.into_response())
}
