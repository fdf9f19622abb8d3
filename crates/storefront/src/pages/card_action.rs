//! The page on which a bank asks the buyer to confirm a card, where the payment provider names no address for that: its
//! script opens the bank's window here.

use argosy_contracts::payments::{GetIntentRequest, ListMethodsRequest};
use argosy_edge::Caller;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Serialize;

use super::checkout;
use crate::{
    answer::{Answer, HasCardFields, private_page, see_other},
    edition::In,
    price,
    request::no_page,
    shop::SharedShop,
    view::head::Head,
};

#[derive(Serialize)]
struct ActionPage {
    amount: String,
    public_key: String,
    client_secret: String,
    back: String,
}

/// `GET /checkout/card/{intent}`. What is decided already goes back to the checkout, which goes on from there.
pub(crate) async fn ask(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    Caller(ctx): Caller,
) -> Answer {
    let payments = &shop.clients.payments;
    let intent = payments.get_intent(&ctx, GetIntentRequest { intent_id: id }).await?;
    let request = ListMethodsRequest { provider: intent.provider.clone(), ..ListMethodsRequest::default() };
    let methods = payments.list_methods(&ctx, request).await?.methods;
    let method =
        methods.into_iter().find(|one| one.provider == intent.provider && !one.public_key.is_empty());
    let back = edition.path(&format!("{}/return", checkout::path_of(&intent.reference)));
    let Some(method) = method else { return Err(no_page()) };
    if intent.state != "requires_action" || intent.client_secret.is_empty() {
        return Ok(see_other(&back));
    }
    let page = ActionPage {
        amount: price::format_wire(intent.amount.as_ref(), &edition.words)?,
        public_key: method.public_key,
        client_secret: intent.client_secret,
        back,
    };
    let head = Head::hidden(&edition.say("one-more-step"), &format!("/checkout/card/{}", intent.id));
    let html = shop.render(&edition, "card_action.html", head, page).await?;
    let mut response = private_page(StatusCode::OK, html);
    response.extensions_mut().insert(HasCardFields);
    Ok(response)
}
