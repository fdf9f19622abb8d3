//! How one can pay, and what providers tell.

use std::{collections::HashMap, sync::Arc};

use argosy_contracts::payments::{HandleWebhookRequest, ListMethodsRequest};
use argosy_edge::{ApiResult, Bytes, Caller, Path, Query};
use argosy_kernel::{Code, Error};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{money, private};
use crate::{
    shapes::{List, PaymentMethodOut},
    state::Store,
};

/// What is to be paid, if that is known.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct MethodsQuery {
    /// In minor units of `currency`.
    #[param(minimum = 0)]
    amount: Option<i64>,
    /// ISO 4217; the shop's unless it is said.
    #[param(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
}

/// How one can pay.
#[utoipa::path(
    get, path = "/store/payment-methods", tag = "payments", params(MethodsQuery),
    responses((status = 200, body = List<PaymentMethodOut>))
)]
pub(super) async fn list_payment_methods(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(query): Query<MethodsQuery>,
) -> ApiResult<Response> {
    let currency = store.currency(query.currency.as_deref())?;
    if query.amount.is_some_and(|amount| amount < 0) {
        return Err(Error::invalid_field("/amount", "must not be below 0").into());
    }
    let request = ListMethodsRequest { amount: query.amount.map(|minor| money(minor, currency)) };
    let methods = store.clients.payments.list_methods(&ctx, request).await?.methods;
    let items: Vec<PaymentMethodOut> = methods.into_iter().map(Into::into).collect();
    Ok(private(StatusCode::OK, List::whole(items)))
}

/// Takes a payment provider's message. For providers only: it is checked by its signature. However many come at once,
/// they are not refused for that.
#[utoipa::path(
    post, path = "/webhooks/payments/{provider}", tag = "payments",
    params(("provider" = String, Path, description = "The provider's name")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "As the provider sends it"),
    responses(
        (status = 204, description = "Stored, now or before; or about nothing that concerns this shop"),
        (status = 400, description = "`INVALID_SIGNATURE`, `INVALID_MESSAGE`"),
        (status = 404, description = "`PROVIDER_NOT_FOUND`; `NO_MESSAGES`: this provider sends none"),
    )
)]
pub(super) async fn receive_message(
    store: State<Arc<Store>>,
    caller: Caller,
    provider: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<StatusCode> {
    receive_webhook(store, caller, provider, headers, body).await
}

/// The same at the address of earlier releases.
#[utoipa::path(
    post, path = "/store/payments/webhooks/{provider}", tag = "payments",
    params(("provider" = String, Path, description = "The provider's name")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "As the provider sends it"),
    responses(
        (status = 204, description = "Applied, now or before"),
        (status = 400, description = "`INVALID_SIGNATURE`, `INVALID_MESSAGE`"),
        (status = 404, description = "`PROVIDER_NOT_FOUND`; `NO_MESSAGES`: this provider sends none"),
    )
)]
pub(super) async fn receive_webhook(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(provider): Path<String>,
    headers: HeaderMap,
    Bytes(body): Bytes,
) -> ApiResult<StatusCode> {
    let headers: HashMap<String, String> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let request = HandleWebhookRequest { provider, headers, body: body.to_vec() };
    store.clients.payments.handle_webhook(&ctx, request).await.map_err(|error| match error.code() {
        Code::Unimplemented => Error::not_found(error.reason().to_owned(), error.message()),
        _ => error,
    })?;
    Ok(StatusCode::NO_CONTENT)
}
