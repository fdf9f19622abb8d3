//! The addresses of the shop.

use argosy_kernel::Result;
use argosy_platform::Host;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    response::Redirect,
    routing::{get, post},
};
use http::StatusCode;

use crate::{
    StorefrontClients, StorefrontConfig,
    answer::{self, Answer},
    assets,
    pages::{
        balance, card_action, cart, checkout, compare, draft, home, listing, media, order, product, robots,
        test_bank, wallet, wallet_bank,
    },
    request,
    shop::{SharedShop, Shop},
};

/// No form of ours is larger.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// The shop's pages, in each edition. Whatever else is merged with them must have no fallback: unknown paths are
/// answered here, in the shop's look.
///
/// # Errors
/// As [`StorefrontConfig::check`].
pub fn routes(clients: StorefrontClients, config: StorefrontConfig, host: &Host) -> Result<Router> {
    let shop = Shop::start(clients, config, host)?;
    let pages = pages();
    let mut all = files().merge(pages.clone());
    for edition in shop.editions.iter().filter(|edition| !edition.prefix.is_empty()) {
        let home = edition.prefix.clone();
        all = all
            .nest(&edition.prefix, pages.clone())
            .route(&format!("{home}/"), get(move || async move { Redirect::permanent(&home) }));
    }
    Ok(all
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(shop.clone(), answer::as_page))
        .with_state(shop))
}

/// What is there once in each edition.
fn pages() -> Router<SharedShop> {
    Router::new()
        .route("/", get(home::home))
        .route("/categories/{handle}", get(listing::category))
        .route("/collections/{handle}", get(listing::collection))
        .route("/products/{handle}", get(product::product))
        .route("/products", get(compare::cards))
        .route("/compare", get(compare::compare))
        .route("/search", get(listing::search))
        .route("/search/suggest", get(listing::suggest))
        .route("/cart", get(cart::cart).post(cart::change))
        .route("/cart/count", get(cart::count))
        .route("/cart/lines", post(cart::add))
        .route("/cart/currency", post(cart::change_currency))
        .route("/checkout", get(checkout::to_cart).post(checkout::start))
        .route("/checkout/{id}", get(checkout::show).post(checkout::submit))
        .route("/checkout/{id}/return", get(checkout::come_back))
        .route("/checkout/card/{intent}", get(card_action::ask))
        .route("/checkout/test-bank/{intent}", get(test_bank::ask).post(test_bank::decide))
        .route("/pay", get(draft::open))
        .route("/wallet", get(wallet::show).post(wallet::submit))
        .route("/wallet/return", get(wallet::come_back))
        .route("/wallet/card/{setup}", get(wallet_bank::card))
        .route("/wallet/test-bank/{setup}", get(wallet_bank::ask).post(wallet_bank::decide))
        .route("/orders/{id}", get(order::order).post(order::send_back))
        .route("/orders/{id}/pay", post(balance::pay))
        .route("/orders/{id}/invoice.pdf", get(order::invoice))
        .route("/orders/{id}/files/{file}", get(order::file))
}

/// What is there once.
fn files() -> Router<SharedShop> {
    Router::new()
        .route("/media/{id}", get(media::original))
        .route("/media/{id}/preview", get(media::preview))
        .route("/media/{id}/{width}", get(media::rendition))
        .route("/assets/{name}", get(assets::serve))
        .route("/favicon.ico", get(assets::favicon))
        .route("/robots.txt", get(robots::robots))
        .route("/sitemap.xml", get(robots::index))
        .route("/sitemap/{name}", get(robots::part))
}

async fn unknown() -> Answer {
    Err(request::no_page())
}

async fn wrong_method() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}
