//! The cart: shown, changed, counted. Every form carries a key, so that sending it twice has one effect.

use argosy_contracts::cart::{
    AddCode, AddLine, ApplyCommandsRequest, CartDocument, CartView, Command, CreateCartRequest,
    GetCartRequest, RemoveCode, SetCurrency, SetQuantity, SetWrap, command::Command as Change,
};
use argosy_edge::{Bytes, Caller};
use argosy_kernel::{CartId, Ctx, Error, Result};
use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::{
    answer::{Answer, is_mendable, private_page, see_other, sentence},
    edition::{Edition, In},
    request::{self, Fields},
    shop::{SharedShop, Shop},
    view::{cart::CartPage, head::Head},
};

/// `GET /cart`.
pub(crate) async fn cart(
    State(shop): State<SharedShop>,
    In(edition): In,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let had_one = request::cart_of(&headers).is_some();
    let open = open_cart(&shop, &ctx, &headers).await?;
    let page = page_of(open.as_ref(), &edition)?;
    let mut response = show(&shop, &edition, StatusCode::OK, page).await?;
    if had_one && open.is_none() {
        request::forget_cart(response.headers_mut(), &shop.config);
    }
    Ok(response)
}

fn page_of(cart: Option<&CartView>, edition: &Edition) -> Result<CartPage> {
    cart.map_or_else(|| Ok(CartPage::empty()), |cart| CartPage::of(cart, edition))
}

async fn show(shop: &Shop, edition: &Edition, status: StatusCode, page: CartPage) -> Result<Response> {
    let head = Head::hidden(&shop.config.title(&edition.say("cart")), "/cart");
    Ok(private_page(status, shop.render(edition, "cart.html", head, page).await?))
}

