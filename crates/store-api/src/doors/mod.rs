//! The handlers: read the request, call a service, shape the answer. No rule of the shop is here.

mod carts;
mod catalogue;
mod checkouts;
mod downloads;
mod listing;
mod locations;
mod markets;
mod orders;
mod payments;
mod search;
mod selection;
mod wallets;

use std::sync::Arc;

use argosy_contracts::common::Money;
use argosy_edge::{ApiError, Json, unknown_path};
use argosy_kernel::Error;
use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::Store;

/// All described routes: the table of contents of the API.
pub(crate) fn all() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new()
        .routes(routes!(catalogue::list_products))
        .routes(routes!(catalogue::get_product))
        .routes(routes!(catalogue::list_categories))
        .routes(routes!(catalogue::list_collections))
        .routes(routes!(locations::list_locations))
        .routes(routes!(markets::list_markets))
        .routes(routes!(search::search))
        .routes(routes!(search::suggest))
        .routes(routes!(carts::create_cart))
        .routes(routes!(carts::get_cart))
        .routes(routes!(carts::add_line))
        .routes(routes!(carts::set_line, carts::remove_line))
        .routes(routes!(carts::wrap_line, carts::unwrap_line))
        .routes(routes!(carts::add_code))
        .routes(routes!(carts::remove_code))
        .routes(routes!(checkouts::start_checkout))
        .routes(routes!(checkouts::get_checkout, checkouts::update_checkout))
        .routes(routes!(checkouts::complete_checkout))
        .routes(routes!(checkouts::continue_checkout))
        .routes(routes!(checkouts::cancel_checkout))
        .routes(routes!(orders::get_order))
        .routes(routes!(orders::request_return))
        .routes(routes!(orders::pay_balance))
        .routes(routes!(orders::continue_balance))
        .routes(routes!(orders::get_invoice))
        .routes(routes!(downloads::list_files))
        .routes(routes!(downloads::get_file))
        .routes(routes!(payments::list_payment_methods))
        .routes(routes!(wallets::open_wallet))
        .routes(routes!(wallets::get_wallet))
        .routes(routes!(wallets::start_setup))
        .routes(routes!(wallets::get_setup))
        .routes(routes!(wallets::finish_setup))
        .routes(routes!(wallets::remove_method))
        .routes(routes!(payments::receive_message))
        .routes(routes!(payments::receive_webhook))
}

/// Answers what is under `/store` and known to none of them.
pub(crate) fn unknown() -> Router {
    Router::new().route("/store", any(unknown_path)).route("/store/{*path}", any(unknown_path))
}

/// An answer for one client alone.
fn private(status: StatusCode, body: impl Serialize) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// An answer to what made something new.
fn made(location: &str, body: impl Serialize) -> Response {
    let mut response = private(StatusCode::CREATED, body);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(HeaderName::from_static("location"), location);
    }
    response
}

/// An id from a path.
fn id<T: std::str::FromStr<Err = argosy_kernel::ParseIdError>>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error: argosy_kernel::ParseIdError| Error::from(error).into())
}

/// An amount for a contract.
fn money(minor: i64, currency: argosy_kernel::Currency) -> Money {
    argosy_kernel::Money::new(minor, currency).into()
}
