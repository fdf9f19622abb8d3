//! What happens when the checkout's form is sent.
//!
//! Law 7: nothing is paid unless the total is the one that the form showed. Law 4: the form's hidden key is the
//! key of the payment, so a double click places one order. Law 5: a declined card leaves the checkout open.

use argosy_contracts::{
    common::Notice,
    orders::{self, Checkout, CompleteCheckoutRequest, PartPayment, UpdateCheckoutRequest},
    payments::RemoveMethodRequest,
};
use argosy_edge::Visitor;
use argosy_kernel::{Ctx, Error, Result};
use http::StatusCode;

use super::{
    checkout::{form_page, path_of, read},
    gift,
};
use crate::{
    answer,
    edition::Edition,
    request::{self, Fields},
    shop::Shop,
    view::{
        checkout::{CheckoutPage, Chosen, GIFT_CARD, chosen_payment},
        field::{is_started, read_address},
        money::seen_total,
    },
    wallet::{Wallet, WalletAccess},
};

/// Where the buyer goes next.
pub(super) enum Next {
    /// To another page of the shop, by its path in the first edition.
    Go(String),
    /// To where the payment goes on: a page of the shop, or a bank's.
    Away(String),
    /// To the order that the checkout became.
    Order(Box<Checkout>),
    /// Back to the form, which says what is wrong.
    Show(StatusCode, Box<CheckoutPage>),
}

/// What came: the form, and where it came from.
pub(super) struct Sent {
    pub(super) form: Fields,
    pub(super) visitor: Visitor,
    pub(super) wallet: Wallet,
}

/// Says in the form's `action` that something saved is to be removed, before its id.
const REMOVE: &str = "remove:";

/// Takes the form, and pays if it says so. Answers with the wallet that was opened for it, if one was.
pub(super) async fn submit(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    id: &str,
    sent: &Sent,
) -> Result<(Next, Option<WalletAccess>)> {
    if let (Some(method), Some(access)) = (sent.form.text("action").strip_prefix(REMOVE), &sent.wallet.access)
    {
        remove(shop, ctx, access, method).await?;
    }
    let chosen = chosen_payment(&sent.form).filter(|_| is_paying(&sent.form));
    let wallet = match &chosen {
        Some(chosen) => wallet_of(shop, ctx, sent, chosen).await,
        None => None,
    };
    let next = go_on(shop, edition, ctx, id, sent, wallet.as_ref()).await?;
    // Also if this was the second press of a double click: of the first one's answer the browser hears nothing.
    Ok((next, wallet.filter(|_| chosen.is_some_and(|chosen| chosen.remember))))
}

fn is_paying(form: &Fields) -> bool {
    form.text("action") == "pay"
}

