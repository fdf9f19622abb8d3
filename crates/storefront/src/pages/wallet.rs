//! The saved cards of this device: shown, removed, and added without a purchase.

use argosy_contracts::payments::{ListMethodsRequest, Setup, SetupRequest, StartSetupRequest};
use argosy_edge::{Bytes, Caller};
use argosy_kernel::{Ctx, Error, Result};
use axum::extract::State;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use serde::Serialize;

use super::pay::remove;
use crate::{
    answer::{Answer, HasCardFields, private_page, see_other},
    edition::{Edition, In},
    request::{self, Fields, new_key},
    shop::{SharedShop, Shop},
    view::{
        Choice,
        checkout::{Payment, chosen_payment, saveable, test_tokens},
        head::Head,
        saved::{SavedView, saved},
    },
    wallet::{Wallet, WalletAccess},
};

const PATH: &str = "/wallet";
const REMOVE: &str = "remove:";
/// Says in an address what has happened.
const SAVED: &str = "saved";
const REMOVED: &str = "removed";

#[derive(Serialize)]
struct WalletPage {
    cards: Vec<SavedView>,
    /// How a card can be added: as the checkout shows it, without what is saved.
    saved: [SavedView; 0],
    payments: Vec<Payment>,
    payment_error: String,
    test_tokens: Vec<Choice>,
    key: String,
    message: String,
}

#[derive(Serialize)]
struct WaitPage<'a> {
    action_url: &'a str,
}

async fn page(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    wallet: &Wallet,
    form: Option<&Fields>,
) -> Result<WalletPage> {
    let methods = shop.clients.payments.list_methods(ctx, ListMethodsRequest::default()).await?.methods;
    let words = &edition.words;
    Ok(WalletPage {
        cards: saved(&wallet.methods, "", words),
        saved: [],
        payments: saveable(&methods, form, words),
        payment_error: String::new(),
        test_tokens: test_tokens(form.map_or("", |form| form.text("test_token")), words),
        key: new_key(),
        message: String::new(),
    })
}

async fn render(shop: &Shop, edition: &Edition, status: StatusCode, page: WalletPage) -> Answer {
    let head = Head::hidden(&shop.config.title(&edition.say("wallet")), PATH);
    let has_card_fields = page.payments.iter().any(Payment::has_card_fields);
    let mut response = private_page(status, shop.render(edition, "wallet.html", head, page).await?);
    if has_card_fields {
        response.extensions_mut().insert(HasCardFields);
    }
    Ok(response)
}

/// `GET /wallet`.
pub(crate) async fn show(
    State(shop): State<SharedShop>,
    In(edition): In,
    uri: Uri,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let wallet = Wallet::of(&shop, &ctx, &headers).await;
    let query = Fields::of_query(&uri)?;
    let mut page = page(&shop, &edition, &ctx, &wallet, None).await?;
    if query.has(SAVED) {
        page.message = edition.say("wallet-saved");
    } else if query.has(REMOVED) {
        page.message = edition.say("wallet-removed");
    }
    render(&shop, &edition, StatusCode::OK, page).await
}

/// `POST /wallet`: removes what is saved, or saves a card. The form's hidden key makes a double click one.
pub(crate) async fn submit(
    State(shop): State<SharedShop>,
    In(edition): In,
    headers: HeaderMap,
    Caller(ctx): Caller,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let form = Fields::of_bytes(&body);
    let wallet = Wallet::of(&shop, &ctx, &headers).await;
    if let Some(id) = form.text("action").strip_prefix(REMOVE) {
        if let Some(access) = &wallet.access {
            remove(&shop, &ctx, access, id).await?;
        }
        return Ok(see_other(&edition.path(&format!("{PATH}?{REMOVED}=1"))));
    }
    let chosen = chosen_payment(&form).filter(|chosen| !chosen.is_saved);
    let missing = match &chosen {
        None => Some("choose-payment"),
        Some(chosen) if chosen.token.is_empty() => Some("card-incomplete"),
        Some(_) => None,
    };
    let refused = match (missing, chosen) {
        (Some(missing), _) => edition.say(missing),
        (None, Some(chosen)) => {
            let access = wallet.or_opened(&shop, &ctx, form.text("key")).await?;
            let request = StartSetupRequest {
                wallet_id: access.id.clone(),
                key: access.key.clone(),
                provider: chosen.provider,
                token: chosen.token,
                return_url: shop.config.absolute(&edition.path(&format!("{PATH}/return"))),
            };
            let ctx = request::with_key_of(ctx.clone(), &form);
            match shop.clients.wallets.start_setup(&ctx, request).await {
                Ok(setup) => return after(&shop, &edition, &ctx, &setup, &access).await,
                Err(error) => why(&edition, &error)?,
            }
        }
        (None, None) => edition.say("choose-payment"),
    };
    let mut page = page(&shop, &edition, &ctx, &wallet, Some(&form)).await?;
    page.payment_error = refused;
    render(&shop, &edition, StatusCode::UNPROCESSABLE_ENTITY, page).await
}

