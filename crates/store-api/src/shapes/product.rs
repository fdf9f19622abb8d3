//! Products.

use std::collections::{BTreeMap, HashMap};

use argosy_contracts::{
    ListedPrices,
    catalog::{Attribute, Image, Product, ProductOption, SizeChart, Variant, attribute::Value},
    inventory::Availability,
    pricing::{PiecesPrice, VariantPrice},
};
use argosy_kernel::{Currency, Error, Result};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::{Amount, CategoryRef, MeasureOut, QuantityRuleOut, SizeChartOut, UnitPriceOut, instant, text};

/// A product. It has all its fields, unless `fields` asked for some.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Product)]
pub(crate) struct ProductOut {
    id: String,
    /// For links; unique.
    handle: String,
    title: String,
    /// Safe to show as it is.
    description_html: String,
    vendor: Option<String>,
    product_type: Option<String>,
    tags: Vec<String>,
    images: Vec<ImageOut>,
    options: Vec<OptionOut>,
    /// By name: a text, number, boolean or date; a list where it has several.
    attributes: BTreeMap<String, Json>,
    categories: Vec<CategoryRef>,
    /// Ids of the collections that it is in.
    collections: Vec<String>,
    /// Handles of products that go with it.
    related: Vec<String>,
    seo: SeoOut,
    variants: Vec<VariantOut>,
    /// How its sizes measure.
    size_chart: Option<SizeChartOut>,
    #[schema(format = "date-time")]
    created_at: Option<String>,
    #[schema(format = "date-time")]
    updated_at: Option<String>,
}

/// For search engines.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Seo)]
pub(crate) struct SeoOut {
    title: Option<String>,
    description: Option<String>,
}

/// A picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Image)]
pub(crate) struct ImageOut {
    /// Absolute, or under this server.
    url: String,
    /// Empty: decoration.
    alt: String,
    width: Option<u32>,
    height: Option<u32>,
}

/// Something to choose, e.g. a size.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ProductOption)]
pub(crate) struct OptionOut {
    name: String,
    values: Vec<String>,
}

/// What is sold: one combination of the options.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Variant)]
pub(crate) struct VariantOut {
    id: String,
    sku: String,
    barcode: Option<String>,
    title: String,
    /// Its value of each option, by the option's name.
    options: BTreeMap<String, String>,
    /// Unset: not sold in this currency.
    price: Option<Amount>,
    /// A higher price to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    compare_at: Option<Amount>,
    /// The lowest price of the 30 days before a price list reduced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    lowest_before: Option<Amount>,
    /// What one costs from so many on; empty: as much.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    price_steps: Vec<PriceStepOut>,
    /// Whether it can be bought now.
    available: bool,
    /// It is sold before it is there; unset: it is there, or not sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    awaited: Option<AwaitedVariantOut>,
    image: Option<String>,
    weight_g: Option<i64>,
    requires_shipping: bool,
    /// How much is in one.
    unit_measure: Option<MeasureOut>,
    /// What a unit of that costs.
    unit_price: Option<UnitPriceOut>,
    /// Unset: it is sold in any number.
    quantity_rule: Option<QuantityRuleOut>,
}

/// What is sold before it is there.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AwaitedVariant)]
pub(crate) struct AwaitedVariantOut {
    /// It is not out yet; else it has run out.
    preorder: bool,
    /// From when it leaves; unset: not known.
    #[schema(format = "date")]
    expected_on: Option<String>,
}

impl AwaitedVariantOut {
    fn of(stock: &Availability) -> Self {
        Self { preorder: stock.preorder, expected_on: text(stock.expected_on.clone()) }
    }
}

/// A price from so many pieces on.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PriceStep)]
pub(crate) struct PriceStepOut {
    /// Above 1.
    from: i64,
    /// Of one.
    price: Amount,
}

impl PriceStepOut {
    fn of(step: PiecesPrice) -> Option<Self> {
        Some(Self { from: step.pieces_min, price: step.price?.into() })
    }
}

/// Stock by variant.
pub(crate) type Stock = HashMap<String, Availability>;

/// What `fields` may name.
pub(crate) const PRODUCT_FIELDS: [&str; 18] = [
    "id",
    "handle",
    "title",
    "description_html",
    "vendor",
    "product_type",
    "tags",
    "images",
    "options",
    "attributes",
    "categories",
    "collections",
    "related",
    "seo",
    "variants",
    "size_chart",
    "created_at",
    "updated_at",
];

