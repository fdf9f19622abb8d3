//! Carts: each change is a command to the present version (law 6).

use std::sync::Arc;

use argosy_contracts::cart::{
    AddCode, AddLine, ApplyCommandsRequest, CartView, Command, CreateCartRequest, GetCartRequest, RemoveCode,
    RemoveLine, SetQuantity, SetWrap, command,
};
use argosy_edge::{ApiResult, Caller, Json, Path, Query};
use argosy_kernel::{CartId, Ctx, Error, LineId};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{catalogue::Nothing, id, made, private, selection};
use crate::{
    shapes::{CartOut, CreateCart, NewCode, NewLine, NewQuantity, NewWrap, Trace},
    state::Store,
};

/// Whether the answer says how amounts came about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct TraceQuery {
    /// `trace`: how each amount came about.
    #[param(pattern = "^trace$", example = "trace")]
    include: Option<String>,
}

impl TraceQuery {
    pub(super) fn trace(&self) -> Result<Trace, Error> {
        let shown = selection::includes(self.include.as_deref(), "trace")?;
        Ok(if shown { Trace::Shown } else { Trace::Hidden })
    }
}

/// Makes a cart.
#[utoipa::path(
    post, path = "/store/carts", tag = "carts", request_body = CreateCart,
    responses(
        (status = 201, body = CartOut, headers(("Location" = String, description = "Where the cart is"))),
        (status = 400, description = "`QUANTITY_NOT_OFFERED`"),
        (status = 404, description = "`VARIANT_NOT_FOUND`"),
        (status = 409, description = "`NOT_SOLD_IN_CURRENCY`, `CART_FULL`"),
    )
)]
pub(super) async fn create_cart(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(Nothing {}): Query<Nothing>,
    Json(body): Json<CreateCart>,
) -> ApiResult<Response> {
    let lines = body.lines.iter().map(add_line_of).collect();
    let (mut currency, market) = (body.currency.unwrap_or_default().0, body.market.unwrap_or_default().0);
    if !market.is_empty() {
        let asked = Some(currency.as_str()).filter(|currency| !currency.is_empty());
        let priced = store.priced_in(&ctx, asked, Some(&market)).await?;
        priced.currency.code().clone_into(&mut currency);
    }
    let request = CreateCartRequest { currency, lines, market };
    let cart = CartOut::new(store.clients.cart.create_cart(&ctx, request).await?, Trace::Hidden);
    Ok(made(&format!("/store/carts/{}", cart.id()), cart))
}

fn add_line_of(line: &NewLine) -> AddLine {
    AddLine { variant_id: line.variant_id.to_string(), quantity: line.quantity }
}

/// A cart with its present prices.
#[utoipa::path(
    get, path = "/store/carts/{id}", tag = "carts",
    params(("id" = String, Path, pattern = "^cart_[0-9a-v]{25}[048cgkos]$", description = "The cart's id"), TraceQuery),
    responses((status = 200, body = CartOut), (status = 404, description = "`CART_NOT_FOUND`"))
)]
pub(super) async fn get_cart(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(cart): Path<String>,
    Query(query): Query<TraceQuery>,
) -> ApiResult<Response> {
    let trace = query.trace()?;
    let request = GetCartRequest { cart_id: id::<CartId>(&cart)?.to_string(), without_quote: false };
    let view = store.clients.cart.get_cart(&ctx, request).await?;
    Ok(private(StatusCode::OK, CartOut::new(view, trace)))
}

