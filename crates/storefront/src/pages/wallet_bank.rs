//! The pages on which a bank asks about a card that is to be saved: where the payment provider names no address for that,
//! its script opens the bank's window here; and the bank of the pretended card.

use argosy_contracts::payments::{HandleWebhookRequest, ListMethodsRequest, Setup, SetupRequest};
use argosy_edge::{Bytes, Caller};
use argosy_kernel::{Ctx, Error, Result};
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::wallet::finish;
use crate::{
    answer::{Answer, HasCardFields, private_page, see_other},
    edition::In,
    request::{self, Fields, no_page},
    shop::{SharedShop, Shop},
    view::head::Head,
    wallet::Wallet,
};

const PROVIDER: &str = "test";

#[derive(Serialize)]
struct ActionPage {
    public_key: String,
    client_secret: String,
    back: String,
}

#[derive(Serialize)]
struct BankPage {
    setup_id: String,
    is_open: bool,
}

#[derive(Serialize)]
struct Decision<'a> {
    setup_id: &'a str,
    approve: bool,
}

/// A setup of the visitor's own wallet.
async fn setup_of(shop: &Shop, ctx: &Ctx, headers: &HeaderMap, id: &str) -> Result<Setup> {
    let access = Wallet::of(shop, ctx, headers).await.access.ok_or_else(|| no_page().into_error())?;
    let request = SetupRequest { wallet_id: access.id, key: access.key, setup_id: id.to_owned() };
    shop.clients.wallets.get_setup(ctx, request).await
}

/// `GET /wallet/card/{setup}`. What is decided already goes back to the wallet.
pub(crate) async fn card(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let setup = setup_of(&shop, &ctx, &headers, &id).await?;
    let request = ListMethodsRequest { provider: setup.provider.clone(), ..ListMethodsRequest::default() };
    let methods = shop.clients.payments.list_methods(&ctx, request).await?.methods;
    let method = methods.into_iter().find(|one| one.provider == setup.provider && !one.public_key.is_empty());
    let Some(method) = method else { return Err(no_page()) };
    let back = edition.path(&format!("/wallet/return?setup={}", setup.id));
    if setup.state != "requires_action" || setup.client_secret.is_empty() {
        return Ok(see_other(&back));
    }
    let page = ActionPage { public_key: method.public_key, client_secret: setup.client_secret, back };
    let head = Head::hidden(&edition.say("one-more-step"), &format!("/wallet/card/{}", setup.id));
    let html = shop.render(&edition, "wallet_action.html", head, page).await?;
    let mut response = private_page(StatusCode::OK, html);
    response.extensions_mut().insert(HasCardFields);
    Ok(response)
}

/// `GET /wallet/test-bank/{setup}`.
pub(crate) async fn ask(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let setup = setup_of(&shop, &ctx, &headers, &id).await?;
    if setup.provider != PROVIDER {
        return Err(no_page());
    }
    let page = BankPage { is_open: setup.state == "requires_action", setup_id: setup.id };
    let head = Head::hidden(&edition.say("test-bank"), &format!("/wallet/test-bank/{}", page.setup_id));
    Ok(private_page(StatusCode::OK, shop.render(&edition, "wallet_bank.html", head, page).await?))
}

/// `POST /wallet/test-bank/{setup}`: tells payments as a real bank would, then goes on.
pub(crate) async fn decide(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let setup = setup_of(&shop, &ctx, &headers, &id).await?;
    if setup.provider != PROVIDER {
        return Err(no_page());
    }
    let approve = Fields::of_bytes(&body).text("decision") == "approve";
    let message = HandleWebhookRequest {
        provider: PROVIDER.to_owned(),
        body: serde_json::to_vec(&Decision { setup_id: &setup.id, approve }).map_err(Error::internal)?,
        ..HandleWebhookRequest::default()
    };
    shop.clients.payments.handle_webhook(&ctx, message).await?;
    finish(&shop, &edition, &ctx, &headers, &setup.id).await
}
