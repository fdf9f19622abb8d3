//! Where buyers may collect.

use std::sync::Arc;

use argosy_contracts::inventory::{GetAvailabilityRequest, ListLocationsRequest};
use argosy_edge::{ApiResult, Caller, Query};
use argosy_kernel::{Error, VariantId};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::private;
use crate::{
    shapes::{List, LocationOut},
    state::Store,
};

/// Of what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct LocationsQuery {
    /// A variant: whether it is there.
    #[param(example = "var_00000000000000000000000002")]
    variant_id: Option<String>,
}

/// Where buyers may collect.
#[utoipa::path(
    get, path = "/store/locations", tag = "catalogue", params(LocationsQuery),
    responses((status = 200, body = List<LocationOut>))
)]
pub(super) async fn list_locations(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(query): Query<LocationsQuery>,
) -> ApiResult<Response> {
    let inventory = &store.clients.inventory;
    let stock = match query.variant_id {
        Some(id) => {
            let wrong = |_| Error::invalid_field("/variant_id", "is not a variant's id");
            let id: VariantId = id.parse().map_err(wrong)?;
            let request = GetAvailabilityRequest {
                variant_ids: vec![id.to_string()],
                by_location: true,
                ..GetAvailabilityRequest::default()
            };
            let mut items = inventory.get_availability(&ctx, request).await?.items;
            items.pop().map(|item| item.locations)
        }
        None => None,
    };
    let locations = inventory.list_locations(&ctx, ListLocationsRequest {}).await?.locations;
    let shown = locations.into_iter().filter(|location| location.active && location.pickup);
    let items = shown.map(|location| LocationOut::new(location, stock.as_deref())).collect();
    Ok(private(StatusCode::OK, List::whole(items)))
}
