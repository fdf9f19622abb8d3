//! `GET /orders/{id}?key=…`: what became of an order. The key in the link is what lets one read it, and send goods back.

use argosy_contracts::{
    downloads,
    orders::{GetOrderRequest, GetPaperRequest, Order, RequestReturnRequest},
};
use argosy_edge::{Bytes, Caller, attachment};
use argosy_kernel::{Ctx, Error, Result};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};

use super::{balance, checkout::WAIT_S};
use crate::{
    answer::{Answer, HasCardFields, private_page, see_other},
    edition::{Edition, In},
    request::{self, Fields},
    shop::{SharedShop, Shop},
    view::{
        aftersales::{Sent, asked_lines},
        head::Head,
        order::OrderPage,
    },
};

pub(super) async fn read(shop: &Shop, ctx: &Ctx, id: String, key: &str) -> Result<Order> {
    let request = GetOrderRequest { order_id: id, key: key.to_owned(), ..GetOrderRequest::default() };
    shop.clients.orders.get_order(ctx, request).await
}

/// `GET /orders/{id}?key=…`.
pub(crate) async fn order(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let fields = Fields::of_query(&uri)?;
    let order = read(&shop, &ctx, id, fields.text("key")).await?;
    if let Some(other) = shop.editions.in_language(fields.text("in")).next() {
        // A mail's link names the language that the mail is in, and no edition.
        return Ok(see_other(&other.path(&format!("/orders/{}?key={}", order.id, order.key))));
    }
    let sent = if fields.has("asked") { Sent::Asked } else { Sent::Nothing };
    let order = balance::go_on(&shop, &ctx, order).await?;
    show(&shop, &edition, &ctx, &order, (StatusCode::OK, fields.has("placed")), &sent).await
}

/// The page of an order, which was placed just now or not.
pub(super) async fn show(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    order: &Order,
    (status, is_new): (StatusCode, bool),
    sent: &Sent<'_>,
) -> Answer {
    let methods = balance::methods(shop, ctx, order).await?;
    let files = downloads::files_of(&shop.clients.media, ctx, order).await?;
    let page = OrderPage::of(order, is_new, (sent, &methods), edition)?.with_files(&files, order, edition);
    let (is_running, has_card_fields) = (page.is_being_paid(), page.has_card_fields());
    let mut response = render(shop, edition, order, status, page).await?;
    if is_running {
        response.headers_mut().insert(header::REFRESH, WAIT_S.into());
    }
    if has_card_fields {
        response.extensions_mut().insert(HasCardFields);
    }
    Ok(response)
}

/// `POST /orders/{id}`: the buyer wants to send something back. The form's hidden key makes a double click one return.
pub(crate) async fn send_back(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
    Bytes(body): Bytes,
) -> Answer {
    request::check_same_origin(&headers, &shop.config)?;
    let form = Fields::of_bytes(&body);
    let order = read(&shop, &ctx, id, form.text("order_key")).await?;
    let ctx_again = ctx.clone();
    let refused = match ask(&shop, request::with_key_of(ctx, &form), &order, &form).await {
        Ok(()) => {
            let path = format!("/orders/{}?key={}&asked=1", order.id, order.key);
            return Ok(see_other(&edition.path(&path)));
        }
        Err(error) => error,
    };
    let (status, message) = match refused.reason() {
        "NOTHING_CHOSEN" => (StatusCode::UNPROCESSABLE_ENTITY, "return-choose"),
        "QUANTITY_TOO_LARGE" => (StatusCode::CONFLICT, "return-too-many"),
        "RETURN_TOO_LATE" => (StatusCode::CONFLICT, "return-too-late"),
        "INVALID_FIELD" => (StatusCode::UNPROCESSABLE_ENTITY, "return-check"),
        _ => return Err(refused.into()),
    };
    let sent = Sent::Refused { form: &form, message };
    show(&shop, &edition, &ctx_again, &order, (status, false), &sent).await
}

/// `GET /orders/{id}/invoice.pdf?key=…`.
pub(crate) async fn invoice(
    State(shop): State<SharedShop>,
    Path(id): Path<String>,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let key = Fields::of_query(&uri)?.text("key").to_owned();
    let request = GetPaperRequest { order_id: id, key, kind: "invoice".to_owned(), number: String::new() };
    let paper = shop.clients.aftersales.get_paper(&ctx, request).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{}\"", paper.file_name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "same-origin".to_owned()),
    ];
    Ok((headers, paper.pdf).into_response())
}

/// `GET /orders/{id}/files/{file}?key=…`: a file that came with what was bought.
pub(crate) async fn file(
    State(shop): State<SharedShop>,
    Path((id, file)): Path<(String, String)>,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let key = Fields::of_query(&uri)?.text("key").to_owned();
    let clients = (&shop.clients.aftersales, &shop.clients.media);
    let (file, bytes) = downloads::take(clients, &ctx, (&id, &key), &file).await?;
    Ok(attachment(&file.name, file.size_bytes, bytes)?)
}

async fn ask(shop: &Shop, ctx: Ctx, order: &Order, form: &Fields) -> Result<()> {
    let lines = asked_lines(order, form);
    if lines.is_empty() {
        return Err(Error::invalid("NOTHING_CHOSEN", "nothing was chosen"));
    }
    // A form without its key is nobody's of ours; a fresh key asks once all the same.
    let key = ctx.idempotency_key.clone();
    let request = RequestReturnRequest {
        order_id: order.id.clone(),
        reference: key.map_or_else(request::new_key, |key| key.to_string()),
        key: order.key.clone(),
        lines,
        resolution: form.text("resolution").to_owned(),
        comment: form.text("comment").to_owned(),
    };
    shop.clients.aftersales.request_return(&ctx, request).await.map(|_| ())
}

async fn render(
    shop: &Shop,
    edition: &Edition,
    order: &Order,
    status: StatusCode,
    page: OrderPage,
) -> Answer {
    let path = format!("/orders/{}?key={}", order.id, order.key);
    let title = edition.words.say_with("order-title", [("number", order.number.as_str().into())]);
    let head = Head::hidden(&shop.config.title(&title), &path);
    let html = shop.render(edition, "order.html", head, page).await?;
    let mut response: Response = private_page(status, html);
    // The address holds the key: it must not leave with a link.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(response)
}
