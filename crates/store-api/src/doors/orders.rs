//! Orders, for whoever has their link.

use std::sync::Arc;

use argosy_contracts::orders::GetOrderRequest;
use argosy_edge::{ApiResult, Caller, Path, Query};
use argosy_kernel::OrderId;
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{id, private};
use crate::{shapes::OrderOut, state::Store};

/// What opens an order.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OrderQuery {
    /// The key that completing the checkout answered.
    #[param(max_length = 255)]
    key: String,
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
    let request = GetOrderRequest { order_id: id::<OrderId>(&order)?.to_string(), key: query.key };
    let order = store.clients.orders.get_order(&ctx, request).await?;
    Ok(private(StatusCode::OK, OrderOut::from(order)))
}
