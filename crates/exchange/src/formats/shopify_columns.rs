//! Which column of Shopify's two templates is what.

use std::io::BufRead;

use argosy_kernel::Currency;

use super::table::Table;
use crate::draft::attribute_name;

pub(super) const HANDLE: &[&str] = &["Handle", "URL handle"];
pub(super) const TITLE: &[&str] = &["Title"];

/// Places of the columns that are read.
pub(super) struct Columns {
    pub(super) handle: Option<usize>,
    pub(super) title: Option<usize>,
    pub(super) body: Option<usize>,
    pub(super) vendor: Option<usize>,
    pub(super) category: Option<usize>,
    pub(super) product_type: Option<usize>,
    pub(super) tags: Option<usize>,
    pub(super) published: Option<usize>,
    pub(super) status: Option<usize>,
    pub(super) options: [(Option<usize>, Option<usize>); 3],
    pub(super) sku: Option<usize>,
    pub(super) barcode: Option<usize>,
    pub(super) grams: Option<usize>,
    pub(super) tracker: Option<usize>,
    pub(super) quantity: Option<usize>,
    pub(super) policy: Option<usize>,
    pub(super) price: Option<usize>,
    pub(super) compare_at: Option<usize>,
    pub(super) requires_shipping: Option<usize>,
    pub(super) taxable: Option<usize>,
    pub(super) tax_class: Option<usize>,
    pub(super) image: Option<usize>,
    pub(super) image_alt: Option<usize>,
    pub(super) variant_image: Option<usize>,
    pub(super) seo_title: Option<usize>,
    pub(super) seo_description: Option<usize>,
    /// Prices in further currencies.
    pub(super) other_prices: Vec<(Currency, Option<usize>, Option<usize>)>,
    /// Attributes: name and place.
    pub(super) attributes: Vec<(String, usize)>,
}

impl Columns {
    pub(super) fn of<R: BufRead>(table: &Table<R>) -> Self {
        let find = |aliases: &[&str]| table.column(aliases);
        let option = |number: u32| {
            (find(&[&format!("Option{number} Name")]), find(&[&format!("Option{number} Value")]))
        };
        Self {
            handle: find(HANDLE),
            title: find(TITLE),
            body: find(&["Body (HTML)", "Description"]),
            vendor: find(&["Vendor"]),
            category: find(&["Product Category"]),
            product_type: find(&["Type"]),
            tags: find(&["Tags"]),
            published: find(&["Published", "Published on online store"]),
            status: find(&["Status"]),
            options: [option(1), option(2), option(3)],
            sku: find(&["Variant SKU", "SKU"]),
            barcode: find(&["Variant Barcode", "Barcode"]),
            grams: find(&["Variant Grams", "Weight value (grams)"]),
            tracker: find(&["Variant Inventory Tracker", "Inventory tracker"]),
            quantity: find(&["Variant Inventory Qty", "Inventory quantity"]),
            policy: find(&["Variant Inventory Policy", "Continue selling when out of stock"]),
            price: find(&["Variant Price", "Price"]),
            compare_at: find(&["Variant Compare At Price", "Compare-at price"]),
            requires_shipping: find(&["Variant Requires Shipping", "Requires shipping"]),
            taxable: find(&["Variant Taxable", "Charge tax"]),
            tax_class: find(&["Variant Tax Class"]),
            image: find(&["Image Src", "Product image URL"]),
            image_alt: find(&["Image Alt Text"]),
            variant_image: find(&["Variant Image", "Variant image URL"]),
            seo_title: find(&["SEO Title"]),
            seo_description: find(&["SEO Description"]),
            other_prices: other_prices(&table.names, &find),
            attributes: attributes(&table.names),
        }
    }
}

fn other_prices(
    names: &[String],
    find: &dyn Fn(&[&str]) -> Option<usize>,
) -> Vec<(Currency, Option<usize>, Option<usize>)> {
    let currency = |name: &String| name.strip_prefix("Variant Price / ")?.parse::<Currency>().ok();
    let place = |currency| {
        let price = find(&[&format!("Variant Price / {currency}")]);
        (currency, price, find(&[&format!("Variant Compare At Price / {currency}")]))
    };
    names.iter().filter_map(currency).map(place).collect()
}

/// `Label (product.metafields.custom.name)` is an attribute `name`.
fn attributes(names: &[String]) -> Vec<(String, usize)> {
    let attribute = |(place, name): (usize, &String)| {
        let (_, rest) = name.rsplit_once(" (product.metafields.")?;
        let (_, key) = rest.strip_suffix(')')?.split_once('.')?;
        Some((attribute_name(key), place))
    };
    names.iter().enumerate().filter_map(attribute).filter(|(name, _)| !name.is_empty()).collect()
}