/// The visitor's cart if there is one that has not ended.
async fn open_cart(shop: &Shop, ctx: &Ctx, headers: &HeaderMap) -> Result<Option<CartView>> {
    let Some(id) = request::cart_of(headers) else { return Ok(None) };
    let request = GetCartRequest { cart_id: id.to_string(), without_quote: false };
    match shop.clients.cart.get_cart(ctx, request).await {
        Ok(view) if view.cart.as_ref().is_some_and(|cart| cart.order_id.is_empty()) => Ok(Some(view)),
        Ok(_) => Ok(None),
        Err(error) if has_ended(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn has_ended(error: &Error) -> bool {
    matches!(error.reason(), "CART_NOT_FOUND" | "CART_COMPLETED")
}

#[derive(Serialize)]
struct Count {
    count: i64,
}

/// `GET /cart/count`: for the number in the header, which is in no cached page.
pub(crate) async fn count(State(shop): State<SharedShop>, headers: HeaderMap, Caller(ctx): Caller) -> Answer {
    let mut count = 0;
    if let Some(id) = request::cart_of(&headers) {
        let request = GetCartRequest { cart_id: id.to_string(), without_quote: true };
        match shop.clients.cart.get_cart(&ctx, request).await {
            Ok(view) => count = count_of(&view),
            Err(error) if has_ended(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(request::json(&Count { count }))
}

fn count_of(view: &CartView) -> i64 {
    let cart = view.cart.as_ref().filter(|cart| cart.order_id.is_empty());
    cart.map_or(0, |cart| cart.lines.iter().map(|line| line.quantity).sum())
}

#[derive(Serialize)]
struct Refusal {
    error: String,
}

/// `POST /cart/lines`: puts a variant in, and makes a cart if there is none.
pub(crate) async fn add(
    State(shop): State<SharedShop>,
    In(edition): In,
    headers: HeaderMap,
    Caller(ctx): Caller,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let form = Fields::of_bytes(&body);
    let by_script = request::wants_json(&headers);
    let line = AddLine {
        variant_id: form.text("variant").to_owned(),
        quantity: form.text("quantity").parse().unwrap_or(1),
    };
    let ctx = request::with_key_of(ctx, &form);
    match put_in(&shop, &edition, &ctx, request::cart_of(&headers), line).await {
        Ok(view) => {
            let mut response = if by_script {
                request::json(&Count { count: count_of(&view) })
            } else {
                see_other(&edition.path("/cart"))
            };
            let id = view.cart.map(|cart| cart.id).unwrap_or_default();
            request::remember_cart(response.headers_mut(), &id, &shop.config);
            Ok(response)
        }
        Err(error) if is_mendable(&error) && by_script => {
            let mut response = request::json(&Refusal { error: text_of(&error, &edition) });
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) if is_mendable(&error) => refused(&shop, &edition, &ctx, &headers, &error, "").await,
        Err(error) => Err(error.into()),
    }
}

/// The price that the visitor sees is of the edition's currency and market, so the cart gets them.
async fn put_in(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    cart: Option<CartId>,
    line: AddLine,
) -> Result<CartView> {
    if let Some(id) = cart {
        let request = GetCartRequest { cart_id: id.to_string(), without_quote: true };
        let added = match shop.clients.cart.get_cart(ctx, request).await {
            Ok(present) => {
                let market = market_of(shop, edition).await?;
                let is_other =
                    |cart: CartDocument| cart.currency != edition.currency.code() || cart.market != market;
                let is_other = present.cart.is_some_and(is_other);
                let currency = is_other.then(|| in_currency_of(edition, market));
                let changes = currency.into_iter().chain([Change::AddLine(line.clone())]).collect();
                apply(shop, ctx, id, changes).await
            }
            Err(error) => Err(error),
        };
        match added {
            Err(error) if has_ended(&error) => {}
            other => return other,
        }
    }
    let (currency, market) = (edition.currency.code().to_owned(), market_of(shop, edition).await?);
    shop.clients.cart.create_cart(ctx, CreateCartRequest { currency, lines: vec![line], market }).await
}

/// The name of the market that the visitor sees; empty: pricing chooses by the currency.
async fn market_of(shop: &Shop, edition: &Edition) -> Result<String> {
    let structure = shop.structure().await?;
    Ok(structure.market_of(edition).map(|market| market.name.clone()).unwrap_or_default())
}

fn in_currency_of(edition: &Edition, market: String) -> Change {
    Change::SetCurrency(SetCurrency { currency: edition.currency.code().to_owned(), market })
}

async fn apply(shop: &Shop, ctx: &Ctx, id: CartId, changes: Vec<Change>) -> Result<CartView> {
    let commands = changes.into_iter().map(|change| Command { command: Some(change) }).collect();
    let request = ApplyCommandsRequest { cart_id: id.to_string(), commands };
    shop.clients.cart.apply_commands(ctx, request).await
}

/// What a cart's form asks for: a code, a removal, a line's wrap, or all quantities as they stand in it.
fn changes_of(form: &Fields) -> Vec<Change> {
    let text = |name| form.text(name).to_owned();
    if form.has("remove") {
        return vec![Change::SetQuantity(SetQuantity { line_id: text("remove"), quantity: 0 })];
    }
    if form.has("remove_code") {
        return vec![Change::RemoveCode(RemoveCode { code: text("remove_code") })];
    }
    if form.has("wrap_line") {
        let wrap = text("wrap");
        // What was written with a wrap that is left is not wanted any more.
        let message = if wrap.is_empty() { String::new() } else { text("message") };
        return vec![Change::SetWrap(SetWrap { line_id: text("wrap_line"), wrap, message })];
    }
    if form.has("code") {
        return vec![Change::AddCode(AddCode { code: text("code") })];
    }
    let quantity = |(line, quantity): (&str, &str)| {
        // What is not a number is refused by the cart, with the field named.
        let quantity = if quantity.is_empty() { 0 } else { quantity.parse().unwrap_or(-1) };
        Change::SetQuantity(SetQuantity { line_id: line.to_owned(), quantity })
    };
    form.starting("quantity.").take(100).map(quantity).collect()
}

/// `POST /cart/currency`: has the cart in the currency of the edition.
pub(crate) async fn change_currency(
    State(shop): State<SharedShop>,
    In(edition): In,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    if let Some(id) = request::cart_of(&headers) {
        let market = market_of(&shop, &edition).await?;
        match apply(&shop, &ctx, id, vec![in_currency_of(&edition, market)]).await {
            Ok(_) => {}
            Err(error) if has_ended(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(see_other(&edition.path("/cart")))
}

/// `POST /cart`.
pub(crate) async fn change(
    State(shop): State<SharedShop>,
    In(edition): In,
    headers: HeaderMap,
    Caller(ctx): Caller,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let form = Fields::of_bytes(&body);
    let to_cart = || see_other(&edition.path("/cart"));
    let (Some(id), changes) = (request::cart_of(&headers), changes_of(&form)) else {
        return Ok(to_cart());
    };
    if changes.is_empty() {
        return Ok(to_cart());
    }
    let ctx = request::with_key_of(ctx, &form);
    match apply(&shop, &ctx, id, changes).await {
        Ok(_) => Ok(to_cart()),
        // The line was removed in another tab, or the cart has ended: the page says how it is now.
        Err(error) if has_ended(&error) || error.reason() == "LINE_NOT_FOUND" => Ok(to_cart()),
        Err(error) if is_mendable(&error) => {
            refused(&shop, &edition, &ctx, &headers, &error, form.text("code")).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The cart as it is, with what was wrong.
async fn refused(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    headers: &HeaderMap,
    error: &Error,
    code: &str,
) -> Answer {
    let open = open_cart(shop, ctx, headers).await?;
    let mut page = page_of(open.as_ref(), edition)?;
    code.clone_into(&mut page.code_input);
    if code.is_empty() {
        page.error = text_of(error, edition);
    } else {
        page.code_error = text_of(error, edition);
    }
    Ok(show(shop, edition, StatusCode::UNPROCESSABLE_ENTITY, page).await?)
}

/// What is wrong, in words for visitors: ids mean nothing to them.
fn text_of(error: &Error, edition: &Edition) -> String {
    let words = &edition.words;
    let problem = |field: &argosy_kernel::FieldError| words.translated("", &field.message);
    match (error.reason(), error.fields()) {
        ("VARIANT_NOT_FOUND" | "INVALID_ID", _) => words.say("item-not-sold"),
        ("INVALID_FIELD", [field, ..]) if field.pointer.ends_with("/quantity") => {
            sentence(&words.say_with("wrong-quantity", [("problem", problem(field).into())]))
        }
        ("INVALID_FIELD", [field, ..]) if field.pointer.ends_with("/message") => {
            sentence(&words.say_with("wrong-message", [("problem", problem(field).into())]))
        }
        ("INVALID_FIELD", [field, ..]) if field.pointer.ends_with("/wrap") => words.say("wrong-wrap"),
        ("INVALID_FIELD", [field, ..]) => {
            sentence(&words.say_with("wrong-code", [("problem", problem(field).into())]))
        }
        (reason, _) => sentence(&words.translated(reason, error.message())),
    }
}