/// What a buyer is told who can mend it.
fn why(edition: &Edition, error: &Error) -> Result<String> {
    let what = match error.reason() {
        "WALLET_FULL" => "wallet-full",
        "TOO_MANY_SETUPS" => "wallet-too-many",
        "KEY_REUSED" | "KEY_MISSING" | "WALLET_NOT_FOUND" => "page-out-of-date",
        "INVALID_TOKEN" | "NOT_SAVEABLE" | "PROVIDER_NOT_FOUND" => "choose-payment",
        "PROVIDER_UNAVAILABLE" => "card-away",
        _ => return Err(error.clone()),
    };
    Ok(edition.say(what))
}

/// Where saving a card leads: back to the saved ones, to the bank, or to what is wrong.
async fn after(shop: &Shop, edition: &Edition, ctx: &Ctx, setup: &Setup, access: &WalletAccess) -> Answer {
    let mut response = match setup.state.as_str() {
        "saved" => see_other(&edition.path(&format!("{PATH}?{SAVED}=1"))),
        "requires_action" if setup.action_url.starts_with('/') => see_other(&edition.path(&setup.action_url)),
        // No form of ours may lead to another site, so a page in between does.
        "requires_action" => to_bank(shop, edition, &setup.action_url).await?,
        state => {
            let wallet = Wallet::opened(shop, ctx, access.clone()).await;
            let mut page = page(shop, edition, ctx, &wallet, None).await?;
            page.payment_error = match (state, setup.failure_text.as_str()) {
                ("failed", "") => edition.say("wallet-failed"),
                ("failed", text) => edition.words.translated(&setup.failure_reason, text),
                _ => edition.say("wallet-runs"),
            };
            render(shop, edition, StatusCode::UNPROCESSABLE_ENTITY, page).await?
        }
    };
    access.remember(response.headers_mut(), &shop.config);
    Ok(response)
}

async fn to_bank(shop: &Shop, edition: &Edition, url: &str) -> Answer {
    let head = Head::hidden(&edition.say("one-more-step"), PATH);
    let html = shop.render(edition, "wallet_wait.html", head, WaitPage { action_url: url }).await?;
    let mut page = private_page(StatusCode::OK, html);
    if url.starts_with("https://")
        && let Ok(refresh) = HeaderValue::try_from(format!("0; url={url}"))
    {
        page.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(page)
}

/// `GET /wallet/return?setup=…`: where a bank sends the buyer back to.
pub(crate) async fn come_back(
    State(shop): State<SharedShop>,
    In(edition): In,
    uri: Uri,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let query = Fields::of_query(&uri)?;
    finish(&shop, &edition, &ctx, &headers, query.text("setup")).await
}

/// Goes on after the buyer did what the bank asked for.
pub(super) async fn finish(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    headers: &HeaderMap,
    setup_id: &str,
) -> Answer {
    let wallet = Wallet::of(shop, ctx, headers).await;
    let Some(access) = wallet.access.filter(|_| !setup_id.is_empty()) else {
        return Ok(see_other(&edition.path(PATH)));
    };
    let request =
        SetupRequest { wallet_id: access.id.clone(), key: access.key.clone(), setup_id: setup_id.to_owned() };
    let setup = shop.clients.wallets.finish_setup(ctx, request).await?;
    match setup.state.as_str() {
        "requires_action" => Ok(see_other(&edition.path(PATH))),
        _ => after(shop, edition, ctx, &setup, &access).await,
    }
}
