//! How one can pay, and what providers tell.

use std::{collections::HashMap, sync::Arc};

use argosy_contracts::{
    orders::GetCheckoutRequest,
    payments::{HandleWebhookRequest, ListMethodsRequest},
};
use argosy_edge::{ApiResult, Bytes, Caller, Path, Query};
use argosy_kernel::{CheckoutId, Code, Ctx, Error};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{id, money, private};
use crate::{
    shapes::{List, PaymentMethodOut},
    state::Store,
};

/// What is to be paid, if that is known: for a checkout, or else an amount.
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
    /// The checkout to be paid, instead of an amount: then only who takes payments of its buyer's market is told, and not
    /// who has just left it without an answer while another takes the same kind of payment.
    #[param(pattern = "^chk_[0-9a-v]{25}[048cgkos]$")]
    checkout_id: Option<String>,
}

/// How one can pay. Who does not answer at the moment is not told.
#[utoipa::path(
    get, path = "/store/payment-methods", tag = "payments", params(MethodsQuery),
    responses((status = 200, body = List<PaymentMethodOut>), (status = 404, description = "`CHECKOUT_NOT_FOUND`"))
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
    let request = match &query.checkout_id {
        Some(_) if query.amount.is_some() || query.currency.is_some() => {
            let message = "must not be given beside an amount or a currency: the checkout has its own";
            return Err(Error::invalid_field("/checkout_id", message).into());
        }
        Some(checkout) => methods_for(&store, &ctx, checkout).await?,
        None => ListMethodsRequest {
            amount: query.amount.map(|minor| money(minor, currency)),
            ..ListMethodsRequest::default()
        },
    };
    let methods = store.clients.payments.list_methods(&ctx, request).await?.methods;
    let items: Vec<PaymentMethodOut> = methods.into_iter().map(Into::into).collect();
    Ok(private(StatusCode::OK, List::whole(items)))
}

async fn methods_for(store: &Store, ctx: &Ctx, checkout: &str) -> ApiResult<ListMethodsRequest> {
    let request = GetCheckoutRequest { checkout_id: id::<CheckoutId>(checkout)?.to_string() };
    let checkout = store.clients.orders.get_checkout(ctx, request).await?;
    let invoice_to = checkout.billing_address.or(checkout.shipping_address);
    Ok(ListMethodsRequest {
        amount: checkout.quote.and_then(|quote| quote.total),
        country: invoice_to.map(|address| address.country).unwrap_or_default(),
        unanswered: checkout.unanswered_providers,
        ..ListMethodsRequest::default()
    })
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
