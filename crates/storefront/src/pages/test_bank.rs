//! The page of the pretended bank, where the `test` provider sends buyers to confirm.

use std::collections::HashMap;

use argosy_contracts::payments::{GetIntentRequest, HandleWebhookRequest, Intent};
use argosy_edge::{Bytes, Caller};
use argosy_kernel::{Ctx, Result};
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::checkout;
use crate::{
    answer::{Answer, private_page},
    edition::In,
    price,
    request::{self, Fields, no_page},
    shop::{SharedShop, Shop},
    view::head::Head,
};

const PROVIDER: &str = "test";

#[derive(Serialize)]
struct BankPage {
    intent_id: String,
    amount: String,
    is_open: bool,
    back: String,
}

async fn intent_of(shop: &Shop, ctx: &Ctx, id: &str) -> Result<Intent> {
    let request = GetIntentRequest { intent_id: id.to_owned() };
    let intent = shop.clients.payments.get_intent(ctx, request).await?;
    if intent.provider == PROVIDER { Ok(intent) } else { Err(no_page().into_error()) }
}

/// `GET /checkout/test-bank/{intent}`.
pub(crate) async fn ask(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    Caller(ctx): Caller,
) -> Answer {
    let intent = intent_of(&shop, &ctx, &id).await?;
    let page = BankPage {
        amount: price::format_wire(intent.amount.as_ref(), &edition.words)?,
        is_open: intent.state == "requires_action",
        back: edition.path(&checkout::path_of(&intent.reference)),
        intent_id: intent.id,
    };
    let path = format!("/checkout/test-bank/{}", page.intent_id);
    let head = Head::hidden(&edition.say("test-bank"), &path);
    Ok(private_page(StatusCode::OK, shop.render(&edition, "test_bank.html", head, page).await?))
}

#[derive(Serialize)]
struct Decision<'a> {
    intent_id: &'a str,
    approve: bool,
}

/// `POST /checkout/test-bank/{intent}`: tells payments as a real bank would, then goes on with the checkout.
pub(crate) async fn decide(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let intent = intent_of(&shop, &ctx, &id).await?;
    let approve = Fields::of_bytes(&body).text("decision") == "approve";
    let decision = Decision { intent_id: &intent.id, approve };
    let message = HandleWebhookRequest {
        provider: PROVIDER.to_owned(),
        headers: HashMap::new(),
        body: serde_json::to_vec(&decision).map_err(argosy_kernel::Error::internal)?,
    };
    shop.clients.payments.handle_webhook(&ctx, message).await?;
    checkout::go_on(&shop, &edition, &ctx, &intent.reference).await
}
