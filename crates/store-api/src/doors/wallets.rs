//! Wallets, for whoever has their key. It comes in a header: addresses are logged, and kept by whoever they pass.

use std::sync::Arc;

use argosy_contracts::payments::{
    GetWalletRequest, OpenWalletRequest, RemoveMethodRequest, SetupRequest, StartSetupRequest,
};
use argosy_edge::{ApiResult, Caller, Json, Path, Query};
use argosy_kernel::{Code, Error, Result, SavedMethodId, SetupId, WalletId};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{catalogue::Nothing, id, made, private};
use crate::{
    shapes::{OpenedWallet, SetupOut, StartSetup, WalletOut},
    state::Store,
};

const KEY: &str = "wallet-key";

/// The key of a wallet; empty if none came, which opens nothing.
fn key(headers: &HeaderMap) -> String {
    headers.get(KEY).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// What a provider cannot do is no fault of the server's.
fn told<T>(answered: Result<T>) -> Result<T> {
    answered.map_err(|error| match (error.code(), error.reason()) {
        (Code::Unimplemented, "NOT_SAVEABLE") => {
            let told = Error::precondition("NOT_SAVEABLE", error.message());
            error.fields().iter().fold(told, |told, field| told.with_field(&*field.pointer, &*field.message))
        }
        _ => error,
    })
}

/// Opens a wallet: what a buyer saves in it pays later without being typed again.
#[utoipa::path(
    post, path = "/store/wallets", tag = "payments",
    responses((status = 201, body = OpenedWallet, headers(("Location" = String, description = "Where the wallet is"))))
)]
pub(super) async fn open_wallet(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Query(Nothing {}): Query<Nothing>,
) -> ApiResult<Response> {
    let opened = store.clients.wallets.open_wallet(&ctx, OpenWalletRequest::default()).await?;
    let opened = OpenedWallet { id: opened.wallet_id, key: opened.key };
    Ok(made(&format!("/store/wallets/{}", opened.id), opened))
}

/// A wallet and what is saved in it.
#[utoipa::path(
    get, path = "/store/wallets/{id}", tag = "payments",
    params(
        ("id" = String, Path, pattern = "^wal_[0-9a-v]{25}[048cgkos]$", description = "The wallet's id"),
        ("Wallet-Key" = Option<String>, Header, description = "The key that opening the wallet answered"),
    ),
    responses(
        (status = 200, body = WalletOut),
        (status = 404, description = "`WALLET_NOT_FOUND`: there is none, it has another key, or its buyer is forgotten"),
    )
)]
pub(super) async fn get_wallet(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(wallet): Path<String>,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let wallet_id = id::<WalletId>(&wallet)?.to_string();
    let request = GetWalletRequest { wallet_id, key: key(&headers) };
    let wallet = store.clients.wallets.get_wallet(&ctx, request).await?;
    Ok(private(StatusCode::OK, WalletOut::from(wallet)))
}

/// Saves a means of payment without a purchase.
///
/// Needs an `Idempotency-Key`: sent again with the same key it goes on with what was begun. That a bank declines is an answer
/// and not an error: look at `status`. Where the buyer must confirm it, send them to `action_url` and finish it then.
#[utoipa::path(
    post, path = "/store/wallets/{id}/setups", tag = "payments", request_body = StartSetup,
    params(
        ("id" = String, Path, pattern = "^wal_[0-9a-v]{25}[048cgkos]$", description = "The wallet's id"),
        ("Wallet-Key" = Option<String>, Header, description = "The key that opening the wallet answered"),
    ),
    responses(
        (status = 201, body = SetupOut, headers(("Location" = String, description = "Where the setup is"))),
        (status = 400, description = "`KEY_MISSING`, `KEY_REUSED`, `INVALID_TOKEN`"),
        (status = 404, description = "`WALLET_NOT_FOUND`, `PROVIDER_NOT_FOUND`"),
        (status = 409, description = "`WALLET_FULL`; `NOT_SAVEABLE`: nothing of this provider's can be saved"),
        (status = 429, description = "`TOO_MANY_SETUPS` within the hour"),
    )
)]
pub(super) async fn start_setup(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path(wallet): Path<String>,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
    Json(body): Json<StartSetup>,
) -> ApiResult<Response> {
    if ctx.idempotency_key.is_none() {
        let message = "saving a method needs an Idempotency-Key: a fresh random one for each method";
        return Err(Error::invalid("KEY_MISSING", message).into());
    }
    let request = StartSetupRequest {
        wallet_id: id::<WalletId>(&wallet)?.to_string(),
        key: key(&headers),
        provider: body.provider.0,
        token: body.token.expose().0.clone(),
        return_url: body.return_url.unwrap_or_default().0,
    };
    let setup = SetupOut::from(told(store.clients.wallets.start_setup(&ctx, request).await)?);
    Ok(made(&setup.url(), setup))
}

