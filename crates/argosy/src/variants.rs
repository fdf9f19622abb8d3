//! Products and variants as commands name them.

use argosy_contracts::catalog::{CatalogClient, GetProductsRequest, Product, Variant};
use argosy_kernel::{Ctx, Error, Result};

/// A product by its handle, whether it is shown or not.
pub(crate) async fn product(catalog: &CatalogClient, ctx: &Ctx, handle: &str) -> Result<Product> {
    let request = GetProductsRequest {
        handles: vec![handle.to_owned()],
        include_unpublished: true,
        ..GetProductsRequest::default()
    };
    let mut found = catalog.get_products(ctx, request).await?.products;
    found.pop().ok_or_else(|| {
        Error::not_found("PRODUCT_NOT_FOUND", format!("there is no product with the handle '{handle}'"))
    })
}

/// The variant of a SKU, which may be left out where there is only one.
pub(crate) fn chosen<'a>(product: &'a Product, sku: Option<&str>) -> Result<&'a Variant> {
    let found = match (sku, product.variants.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(sku), variants) => variants.iter().find(|variant| variant.sku == sku),
    };
    found.ok_or_else(|| {
        let skus: Vec<&str> = product.variants.iter().map(|variant| variant.sku.as_str()).take(20).collect();
        let message = format!("--sku must be one of those of '{}': {}", product.handle, skus.join(", "));
        Error::invalid("VARIANT_NOT_FOUND", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_named_where_there_are_several() {
        let variant = |sku: &str| Variant { sku: sku.to_owned(), ..Variant::default() };
        let one = Product { variants: vec![variant("A")], ..Product::default() };
        assert_eq!(chosen(&one, None).unwrap().sku, "A");
        let two = Product { variants: vec![variant("A"), variant("B")], ..Product::default() };
        assert_eq!(chosen(&two, Some("B")).unwrap().sku, "B");
        for wrong in [None, Some("C")] {
            assert!(chosen(&two, wrong).unwrap_err().message().ends_with(": A, B"));
        }
    }
}
