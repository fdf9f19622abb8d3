//! Search and suggestions.

use std::sync::Arc;

use argosy_contracts::search::SuggestRequest;
use argosy_edge::{ApiResult, Caller, Pairs, Query};
use argosy_kernel::Error;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    listing::{self, CommonFilters, Listing, ProductList, SearchText},
    private,
};
use crate::{
    shapes::{List, SuggestionOut},
    state::Store,
};

/// Products that match what somebody typed.
///
/// Takes the same parameters as the list of products, and mends typos: `corrected` says what was searched
/// instead.
#[utoipa::path(
    get, path = "/store/search", tag = "search", params(SearchText, Listing, CommonFilters),
    responses((status = 200, body = ProductList), (status = 304, description = "You have it already"))
)]
pub(super) async fn search(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    headers: HeaderMap,
    mut pairs: Pairs,
) -> ApiResult<Response> {
    let text = text_of(pairs.take("q"))?;
    Ok(listing::answer(&store, &ctx, pairs, text).await?.respond(&headers))
}

fn text_of(values: Vec<String>) -> Result<String, Error> {
    let mut values = values.into_iter();
    let text = values.next().unwrap_or_default();
    if values.next().is_some() {
        return Err(Error::invalid_field("/q", "must come once"));
    }
    if text.chars().any(char::is_control) || text.chars().count() > 1_000 {
        return Err(Error::invalid_field("/q", "must be a line of at most 1000 characters"));
    }
    Ok(text)
}

/// What somebody has typed so far.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SuggestQuery {
    /// The beginning of a word or two.
    #[param(max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    q: String,
    /// How many; 10 at most.
    #[param(minimum = 1, maximum = 10)]
    limit: Option<u32>,
}

/// Completions while somebody types.
#[utoipa::path(
    get, path = "/store/search/suggest", tag = "search", params(SuggestQuery),
    responses((status = 200, body = List<SuggestionOut>))
)]
pub(super) async fn suggest(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(query): Query<SuggestQuery>,
) -> ApiResult<Response> {
    let limit = match query.limit {
        None => 10,
        Some(limit) if (1..=10).contains(&limit) => limit,
        Some(_) => return Err(Error::invalid_field("/limit", "must be from 1 to 10").into()),
    };
    let request = SuggestRequest { text: text_of(vec![query.q])?, limit };
    let found = store.clients.search.suggest(&ctx, request).await?;
    let items: Vec<SuggestionOut> = found.suggestions.into_iter().map(Into::into).collect();
    Ok(private(StatusCode::OK, List::whole(items)))
}