fn setup_request(wallet: &str, setup: &str, headers: &HeaderMap) -> ApiResult<SetupRequest> {
    let wallet_id = id::<WalletId>(wallet)?.to_string();
    let setup_id = id::<SetupId>(setup)?.to_string();
    Ok(SetupRequest { wallet_id, key: key(headers), setup_id })
}

/// How saving a means of payment stands.
#[utoipa::path(
    get, path = "/store/wallets/{id}/setups/{setup}", tag = "payments",
    params(
        ("id" = String, Path, pattern = "^wal_[0-9a-v]{25}[048cgkos]$", description = "The wallet's id"),
        ("setup" = String, Path, pattern = "^setup_[0-9a-v]{25}[048cgkos]$", description = "The setup's id"),
        ("Wallet-Key" = Option<String>, Header, description = "The key that opening the wallet answered"),
    ),
    responses((status = 200, body = SetupOut), (status = 404, description = "`WALLET_NOT_FOUND`, `SETUP_NOT_FOUND`"))
)]
pub(super) async fn get_setup(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((wallet, setup)): Path<(String, String)>,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let request = setup_request(&wallet, &setup, &headers)?;
    let setup = store.clients.wallets.get_setup(&ctx, request).await?;
    Ok(private(StatusCode::OK, SetupOut::from(setup)))
}

/// Goes on after the buyer did what their bank asked for.
#[utoipa::path(
    post, path = "/store/wallets/{id}/setups/{setup}/finish", tag = "payments",
    params(
        ("id" = String, Path, pattern = "^wal_[0-9a-v]{25}[048cgkos]$", description = "The wallet's id"),
        ("setup" = String, Path, pattern = "^setup_[0-9a-v]{25}[048cgkos]$", description = "The setup's id"),
        ("Wallet-Key" = Option<String>, Header, description = "The key that opening the wallet answered"),
    ),
    responses((status = 200, body = SetupOut), (status = 404, description = "`WALLET_NOT_FOUND`, `SETUP_NOT_FOUND`"))
)]
pub(super) async fn finish_setup(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((wallet, setup)): Path<(String, String)>,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let request = setup_request(&wallet, &setup, &headers)?;
    let setup = store.clients.wallets.finish_setup(&ctx, request).await?;
    Ok(private(StatusCode::OK, SetupOut::from(setup)))
}

/// Takes a means of payment out of a wallet. From now on nothing is paid with it, and its provider forgets it.
#[utoipa::path(
    delete, path = "/store/wallets/{id}/methods/{method}", tag = "payments",
    params(
        ("id" = String, Path, pattern = "^wal_[0-9a-v]{25}[048cgkos]$", description = "The wallet's id"),
        ("method" = String, Path, pattern = "^pmt_[0-9a-v]{25}[048cgkos]$", description = "The method's id"),
        ("Wallet-Key" = Option<String>, Header, description = "The key that opening the wallet answered"),
    ),
    responses(
        (status = 200, body = WalletOut),
        (status = 404, description = "`WALLET_NOT_FOUND`, `SAVED_METHOD_NOT_FOUND`"),
    )
)]
pub(super) async fn remove_method(
    State(store): State<Arc<Store>>,
    Caller(ctx): Caller,
    Path((wallet, method)): Path<(String, String)>,
    Query(Nothing {}): Query<Nothing>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let request = RemoveMethodRequest {
        wallet_id: id::<WalletId>(&wallet)?.to_string(),
        key: key(&headers),
        method_id: id::<SavedMethodId>(&method)?.to_string(),
    };
    let wallet = store.clients.wallets.remove_method(&ctx, request).await?;
    Ok(private(StatusCode::OK, WalletOut::from(wallet)))
}