impl ProductOut {
    /// A product as it is shown in a currency.
    pub(crate) fn new(
        product: Product,
        categories: Vec<CategoryRef>,
        size_chart: Option<SizeChart>,
        (stock, listed): (&Stock, &ListedPrices),
        currency: Currency,
    ) -> Self {
        let names: Vec<String> = product.options.iter().map(|option| option.name.clone()).collect();
        let seo = product.seo.unwrap_or_default();
        Self {
            id: product.id,
            handle: product.handle,
            title: product.title,
            description_html: product.description_html,
            vendor: text(product.vendor),
            product_type: text(product.product_type),
            tags: product.tags,
            images: product.images.into_iter().map(Into::into).collect(),
            options: product.options.into_iter().map(Into::into).collect(),
            attributes: attributes(product.attributes),
            categories,
            collections: product.collection_ids,
            related: product.related_handles,
            seo: SeoOut { title: text(seo.title), description: text(seo.description) },
            variants: product
                .variants
                .into_iter()
                .map(|variant| {
                    let listed = listed.get(&variant.id).cloned();
                    shown_variant(variant, &names, (stock, listed), currency)
                })
                .collect(),
            size_chart: size_chart.map(Into::into),
            created_at: instant(product.created_at_ms),
            updated_at: instant(product.updated_at_ms),
        }
    }
}

/// A product's fields as JSON, each by itself, so that some of them can be sent without reading it anew.
///
/// # Errors
/// Never for what [`ProductOut::new`] makes.
pub(crate) fn product_fields(product: &ProductOut) -> Result<Vec<(String, Bytes)>> {
    let Json::Object(fields) = serde_json::to_value(product).map_err(Error::internal)? else {
        return Err(Error::internal("a product is an object"));
    };
    // In the order of the documentation: serde_json sorts keys.
    let ordered = PRODUCT_FIELDS.iter().filter_map(|name| fields.get_key_value(*name));
    ordered
        .map(|(name, value)| {
            Ok((name.clone(), Bytes::from(serde_json::to_vec(value).map_err(Error::internal)?)))
        })
        .collect()
}

impl From<Image> for ImageOut {
    fn from(image: Image) -> Self {
        let known = |size: u32| (size > 0).then_some(size);
        Self { url: image.url, alt: image.alt, width: known(image.width), height: known(image.height) }
    }
}

impl From<ProductOption> for OptionOut {
    fn from(option: ProductOption) -> Self {
        Self { name: option.name, values: option.values }
    }
}

fn shown_variant(
    variant: Variant,
    names: &[String],
    (stock, listed): (&Stock, Option<VariantPrice>),
    currency: Currency,
) -> VariantOut {
    let listed = listed.unwrap_or_default();
    let price = variant
        .prices
        .into_iter()
        .find(|price| price.amount.as_ref().is_some_and(|amount| amount.currency == currency.code()));
    let unit_price = price.as_ref().and_then(|price| price.per_unit.clone()).zip(variant.unit_base);
    let (price, compare_at) = price.map_or((None, None), |price| (price.amount, price.compare_at));
    let stock = stock.get(&variant.id).filter(|stock| stock.sellable() > 0 && price.is_some());
    VariantOut {
        available: stock.is_some(),
        awaited: stock.filter(|stock| stock.awaited(1) > 0).map(AwaitedVariantOut::of),
        options: names.iter().cloned().zip(variant.option_values).collect(),
        id: variant.id,
        sku: variant.sku,
        barcode: text(variant.barcode),
        title: variant.title,
        price: price.map(Into::into),
        compare_at: compare_at.map(Into::into),
        lowest_before: listed.lowest.map(Into::into),
        price_steps: listed.steps.into_iter().filter_map(PriceStepOut::of).collect(),
        image: text(variant.image_url),
        weight_g: (variant.weight_g > 0).then_some(variant.weight_g),
        requires_shipping: variant.requires_shipping,
        unit_measure: variant.unit_measure.as_ref().map(Into::into),
        unit_price: unit_price
            .map(|(price, per)| UnitPriceOut { price: price.into(), per: MeasureOut::from(&per) }),
        quantity_rule: variant.quantity_rule.map(Into::into),
    }
}

fn attributes(attributes: Vec<Attribute>) -> BTreeMap<String, Json> {
    let mut shown: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for attribute in attributes {
        let value = match attribute.value {
            Some(Value::Text(text) | Value::Date(text)) => Json::String(text),
            Some(Value::Number(number)) => shown_number(number),
            Some(Value::Boolean(boolean)) => Json::Bool(boolean),
            None => continue,
        };
        shown.entry(attribute.name).or_default().push(value);
    }
    shown
        .into_iter()
        .map(|(name, mut values)| match values.len() {
            1 => (name, values.remove(0)),
            _ => (name, Json::Array(values)),
        })
        .collect()
}

/// A whole number without a fraction: 5, not 5.0.
fn shown_number(number: f64) -> Json {
    let text = number.to_string();
    text.parse::<i64>().map_or_else(|_| Json::from(number), Json::from)
}