/// Removes what is saved. Removed before, or never there, is as good.
pub(super) async fn remove(shop: &Shop, ctx: &Ctx, access: &WalletAccess, method: &str) -> Result<()> {
    let request = RemoveMethodRequest {
        wallet_id: access.id.clone(),
        key: access.key.clone(),
        method_id: method.to_owned(),
    };
    match shop.clients.wallets.remove_method(ctx, request).await {
        Err(error)
            if !matches!(error.reason(), "SAVED_METHOD_NOT_FOUND" | "WALLET_NOT_FOUND" | "INVALID_ID") =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

async fn go_on(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    id: &str,
    sent: &Sent,
    wallet: Option<&WalletAccess>,
) -> Result<Next> {
    let form = &sent.form;
    let paying = is_paying(form);
    let present = read(shop, ctx, id).await?;
    if present.is_draft && present.seen != form.text("seen") && !is_settled(&present) {
        return look_again(shop, edition, ctx, &present, sent).await;
    }
    let saved = match present.status.as_str() {
        "completed" => return Ok(Next::Order(Box::new(present))),
        // Sent again while the first one runs: its page waits for the end of it.
        "completing" => return Ok(Next::Go(path_of(id))),
        "needs_buyer" => Ok(present.clone()),
        _ => save(shop, edition, ctx, &present, form, paying).await,
    };
    let checkout = match saved {
        Ok(checkout) => checkout,
        Err(error) if is_taken(&error) => return Ok(Next::Go(path_of(id))),
        Err(error) => return refuse(shop, edition, ctx, &present, sent, &error).await,
    };
    if !paying && gift::is_in(form) {
        // Another address would not know the cards.
        let page = form_page(shop, edition, ctx, &checkout, &sent.wallet.methods, Some(form)).await?;
        return Ok(Next::Show(StatusCode::OK, Box::new(page)));
    }
    if !paying {
        return Ok(Next::Go(path_of(id)));
    }
    if let Some(page) = obstacle(shop, edition, ctx, &checkout, sent).await? {
        return Ok(page);
    }
    pay(shop, edition, ctx, &checkout, sent, wallet).await
}

/// Whether it is paid, or being paid.
fn is_settled(checkout: &Checkout) -> bool {
    matches!(checkout.status.as_str(), "completed" | "completing")
}

/// The shop has changed what it put together: the page as it is now, without what was typed over something else.
async fn look_again(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    present: &Checkout,
    sent: &Sent,
) -> Result<Next> {
    if !matches!(present.status.as_str(), "incomplete" | "ready") {
        return Ok(Next::Go(path_of(&present.id)));
    }
    let mut page = form_page(shop, edition, ctx, present, &sent.wallet.methods, None).await?;
    page.say(edition.say("draft-changed"));
    Ok(Next::Show(StatusCode::UNPROCESSABLE_ENTITY, Box::new(page)))
}

/// Another request is at it already.
fn is_taken(error: &Error) -> bool {
    matches!(error.reason(), "CHECKOUT_STATE" | "CHECKOUT_BUSY")
}

/// Stores what is in the form. If the address makes delivery possible and none is chosen, the first is.
async fn save(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    present: &Checkout,
    form: &Fields,
    paying: bool,
) -> Result<Checkout> {
    let quote = present.quote.clone().unwrap_or_default();
    let shipping = read_address("shipping", form);
    let shipping = Some(shipping).filter(|to| is_started(to) || (paying && quote.requires_shipping));
    let billing = if form.has("billing_differs") {
        Some(read_address("billing", form)).filter(|to| is_started(to) || paying)
    } else {
        present.billing_address.as_ref().and(shipping.clone())
    };
    let email = form.text("email");
    let request = UpdateCheckoutRequest {
        checkout_id: present.id.clone(),
        email: (paying || !email.is_empty()).then(|| email.to_owned()),
        shipping_address: shipping,
        billing_address: billing,
        shipping_option_id: form.has("shipping_option").then(|| form.text("shipping_option").to_owned()),
        accepted_notices: form.all("accept").map(str::to_owned).collect(),
        // Mails are written in what the buyer reads now.
        language: Some(edition.words.tag.clone()),
        seen: form.text("seen").to_owned(),
    };
    let saved = shop.clients.orders.update_checkout(ctx, request).await?;
    let quote = saved.quote.clone().unwrap_or_default();
    match quote.shipping_options.first() {
        Some(first) if quote.shipping_option_id.is_empty() => {
            let request = UpdateCheckoutRequest {
                checkout_id: saved.id.clone(),
                shipping_option_id: Some(first.id.clone()),
                seen: form.text("seen").to_owned(),
                ..UpdateCheckoutRequest::default()
            };
            shop.clients.orders.update_checkout(ctx, request).await
        }
        _ => Ok(saved),
    }
}

/// The form again, with each error at its field, if the buyer can mend it.
async fn refuse(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    checkout: &Checkout,
    sent: &Sent,
    error: &Error,
) -> Result<Next> {
    let form = &sent.form;
    if !answer::is_mendable(error) || error.reason() == "CHECKOUT_NOT_FOUND" {
        return Err(error.clone());
    }
    if error.reason() == "DRAFT_CHANGED" {
        return look_again(shop, edition, ctx, &read(shop, ctx, &checkout.id).await?, sent).await;
    }
    let mut page = form_page(shop, edition, ctx, checkout, &sent.wallet.methods, Some(form)).await?;
    match error.reason() {
        "KEY_REUSED" | "KEY_MISSING" => page.say(edition.say("page-out-of-date")),
        "OUT_OF_STOCK" => page.say(edition.say("just-sold")),
        "CART_EMPTY" if checkout.is_draft => return Ok(Next::Go(path_of(&checkout.id))),
        "CART_EMPTY" => return Ok(Next::Go("/cart".to_owned())),
        "INVALID_TOKEN" if chosen_payment(form).is_some_and(|chosen| chosen.provider == GIFT_CARD) => {
            page.refuse_payment(edition.say("gift-card-code-missing"));
        }
        "PURCHASE_REFUSED" => page.refuse_payment(edition.say("purchase-refused")),
        "SAVED_METHOD_EXPIRED" => page.refuse_payment(edition.say("saved-expired")),
        "SAVED_METHOD_REMOVED" | "SAVED_METHOD_NOT_FOUND" | "WALLET_NOT_FOUND" => {
            page.refuse_payment(edition.say("saved-gone"));
        }
        "PROVIDER_NOT_FOUND" | "PROVIDER_NOT_OFFERED" | "INVALID_TOKEN" => {
            page.refuse_payment(edition.say("choose-payment"));
        }
        _ if error.fields().is_empty() => {
            page.say(answer::sentence(&edition.words.translated(error.reason(), error.message())));
        }
        _ => page.add_errors(error.fields(), &edition.words),
    }
    Ok(Next::Show(StatusCode::UNPROCESSABLE_ENTITY, Box::new(page)))
}

/// What the buyer must see or do before paying: notices, a total that the form did not show.
async fn obstacle(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    checkout: &Checkout,
    sent: &Sent,
) -> Result<Option<Next>> {
    let form = &sent.form;
    let open = |notice: &&Notice| notice.resolution == "accept" || notice.resolution == "fix";
    let back_with = |mut page: CheckoutPage, text: String| {
        page.say(text);
        Ok(Some(Next::Show(StatusCode::UNPROCESSABLE_ENTITY, Box::new(page))))
    };
    if checkout.notices.iter().any(|notice| open(&notice)) {
        let page = form_page(shop, edition, ctx, checkout, &sent.wallet.methods, Some(form)).await?;
        return back_with(page, edition.say("something-changed"));
    }
    if form.text("seen_total") != seen_total(checkout.quote.as_ref()) {
        let page = form_page(shop, edition, ctx, checkout, &sent.wallet.methods, Some(form)).await?;
        return back_with(page, edition.say("total-now-includes"));
    }
    if gift::is_typed(form) {
        let page = form_page(shop, edition, ctx, checkout, &sent.wallet.methods, Some(form)).await?;
        return back_with(page, edition.say("gift-card-look-again"));
    }
    let (parts, total) = (gift_parts(checkout, form), total_of(checkout));
    let missing = match chosen_payment(form) {
        _ if gift::cover(&parts, total) => None,
        None => Some("choose-payment"),
        Some(chosen) if chosen.is_saved && sent.wallet.access.is_none() => Some("saved-gone"),
        Some(chosen) if chosen.token.is_empty() && chosen.provider == GIFT_CARD => {
            Some("gift-card-code-missing")
        }
        Some(chosen) if chosen.token.is_empty() => Some("card-incomplete"),
        Some(_) => None,
    };
    if let Some(what) = missing {
        let mut page = form_page(shop, edition, ctx, checkout, &sent.wallet.methods, Some(form)).await?;
        page.refuse_payment(edition.say(what));
        return Ok(Some(Next::Show(StatusCode::UNPROCESSABLE_ENTITY, Box::new(page))));
    }
    Ok(None)
}

/// The wallet that is paid with, or into which what pays is saved. That none can be opened stops no purchase.
async fn wallet_of(shop: &Shop, ctx: &Ctx, sent: &Sent, chosen: &Chosen) -> Option<WalletAccess> {
    if chosen.is_saved {
        return sent.wallet.access.clone();
    }
    if !chosen.remember {
        return None;
    }
    let opened = sent.wallet.or_opened(shop, ctx, sent.form.text("key")).await;
    opened
        .inspect_err(|error| {
            tracing::warn!(error = ?error, "no wallet can be opened; the purchase goes on without");
        })
        .ok()
}

async fn pay(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    checkout: &Checkout,
    sent: &Sent,
    wallet: Option<&WalletAccess>,
) -> Result<Next> {
    let Sent { form, visitor: Visitor { network, device }, .. } = sent;
    let mut also = gift_parts(checkout, form);
    let is_covered = gift::cover(&also, total_of(checkout));
    let wallet = wallet.filter(|_| !is_covered);
    let (wallet_id, wallet_key) =
        wallet.map(|access| (access.id.clone(), access.key.clone())).unwrap_or_default();
    let mut remember = false;
    let (provider, token) = match chosen_payment(form) {
        _ if is_covered => Default::default(),
        None => return Ok(Next::Go(path_of(&checkout.id))),
        Some(chosen) => {
            remember = wallet.is_some() && chosen.remember;
            if also.is_empty() {
                (chosen.provider, chosen.token)
            } else {
                // A release that knows no parts must not take all by this one.
                also.push(PartPayment { provider: chosen.provider, token: chosen.token, amount: None });
                Default::default()
            }
        }
    };
    let request = CompleteCheckoutRequest {
        checkout_id: checkout.id.clone(),
        provider,
        token,
        also,
        return_url: shop.config.absolute(&edition.path(&format!("{}/return", path_of(&checkout.id)))),
        visitor: Some(orders::Visitor { network: network.clone(), device: device.clone() }),
        wallet_id,
        wallet_key,
        remember,
        seen: form.text("seen").to_owned(),
    };
    let ctx = request::with_key_of(ctx.clone(), form);
    let completed = match shop.clients.orders.complete_checkout(&ctx, request).await {
        Ok(completed) => completed,
        Err(error) if is_taken(&error) => return Ok(Next::Go(path_of(&checkout.id))),
        Err(error) if error.reason() == "TOO_MANY_DECLINES" => {
            let mut page = form_page(shop, edition, &ctx, checkout, &sent.wallet.methods, Some(form)).await?;
            page.refuse_payment(edition.say("too-many-declines"));
            return Ok(Next::Show(StatusCode::TOO_MANY_REQUESTS, Box::new(page)));
        }
        // Whether it was paid is not known yet; the checkout's page will.
        Err(error) if error.is_transient() => return Ok(Next::Go(path_of(&checkout.id))),
        Err(error) => return refuse(shop, edition, &ctx, checkout, sent, &error).await,
    };
    match completed.status.as_str() {
        "completed" => Ok(Next::Order(Box::new(completed))),
        "needs_buyer" if !completed.action_url.is_empty() => Ok(Next::Away(completed.action_url.clone())),
        "completing" | "needs_buyer" => Ok(Next::Go(path_of(&checkout.id))),
        _ => {
            let mut page =
                form_page(shop, edition, &ctx, &completed, &sent.wallet.methods, Some(form)).await?;
            match failure_of(&completed, edition) {
                Some(text) => page.refuse_payment(text),
                None => page.say(edition.say("something-changed")),
            }
            Ok(Next::Show(StatusCode::UNPROCESSABLE_ENTITY, Box::new(page)))
        }
    }
}

fn gift_parts(checkout: &Checkout, form: &Fields) -> Vec<PartPayment> {
    let currency = checkout.quote.as_ref().map_or("", |quote| quote.currency.as_str());
    gift::parts(form, currency)
}

fn total_of(checkout: &Checkout) -> i64 {
    let total = checkout.quote.as_ref().and_then(|quote| quote.total.as_ref());
    total.map_or(0, |total| total.minor)
}

/// Why the latest attempt to pay failed, if it did. Of several payments one says so, of the same moment as the last.
pub(super) fn failure_of(checkout: &Checkout, edition: &Edition) -> Option<String> {
    let last = checkout.attempts.last()?;
    let mut tried = checkout.attempts.iter().rev().take_while(|attempt| attempt.time_ms == last.time_ms);
    let failed = tried.find(|attempt| attempt.state == "failed")?;
    let text = if failed.failure_text.is_empty() {
        edition.say("payment-failed")
    } else {
        edition.words.translated(&failed.failure_reason, &failed.failure_text)
    };
    if failed.hint.is_empty() {
        return Some(text);
    }
    let hint = failed.hint.as_str();
    let card = edition.words.say_with("gift-card-ending", [("hint", hint.into())]);
    Some(edition.words.say_with("mistake", [("label", card.into()), ("problem", text.into())]))
}

/// Where a payment sends the buyer: a page of this shop in the edition that the buyer sees, or a bank's address.
pub(super) fn at_home(edition: &Edition, action_url: &str) -> String {
    if action_url.starts_with('/') { edition.path(action_url) } else { action_url.to_owned() }
}
