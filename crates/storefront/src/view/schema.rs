//! JSON-LD for search engines: schema.org's Organization, WebSite, Product, Offer and BreadcrumbList.

use argosy_contracts::catalog::Product;
use serde_json::{Value, json};

use super::{Link, card::PriceView, product::Supply};
use crate::{StorefrontConfig, edition::Edition, view::head};

const CONTEXT: &str = "https://schema.org";

/// JSON that can stand in a script element: nothing in it can end the element.
fn block(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// Whose shop it is, and how it is searched; for the home page.
pub(crate) fn shop(config: &StorefrontConfig, edition: &Edition) -> Vec<String> {
    let (name, url) = (&config.shop.name, config.absolute(&edition.path("/")));
    let found = config.absolute(&edition.path("/search?q={search_term_string}"));
    let search = json!({
        "@type": "SearchAction",
        "target": { "@type": "EntryPoint", "urlTemplate": found },
        "query-input": "required name=search_term_string",
    });
    let organization = json!({ "@context": CONTEXT, "@type": "Organization", "name": name, "url": url });
    let site = json!({ "@context": CONTEXT, "@type": "WebSite", "name": name, "url": url, "potentialAction": search });
    vec![block(&organization), block(&site)]
}

/// Where a page stands in the shop.
pub(crate) fn breadcrumbs(config: &StorefrontConfig, trail: &[Link]) -> String {
    let items: Vec<Value> = trail
        .iter()
        .enumerate()
        .map(|(index, link)| {
            json!({
                "@type": "ListItem", "position": index + 1, "name": link.title,
                "item": config.absolute(&link.url),
            })
        })
        .collect();
    block(&json!({ "@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items }))
}

/// A product and what it costs.
pub(crate) fn product(
    config: &StorefrontConfig,
    edition: &Edition,
    product: &Product,
    sku: &str,
    price: Option<&PriceView>,
    supply: Supply,
) -> String {
    let url = config.absolute(&edition.path(&format!("/products/{}", product.handle)));
    let images: Vec<String> =
        product.images.iter().take(5).map(|image| absolute(config, &image.url)).collect();
    let mut value = json!({
        "@context": CONTEXT, "@type": "Product", "name": product.title, "url": url, "sku": sku,
        "description": head::shortened(&head::words_of(&product.description_html)),
    });
    if !images.is_empty() {
        value["image"] = json!(images);
    }
    if !product.vendor.is_empty() {
        value["brand"] = json!({ "@type": "Brand", "name": product.vendor });
    }
    if let Some(price) = price {
        let stock = match supply {
            Supply::InStock => "InStock",
            Supply::Backorder => "BackOrder",
            Supply::Preorder => "PreOrder",
            Supply::SoldOut | Supply::NotSold => "OutOfStock",
        };
        value["offers"] = json!({
            "@type": "Offer", "url": url, "priceCurrency": edition.currency.code(), "price": price.decimal,
            "availability": format!("{CONTEXT}/{stock}"),
        });
    }
    block(&value)
}

/// A picture's address with the shop's in front, if it has none.
pub(crate) fn absolute(config: &StorefrontConfig, url: &str) -> String {
    if url.starts_with('/') { config.absolute(url) } else { url.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_end_the_script_element() {
        let hostile = Product { title: "</script><script>alert(1)".to_owned(), ..Product::default() };
        let block =
            product(&StorefrontConfig::default(), &Edition::first(), &hostile, "", None, Supply::InStock);
        assert!(!block.contains('<'), "{block}");
        assert_eq!(serde_json::from_str::<Value>(&block).unwrap()["name"], hostile.title);
    }
}
