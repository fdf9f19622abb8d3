//! For search engines: `robots.txt`, and a sitemap in parts of at most 50,000 addresses.

use std::sync::Arc;

use argosy_contracts::catalog::{Product, ScanProductsRequest};
use argosy_kernel::{Ctx, Error, Result};
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use crate::{
    answer::{Answer, Failure},
    assets,
    request::no_page,
    shop::{SharedShop, Shop},
};

/// The most addresses that one part may have, by the sitemap protocol.
const PART_MAX: usize = 50_000;
const SCAN_LIMIT: u32 = 500;
const OPEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// `GET /robots.txt`.
pub(crate) async fn robots(State(shop): State<SharedShop>) -> Response {
    let mut text = "User-agent: *\n".to_owned();
    for edition in shop.editions.iter() {
        for path in ["/cart", "/checkout", "/compare", "/orders/", "/pay", "/search", "/wallet"] {
            text.extend(["Disallow: ", &edition.path(path), "\n"]);
        }
    }
    text.extend(["\nSitemap: ", &shop.config.absolute("/sitemap.xml"), "\n"]);
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The parts of the sitemap, compressed: the first is of everything but products.
pub(crate) type Sitemap = Arc<Vec<Bytes>>;

/// `GET /sitemap.xml`: where the parts are.
pub(crate) async fn index(State(shop): State<SharedShop>) -> Answer {
    let parts = parts_of(&shop).await?;
    let mut xml = format!("{OPEN}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    for number in 0..parts.len() {
        let url = shop.config.absolute(&format!("/sitemap/{number}.xml"));
        xml.extend(["<sitemap><loc>", &escaped(&url), "</loc></sitemap>\n"]);
    }
    xml.push_str("</sitemapindex>\n");
    Ok(as_xml(Response::new(Body::from(xml))))
}

/// `GET /sitemap/{number}.xml`.
pub(crate) async fn part(
    State(shop): State<SharedShop>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let number: usize = name.strip_suffix(".xml").and_then(|name| name.parse().ok()).ok_or_else(no_page)?;
    let parts = parts_of(&shop).await?;
    let gzip = parts.get(number).ok_or_else(no_page)?;
    if crate::request::accepts_gzip(&headers) {
        return Ok(as_xml(assets::body_of(&headers, &Bytes::new(), gzip)));
    }
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&**gzip), &mut plain)
        .map_err(|error| Failure::from(Error::internal(error)))?;
    Ok(as_xml(Response::new(Body::from(plain))))
}

fn as_xml(mut response: Response) -> Response {
    let kind = HeaderValue::from_static("application/xml; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

async fn parts_of(shop: &Shop) -> Result<Sitemap> {
    let made = shop.sitemap.try_get_with((), make(shop));
    made.await.map_err(|error: Arc<Error>| (*error).clone())
}

async fn make(shop: &Shop) -> Result<Sitemap> {
    let structure = shop.structure().await?;
    let mut paths = Vec::new();
    let shelves = structure.categories.iter().map(|category| format!("/categories/{}", category.handle));
    let selections =
        structure.collections.iter().map(|collection| format!("/collections/{}", collection.handle));
    for path in std::iter::once("/".to_owned()).chain(shelves).chain(selections) {
        paths.extend(in_each_language(shop, &path));
    }
    let mut parts: Vec<Bytes> = paths.chunks(PART_MAX).map(|paths| url_set(shop, paths)).collect();
    let ctx = Ctx::system("storefront");
    let (mut after_id, mut products) = (String::new(), Vec::new());
    loop {
        let request = ScanProductsRequest { after_id: after_id.clone(), limit: SCAN_LIMIT };
        let page = shop.clients.catalog.scan_products(&ctx, request).await?.products;
        let Some(last) = page.last() else { break };
        after_id.clone_from(&last.id);
        let shown = page.iter().filter(|product| is_shown(shop, product));
        for product in shown {
            products.extend(in_each_language(shop, &format!("/products/{}", product.handle)));
        }
        if products.len() >= PART_MAX {
            let rest = products.split_off(PART_MAX);
            parts.push(url_set(shop, &products));
            products = rest;
        }
    }
    if !products.is_empty() {
        parts.push(url_set(shop, &products));
    }
    Ok(Arc::new(parts))
}

/// A path in the editions that search engines list: prices in other currencies make no other content.
fn in_each_language(shop: &Shop, path: &str) -> impl Iterator<Item = String> {
    shop.editions.in_currency(shop.config.shop.currency).map(move |edition| edition.path(path))
}

fn is_shown(shop: &Shop, product: &Product) -> bool {
    let now = shop.clock.now().as_millis();
    product.status == "active" && product.publish_at_ms.is_none_or(|at| at <= now)
}

fn url_set(shop: &Shop, paths: &[String]) -> Bytes {
    let mut xml = format!("{OPEN}<urlset xmlns=\"{NAMESPACE}\">\n");
    for path in paths {
        xml.push_str("<url><loc>");
        xml.push_str(&escaped(&shop.config.absolute(path)));
        xml.push_str("</loc></url>\n");
    }
    xml.push_str("</urlset>\n");
    assets::gzip(xml.as_bytes())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
