//! `GET /orders/{id}?key=…`: what became of an order. The key in the link is what lets one read it.

use argosy_contracts::orders::GetOrderRequest;
use argosy_edge::Caller;
use axum::extract::{Path, State};
use http::{HeaderValue, StatusCode, Uri, header};

use crate::{
    answer::{Answer, private_page},
    edition::In,
    request::Fields,
    shop::SharedShop,
    view::{head::Head, order::OrderPage},
};

/// `GET /orders/{id}?key=…`.
pub(crate) async fn order(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(id): Path<String>,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let fields = Fields::of_query(&uri)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let request = GetOrderRequest { order_id: id, key: fields.text("key").to_owned() };
    let order = shop.clients.orders.get_order(&ctx, request).await?;
    let page = OrderPage::of(&order, fields.has("placed"), &edition)?;
    let title = edition.words.say_with("order-title", [("number", order.number.as_str().into())]);
    let head = Head::hidden(&shop.config.title(&title), &path);
    let html = shop.render(&edition, "order.html", head, page).await?;
    let mut response = private_page(StatusCode::OK, html);
    // The address holds the key: it must not leave with a link.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(response)
}
