//! One product a line, with everything that the catalogue knows.

use std::{collections::BTreeMap, io::BufRead};

use argosy_contracts::{
    catalog::{
        Attribute, AttributeDefinition, Image, Measure, Price, Product, ProductOption, Seo, Variant,
        attribute,
    },
    common::QuantityRule,
};
use argosy_kernel::{Currency, Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::Read1;
use crate::{
    draft::{Draft, Stock},
    problem::Problem,
};

/// Longest line that is taken.
const LINE_BYTES_MAX: usize = 32 << 20;

/// A product as a line tells it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Line {
    handle: String,
    title: String,
    description_html: String,
    vendor: String,
    product_type: String,
    tags: Vec<String>,
    /// `draft`, `active` or `archived`; empty is active.
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    publish_at: Option<Timestamp>,
    images: Vec<LineImage>,
    /// Names of the options, in order.
    options: Vec<String>,
    /// A value or a list of values by name.
    attributes: BTreeMap<String, serde_json::Value>,
    /// Paths such as `Home > Kitchen`.
    categories: Vec<String>,
    related: Vec<String>,
    seo_title: String,
    seo_description: String,
    variants: Vec<LineVariant>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LineImage {
    url: String,
    alt: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LineVariant {
    sku: String,
    barcode: String,
    /// One value per option, in their order.
    options: Vec<String>,
    /// By currency, in its major unit: `{"EUR": {"price": "19.99"}}`.
    prices: BTreeMap<String, LinePrice>,
    weight_g: i64,
    length_mm: u32,
    width_mm: u32,
    height_mm: u32,
    /// Set for what is not sent by post.
    digital: bool,
    /// Empty is `standard`.
    tax_class: String,
    image_url: String,
    /// Units on hand; unset: stock is left as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    stock: Option<i64>,
    /// How much is in one: `250 g`.
    #[serde(skip_serializing_if = "String::is_empty")]
    unit_measure: String,
    /// What the price per unit is for, if it is not 1 kg, l, m, m2 or piece: `100 g`.
    #[serde(skip_serializing_if = "String::is_empty")]
    unit_base: String,
    /// How many may be bought at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity_rule: Option<LineQuantity>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    backorder: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    untracked: bool,
}

/// 0: the least is the step, the step is 1, the most is not limited.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LineQuantity {
    min: i64,
    step: i64,
    max: i64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinePrice {
    price: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compare_at: Option<String>,
}

pub(crate) struct JsonLines<R> {
    source: R,
    line: u64,
}

impl<R: BufRead> JsonLines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, line: 0 }
    }
}

impl<R: BufRead> Iterator for JsonLines<R> {
    type Item = Read1;

    fn next(&mut self) -> Option<Read1> {
        loop {
            let mut bytes = Vec::new();
            self.line += 1;
            match std::io::Read::take(&mut self.source, LINE_BYTES_MAX as u64).read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(_) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => return Some(read_line(self.line, &bytes)),
                Err(error) => return Some(Err(Problem::new(self.line, "UNREADABLE_ROW", error.to_string()))),
            }
        }
    }
}

