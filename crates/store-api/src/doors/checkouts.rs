//! Checkouts.

use std::sync::Arc;

use argosy_contracts::orders::{
    self, CancelCheckoutRequest, CompleteCheckoutRequest, ContinueCheckoutRequest, GetCheckoutRequest,
    StartCheckoutRequest, UpdateCheckoutRequest,
};
use argosy_edge::{ApiResult, Caller, Json, Path, Query, Visitor};
use argosy_kernel::{CheckoutId, Error};
use axum::{extract::State, http::StatusCode, response::Response};

use super::{carts::TraceQuery, catalogue::Nothing, id, made, private};
use crate::{
    shapes::{CheckoutOut, CompleteCheckout, StartCheckout, Trace, UpdateCheckout},
    state::Store,
};

/// Opens a checkout for a cart, or answers the one it has open.
#[utoipa::path(
    post, path = "/store/checkouts", tag = "checkouts", request_body = StartCheckout,
    responses(
        (status = 201, body = CheckoutOut, headers(("Location" = String, description = "Where the checkout is"))),
        (status = 404, description = "`CART_NOT_FOUND`"),
        (status = 409, description = "`CART_EMPTY`, `CART_COMPLETED`"),
    )
)]
pub(super) async fn start_checkout(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(Nothing {}): Query<Nothing>,
    Json(body): Json<StartCheckout>,
) -> ApiResult<Response> {
    let request = StartCheckoutRequest { cart_id: body.cart_id.to_string() };
    let checkout = store.clients.orders.start_checkout(&ctx, request).await?;
    let checkout = CheckoutOut::new(checkout, Trace::Hidden);
    Ok(made(&format!("/store/checkouts/{}", checkout.id()), checkout))
}

/// A checkout, quoted afresh.
#[utoipa::path(
    get, path = "/store/checkouts/{id}", tag = "checkouts",
    params(("id" = String, Path, pattern = "^chk_[0-9a-v]{25}[048cgkos]$", description = "The checkout's id"), TraceQuery),
    responses((status = 200, body = CheckoutOut), (status = 404, description = "`CHECKOUT_NOT_FOUND`"))
)]
pub(super) async fn get_checkout(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(checkout): Path<String>,
    Query(query): Query<TraceQuery>,
) -> ApiResult<Response> {
    let trace = query.trace()?;
    let request = GetCheckoutRequest { checkout_id: id::<CheckoutId>(&checkout)?.to_string() };
    let checkout = store.clients.orders.get_checkout(&ctx, request).await?;
    Ok(private(StatusCode::OK, CheckoutOut::new(checkout, trace)))
}

/// Tells a checkout what the buyer said. What is unset stays as it is.
#[utoipa::path(
    patch, path = "/store/checkouts/{id}", tag = "checkouts", request_body = UpdateCheckout,
    params(("id" = String, Path, pattern = "^chk_[0-9a-v]{25}[048cgkos]$", description = "The checkout's id")),
    responses(
        (status = 200, body = CheckoutOut),
        (status = 404, description = "`CHECKOUT_NOT_FOUND`"),
        (status = 409, description = "`CHECKOUT_STATE`, `CHECKOUT_BUSY`"),
    )
)]
pub(super) async fn update_checkout(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(checkout): Path<String>,
    Query(Nothing {}): Query<Nothing>,
    Json(body): Json<UpdateCheckout>,
) -> ApiResult<Response> {
    let request = UpdateCheckoutRequest {
        checkout_id: id::<CheckoutId>(&checkout)?.to_string(),
        email: body.email.map(|text| text.0),
        shipping_address: body.shipping_address.map(Into::into),
        billing_address: body.billing_address.map(Into::into),
        shipping_option_id: body.shipping_option_id.map(|text| text.0),
        accepted_notices: body.accepted_notices.into_iter().map(|text| text.0).collect(),
        language: body.language.map(|text| text.0),
    };
    let checkout = store.clients.orders.update_checkout(&ctx, request).await?;
    Ok(private(StatusCode::OK, CheckoutOut::new(checkout, Trace::Hidden)))
}

