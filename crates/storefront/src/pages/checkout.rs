//! The checkout: opened from the cart, filled in and paid for on one page.

use argosy_contracts::{
    orders::{Checkout, ContinueCheckoutRequest, GetCheckoutRequest, StartCheckoutRequest},
    payments::ListMethodsRequest,
};
use argosy_edge::{Bytes, Caller};
use argosy_kernel::{Ctx, Error, Result};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use tokio::sync::oneshot;

use super::pay::{self, Next};
use crate::{
    answer::{Answer, Failure, private_page, see_other},
    countries,
    request::{self, Fields},
    shop::{SharedShop, Shop},
    view::{
        checkout::{CheckoutPage, Offered},
        head::Head,
    },
};

/// How often a page that waits for the payment asks again.
const WAIT_S: u16 = 2;

/// `POST /checkout`: opens the checkout of the visitor's cart.
pub(crate) async fn start(State(shop): State<SharedShop>, headers: HeaderMap, Caller(ctx): Caller) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let Some(cart) = request::cart_of(&headers) else { return Ok(see_other("/cart")) };
    let request = StartCheckoutRequest { cart_id: cart.to_string() };
    match shop.clients.orders.start_checkout(&ctx, request).await {
        Ok(checkout) => Ok(see_other(&path_of(&checkout.id))),
        Err(error) if matches!(error.reason(), "CART_EMPTY" | "CART_NOT_FOUND" | "CART_COMPLETED") => {
            Ok(see_other("/cart"))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /checkout`: there is nothing to see without a checkout.
pub(crate) async fn to_cart() -> Response {
    see_other("/cart")
}

/// The address of a checkout.
pub(crate) fn path_of(id: &str) -> String {
    format!("/checkout/{id}")
}

pub(crate) async fn read(shop: &Shop, ctx: &Ctx, id: &str) -> Result<Checkout> {
    shop.clients.orders.get_checkout(ctx, GetCheckoutRequest { checkout_id: id.to_owned() }).await
}

/// `GET /checkout/{id}`.
pub(crate) async fn show(
    State(shop): State<SharedShop>,
    Path(id): Path<String>,
    Caller(ctx): Caller,
) -> Answer {
    let checkout = read(&shop, &ctx, &id).await?;
    show_as_it_is(&shop, &ctx, &checkout).await
}

/// `GET /checkout/{id}/return`: where a bank sends the buyer back to.
pub(crate) async fn come_back(
    State(shop): State<SharedShop>,
    Path(id): Path<String>,
    Caller(ctx): Caller,
) -> Answer {
    go_on(&shop, &ctx, &id).await
}

/// Goes on after the buyer did what the payment asked for.
pub(crate) async fn go_on(shop: &Shop, ctx: &Ctx, id: &str) -> Answer {
    let request = ContinueCheckoutRequest { checkout_id: id.to_owned() };
    let checkout = shop.clients.orders.continue_checkout(ctx, request).await?;
    if checkout.status == "completed" {
        return Ok(to_order(shop, &checkout));
    }
    Ok(see_other(&path_of(id)))
}

async fn show_as_it_is(shop: &Shop, ctx: &Ctx, checkout: &Checkout) -> Answer {
    match checkout.status.as_str() {
        "completed" => Ok(to_order(shop, checkout)),
        "canceled" | "expired" => Ok(see_other("/cart")),
        "completing" | "needs_buyer" => Ok(wait(shop, ctx, checkout).await?),
        _ => {
            let mut page = page_of(shop, ctx, checkout, None).await?;
            if let Some(text) = pay::failure_of(checkout) {
                page.refuse_payment(text);
            }
            Ok(render(shop, StatusCode::OK, page).await?)
        }
    }
}

/// Sends the buyer to the order; the cart has become it.
fn to_order(shop: &Shop, checkout: &Checkout) -> Response {
    let path = format!("/orders/{}?key={}&placed=1", checkout.order_id, checkout.order_key);
    let mut response = see_other(&path);
    request::forget_cart(response.headers_mut(), &shop.config);
    response
}

#[derive(Serialize)]
struct WaitPage {
    action_url: String,
    needs_buyer: bool,
    payment: CheckoutPage,
}

async fn wait(shop: &Shop, ctx: &Ctx, checkout: &Checkout) -> Result<Response> {
    let needs_buyer = checkout.status == "needs_buyer";
    let head = Head::hidden(&format!("Payment – {}", shop.config.shop.name));
    let payment = page_of(shop, ctx, checkout, None).await?;
    let view = WaitPage { action_url: checkout.action_url.clone(), needs_buyer, payment };
    let mut response = private_page(StatusCode::OK, shop.render("wait.html", head, view).await?);
    if !needs_buyer {
        response.headers_mut().insert(header::REFRESH, WAIT_S.into());
    }
    Ok(response)
}

pub(crate) async fn page_of(
    shop: &Shop,
    ctx: &Ctx,
    checkout: &Checkout,
    form: Option<&Fields>,
) -> Result<CheckoutPage> {
    let amount = checkout.quote.as_ref().and_then(|quote| quote.total.clone());
    let methods = shop.clients.payments.list_methods(ctx, ListMethodsRequest { amount }).await?.methods;
    let countries = countries::choices(&shop.clients.pricing, ctx, shop.config.shop.country.code()).await?;
    let offered =
        Offered { methods: &methods, countries: &countries, country: shop.config.shop.country.code() };
    CheckoutPage::new(checkout, form, &offered)
}

async fn render(shop: &Shop, status: StatusCode, page: CheckoutPage) -> Result<Response> {
    let head = Head::hidden(&format!("Checkout – {}", shop.config.shop.name));
    Ok(private_page(status, shop.render("checkout.html", head, page).await?))
}

/// `POST /checkout/{id}`: takes what is in the form; with `action=pay` it pays, too.
pub(crate) async fn submit(
    State(shop): State<SharedShop>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let form = Fields::of_bytes(&body);
    // A task of its own: a payment goes on when the browser goes away.
    let (done, outcome) = oneshot::channel();
    let (task_shop, tasks) = (SharedShop::clone(&shop), shop.tasks.clone());
    tasks.spawn(async move {
        // Nobody may be there any more to hear it; the checkout's page will say it.
        let _ = done.send(pay::submit(&task_shop, &ctx, &id, &form).await);
    });
    let next =
        outcome.await.map_err(|_| Failure::from(Error::unavailable("STOPPING", "the shop is restarting")))?;
    match next? {
        Next::Go(path) => Ok(see_other(&path)),
        Next::Order(checkout) => Ok(to_order(&shop, &checkout)),
        Next::Show(status, page) => Ok(render(&shop, status, *page).await?.into_response()),
    }
}
