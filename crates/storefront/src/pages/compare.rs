//! Products that the address names: side by side, or as cards for our script. What a visitor looked at or compares is
//! known to their browser only.

use argosy_contracts::catalog::{GetProductsRequest, Product};
use argosy_edge::Caller;
use axum::extract::State;
use http::{StatusCode, Uri};
use serde::Serialize;

use crate::{
    answer::{Answer, private_page},
    edition::In,
    request::Fields,
    shop::SharedShop,
    view::{card::Card, compare::ComparePage, head::Head},
};

const COMPARED_MAX: usize = 4;
const CARDS_MAX: usize = 8;
const HANDLE_LENGTH_MAX: usize = 200;

/// The handles in `handles=a,b,c`, each once.
fn handles_of(fields: &Fields, most: usize) -> Vec<String> {
    let mut handles: Vec<String> = Vec::new();
    for handle in fields.text("handles").split(',').filter(|handle| !handle.is_empty()) {
        let is_new = !handles.iter().any(|known| known == handle);
        if is_new && handle.len() <= HANDLE_LENGTH_MAX && handles.len() < most {
            handles.push(handle.to_owned());
        }
    }
    handles
}

/// `GET /compare?handles=…`: up to four products side by side.
pub(crate) async fn compare(
    State(shop): State<SharedShop>,
    In(edition): In,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let handles = handles_of(&Fields::of_query(&uri)?, COMPARED_MAX);
    let mut path = "/compare".to_owned();
    let mut products = Vec::new();
    if !handles.is_empty() {
        path.extend(["?handles=", &handles.join(",")]);
        let request = GetProductsRequest { handles: handles.clone(), ..GetProductsRequest::default() };
        products = shop.clients.catalog.get_products(&ctx, request).await?.products;
        shop.reprice(&ctx, &edition, &mut products, 0).await?;
    }
    let place = |product: &Product| handles.iter().position(|handle| *handle == product.handle);
    products.sort_by_key(place);
    let variants = products.iter().flat_map(|product| product.variants.iter());
    let checked = variants.map(|variant| variant.id.clone()).take(500).collect();
    let stock = shop.stock(&ctx, checked).await?;
    let structure = shop.structure().await?;
    let view = ComparePage::of(&products, &stock, &structure, &edition);
    let head = Head::hidden(&shop.config.title(&edition.say("compare-title")), &path);
    let html = shop.render_with(&edition, "compare.html", head, view, &structure)?;
    Ok(private_page(StatusCode::OK, html))
}

#[derive(Serialize)]
struct Cards {
    cards: Vec<Card>,
}

/// `GET /products?handles=…`: cards without a page around them, which our script puts into one.
pub(crate) async fn cards(
    State(shop): State<SharedShop>,
    In(edition): In,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let handles = handles_of(&Fields::of_query(&uri)?, CARDS_MAX);
    let request = GetProductsRequest { handles: handles.clone(), ..GetProductsRequest::default() };
    let mut cards = shop.shelf(&ctx, &edition, request).await?.cards;
    let place = |card: &Card| {
        let path = edition.path("/products/");
        handles.iter().position(|handle| card.url.strip_prefix(&path) == Some(handle))
    };
    cards.sort_by_key(place);
    let html = shop.render(&edition, "cards.html", Head::hidden("", "/products"), Cards { cards }).await?;
    Ok(private_page(StatusCode::OK, html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_few_and_each_once() {
        let read = |query: &str| handles_of(&Fields::of_bytes(query.as_bytes()), 3);
        assert_eq!(read("handles=a,b,,a,c,d"), ["a", "b", "c"]);
        assert_eq!(read(&format!("handles={},b", "x".repeat(300))), ["b"]);
        assert_eq!(read("other=a"), [""; 0]);
    }
}
