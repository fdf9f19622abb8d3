//! `GET /`.

use argosy_contracts::search::QueryRequest;
use argosy_edge::Caller;
use argosy_kernel::{Ctx, Result};
use axum::extract::State;
use futures::future::join_all;
use http::HeaderMap;
use serde::Serialize;

use crate::{
    answer::Answer,
    page_cache::{LISTING, Rendered, STRUCTURE},
    products::Shelf,
    shop::{SharedShop, Shop},
    structure::category_link,
    view::{Link, card::Card, head::Head, schema},
};

const CATEGORIES_MAX: usize = 8;
const COLLECTIONS_MAX: usize = 3;
const CARDS_A_ROW: u32 = 4;
const NEW_CARDS: u32 = 8;

#[derive(Serialize)]
struct Row {
    title: String,
    text: String,
    url: String,
    cards: Vec<Card>,
}

#[derive(Serialize)]
struct HomeView {
    categories: Vec<Link>,
    rows: Vec<Row>,
    newest: Vec<Card>,
}

/// `GET /`.
pub(crate) async fn home(State(shop): State<SharedShop>, headers: HeaderMap, Caller(ctx): Caller) -> Answer {
    Ok(shop.pages.get("/", || render(&shop, &ctx)).await?.answer(&headers))
}

async fn render(shop: &Shop, ctx: &Ctx) -> Result<Rendered> {
    let structure = shop.structure().await?;
    let mut tags = vec![STRUCTURE.to_owned(), LISTING.to_owned()];
    let newest = QueryRequest { sort: "newest".to_owned(), limit: NEW_CARDS, ..of_shop(shop) };
    let newest = shelf(shop, ctx, newest).await?;
    let shown: Vec<_> = structure.collections.iter().take(COLLECTIONS_MAX).collect();
    let queries = shown.iter().map(|collection| {
        let query =
            QueryRequest { collection: collection.handle.clone(), limit: CARDS_A_ROW, ..of_shop(shop) };
        shelf(shop, ctx, query)
    });
    let mut rows = Vec::new();
    for (collection, shelf) in shown.iter().zip(join_all(queries).await) {
        let shelf = shelf?;
        tags.extend(shelf.tags);
        if !shelf.cards.is_empty() {
            rows.push(Row {
                title: collection.title.clone(),
                text: collection.description.clone(),
                url: format!("/collections/{}", collection.handle),
                cards: shelf.cards,
            });
        }
    }
    tags.extend(newest.tags);
    let categories = structure.children("").into_iter().take(CATEGORIES_MAX).map(category_link).collect();
    let mut head = Head::listed(&shop.config.shop.name, &shop.config.tagline, shop.config.absolute("/"));
    head.schemas = schema::shop(&shop.config);
    let view = HomeView { categories, rows, newest: newest.cards };
    Ok(Rendered { html: shop.render_with("home.html", head, view, &structure)?, tags })
}

fn of_shop(shop: &Shop) -> QueryRequest {
    QueryRequest { currency: shop.config.shop.currency.code().to_owned(), ..QueryRequest::default() }
}

async fn shelf(shop: &Shop, ctx: &Ctx, query: QueryRequest) -> Result<Shelf> {
    shop.find(ctx, query).await.map(|(_, shelf)| shelf)
}
