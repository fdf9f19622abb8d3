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
    edition::{Edition, In},
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
pub(crate) async fn home(
    State(shop): State<SharedShop>,
    In(edition): In,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    Ok(shop.pages.get(&edition.path("/"), || render(&shop, &edition, &ctx)).await?.answer(&headers))
}

async fn render(shop: &Shop, edition: &Edition, ctx: &Ctx) -> Result<Rendered> {
    let structure = shop.structure().await?;
    let mut tags = vec![STRUCTURE.to_owned(), LISTING.to_owned()];
    let newest = QueryRequest { sort: "newest".to_owned(), limit: NEW_CARDS, ..priced_in(edition) };
    let newest = shelf(shop, edition, ctx, newest).await?;
    let shown: Vec<_> = structure.collections.iter().take(COLLECTIONS_MAX).collect();
    let queries = shown.iter().map(|collection| {
        let (collection, limit) = (collection.handle.clone(), CARDS_A_ROW);
        shelf(shop, edition, ctx, QueryRequest { collection, limit, ..priced_in(edition) })
    });
    let mut rows = Vec::new();
    for (collection, shelf) in shown.iter().zip(join_all(queries).await) {
        let shelf = shelf?;
        tags.extend(shelf.tags);
        if !shelf.cards.is_empty() {
            rows.push(Row {
                title: collection.title.clone(),
                text: collection.description.clone(),
                url: edition.path(&format!("/collections/{}", collection.handle)),
                cards: shelf.cards,
            });
        }
    }
    tags.extend(newest.tags);
    let roots = structure.children("").into_iter().take(CATEGORIES_MAX);
    let categories = roots.map(|category| category_link(category, edition)).collect();
    let mut head = Head::listed(&shop.config.shop.name, &shop.config.tagline(&edition.words), "/");
    head.schemas = schema::shop(&shop.config, edition);
    let view = HomeView { categories, rows, newest: newest.cards };
    Ok(Rendered { html: shop.render_with(edition, "home.html", head, view, &structure)?, tags })
}

fn priced_in(edition: &Edition) -> QueryRequest {
    QueryRequest { currency: edition.currency.code().to_owned(), ..QueryRequest::default() }
}

async fn shelf(shop: &Shop, edition: &Edition, ctx: &Ctx, query: QueryRequest) -> Result<Shelf> {
    shop.find(ctx, edition, query).await.map(|(_, shelf)| shelf)
}