/// Adds to a cart.
#[utoipa::path(
    post, path = "/store/carts/{id}/lines", tag = "carts", request_body = NewLine,
    params(("id" = String, Path, pattern = "^cart_[0-9a-v]{25}[048cgkos]$", description = "The cart's id")),
    responses(
        (status = 200, body = CartOut),
        (status = 404, description = "`CART_NOT_FOUND`, `VARIANT_NOT_FOUND`"),
        (status = 409, description = "`CART_COMPLETED`, `CART_FULL`, `NOT_SOLD_IN_CURRENCY`"),
    )
)]
pub(super) async fn add_line(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(cart): Path<String>,
    Query(Nothing {}): Query<Nothing>,
    Json(body): Json<NewLine>,
) -> ApiResult<Response> {
    apply(&store, &ctx, &cart, command::Command::AddLine(add_line_of(&body))).await
}

/// Sets a line's quantity.
#[utoipa::path(
    patch, path = "/store/carts/{id}/lines/{line_id}", tag = "carts", request_body = NewQuantity,
    params(
        ("id" = String, Path, pattern = "^cart_[0-9a-v]{25}[048cgkos]$", description = "The cart's id"),
        ("line_id" = String, Path, pattern = "^line_[0-9a-v]{25}[048cgkos]$", description = "The line's id"),
    ),
    responses(
        (status = 200, body = CartOut),
        (status = 404, description = "`CART_NOT_FOUND`, `LINE_NOT_FOUND`"),
        (status = 409, description = "`CART_COMPLETED`"),
    )
)]
pub(super) async fn set_line(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((cart, line)): Path<(String, String)>,
    Query(Nothing {}): Query<Nothing>,
    Json(body): Json<NewQuantity>,
) -> ApiResult<Response> {
    let line_id = id::<LineId>(&line)?.to_string();
    let command = command::Command::SetQuantity(SetQuantity { line_id, quantity: body.quantity });
    apply(&store, &ctx, &cart, command).await
}

/// Removes a line. One that is gone already stays gone.
#[utoipa::path(
    delete, path = "/store/carts/{id}/lines/{line_id}", tag = "carts",
    params(
        ("id" = String, Path, pattern = "^cart_[0-9a-v]{25}[048cgkos]$", description = "The cart's id"),
        ("line_id" = String, Path, pattern = "^line_[0-9a-v]{25}[048cgkos]$", description = "The line's id"),
    ),
    responses(
        (status = 200, body = CartOut),
        (status = 404, description = "`CART_NOT_FOUND`"),
        (status = 409, description = "`CART_COMPLETED`"),
    )
)]
pub(super) async fn remove_line(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((cart, line)): Path<(String, String)>,
    Query(Nothing {}): Query<Nothing>,
) -> ApiResult<Response> {
    let line_id = id::<LineId>(&line)?.to_string();
    apply(&store, &ctx, &cart, command::Command::RemoveLine(RemoveLine { line_id })).await
}

/// Wraps all units of a line. What cannot be had is in `notices`: `WRAP_NOT_OFFERED`, `WRAP_MESSAGE_TOO_LONG`.
#[utoipa::path(
    put, path = "/store/carts/{id}/lines/{line_id}/wrap", tag = "carts", request_body = NewWrap,
    params(
        ("id" = String, Path, pattern = "^cart_[0-9a-v]{25}[048cgkos]$", description = "The cart's id"),
        ("line_id" = String, Path, pattern = "^line_[0-9a-v]{25}[048cgkos]$", description = "The line's id"),
    ),
    responses(
        (status = 200, body = CartOut),
        (status = 404, description = "`CART_NOT_FOUND`, `LINE_NOT_FOUND`"),
        (status = 409, description = "`CART_COMPLETED`"),
    )
)]
pub(super) async fn wrap_line(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((cart, line)): Path<(String, String)>,
    Query(Nothing {}): Query<Nothing>,
    Json(body): Json<NewWrap>,
) -> ApiResult<Response> {
    let line_id = id::<LineId>(&line)?.to_string();
    if body.wrap.0.is_empty() {
        return Err(Error::invalid_field("/wrap", "must name a wrap; DELETE takes it off").into());
    }
    let set = SetWrap { line_id, wrap: body.wrap.0, message: body.message.0 };
    apply(&store, &ctx, &cart, command::Command::SetWrap(set)).await
}

