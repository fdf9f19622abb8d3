//! `GET /products/{handle}`.

use argosy_contracts::{
    catalog::{GetProductsRequest, LowestPricesRequest, Product},
    common::Money,
    pricing::{PiecesPrice, VariantPrice},
    search::{Filter, QueryRequest},
};
use argosy_edge::Caller;
use argosy_kernel::{Ctx, Error, Result, VariantId};
use axum::extract::{Path, State};
use http::{HeaderMap, Uri};

use crate::{
    answer::{Answer, Failure},
    edition::{Edition, In},
    page_cache::{Rendered, STRUCTURE},
    price,
    products::Shelf,
    request::{Fields, no_page},
    shop::{SharedShop, Shop},
    structure::{Structure, category_link},
    view::{
        Link,
        head::{Head, words_of},
        product::{ProductView, chosen_variant},
        schema,
    },
};

const RELATED_MAX: usize = 4;
const HANDLE_LENGTH_MAX: usize = 200;
/// Products with more variants are dropped from memory by the chosen variant's stock only.
const VARIANT_TAGS_MAX: usize = 100;

/// `GET /products/{handle}?variant=…`.
pub(crate) async fn product(
    State(shop): State<SharedShop>,
    In(edition): In,
    Path(handle): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    // Without a query, which is the rule, nothing is read.
    let named =
        if uri.query().is_some() { Fields::of_query(&uri)?.text("variant").parse().ok() } else { None };
    let variant = named.map(|id: VariantId| id.to_string()).unwrap_or_default();
    let mut key = edition.path(uri.path());
    if !variant.is_empty() {
        key.extend(["?", &variant]);
    }
    let page = shop.pages.get(&key, || render(&shop, &edition, &ctx, &handle, &variant)).await;
    let page = page.map_err(|error| if error.reason() == "GONE" { Failure::gone() } else { error.into() })?;
    Ok(page.answer(&headers))
}

/// The product, if visitors may see it.
async fn shown_product(shop: &Shop, ctx: &Ctx, handle: &str) -> Result<Product> {
    let well_formed = handle.len() <= HANDLE_LENGTH_MAX
        && handle.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let found = if well_formed { shop.product(ctx, handle).await? } else { None };
    let product = found.ok_or_else(|| no_page().into_error())?;
    let now = shop.clock.now().as_millis();
    match product.status.as_str() {
        "archived" => Err(Failure::gone().into_error()),
        "active" if product.publish_at_ms.is_none_or(|at| at <= now) => Ok(product),
        _ => Err(no_page().into_error()),
    }
}

async fn render(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    handle: &str,
    variant_id: &str,
) -> Result<Rendered> {
    let structure = shop.structure().await?;
    let mut product = shown_product(shop, ctx, handle).await?;
    let days = shop.config.lowest_price_days;
    let listed = shop.reprice(ctx, edition, std::slice::from_mut(&mut product), days).await?;
    let variant = chosen_variant(&product, variant_id, edition.currency)
        .ok_or_else(|| Error::internal(format!("product {} has no variant", product.id)))?;
    let shown: Vec<String> = if product.variants.len() <= VARIANT_TAGS_MAX {
        product.variants.iter().map(|variant| variant.id.clone()).collect()
    } else {
        vec![variant.id.clone()]
    };
    let stock = if structure.pickup.is_empty() {
        shop.stock(ctx, shown.clone()).await?
    } else {
        shop.stock_by_location(ctx, shown.clone()).await?
    };
    let mut view = ProductView::new(&product, variant, &stock, &structure, edition);
    let related = related(shop, edition, ctx, &product, &structure).await;
    view.trail = trail(&product, &structure, edition);
    if view.price.as_ref().is_some_and(|price| price.compare_at.is_some()) {
        view.lowest_before = match listed.get(&variant.id).filter(|price| !price.price_list.is_empty()) {
            None => lowest_before(shop, edition, ctx, &variant.id).await?,
            Some(price) => told_lowest(days, price.lowest.as_ref(), edition)?,
        };
    }
    view.steps = listed.get(&variant.id).map_or(Ok(Vec::new()), |price| steps(price, edition))?;
    let mut tags = vec![STRUCTURE.to_owned(), product.id.clone()];
    tags.extend(shown);
    tags.extend(related.tags);
    view.related = related.cards;
    let mut head = head(shop, edition, &product, &variant.sku, &view);
    if !variant_id.is_empty() {
        head.path.extend(["?variant=", variant_id]);
    }
    Ok(Rendered { html: shop.render_with(edition, "product.html", head, view, &structure)?, tags })
}

