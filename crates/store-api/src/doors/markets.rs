//! Markets.

use std::sync::Arc;

use argosy_edge::{ApiResult, Caller, Query};
use axum::{extract::State, http::HeaderMap, response::Response};

use super::catalogue::Nothing;
use crate::{
    shapes::{List, MarketOut},
    state::Store,
};

/// The markets: countries that are sold to alike. The default one comes first; a shop may have none.
#[utoipa::path(
    get, path = "/store/markets", tag = "catalogue",
    responses((status = 200, body = List<MarketOut>), (status = 304, description = "You have it already"))
)]
pub(super) async fn list_markets(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    Ok(store.markets.all(&ctx).await?.rendered.respond(&headers))
}
