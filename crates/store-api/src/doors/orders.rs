//! Orders, for whoever has their link.

use std::sync::Arc;

use argosy_contracts::orders::{GetOrderRequest, GetPaperRequest, RequestReturnRequest};
use argosy_edge::{ApiResult, Caller, Json, Path, Query};
use argosy_kernel::{Error, OrderId};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{id, made, private};
use crate::{
    shapes::{OrderOut, RequestReturn},
    state::Store,
};

/// What opens an order.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OrderQuery {
    /// The key that completing the checkout answered.
    #[param(max_length = 255)]
    pub(super) key: String,
}

/// An order and how it stands.
#[utoipa::path(
    get, path = "/store/orders/{id}", tag = "orders",
    params(("id" = String, Path, pattern = "^ord_[0-9a-v]{25}[048cgkos]$", description = "The order's id"), OrderQuery),
    responses(
        (status = 200, body = OrderOut),
        (status = 404, description = "`ORDER_NOT_FOUND`: there is none, or it has another key"),
    )
)]
pub(super) async fn get_order(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(order): Path<String>,
    Query(query): Query<OrderQuery>,
) -> ApiResult<Response> {
    let order_id = id::<OrderId>(&order)?.to_string();
    let request = GetOrderRequest { order_id, key: query.key, ..GetOrderRequest::default() };
    let order = store.clients.orders.get_order(&ctx, request).await?;
    Ok(private(StatusCode::OK, OrderOut::from(order)))
}

/// Asks to send goods back. The shop approves or declines it.
///
/// Needs an `Idempotency-Key`: sent again with the same key it answers the same.
#[utoipa::path(
    post, path = "/store/orders/{id}/returns", tag = "orders", request_body = RequestReturn,
    params(("id" = String, Path, pattern = "^ord_[0-9a-v]{25}[048cgkos]$", description = "The order's id"), OrderQuery),
    responses(
        (status = 201, body = OrderOut, headers(("Location" = String, description = "Where the order is"))),
        (status = 400, description = "`KEY_MISSING`"),
        (status = 404, description = "`ORDER_NOT_FOUND`: there is none, or it has another key"),
        (status = 409, description = "`QUANTITY_TOO_LARGE` with a pointer to the line, `RETURN_TOO_LATE`, `ORDER_BUSY`"),
    )
)]
pub(super) async fn request_return(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(order): Path<String>,
    Query(query): Query<OrderQuery>,
    Json(body): Json<RequestReturn>,
) -> ApiResult<Response> {
    let Some(key) = ctx.idempotency_key.clone() else {
        let message = "asking for a return needs an Idempotency-Key: a fresh random one for each return";
        return Err(Error::invalid("KEY_MISSING", message).into());
    };
    let request = RequestReturnRequest {
        order_id: id::<OrderId>(&order)?.to_string(),
        reference: key.to_string(),
        key: query.key,
        ..body.into()
    };
    let order = store.clients.aftersales.request_return(&ctx, request).await?;
    Ok(made(&format!("/store/orders/{}", order.id), OrderOut::from(order)))
}

/// The order's invoice as PDF, once it is paid or on its way.
#[utoipa::path(
    get, path = "/store/orders/{id}/invoice.pdf", tag = "orders",
    params(("id" = String, Path, pattern = "^ord_[0-9a-v]{25}[048cgkos]$", description = "The order's id"), OrderQuery),
    responses(
        (status = 200, content_type = "application/pdf", body = Vec<u8>),
        (status = 404, description = "`ORDER_NOT_FOUND`: there is none, or it has another key"),
        (status = 409, description = "`NOTHING_TO_INVOICE` yet, `ORDER_BUSY`"),
    )
)]
pub(super) async fn get_invoice(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(order): Path<String>,
    Query(query): Query<OrderQuery>,
) -> ApiResult<Response> {
    let request = GetPaperRequest {
        order_id: id::<OrderId>(&order)?.to_string(),
        key: query.key,
        kind: "invoice".to_owned(),
        number: String::new(),
    };
    let paper = store.clients.aftersales.get_paper(&ctx, request).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{}\"", paper.file_name)),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, paper.pdf).into_response())
}