fn head(shop: &Shop, edition: &Edition, product: &Product, sku: &str, view: &ProductView) -> Head {
    let seo = product.seo.clone().unwrap_or_default();
    let title = if seo.title.is_empty() { &product.title } else { &seo.title };
    let words = words_of(&product.description_html);
    let description = if seo.description.is_empty() { &words } else { &seo.description };
    let description = if description.trim().is_empty() { &product.title } else { description };
    let path = format!("/products/{}", product.handle);
    let mut head = Head::listed(&shop.config.title(title), description, &path);
    head.kind = "product";
    if let Some(image) = product.images.first() {
        let own = image.url.starts_with("/media/");
        head.image_is_preview = own;
        let shown = if own { format!("{}/preview", image.url) } else { image.url.clone() };
        head.image = schema::absolute(&shop.config, &shown);
    }
    head.schemas = vec![
        schema::product(&shop.config, edition, product, sku, view.price.as_ref(), view.stock),
        schema::breadcrumbs(&shop.config, &view.trail),
    ];
    head
}

/// From the home page down to the product, by its deepest category.
fn trail(product: &Product, structure: &Structure, edition: &Edition) -> Vec<Link> {
    let paths = product.category_ids.iter().map(|id| structure.path_to(id));
    let deepest = paths.max_by_key(Vec::len).unwrap_or_default();
    let mut trail = vec![Link::new(edition.say("home"), edition.path("/"))];
    trail.extend(deepest.into_iter().map(|category| category_link(category, edition)));
    trail.push(Link::new(product.title.clone(), edition.path(&format!("/products/{}", product.handle))));
    trail
}

/// The lowest price that a variant had before its present one began; empty if the shop shows none or it had none.
async fn lowest_before(shop: &Shop, edition: &Edition, ctx: &Ctx, variant_id: &str) -> Result<String> {
    let days = shop.config.lowest_price_days;
    if days == 0 {
        return Ok(String::new());
    }
    let request = LowestPricesRequest {
        variant_ids: vec![variant_id.to_owned()],
        currency: edition.currency.code().to_owned(),
        days,
    };
    let lowest = shop.clients.catalog.lowest_prices(ctx, request).await?.prices;
    told_lowest(days, lowest.first().and_then(|lowest| lowest.amount.as_ref()), edition)
}

fn told_lowest(days: u32, lowest: Option<&Money>, edition: &Edition) -> Result<String> {
    let amount = price::format_wire(lowest, &edition.words)?;
    if amount.is_empty() {
        return Ok(amount);
    }
    Ok(edition.words.say_with("lowest-before", [("days", days.into()), ("price", amount.into())]))
}

/// What more pieces cost: `from 10: €9.00 each`.
fn steps(price: &VariantPrice, edition: &Edition) -> Result<Vec<String>> {
    let told = |step: &PiecesPrice| {
        let amount = price::format_wire(step.price.as_ref(), &edition.words)?;
        let pieces = ("pieces", step.pieces_min.into());
        Ok(edition.words.say_with("price-from-pieces", [pieces, ("price", amount.into())]))
    };
    price.steps.iter().map(told).collect()
}

/// The related products that the catalogue names, else others like it. A page without them is better than none,
/// so a failure is not one of the page.
async fn related(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    product: &Product,
    structure: &Structure,
) -> Shelf {
    let handles: Vec<String> = product.related_handles.iter().take(RELATED_MAX).cloned().collect();
    let found = if handles.is_empty() {
        match like(product, structure) {
            Some(query) => {
                let limit = u32::try_from(RELATED_MAX + 1).unwrap_or(u32::MAX);
                let currency = edition.currency.code().to_owned();
                shop.find(ctx, edition, QueryRequest { limit, currency, ..query })
                    .await
                    .map(|(_, shelf)| shelf)
            }
            None => Ok(Shelf::default()),
        }
    } else {
        shop.shelf(ctx, edition, GetProductsRequest { handles, ..GetProductsRequest::default() }).await
    };
    let mut shelf = found.unwrap_or_else(|error| {
        tracing::warn!(product.id = product.id, error = ?error, "cannot find related products");
        Shelf::default()
    });
    shelf.cards.retain(|card| card.id != product.id);
    shelf.cards.truncate(RELATED_MAX);
    shelf
}

/// What finds products like one: of its deepest category, else of its type, else of its vendor.
fn like(product: &Product, structure: &Structure) -> Option<QueryRequest> {
    let path = product.category_ids.iter().map(|id| structure.path_to(id)).max_by_key(Vec::len);
    if let Some(category) = path.as_ref().and_then(|path| path.last()) {
        return Some(QueryRequest { category: category.handle.clone(), ..QueryRequest::default() });
    }
    let by = [("product_type", &product.product_type), ("vendor", &product.vendor)];
    let (name, value) = by.into_iter().find(|(_, value)| !value.is_empty())?;
    let filter = Filter { name: name.to_owned(), values: vec![value.clone()], ..Filter::default() };
    Some(QueryRequest { filters: vec![filter], ..QueryRequest::default() })
}
