//! A product as a document.

use std::collections::{BTreeMap, BTreeSet};

use argosy_contracts::catalog::{Attribute, Product, attribute};
use argosy_kernel::{ProductId, Result, Timestamp};
use tantivy::{TantivyDocument, schema::OwnedValue};

use super::{engine::Engine, schema::SEPARATOR, tables::Tables};
use crate::domain::{html, words};

/// Bytes of a description whose words count.
const DESCRIPTION_MAX: usize = 20_000;
/// Bytes of the longest value that can be filtered by.
const VALUE_MAX: usize = 120;

/// Whether any variant can be bought now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stock {
    Available,
    SoldOut,
}

/// Whether a product is shown: active, and its time has come.
pub(crate) fn is_shown(product: &Product, now: Timestamp) -> bool {
    product.status == "active" && product.publish_at_ms.is_none_or(|at| at <= now.as_millis())
}

/// The document of a product that is shown.
pub(crate) fn document(
    product: &Product,
    stock: Stock,
    tables: &Tables,
    engine: &Engine,
) -> Result<TantivyDocument> {
    let fields = &engine.fields;
    let id: ProductId = product.id.parse()?;
    let bits = u128::from_be_bytes(id.to_bytes());
    let mut document = TantivyDocument::new();
    document.add_text(fields.id, &product.id);
    document.add_u64(fields.id_high, u64::try_from(bits >> 64).unwrap_or_default());
    document.add_u64(fields.id_low, u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default());
    document.add_text(fields.shown_title, &product.title);
    document.add_text(fields.shown_handle, &product.handle);
    document.add_text(fields.title_key, words::sort_key(&product.title));
    document.add_i64(fields.created, product.created_at_ms);
    document.add_object(fields.prices, prices(product));
    for group in product.category_ids.iter().chain(&product.collection_ids) {
        document.add_text(fields.groups, group);
    }
    for variant in &product.variants {
        document.add_text(fields.variants, &variant.id);
    }
    for code in codes(product) {
        document.add_text(fields.codes, code);
    }
    for term in terms(product, stock) {
        document.add_text(fields.terms, term);
    }
    add_words(&mut document, product, tables, engine);
    Ok(document)
}

fn add_words(document: &mut TantivyDocument, product: &Product, tables: &Tables, engine: &Engine) {
    let (fields, stems) = (&engine.fields, &engine.stems);
    let title = words::indexed(&product.title);
    let names = words::indexed(&names(product, tables));
    let attributes = words::indexed(&searchable(&product.attributes, tables));
    let description = words::indexed(&html::text(&product.description_html, DESCRIPTION_MAX));
    let all = format!("{title}{names}{attributes}{description}");
    document.add_text(fields.stems, stems.indexed(&all));
    document.add_text(fields.title_stems, stems.indexed(&title));
    document.add_text(fields.all, all);
    document.add_text(fields.title, title);
    document.add_text(fields.names, names);
}

/// The lowest price of each currency.
fn prices(product: &Product) -> BTreeMap<String, OwnedValue> {
    let mut lowest: BTreeMap<&str, i64> = BTreeMap::new();
    let prices = product.variants.iter().flat_map(|variant| &variant.prices);
    for amount in prices.filter_map(|price| price.amount.as_ref()) {
        lowest
            .entry(&amount.currency)
            .and_modify(|least| *least = amount.minor.min(*least))
            .or_insert(amount.minor);
    }
    lowest.into_iter().map(|(currency, minor)| (currency.to_owned(), OwnedValue::I64(minor))).collect()
}

fn codes(product: &Product) -> BTreeSet<String> {
    let written = product.variants.iter().flat_map(|variant| [&variant.sku, &variant.barcode]);
    written.map(|code| words::code(code)).filter(|code| !code.is_empty()).collect()
}

/// Vendor, type, tags, option values, SKUs, titles of categories: each once.
fn names(product: &Product, tables: &Tables) -> String {
    let mut names: Vec<&str> = vec![&product.vendor, &product.product_type];
    names.extend(product.tags.iter().map(String::as_str));
    let titles = product.category_ids.iter().filter_map(|id| tables.category(id));
    names.extend(titles.map(|category| category.title.as_str()));
    let options = product.options.iter().flat_map(|option| &option.values);
    names.extend(options.map(String::as_str));
    names.extend(product.variants.iter().map(|variant| variant.sku.as_str()));
    names.extend(product.variants.iter().map(|variant| variant.barcode.as_str()));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    names.join(" ")
}

fn searchable(attributes: &[Attribute], tables: &Tables) -> String {
    let mut text = String::new();
    let searched =
        attributes.iter().filter(|each| tables.attribute(&each.name).is_some_and(|known| known.searchable));
    for value in searched.filter_map(|attribute| attribute.value.as_ref()) {
        match value {
            attribute::Value::Text(value) | attribute::Value::Date(value) => text.push_str(value),
            attribute::Value::Number(number) => text.push_str(&number.to_string()),
            attribute::Value::Boolean(_) => {}
        }
        text.push(' ');
    }
    text
}

/// What facets count. Which of the attributes are facets is decided when a query is answered, so that declaring
/// one filterable needs no new index.
fn terms(product: &Product, stock: Stock) -> BTreeSet<String> {
    let mut pairs: Vec<(String, String)> = vec![
        ("vendor".to_owned(), product.vendor.clone()),
        ("product_type".to_owned(), product.product_type.clone()),
    ];
    pairs.extend(product.tags.iter().map(|tag| ("tag".to_owned(), tag.clone())));
    if stock == Stock::Available {
        pairs.push(("in_stock".to_owned(), "true".to_owned()));
    }
    for option in &product.options {
        pairs.extend(option.values.iter().map(|value| (format!("option:{}", option.name), value.clone())));
    }
    let attributes = product.attributes.iter();
    pairs.extend(attributes.filter_map(|each| Some((each.name.clone(), value_text(each.value.as_ref()?)))));
    let fitting = pairs.into_iter().filter(|(_, value)| !value.is_empty() && value.len() <= VALUE_MAX);
    fitting.map(|(name, value)| term(&name, &value)).collect()
}

/// A facet's name and a value as a term of the index.
pub(crate) fn term(name: &str, value: &str) -> String {
    format!("{name}{SEPARATOR}{value}")
}

fn value_text(value: &attribute::Value) -> String {
    match value {
        attribute::Value::Text(text) | attribute::Value::Date(text) => text.clone(),
        attribute::Value::Number(number) => number.to_string(),
        attribute::Value::Boolean(truth) => truth.to_string(),
    }
}
