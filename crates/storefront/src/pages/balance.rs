//! `POST /orders/{id}/pay`: the buyer pays what is due of an order after the sale.
//!
//! Law 7: as much as the page showed. Law 4: the form's hidden key is the payment's, and `orders` takes one at a time.

use argosy_contracts::{
    common::Money,
    orders::{self, ContinueBalanceRequest, Order, PayBalanceRequest},
    payments::{ListMethodsRequest, PaymentMethod},
};
use argosy_edge::{Bytes, Caller, Visitor};
use argosy_kernel::{Code, Ctx, Error, Result};
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};

use super::{checkout::path_of, order, pay::at_home};
use crate::{
    answer::{self, Answer, see_other},
    edition::{Edition, In},
    request::{self, Fields},
    shop::{SharedShop, Shop},
    view::{
        aftersales::Sent,
        checkout::chosen_payment,
        order::{failure_of, is_payable},
    },
};

/// Who is paid by hand takes no payments of what is due: nothing would be awaited of them.
const BY_HAND: &str = "manual";

/// By what a buyer may pay what is due of an order; nothing if nothing is, or nobody may now.
pub(super) async fn methods(shop: &Shop, ctx: &Ctx, order: &Order) -> Result<Vec<PaymentMethod>> {
    if !is_payable(order) {
        return Ok(Vec::new());
    }
    let invoice_to = order.billing_address.as_ref().or(order.shipping_address.as_ref());
    let request = ListMethodsRequest {
        amount: order.money.as_ref().and_then(|money| money.due.clone()),
        country: invoice_to.map(|address| address.country.clone()).unwrap_or_default(),
        ..ListMethodsRequest::default()
    };
    let mut methods = shop.clients.payments.list_methods(ctx, request).await?.methods;
    methods.retain(|method| method.provider != BY_HAND);
    Ok(methods)
}

/// Goes on with a payment whose buyer was at the bank; the order as it is then.
pub(super) async fn go_on(shop: &Shop, ctx: &Ctx, order: Order) -> Result<Order> {
    if order.balance.as_ref().is_none_or(|balance| balance.state != "needs_buyer") {
        return Ok(order);
    }
    let request = ContinueBalanceRequest { order_id: order.id.clone(), key: order.key.clone() };
    match shop.clients.aftersales.continue_balance(ctx, request).await {
        Ok(answer) => Ok(answer.order.unwrap_or(order)),
        // Its provider does not answer: the page says that it runs.
        Err(error) if error.is_transient() => Ok(order),
        Err(error) => Err(error),
    }
}

/// `POST /orders/{id}/pay`.
pub(crate) async fn pay(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
    Visitor { network, device }: Visitor,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let form = Fields::of_bytes(&body);
    let read = order::read(&shop, &ctx, id, form.text("order_key")).await?;
    let page = edition.path(&format!("/orders/{}?key={}", read.id, read.key));
    let refuse = async |status, text: String| {
        let again = order::read(&shop, &ctx, read.id.clone(), &read.key).await?;
        order::show(&shop, &edition, &ctx, &again, (status, false), &Sent::NotPaid { form: &form, text })
            .await
    };
    let chosen = chosen_payment(&form).filter(|chosen| !chosen.is_saved && !chosen.token.is_empty());
    let Some(chosen) = chosen else {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, edition.say("choose-payment")).await;
    };
    let request = PayBalanceRequest {
        order_id: read.id.clone(),
        reference: Some(form.text("key").to_owned())
            .filter(|key| !key.is_empty())
            .unwrap_or_else(request::new_key),
        key: read.key.clone(),
        provider: chosen.provider,
        token: chosen.token,
        // The checkout's own address: the order's has its key, which is nobody's but the buyer's.
        return_url: shop.config.absolute(&edition.path(&format!("{}/return", path_of(&read.checkout_id)))),
        amount: seen(&form),
        visitor: Some(orders::Visitor { network, device }),
    };
    let paid = match shop.clients.aftersales.pay_balance(&ctx, request).await {
        Ok(answer) => answer.payment.unwrap_or_default(),
        Err(error) if error.reason() == "TOO_MANY_DECLINES" => {
            return refuse(StatusCode::TOO_MANY_REQUESTS, edition.say("too-many-declines")).await;
        }
        // It goes on, here or elsewhere; its page says how it came out.
        Err(error) if error.is_transient() || error.reason() == "ORDER_BUSY" => return Ok(see_other(&page)),
        Err(error) => match problem(&edition, &error) {
            Some(text) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, text).await,
            None => return Err(error.into()),
        },
    };
    match paid.state.as_str() {
        "needs_buyer" if paid.action_url.starts_with('/') => {
            Ok(see_other(&at_home(&edition, &paid.action_url)))
        }
        "failed" => refuse(StatusCode::UNPROCESSABLE_ENTITY, failure_of(&paid, &edition)).await,
        // No form of ours may lead to another site, so the page has it as a link.
        _ => Ok(see_other(&page)),
    }
}

/// What is said of a payment that was not made; none: it is no fault of the form.
fn problem(edition: &Edition, error: &Error) -> Option<String> {
    let text = match error.reason() {
        "DUE_CHANGED" | "NOTHING_DUE" => edition.say("due-changed"),
        "KEY_REUSED" => edition.say("page-out-of-date"),
        "INVALID_TOKEN" | "PROVIDER_NOT_FOUND" | "PROVIDER_NOT_OFFERED" => edition.say("choose-payment"),
        // A release before this one beside it.
        _ if error.code() == Code::Unimplemented => edition.say("no-payment"),
        _ if answer::is_mendable(error) => {
            answer::sentence(&edition.words.translated(error.reason(), error.message()))
        }
        _ => return None,
    };
    Some(text)
}

/// What the form showed as due: `1999 EUR`.
fn seen(form: &Fields) -> Option<Money> {
    let (minor, currency) = form.text("seen_due").split_once(' ')?;
    Some(Money { minor: minor.parse().ok()?, currency: currency.to_owned() })
}
