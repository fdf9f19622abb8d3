//! Writing Shopify's product CSV.

use std::io::Write;

use argosy_contracts::catalog::{AttributeDefinition, Product, Variant, attribute};
use argosy_kernel::{Currency, Error, Money, Result};

use crate::draft::Stock;

const OPTIONS: usize = 3;
const SHARED: &[&str] =
    &["Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"];
const VARIANT: &[&str] = &[
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Taxable",
    "Variant Tax Class",
    "Variant Barcode",
];
const REST: &[&str] = &[
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Variant Image",
    "SEO Title",
    "SEO Description",
    "Status",
];
/// Further currencies that get columns.
const CURRENCIES: [Currency; 3] = [Currency::EUR, Currency::USD, Currency::GBP];

/// A table being written.
pub(crate) struct ShopifyTable<W: Write> {
    writer: csv::Writer<W>,
    currency: Currency,
    others: Vec<Currency>,
    attributes: Vec<String>,
}

impl<W: Write> ShopifyTable<W> {
    /// Writes the header.
    pub(crate) fn begin(target: W, currency: Currency, definitions: &[AttributeDefinition]) -> Result<Self> {
        let mut writer = csv::Writer::from_writer(target);
        let others: Vec<Currency> = CURRENCIES.into_iter().filter(|other| *other != currency).collect();
        let mut header: Vec<String> = SHARED.iter().map(|name| (*name).to_owned()).collect();
        for number in 1..=OPTIONS {
            header.push(format!("Option{number} Name"));
            header.push(format!("Option{number} Value"));
        }
        header.extend(VARIANT.iter().map(|name| (*name).to_owned()));
        for other in &others {
            header.push(format!("Variant Price / {other}"));
            header.push(format!("Variant Compare At Price / {other}"));
        }
        header.extend(REST.iter().map(|name| (*name).to_owned()));
        header.extend(definitions.iter().map(|definition| {
            let label = if definition.label.is_empty() { &definition.name } else { &definition.label };
            format!("{label} (product.metafields.custom.{})", definition.name)
        }));
        writer.write_record(&header).map_err(unwritable)?;
        let attributes = definitions.iter().map(|definition| definition.name.clone()).collect();
        Ok(Self { writer, currency, others, attributes })
    }

    /// Writes the rows of a product: as many as it has variants or pictures.
    pub(crate) fn write(
        &mut self,
        product: &Product,
        categories: &[String],
        stock: &[Option<Stock>],
    ) -> Result<()> {
        for place in 0..product.variants.len().max(product.images.len()).max(1) {
            let is_first = place == 0;
            let mut row = shared(product, categories, is_first);
            let variant = product.variants.get(place);
            row.extend(options(product, variant, is_first));
            row.extend(self.variant(variant, stock.get(place).copied().flatten()));
            row.extend(rest(product, variant, place));
            row.extend(
                self.attributes
                    .iter()
                    .map(|name| if is_first { values(product, name) } else { String::new() }),
            );
            self.writer.write_record(&row).map_err(unwritable)?;
        }
        Ok(())
    }

    /// Writes what is buffered.
    pub(crate) fn end(mut self) -> Result<()> {
        self.writer.flush().map_err(crate::export::unwritable)
    }

    fn variant(&self, variant: Option<&Variant>, stock: Option<Stock>) -> Vec<String> {
        let Some(variant) = variant else {
            return vec![String::new(); VARIANT.len() + 2 * self.others.len()];
        };
        let (price, compare_at) = prices(variant, self.currency);
        let stock = stock.unwrap_or_default();
        let yes_no = |yes: bool| if yes { "true" } else { "false" }.to_owned();
        let mut cells = vec![
            variant.sku.clone(),
            variant.weight_g.to_string(),
            if stock.tracked { "shopify" } else { "" }.to_owned(),
            stock.on_hand.to_string(),
            if stock.backorder { "continue" } else { "deny" }.to_owned(),
            "manual".to_owned(),
            price,
            compare_at,
            yes_no(variant.requires_shipping),
            yes_no(variant.tax_class != "zero"),
            variant.tax_class.clone(),
            variant.barcode.clone(),
        ];
        for other in &self.others {
            let (price, compare_at) = prices(variant, *other);
            cells.extend([price, compare_at]);
        }
        cells
    }
}

fn unwritable(error: csv::Error) -> Error {
    Error::unavailable("UNWRITABLE_FILE", format!("cannot write the export: {error}")).with_source(error)
}

fn shared(product: &Product, categories: &[String], is_first: bool) -> Vec<String> {
    let mut row = vec![product.handle.clone()];
    if !is_first {
        row.resize(SHARED.len(), String::new());
        return row;
    }
    row.extend([
        product.title.clone(),
        product.description_html.clone(),
        product.vendor.clone(),
        categories.first().cloned().unwrap_or_default(),
        product.product_type.clone(),
        product.tags.join(", "),
        if product.status == "active" { "true" } else { "false" }.to_owned(),
    ]);
    row
}

/// A product without options gets the one that Shopify gives it.
fn options(product: &Product, variant: Option<&Variant>, is_first: bool) -> Vec<String> {
    if product.options.is_empty() {
        let name = if is_first { "Title" } else { "" };
        let value = if variant.is_some() { "Default Title" } else { "" };
        let mut cells = vec![name.to_owned(), value.to_owned()];
        cells.resize(2 * OPTIONS, String::new());
        return cells;
    }
    let cell = |place: usize| {
        let name = product.options.get(place).filter(|_| is_first).map(|option| option.name.clone());
        let value = variant.and_then(|variant| variant.option_values.get(place)).cloned();
        [name.unwrap_or_default(), value.unwrap_or_default()]
    };
    (0..OPTIONS).flat_map(cell).collect()
}

fn rest(product: &Product, variant: Option<&Variant>, place: usize) -> Vec<String> {
    let image = product.images.get(place);
    let seo = product.seo.clone().filter(|_| place == 0).unwrap_or_default();
    vec![
        image.map(|image| image.url.clone()).unwrap_or_default(),
        image.map(|_| (place + 1).to_string()).unwrap_or_default(),
        image.map(|image| image.alt.clone()).unwrap_or_default(),
        variant.map(|variant| variant.image_url.clone()).unwrap_or_default(),
        seo.title,
        seo.description,
        if place == 0 { product.status.clone() } else { String::new() },
    ]
}

fn prices(variant: &Variant, currency: Currency) -> (String, String) {
    let decimal = |money: &argosy_contracts::common::Money| {
        Money::try_from(money).ok().filter(|money| money.currency == currency).map(Money::to_decimal)
    };
    let found = variant.prices.iter().find_map(|price| {
        let amount = price.amount.as_ref().and_then(decimal)?;
        Some((amount, price.compare_at.as_ref().and_then(decimal).unwrap_or_default()))
    });
    found.unwrap_or_default()
}

/// The values of an attribute, one a line.
fn values(product: &Product, name: &str) -> String {
    let text = |value: &attribute::Value| match value {
        attribute::Value::Text(text) | attribute::Value::Date(text) => text.clone(),
        attribute::Value::Number(number) => number.to_string(),
        attribute::Value::Boolean(boolean) => boolean.to_string(),
    };
    let named = product.attributes.iter().filter(|attribute| attribute.name == name);
    named.filter_map(|attribute| attribute.value.as_ref()).map(text).collect::<Vec<_>>().join("\n")
}