/// Buys: reserves the stock, authorises the payment, places the order, captures the money.
///
/// Needs an `Idempotency-Key`: sent again with the same key it answers the same, also after a crash, and never
/// charges twice. A declined payment, or a change that the buyer must accept first, is an answer and not an
/// error: look at `status`, `attempts` and `notices`. A declined checkout can be completed again, with a new key. So can
/// one whose payment provider was away (`PROVIDER_AWAY`) or did not answer (`NOT_ANSWERED`): nothing is taken by that
/// attempt any more, and `/store/payment-methods?checkout_id=…` tells who else takes the same.
#[utoipa::path(
    post, path = "/store/checkouts/{id}/complete", tag = "checkouts", request_body = CompleteCheckout,
    params(("id" = String, Path, pattern = "^chk_[0-9a-v]{25}[048cgkos]$", description = "The checkout's id")),
    responses(
        (status = 200, body = CheckoutOut),
        (status = 400, description = "`KEY_MISSING`, `INVALID_TOKEN`"),
        (status = 404, description = "`CHECKOUT_NOT_FOUND`, `PROVIDER_NOT_FOUND`, `WALLET_NOT_FOUND`, `SAVED_METHOD_NOT_FOUND`"),
        (status = 409, description = "`OUT_OF_STOCK` with a pointer to each short line, `CHECKOUT_STATE`, `CHECKOUT_INCOMPLETE`, `CHECKOUT_BUSY`, `PURCHASE_REFUSED`, `PROVIDER_NOT_OFFERED`, `SAVED_METHOD_REMOVED`, `SAVED_METHOD_EXPIRED`"),
        (status = 429, description = "`TOO_MANY_DECLINES`: payments from there were declined too often lately"),
    )
)]
pub(super) async fn complete_checkout(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(checkout): Path<String>,
    Query(Nothing {}): Query<Nothing>,
    visitor: Visitor,
    Json(body): Json<CompleteCheckout>,
) -> ApiResult<Response> {
    if ctx.idempotency_key.is_none() {
        let message = "completing a checkout needs an Idempotency-Key: a fresh random one for each attempt";
        return Err(Error::invalid("KEY_MISSING", message).into());
    }
    let payment = body.payment;
    let wallet = payment.wallet;
    let request = CompleteCheckoutRequest {
        checkout_id: id::<CheckoutId>(&checkout)?.to_string(),
        provider: payment.provider.0,
        token: payment.token.expose().0.clone(),
        return_url: payment.return_url.unwrap_or_default().0,
        visitor: Some(orders::Visitor { network: visitor.network, device: visitor.device }),
        wallet_id: wallet.as_ref().map(|wallet| wallet.id.to_string()).unwrap_or_default(),
        wallet_key: wallet.as_ref().map(|wallet| wallet.key.expose().0.clone()).unwrap_or_default(),
        remember: wallet.is_some_and(|wallet| wallet.remember),
    };
    let checkout = store.clients.orders.complete_checkout(&ctx, request).await?;
    Ok(private(StatusCode::OK, CheckoutOut::new(checkout, Trace::Hidden)))
}

/// Goes on after the buyer did what the payment asked for.
#[utoipa::path(
    post, path = "/store/checkouts/{id}/continue", tag = "checkouts",
    params(("id" = String, Path, pattern = "^chk_[0-9a-v]{25}[048cgkos]$", description = "The checkout's id")),
    responses(
        (status = 200, body = CheckoutOut),
        (status = 404, description = "`CHECKOUT_NOT_FOUND`"),
        (status = 409, description = "`CHECKOUT_STATE`, `OUT_OF_STOCK`, `CHECKOUT_BUSY`"),
    )
)]
pub(super) async fn continue_checkout(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(checkout): Path<String>,
    Query(Nothing {}): Query<Nothing>,
) -> ApiResult<Response> {
    let request = ContinueCheckoutRequest { checkout_id: id::<CheckoutId>(&checkout)?.to_string() };
    let checkout = store.clients.orders.continue_checkout(&ctx, request).await?;
    Ok(private(StatusCode::OK, CheckoutOut::new(checkout, Trace::Hidden)))
}

/// Gives up. The cart stays.
#[utoipa::path(
    post, path = "/store/checkouts/{id}/cancel", tag = "checkouts",
    params(("id" = String, Path, pattern = "^chk_[0-9a-v]{25}[048cgkos]$", description = "The checkout's id")),
    responses(
        (status = 200, body = CheckoutOut),
        (status = 404, description = "`CHECKOUT_NOT_FOUND`"),
        (status = 409, description = "`CHECKOUT_STATE`: it is completing or completed; `CHECKOUT_BUSY`"),
    )
)]
pub(super) async fn cancel_checkout(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(checkout): Path<String>,
    Query(Nothing {}): Query<Nothing>,
) -> ApiResult<Response> {
    let request = CancelCheckoutRequest { checkout_id: id::<CheckoutId>(&checkout)?.to_string() };
    let checkout = store.clients.orders.cancel_checkout(&ctx, request).await?;
    Ok(private(StatusCode::OK, CheckoutOut::new(checkout, Trace::Hidden)))
}
