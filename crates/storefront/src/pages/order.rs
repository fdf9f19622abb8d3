//! `GET /orders/{id}?key=…`: what became of an order. The key in the link is what lets one read it.

use argosy_contracts::orders::GetOrderRequest;
use argosy_edge::Caller;
use axum::extract::{Path, State};
use http::{HeaderValue, StatusCode, Uri, header};

use crate::{
    answer::{Answer, private_page},
    request::Fields,
    shop::SharedShop,
    view::{head::Head, order::OrderPage},
};

/// `GET /orders/{id}?key=…`.
pub(crate) async fn order(
    State(shop): State<SharedShop>,
    Path(id): Path<String>,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let fields = Fields::of_query(&uri)?;
    let request = GetOrderRequest { order_id: id, key: fields.text("key").to_owned() };
    let order = shop.clients.orders.get_order(&ctx, request).await?;
    let page = OrderPage::of(&order, fields.has("placed"))?;
    let head = Head::hidden(&format!("Order {} – {}", order.number, shop.config.shop.name));
    let mut response = private_page(StatusCode::OK, shop.render("order.html", head, page).await?);
    // The address holds the key: it must not leave with a link.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(response)
}
