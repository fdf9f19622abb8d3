//! Categories, collections and search results.

use argosy_contracts::search::{QueryRequest, QueryResponse, SuggestRequest};
use argosy_edge::Caller;
use argosy_kernel::{Ctx, Error, Result};
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode, Uri};

use crate::{
    answer::{Answer, private_page},
    edition::{Edition, In},
    page_cache::{LISTING, Rendered, STRUCTURE},
    products::Shelf,
    request::{self, Fields},
    shop::{SharedShop, Shop},
    structure::{Structure, category_link},
    view::{
        Link,
        head::Head,
        listing::{ListingQuery, ListingView},
        schema,
    },
};

/// What a listing is of.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Category(&'a str),
    Collection(&'a str),
}

impl Scope<'_> {
    /// Where it is in the first edition.
    fn path(self) -> String {
        match self {
            Self::Category(handle) => format!("/categories/{handle}"),
            Self::Collection(handle) => format!("/collections/{handle}"),
        }
    }
}

/// `GET /categories/{handle}`.
pub(crate) async fn category(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(handle): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    cached(&shop, &edition, &ctx, &uri, &headers, Scope::Category(&handle)).await
}

/// `GET /collections/{handle}`.
pub(crate) async fn collection(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(handle): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    cached(&shop, &edition, &ctx, &uri, &headers, Scope::Collection(&handle)).await
}

async fn cached(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    uri: &Uri,
    headers: &HeaderMap,
    scope: Scope<'_>,
) -> Answer {
    let mut query = ListingQuery::read(&Fields::of_query(uri)?, edition.currency);
    query.text.clear();
    if let Scope::Category(_) = scope {
        query.category.clear();
    }
    let key = query.url(&edition.path(uri.path()));
    Ok(shop.pages.get(&key, || render(shop, edition, ctx, scope, &query)).await?.answer(headers))
}

async fn render(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    scope: Scope<'_>,
    query: &ListingQuery,
) -> Result<Rendered> {
    let structure = shop.structure().await?;
    let mut view = describe(&structure, edition, scope)?;
    let (currency, path) = (edition.currency, scope.path());
    let request = match scope {
        Scope::Category(handle) => {
            QueryRequest { category: handle.to_owned(), ..query.to_request("", currency) }
        }
        Scope::Collection(handle) => query.to_request(handle, currency),
    };
    let (found, shelf) = shop.find(ctx, edition, request).await?;
    let mut tags = vec![STRUCTURE.to_owned(), LISTING.to_owned()];
    tags.extend(shelf.tags.iter().cloned());
    fill(&mut view, query, found, shelf, edition);
    if let Scope::Category(_) = scope {
        view.leave_out_categories();
    }
    let mut head = Head::listed(
        &shop.config.title(&view.title),
        if view.text.is_empty() { &view.title } else { &view.text },
        &path,
    );
    head.path = query.url(&path);
    head.listed = query.is_plain();
    head.schemas = vec![schema::breadcrumbs(&shop.config, &view.trail)];
    Ok(Rendered { html: shop.render_with(edition, "listing.html", head, view, &structure)?, tags })
}

fn describe(structure: &Structure, edition: &Edition, scope: Scope<'_>) -> Result<ListingView> {
    let missing = || Error::not_found("PAGE_NOT_FOUND", "there is no such page");
    let home = Link::new(edition.say("home"), edition.path("/"));
    let category_link = |category| category_link(category, edition);
    match scope {
        Scope::Category(handle) => {
            let category = structure.category(handle).ok_or_else(missing)?;
            let path = structure.path_to(&category.id).into_iter().map(category_link);
            let trail = std::iter::once(home).chain(path).collect();
            let mut view = ListingView::new(category_link(category), trail);
            view.text.clone_from(&category.description);
            view.children = structure.children(&category.id).into_iter().map(category_link).collect();
            Ok(view)
        }
        Scope::Collection(handle) => {
            let collection = structure.collection(handle).ok_or_else(missing)?;
            let link = Link::new(collection.title.clone(), edition.path(&scope.path()));
            let mut view = ListingView::new(link.clone(), vec![home, link]);
            view.text.clone_from(&collection.description);
            Ok(view)
        }
    }
}

fn fill(view: &mut ListingView, query: &ListingQuery, found: QueryResponse, shelf: Shelf, edition: &Edition) {
    view.fill(query, &found.facets, &found.next, edition);
    view.matches = found.matches;
    view.corrected = found.corrected;
    view.cards = shelf.cards;
}

/// `GET /search?q=…`.
pub(crate) async fn search(
    State(shop): State<SharedShop>,
    In(edition): In,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let query = ListingQuery::read(&Fields::of_query(&uri)?, edition.currency);
    let request = QueryRequest { marks: true, ..query.to_request("", edition.currency) };
    let (found, mut shelf) = shop.find(&ctx, &edition, request).await?;
    for (product_id, marks) in found.product_ids.iter().zip(&found.marks) {
        if let Some(card) = shelf.cards.iter_mut().find(|card| card.id == *product_id) {
            card.mark(&marks.title);
        }
    }
    let structure = shop.structure().await?;
    let title = if query.text.is_empty() { edition.say("all-products") } else { edition.say("search-title") };
    let link = Link::new(title.clone(), edition.path("/search"));
    let home = Link::new(edition.say("home"), edition.path("/"));
    let mut view = ListingView::new(link.clone(), vec![home, link]);
    view.is_search = !query.text.is_empty();
    fill(&mut view, &query, found, shelf, &edition);
    if view.cards.is_empty() {
        view.suggestions = structure.menu(&edition);
    }
    let head = Head::hidden(&shop.config.title(&title), &query.url("/search"));
    let html = shop.render_with(&edition, "listing.html", head, view, &structure)?;
    Ok(private_page(StatusCode::OK, html))
}

/// `GET /search/suggest?q=…`: what our script shows while somebody types.
pub(crate) async fn suggest(
    State(shop): State<SharedShop>,
    In(edition): In,
    uri: Uri,
    Caller(ctx): Caller,
) -> Answer {
    let fields = Fields::of_query(&uri)?;
    let text: String = fields.text("q").chars().take(100).collect();
    if text.is_empty() {
        return Ok(request::json(&Vec::<Link>::new()));
    }
    let found = shop.clients.search.suggest(&ctx, SuggestRequest { text, limit: 8 }).await?;
    let links = found.suggestions.into_iter().map(|suggestion| {
        let folder = if suggestion.kind == "category" { "categories" } else { "products" };
        Link::new(suggestion.text, edition.path(&format!("/{folder}/{}", suggestion.handle)))
    });
    Ok(request::json(&links.collect::<Vec<_>>()))
}