/// Leaves a line unwrapped.
#[utoipa::path(
    delete, path = "/store/carts/{id}/lines/{line_id}/wrap", tag = "carts",
    params(
        ("id" = String, Path, pattern = "^cart_[0-9a-v]{25}[048cgkos]$", description = "The cart's id"),
        ("line_id" = String, Path, pattern = "^line_[0-9a-v]{25}[048cgkos]$", description = "The line's id"),
    ),
    responses(
        (status = 200, body = CartOut),
        (status = 404, description = "`CART_NOT_FOUND`, `LINE_NOT_FOUND`"),
        (status = 409, description = "`CART_COMPLETED`"),
    )
)]
pub(super) async fn unwrap_line(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((cart, line)): Path<(String, String)>,
    Query(Nothing {}): Query<Nothing>,
) -> ApiResult<Response> {
    let set = SetWrap { line_id: id::<LineId>(&line)?.to_string(), ..SetWrap::default() };
    apply(&store, &ctx, &cart, command::Command::SetWrap(set)).await
}

/// Enters a coupon code. One that does not count is in `rejected_codes`, with the reason.
#[utoipa::path(
    post, path = "/store/carts/{id}/codes", tag = "carts", request_body = NewCode,
    params(("id" = String, Path, pattern = "^cart_[0-9a-v]{25}[048cgkos]$", description = "The cart's id")),
    responses(
        (status = 200, body = CartOut),
        (status = 404, description = "`CART_NOT_FOUND`"),
        (status = 409, description = "`CART_COMPLETED`, `CART_FULL`"),
    )
)]
pub(super) async fn add_code(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(cart): Path<String>,
    Query(Nothing {}): Query<Nothing>,
    Json(body): Json<NewCode>,
) -> ApiResult<Response> {
    apply(&store, &ctx, &cart, command::Command::AddCode(AddCode { code: body.code.0 })).await
}

/// Takes a coupon code out.
#[utoipa::path(
    delete, path = "/store/carts/{id}/codes/{code}", tag = "carts",
    params(
        ("id" = String, Path, pattern = "^cart_[0-9a-v]{25}[048cgkos]$", description = "The cart's id"),
        ("code" = String, Path, description = "The code"),
    ),
    responses(
        (status = 200, body = CartOut),
        (status = 404, description = "`CART_NOT_FOUND`"),
        (status = 409, description = "`CART_COMPLETED`"),
    )
)]
pub(super) async fn remove_code(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((cart, code)): Path<(String, String)>,
    Query(Nothing {}): Query<Nothing>,
) -> ApiResult<Response> {
    apply(&store, &ctx, &cart, command::Command::RemoveCode(RemoveCode { code })).await
}

async fn apply(store: &Store, ctx: &Ctx, cart: &str, command: command::Command) -> ApiResult<Response> {
    let request = ApplyCommandsRequest {
        cart_id: id::<CartId>(cart)?.to_string(),
        commands: vec![Command { command: Some(command) }],
    };
    let view: CartView =
        store.clients.cart.apply_commands(ctx, request).await.map_err(|error| of_the_body(&error))?;
    Ok(private(StatusCode::OK, CartOut::new(view, Trace::Hidden)))
}

/// The service names fields of its list of commands; here the body is the one command.
fn of_the_body(error: &Error) -> Error {
    const COMMAND: &str = "/commands/0";
    let told = error.message().replace("commands/0/", "");
    let mut own = Error::new(error.code(), error.reason().to_owned(), told).with_source(error.clone());
    if let Some(after) = error.retry_after() {
        own = own.with_retry_after(after);
    }
    error.fields().iter().fold(own, |own, field| {
        let pointer = field.pointer.strip_prefix(COMMAND).unwrap_or(&field.pointer);
        own.with_field(pointer, field.message.clone())
    })
}