fn read_line(number: u64, bytes: &[u8]) -> Read1 {
    let line: Line = serde_json::from_slice(bytes)
        .map_err(|error| Problem::new(number, "UNREADABLE_ROW", format!("not a product in JSON: {error}")))?;
    let mut draft = Draft { line: number, category_paths: line.categories.clone(), ..Draft::default() };
    for (name, value) in &line.attributes {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        let text = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        draft.attributes.extend(values.into_iter().map(|value| (name.clone(), text(value))));
    }
    let mut variants = Vec::with_capacity(line.variants.len());
    for variant in line.variants {
        draft.stock.push(stock(&variant));
        variants.push(read_variant(number, variant)?);
    }
    let option = |(place, name): (usize, String)| {
        let mut values: Vec<String> = Vec::new();
        for value in variants.iter().filter_map(|variant: &Variant| variant.option_values.get(place)) {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        ProductOption { name, values }
    };
    let options = line.options.into_iter().enumerate().map(option).collect();
    draft.product = Product {
        handle: line.handle,
        title: line.title,
        description_html: line.description_html,
        vendor: line.vendor,
        product_type: line.product_type,
        tags: line.tags,
        status: if line.status.is_empty() { "active".to_owned() } else { line.status },
        publish_at_ms: line.publish_at.map(Timestamp::as_millis),
        images: line
            .images
            .into_iter()
            .map(|image| Image { url: image.url, alt: image.alt, ..Image::default() })
            .collect(),
        options,
        related_handles: line.related,
        seo: Some(Seo { title: line.seo_title, description: line.seo_description }),
        variants,
        ..Product::default()
    };
    Ok(draft)
}

fn stock(variant: &LineVariant) -> Option<Stock> {
    let told = variant.stock.is_some() || variant.untracked;
    told.then(|| Stock {
        on_hand: variant.stock.unwrap_or(0),
        tracked: !variant.untracked,
        backorder: variant.backorder,
    })
}

fn read_variant(number: u64, variant: LineVariant) -> std::result::Result<Variant, Problem> {
    let refuse = |error: argosy_kernel::MoneyError| Problem::new(number, "INVALID_AMOUNT", error.to_string());
    let measure = |text: &str| {
        let read = Some(text).filter(|text| !text.is_empty()).map(str::parse::<Measure>).transpose();
        read.map_err(|error| Problem::new(number, "INVALID_MEASURE", error.message().to_owned()))
    };
    let mut prices = Vec::with_capacity(variant.prices.len());
    for (code, price) in &variant.prices {
        let currency: Currency = code.parse().map_err(refuse)?;
        let amount = Money::parse_decimal(&price.price, currency).map_err(refuse)?;
        let compare_at =
            price.compare_at.as_deref().map(|text| Money::parse_decimal(text, currency)).transpose();
        prices.push(Price {
            amount: Some(amount.into()),
            compare_at: compare_at.map_err(refuse)?.map(Into::into),
            per_unit: None,
        });
    }
    Ok(Variant {
        sku: variant.sku,
        barcode: variant.barcode,
        option_values: variant.options,
        prices,
        weight_g: variant.weight_g,
        length_mm: variant.length_mm,
        width_mm: variant.width_mm,
        height_mm: variant.height_mm,
        requires_shipping: !variant.digital,
        tax_class: if variant.tax_class.is_empty() { "standard".to_owned() } else { variant.tax_class },
        image_url: variant.image_url,
        unit_measure: measure(&variant.unit_measure)?,
        unit_base: measure(&variant.unit_base)?,
        quantity_rule: variant.quantity_rule.map(|rule| QuantityRule {
            min: rule.min,
            step: rule.step,
            max: rule.max,
        }),
        ..Variant::default()
    })
}

/// A product of the catalogue as a line; `stock` is that of its variants, in their order.
pub(crate) fn line_of(
    product: Product,
    categories: Vec<String>,
    stock: &[Option<Stock>],
    definitions: &[AttributeDefinition],
) -> Line {
    let mut attributes: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for attribute in product.attributes {
        let is_known = definitions.iter().any(|definition| definition.name == attribute.name);
        if let Some(value) = json_value(&attribute).filter(|_| is_known) {
            attributes.entry(attribute.name).or_default().push(value);
        }
    }
    let one_or_many = |(name, mut values): (String, Vec<serde_json::Value>)| match values.len() {
        1 => (name, values.remove(0)),
        _ => (name, serde_json::Value::Array(values)),
    };
    let seo = product.seo.unwrap_or_default();
    let variants = product.variants.into_iter().enumerate();
    Line {
        handle: product.handle,
        title: product.title,
        description_html: product.description_html,
        vendor: product.vendor,
        product_type: product.product_type,
        tags: product.tags,
        status: product.status,
        publish_at: product.publish_at_ms.map(Timestamp::from_millis),
        images: product
            .images
            .into_iter()
            .map(|image| LineImage { url: image.url, alt: image.alt })
            .collect(),
        options: product.options.into_iter().map(|option| option.name).collect(),
        attributes: attributes.into_iter().map(one_or_many).collect(),
        categories,
        related: product.related_handles,
        seo_title: seo.title,
        seo_description: seo.description,
        variants: variants
            .map(|(place, variant)| line_variant(variant, stock.get(place).copied().flatten()))
            .collect(),
    }
}

fn json_value(attribute: &Attribute) -> Option<serde_json::Value> {
    Some(match attribute.value.as_ref()? {
        attribute::Value::Text(text) | attribute::Value::Date(text) => text.clone().into(),
        attribute::Value::Number(number) => (*number).into(),
        attribute::Value::Boolean(boolean) => (*boolean).into(),
    })
}

fn line_variant(variant: Variant, stock: Option<Stock>) -> LineVariant {
    let decimal =
        |money: &argosy_contracts::common::Money| Money::try_from(money).ok().map(Money::to_decimal);
    let prices = variant.prices.iter().filter_map(|price| {
        let amount = price.amount.as_ref()?;
        let compare_at = price.compare_at.as_ref().and_then(decimal);
        Some((amount.currency.clone(), LinePrice { price: decimal(amount)?, compare_at }))
    });
    LineVariant {
        prices: prices.collect(),
        sku: variant.sku,
        barcode: variant.barcode,
        options: variant.option_values,
        weight_g: variant.weight_g,
        length_mm: variant.length_mm,
        width_mm: variant.width_mm,
        height_mm: variant.height_mm,
        digital: !variant.requires_shipping,
        tax_class: variant.tax_class,
        image_url: variant.image_url,
        unit_measure: variant.unit_measure.as_ref().map(ToString::to_string).unwrap_or_default(),
        unit_base: variant.unit_base.as_ref().map(ToString::to_string).unwrap_or_default(),
        quantity_rule: variant.quantity_rule.map(|rule| LineQuantity {
            min: rule.min,
            step: rule.step,
            max: rule.max,
        }),
        stock: stock.filter(|stock| stock.tracked).map(|stock| stock.on_hand),
        backorder: stock.is_some_and(|stock| stock.backorder),
        untracked: stock.is_some_and(|stock| !stock.tracked),
    }
}
