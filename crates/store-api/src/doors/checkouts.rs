//! Checkouts.

use std::sync::Arc;

use argosy_contracts::{
    common::Money,
    orders::{
        self, CancelCheckoutRequest, CompleteCheckoutRequest, ContinueCheckoutRequest, GetCheckoutRequest,
        PartPayment, StartCheckoutRequest, UpdateCheckoutRequest,
    },
};
use argosy_edge::{ApiResult, Caller, Json, Path, Query, Visitor};
use argosy_kernel::{CheckoutId, Error};
use axum::{extract::State, http::StatusCode, response::Response};

use super::{carts::TraceQuery, catalogue::Nothing, id, made, private};
use crate::{
    shapes::{CheckoutOut, CompleteCheckout, PartBody, StartCheckout, Trace, UpdateCheckout},
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
        ..UpdateCheckoutRequest::default()
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
        (status = 422, description = "`INVALID_FIELD` of a part whose amount is not above 0, in another currency or more than is left to be paid"),
        (status = 404, description = "`CHECKOUT_NOT_FOUND`, `PROVIDER_NOT_FOUND`, `WALLET_NOT_FOUND`, `SAVED_METHOD_NOT_FOUND`"),
        (status = 409, description = "`OUT_OF_STOCK` with a pointer to each short line, `CHECKOUT_STATE`, `CHECKOUT_INCOMPLETE`, `CHECKOUT_BUSY`, `DRAFT_CHANGED` (what the shop put together is paid on its own page), `PURCHASE_REFUSED`, `PROVIDER_NOT_OFFERED`, `SAVED_METHOD_REMOVED`, `SAVED_METHOD_EXPIRED`"),
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
    let CompleteCheckout { payment, payments } = body;
    let mut request = CompleteCheckoutRequest {
        checkout_id: id::<CheckoutId>(&checkout)?.to_string(),
        visitor: Some(orders::Visitor { network: visitor.network, device: visitor.device }),
        also: payments.into_iter().map(part).collect(),
        ..CompleteCheckoutRequest::default()
    };
    let beside = request.also.len();
    match payment {
        None if beside == 0 => return Err(Error::invalid_field("/payment", "is missing").into()),
        None => {}
        Some(payment) => {
            let (provider, token) = (payment.provider.0, payment.token.expose().0.clone());
            request.return_url = payment.return_url.unwrap_or_default().0;
            if let Some(wallet) = payment.wallet {
                request.wallet_id = wallet.id.to_string();
                request.wallet_key.clone_from(&wallet.key.expose().0);
                request.remember = wallet.remember;
            }
            if beside == 0 {
                (request.provider, request.token) = (provider, token);
            } else {
                // A release that knows no parts must not take all by this one.
                request.also.push(PartPayment { provider, token, amount: None });
            }
        }
    }
    let completed = store.clients.orders.complete_checkout(&ctx, request).await;
    let checkout = completed.map_err(|error| point_at_payment(error, beside))?;
    Ok(private(StatusCode::OK, CheckoutOut::new(checkout, Trace::Hidden)))
}

fn part(body: PartBody) -> PartPayment {
    PartPayment {
        provider: body.provider.0,
        token: body.token.expose().0.clone(),
        amount: body.amount.map(|amount| Money { minor: amount.amount, currency: amount.currency.0 }),
    }
}

/// What is wrong with the last part is wrong with `payment`, which it was made from.
fn point_at_payment(error: Error, place: usize) -> Error {
    let last = format!("/payments/{place}/");
    if !error.fields().iter().any(|field| field.pointer.starts_with(&last)) {
        return error;
    }
    let again = Error::new(error.code(), error.reason().to_owned(), error.message().to_owned());
    error.fields().iter().fold(again, |again, field| {
        let pointer = match field.pointer.strip_prefix(&last) {
            Some(rest) => format!("/payment/{rest}"),
            None => field.pointer.clone(),
        };
        again.with_field(pointer, field.message.clone())
    })
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
