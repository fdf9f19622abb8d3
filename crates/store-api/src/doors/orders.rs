//! Orders, for whoever has their link.

use std::sync::Arc;

use argosy_contracts::{
    common::Money,
    orders::{
        self, ContinueBalanceRequest, GetOrderRequest, GetPaperRequest, PayBalanceRequest,
        RequestReturnRequest,
    },
};
use argosy_edge::{ApiResult, Caller, Json, Path, Query, Visitor};
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
    shapes::{OrderOut, PayBalance, RequestReturn},
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

/// Pays what is due of an order, e.g. after a change that costs more: all of it, as `money.due` says.
///
/// Needs an `Idempotency-Key`: sent again with the same key it is the same payment. A decline is an answer: look at
/// `balance` of the order. One payment at a time; what changes meanwhile is not taken, or goes back.
#[utoipa::path(
    post, path = "/store/orders/{id}/payments", tag = "orders", request_body = PayBalance,
    params(("id" = String, Path, pattern = "^ord_[0-9a-v]{25}[048cgkos]$", description = "The order's id"), OrderQuery),
    responses(
        (status = 200, body = OrderOut),
        (status = 400, description = "`KEY_MISSING`, `INVALID_TOKEN`"),
        (status = 404, description = "`ORDER_NOT_FOUND`: there is none, or it has another key; `PROVIDER_NOT_FOUND`"),
        (status = 409, description = "`NOTHING_DUE`, `DUE_CHANGED`, `ORDER_BUSY`: another payment of it is under way; `PROVIDER_NOT_OFFERED`"),
        (status = 429, description = "`TOO_MANY_DECLINES`: payments from there were declined too often lately"),
    )
)]
pub(super) async fn pay_balance(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(order): Path<String>,
    Query(query): Query<OrderQuery>,
    visitor: Visitor,
    Json(body): Json<PayBalance>,
) -> ApiResult<Response> {
    let Some(key) = ctx.idempotency_key.clone() else {
        let message = "paying what is due needs an Idempotency-Key: a fresh random one for each payment";
        return Err(Error::invalid("KEY_MISSING", message).into());
    };
    let PayBalance { payment, amount } = body;
    let request = PayBalanceRequest {
        order_id: id::<OrderId>(&order)?.to_string(),
        reference: key.to_string(),
        key: query.key,
        provider: payment.provider.0,
        token: payment.token.expose().0.clone(),
        return_url: payment.return_url.unwrap_or_default().0,
        amount: amount.map(|amount| Money { minor: amount.amount, currency: amount.currency.0 }),
        visitor: Some(orders::Visitor { network: visitor.network, device: visitor.device }),
    };
    let paid = store.clients.aftersales.pay_balance(&ctx, request).await?;
    Ok(private(StatusCode::OK, OrderOut::from(paid.order.unwrap_or_default())))
}

/// Goes on after the buyer did what the payment of what is due asked for.
#[utoipa::path(
    post, path = "/store/orders/{id}/payments/continue", tag = "orders",
    params(("id" = String, Path, pattern = "^ord_[0-9a-v]{25}[048cgkos]$", description = "The order's id"), OrderQuery),
    responses(
        (status = 200, body = OrderOut),
        (status = 404, description = "`ORDER_NOT_FOUND`: there is none, or it has another key"),
    )
)]
pub(super) async fn continue_balance(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(order): Path<String>,
    Query(query): Query<OrderQuery>,
) -> ApiResult<Response> {
    let request = ContinueBalanceRequest { order_id: id::<OrderId>(&order)?.to_string(), key: query.key };
    let paid = store.clients.aftersales.continue_balance(&ctx, request).await?;
    Ok(private(StatusCode::OK, OrderOut::from(paid.order.unwrap_or_default())))
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
