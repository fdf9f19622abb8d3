//! Products, categories, collections.

use std::sync::Arc;

use argosy_edge::{ApiResult, Caller, Pairs, Path, Query};
use argosy_kernel::Error;
use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    listing::{self, CommonFilters, Listing, ProductList},
    selection,
};
use crate::{
    shapes::{CategoryOut, CollectionOut, List, ProductOut},
    state::Store,
};

/// Products on sale.
///
/// `filter.NAME` filters by an attribute, `vendor`, `product_type`, `tag` or `option:NAME`: repeated values are
/// alternatives, `filter.NAME=5..10` is a range. Values of different names must all hold. `include=facets`
/// tells which there are.
#[utoipa::path(
    get, path = "/store/products", tag = "catalogue", params(Listing, CommonFilters),
    responses((status = 200, body = ProductList), (status = 304, description = "You have it already"))
)]
pub(super) async fn list_products(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    pairs: Pairs,
) -> ApiResult<Response> {
    Ok(listing::answer(&store, &ctx, pairs, String::new()).await?.respond(&headers))
}

/// What of a product, in which currency.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct ProductQuery {
    /// ISO 4217; the shop's unless it is said.
    #[param(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// A market's name: its prices, in its currency.
    #[param(max_length = 64)]
    market: Option<String>,
    /// Fields to answer, separated by commas; all unless it is said.
    #[param(example = "id,handle,title,variants")]
    fields: Option<String>,
}

/// A product.
#[utoipa::path(
    get, path = "/store/products/{id}", tag = "catalogue",
    params(("id" = String, Path, description = "Its id or handle", example = "canvas-tote"), ProductQuery),
    responses(
        (status = 200, body = ProductOut),
        (status = 304, description = "You have it already"),
        (status = 404, description = "`PRODUCT_NOT_FOUND`: there is none on sale"),
    )
)]
pub(super) async fn get_product(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(name): Path<String>,
    Query(query): Query<ProductQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let fields = selection::fields(query.fields.as_deref())?;
    let priced_in = store.priced_in(&ctx, query.currency.as_deref(), query.market.as_deref()).await?;
    let product = store
        .products
        .one(&ctx, &name, &priced_in)
        .await?
        .ok_or_else(|| Error::not_found("PRODUCT_NOT_FOUND", "there is no such product on sale"))?;
    Ok(match fields {
        None => product.whole.respond(&headers),
        Some(fields) => product.part(&fields).respond(&headers),
    })
}

/// No parameters: whatever is sent is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The category tree, parents before children.
#[utoipa::path(
    get, path = "/store/categories", tag = "catalogue",
    responses((status = 200, body = List<CategoryOut>), (status = 304, description = "You have it already"))
)]
pub(super) async fn list_categories(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    Ok(store.structure.categories(&ctx).await?.rendered.respond(&headers))
}

/// The collections.
#[utoipa::path(
    get, path = "/store/collections", tag = "catalogue",
    responses((status = 200, body = List<CollectionOut>), (status = 304, description = "You have it already"))
)]
pub(super) async fn list_collections(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    Ok(store.structure.collections(&ctx).await?.respond(&headers))
}
