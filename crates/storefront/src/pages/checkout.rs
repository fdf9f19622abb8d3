//! The checkout: opened from the cart, filled in and paid for on one page.

use argosy_contracts::{
    orders::{Checkout, ContinueCheckoutRequest, GetCheckoutRequest, StartCheckoutRequest},
    payments::{ListMethodsRequest, SavedMethod},
};
use argosy_edge::{Bytes, Caller, Visitor};
use argosy_kernel::{Ctx, Error, Result};
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use serde::Serialize;
use tokio::sync::oneshot;

use super::{
    draft, gift,
    pay::{self, Next, Sent},
};
use crate::{
    answer::{Answer, Failure, HasCardFields, private_page, see_other},
    countries,
    edition::{Edition, In, SharedEdition},
    request::{self, Fields},
    shop::{SharedShop, Shop},
    structure::Structure,
    view::{
        Link,
        checkout::{CheckoutPage, Offered},
        head::Head,
    },
    wallet::Wallet,
};

/// Says in an address that the buyer goes on to the bank at once.
const ON: &str = "on";
/// How often a page that waits for the payment asks again.
pub(super) const WAIT_S: u16 = 2;

/// `POST /checkout`: opens the checkout of the visitor's cart.
pub(crate) async fn start(
    State(shop): State<SharedShop>,
    In(edition): In,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let to_cart = || see_other(&edition.path("/cart"));
    let Some(cart) = request::cart_of(&headers) else { return Ok(to_cart()) };
    let request = StartCheckoutRequest { cart_id: cart.to_string() };
    match shop.clients.orders.start_checkout(&ctx, request).await {
        Ok(checkout) => Ok(see_other(&edition.path(&path_of(&checkout.id)))),
        Err(error) if matches!(error.reason(), "CART_EMPTY" | "CART_NOT_FOUND" | "CART_COMPLETED") => {
            Ok(to_cart())
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /checkout`: there is nothing to see without a checkout.
pub(crate) async fn to_cart(In(edition): In) -> Response {
    see_other(&edition.path("/cart"))
}

/// The address of a checkout in the first edition.
pub(crate) fn path_of(id: &str) -> String {
    format!("/checkout/{id}")
}

pub(crate) async fn read(shop: &Shop, ctx: &Ctx, id: &str) -> Result<Checkout> {
    shop.clients.orders.get_checkout(ctx, GetCheckoutRequest { checkout_id: id.to_owned() }).await
}

/// `GET /checkout/{id}`; with `?shipping=US` the form has the fields of another country, for our script.
pub(crate) async fn show(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let checkout = read(&shop, &ctx, &id).await?;
    let saved = Wallet::of(&shop, &ctx, &headers).await.methods;
    let query = Fields::of_query(&uri)?;
    let looked_at = ["shipping", "billing"].into_iter().find(|prefix| query.has(prefix));
    if let Some(prefix) = looked_at.filter(|_| !is_over(&checkout)) {
        let looked_at = Some((prefix, query.text(prefix)));
        let mut page = page_with(&shop, &edition, &ctx, &checkout, &saved, None, looked_at).await?;
        let quote = checkout.quote.clone().unwrap_or_default();
        page.take_gift_cards(gift::read(&shop, &edition, &ctx, None, &quote).await?);
        return Ok(render(&shop, &edition, StatusCode::OK, page).await?);
    }
    if checkout.status == "needs_buyer" && query.has(ON) {
        return Ok(go_to_bank(wait(&shop, &edition, &ctx, &checkout, &saved).await?, &checkout.action_url));
    }
    show_as_it_is(&shop, &edition, &ctx, &checkout, &saved).await
}

/// Sends a browser that looks at the page to the bank; the page has the same as a link.
fn go_to_bank(mut page: Response, url: &str) -> Response {
    if url.starts_with("https://")
        && let Ok(refresh) = HeaderValue::try_from(format!("0; url={url}"))
    {
        page.headers_mut().insert(header::REFRESH, refresh);
    }
    page
}

/// `GET /checkout/{id}/return`: where a bank sends the buyer back to.
pub(crate) async fn come_back(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    Caller(ctx): Caller,
) -> Answer {
    go_on(&shop, &edition, &ctx, &id).await
}

/// Goes on after the buyer did what the payment asked for.
pub(crate) async fn go_on(shop: &Shop, edition: &Edition, ctx: &Ctx, id: &str) -> Answer {
    let request = ContinueCheckoutRequest { checkout_id: id.to_owned() };
    let checkout = shop.clients.orders.continue_checkout(ctx, request).await?;
    if checkout.status == "completed" {
        return Ok(to_order(shop, edition, &checkout));
    }
    Ok(see_other(&edition.path(&path_of(id))))
}

async fn show_as_it_is(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    checkout: &Checkout,
    saved: &[SavedMethod],
) -> Answer {
    match checkout.status.as_str() {
        "completed" => Ok(to_order(shop, edition, checkout)),
        "canceled" | "expired" if checkout.is_draft => {
            Ok(draft::over(shop, edition, &checkout.status, "").await?)
        }
        "canceled" | "expired" => Ok(see_other(&edition.path("/cart"))),
        "completing" | "needs_buyer" => Ok(wait(shop, edition, ctx, checkout, saved).await?),
        _ => {
            let mut page = form_page(shop, edition, ctx, checkout, saved, None).await?;
            if let Some(text) = pay::failure_of(checkout, edition) {
                page.refuse_payment(text);
            }
            Ok(render(shop, edition, StatusCode::OK, page).await?)
        }
    }
}

/// Sends the buyer to the order; the cart has become it, unless the shop put it together.
fn to_order(shop: &Shop, edition: &Edition, checkout: &Checkout) -> Response {
    let path = format!("/orders/{}?key={}&placed=1", checkout.order_id, checkout.order_key);
    let mut response = see_other(&edition.path(&path));
    if !checkout.is_draft {
        request::forget_cart(response.headers_mut(), &shop.config);
    }
    response
}

#[derive(Serialize)]
struct WaitPage {
    action_url: String,
    needs_buyer: bool,
    payment: CheckoutPage,
}

async fn wait(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    checkout: &Checkout,
    saved: &[SavedMethod],
) -> Result<Response> {
    let needs_buyer = checkout.status == "needs_buyer";
    let title = shop.config.title(&edition.say("payment"));
    let head = Head::hidden(&title, &path_of(&checkout.id));
    let payment = page_of(shop, edition, ctx, checkout, saved, None).await?;
    let has_card_fields = needs_buyer && payment.has_card_fields();
    let action_url = pay::at_home(edition, &checkout.action_url);
    let view = WaitPage { action_url, needs_buyer, payment };
    let html = shop.render(edition, "wait.html", head, view).await?;
    let mut response = private_page(StatusCode::OK, html);
    if has_card_fields {
        response.extensions_mut().insert(HasCardFields);
    }
    if !needs_buyer {
        response.headers_mut().insert(header::REFRESH, WAIT_S.into());
    }
    Ok(response)
}

fn is_over(checkout: &Checkout) -> bool {
    !matches!(checkout.status.as_str(), "incomplete" | "ready")
}

pub(crate) async fn page_of(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    checkout: &Checkout,
    saved: &[SavedMethod],
    form: Option<&Fields>,
) -> Result<CheckoutPage> {
    page_with(shop, edition, ctx, checkout, saved, form, None).await
}

async fn page_with(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    checkout: &Checkout,
    saved: &[SavedMethod],
    form: Option<&Fields>,
    looked_at: Option<(&str, &str)>,
) -> Result<CheckoutPage> {
    let invoice_to = checkout.billing_address.as_ref().or(checkout.shipping_address.as_ref());
    let request = ListMethodsRequest {
        amount: checkout.quote.as_ref().and_then(|quote| quote.total.clone()),
        country: invoice_to.map(|address| address.country.clone()).unwrap_or_default(),
        unanswered: checkout.unanswered_providers.clone(),
        ..ListMethodsRequest::default()
    };
    let methods = shop.clients.payments.list_methods(ctx, request).await?.methods;
    let structure = shop.structure().await?;
    let market = checkout.quote.as_ref().map_or("", |quote| &quote.market);
    let market = structure.markets.iter().find(|known| known.name == market);
    let home = shop.config.shop.country.code();
    let abroad = market.filter(|market| !market.countries.iter().any(|code| code == home));
    let country = abroad.and_then(|market| market.countries.first()).map_or(home, String::as_str);
    let countries = countries::choices(&shop.clients.pricing, ctx, country, &edition.words).await?;
    let offered = Offered { methods: &methods, saved, countries: &countries, country, edition, looked_at };
    let mut page = CheckoutPage::new(checkout, form, &offered)?;
    page.elsewhere = elsewhere(shop, edition, checkout, &structure);
    Ok(page)
}

/// Where the cart can be had in the currency that its destination pays in, if that is another one.
fn elsewhere(shop: &Shop, edition: &Edition, checkout: &Checkout, structure: &Structure) -> Option<Link> {
    checkout.notices.iter().find(|notice| notice.code == "MARKET_CURRENCY" && !checkout.is_draft)?;
    let country = &checkout.shipping_address.as_ref()?.country;
    let market = structure.market_of_country(country)?;
    let in_currency = || shop.editions.iter().filter(|other| other.currency.code() == market.currency);
    let spoken = in_currency().find(|other| other.words.tag == edition.words.tag);
    let other = spoken.or_else(|| in_currency().next())?;
    let title = edition.words.say_with("cart-to-currency", [("currency", market.currency.as_str().into())]);
    Some(Link::new(title, other.path("/cart")))
}

/// The page of the checkout's form, with its gift cards.
pub(crate) async fn form_page(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    checkout: &Checkout,
    saved: &[SavedMethod],
    form: Option<&Fields>,
) -> Result<CheckoutPage> {
    let mut page = page_of(shop, edition, ctx, checkout, saved, form).await?;
    let quote = checkout.quote.clone().unwrap_or_default();
    page.take_gift_cards(gift::read(shop, edition, ctx, form, &quote).await?);
    Ok(page)
}

async fn render(shop: &Shop, edition: &Edition, status: StatusCode, page: CheckoutPage) -> Result<Response> {
    let head = Head::hidden(&shop.config.title(&edition.say("checkout")), &path_of(&page.id));
    let has_card_fields = page.has_card_fields();
    let mut response = private_page(status, shop.render(edition, "checkout.html", head, page).await?);
    if has_card_fields {
        response.extensions_mut().insert(HasCardFields);
    }
    Ok(response)
}

/// `POST /checkout/{id}`: takes what is in the form; with `action=pay` it pays, too.
pub(crate) async fn submit(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    headers: HeaderMap,
    visitor: Visitor,
    Caller(ctx): Caller,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let form = Fields::of_bytes(&body);
    let id_again = id.clone();
    // A task of its own: a payment goes on when the browser goes away.
    let (done, outcome) = oneshot::channel();
    let (task_shop, tasks) = (SharedShop::clone(&shop), shop.tasks.clone());
    let task_edition = SharedEdition::clone(&edition);
    tasks.spawn(async move {
        // Nobody may be there any more to hear it; the checkout's page will say it.
        let wallet = Wallet::of(&task_shop, &ctx, &headers).await;
        let sent = Sent { form, visitor, wallet };
        let _ = done.send(pay::submit(&task_shop, &task_edition, &ctx, &id, &sent).await);
    });
    let next =
        outcome.await.map_err(|_| Failure::from(Error::unavailable("STOPPING", "the shop is restarting")))?;
    let (next, opened) = next?;
    let mut response = match next {
        Next::Go(path) => see_other(&edition.path(&path)),
        Next::Away(url) if url.starts_with('/') => see_other(&edition.path(&url)),
        // No form of ours may lead to another site, so a page in between does.
        Next::Away(_) => see_other(&edition.path(&format!("{}?{ON}=1", path_of(&id_again)))),
        Next::Order(checkout) => to_order(&shop, &edition, &checkout),
        Next::Show(status, page) => render(&shop, &edition, status, *page).await?,
    };
    if let Some(wallet) = opened {
        wallet.remember(response.headers_mut(), &shop.config);
    }
    Ok(response)
}
