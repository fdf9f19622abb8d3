//! From a product of the shop's files to the catalogue's: variants, prices, pictures to draw, stock to count.

use argosy_contracts::{
    catalog::{Attribute, Price, Product, ProductInput, ProductOption, Seo, Variant, attribute::Value},
    common::{Money as WireMoney, QuantityRule},
};
use argosy_kernel::{Currency, Error, Money, Result};

use crate::{
    picture::{Motif, View},
    shop::{Amounts, Entry, Shop, Size},
};

const CURRENCIES: [Currency; 3] = [Currency::EUR, Currency::USD, Currency::GBP];

/// Stock of a variant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    /// Pieces, a place each.
    pub(crate) pieces: [i64; 2],
    pub(crate) backorder: bool,
    pub(crate) tracked: bool,
}

/// A picture to draw, and for whom.
pub(crate) struct Plate {
    pub(crate) motif: Motif,
    pub(crate) alt: String,
    /// The first option value of the variants that it shows.
    pub(crate) shows: Option<String>,
}

/// A product, ready but for the addresses of its pictures.
pub(crate) struct Goods {
    pub(crate) input: ProductInput,
    pub(crate) plates: Vec<Plate>,
    /// In the order of the variants.
    pub(crate) counts: Vec<Count>,
}

/// An entry as the catalogue wants it. `place` is its place in its department.
pub(crate) fn goods(shop: &Shop, department: &str, place: usize, entry: &Entry) -> Result<Goods> {
    let looks = looks(entry);
    let mut variants = Vec::new();
    let mut counts = Vec::new();
    for look in &looks {
        for size in sizes(entry) {
            let variant = variant(entry, look.as_deref(), size)?;
            counts.push(count(entry, &variant.option_values.join(" / ")));
            variants.push(variant);
        }
    }
    let product = Product {
        handle: entry.handle.clone(),
        title: entry.title.clone(),
        description_html: description(&entry.text),
        vendor: entry.maker.clone(),
        product_type: entry.kind.clone(),
        tags: entry.tags.clone(),
        status: "active".to_owned(),
        options: options(entry),
        attributes: attributes(entry)?,
        related_handles: entry.related.clone(),
        seo: Some(Seo {
            title: format!("{} – {}", entry.title, shop.name),
            description: entry.text.split("\n\n").next().unwrap_or_default().to_owned(),
        }),
        variants,
        ..Product::default()
    };
    let category_paths = vec![format!("{department} > {}", entry.category)];
    let input = ProductInput { product: Some(product), category_paths, declare_attributes: false };
    Ok(Goods { input, plates: plates(shop, place, entry, &looks)?, counts })
}

/// The values of the first option; one of nothing if there is none.
fn looks(entry: &Entry) -> Vec<Option<String>> {
    let named = if entry.names.is_empty() { &entry.colours } else { &entry.names };
    if named.is_empty() { vec![None] } else { named.iter().cloned().map(Some).collect() }
}

fn sizes(entry: &Entry) -> Vec<Option<&Size>> {
    if entry.sizes.is_empty() { vec![None] } else { entry.sizes.iter().map(Some).collect() }
}

fn options(entry: &Entry) -> Vec<ProductOption> {
    let first: Vec<String> = looks(entry).into_iter().flatten().collect();
    let second: Vec<String> = entry.sizes.iter().map(|size| size.name.clone()).collect();
    let names = [
        (entry.option.as_deref().unwrap_or("Colour"), first),
        (entry.option_two.as_deref().unwrap_or("Size"), second),
    ];
    let offered = names.into_iter().filter(|(_, values)| !values.is_empty());
    offered.map(|(name, values)| ProductOption { name: name.to_owned(), values }).collect()
}

fn variant(entry: &Entry, look: Option<&str>, size: Option<&Size>) -> Result<Variant> {
    let values: Vec<String> =
        look.into_iter().chain(size.map(|size| size.name.as_str())).map(str::to_owned).collect();
    let sku = values.iter().fold(entry.sku.clone(), |sku, value| format!("{sku}-{}", code(value)));
    let amounts = size.map_or(&entry.price, |size| &size.price);
    Ok(Variant {
        sku,
        title: values.join(" / "),
        option_values: values,
        prices: prices(amounts, entry.was.as_ref())?,
        weight_g: size.map_or(entry.weight_g, |size| size.weight_g),
        requires_shipping: !entry.digital,
        unit_measure: size.map_or(&entry.holds, |size| &size.holds).as_deref().map(str::parse).transpose()?,
        quantity_rule: entry.by.map(|step| QuantityRule { min: step, step, max: 0 }),
        tax_class: "standard".to_owned(),
        ..Variant::default()
    })
}

/// A value as a part of a SKU: `0.75 l` is `075L`.
fn code(value: &str) -> String {
    value.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

fn prices(amounts: &Amounts, was: Option<&Amounts>) -> Result<Vec<Price>> {
    let before = was.map(wire).transpose()?;
    let now = wire(amounts)?.into_iter().enumerate();
    Ok(now
        .map(|(index, amount)| Price {
            amount: Some(amount),
            compare_at: before.as_ref().map(|before| before[index].clone()),
            per_unit: None,
        })
        .collect())
}

/// Amounts in the three currencies.
pub(crate) fn wire(amounts: &Amounts) -> Result<Vec<WireMoney>> {
    let read = amounts.iter().zip(CURRENCIES);
    read.map(|(text, currency)| Ok(Money::parse_decimal(text, currency)?.into())).collect()
}

fn attributes(entry: &Entry) -> Result<Vec<Attribute>> {
    let typed = entry.facts.iter().map(|(name, value)| {
        let value = match value {
            toml::Value::String(text) => Value::Text(text.clone()),
            toml::Value::Boolean(yes) => Value::Boolean(*yes),
            toml::Value::Float(number) => Value::Number(*number),
            toml::Value::Integer(number) => {
                Value::Number(number.to_string().parse().map_err(Error::internal)?)
            }
            other => return Err(Error::internal(format!("{name} of {} is {other:?}", entry.handle))),
        };
        Ok(Attribute { name: name.clone(), value: Some(value) })
    });
    typed.collect()
}

fn description(text: &str) -> String {
    let paragraphs: Vec<&str> = text.trim().split("\n\n").collect();
    format!("<p>{}</p>", paragraphs.join("</p><p>"))
}

fn count(entry: &Entry, title: &str) -> Count {
    let listed = |titles: &[String]| titles.iter().any(|listed| listed == title);
    let backorder = listed(&entry.backorder);
    let none_left = backorder || listed(&entry.sold_out);
    let pieces = if none_left { [0, 0] } else { entry.stock };
    Count { pieces, backorder, tracked: !entry.digital }
}

/// A picture of each colour, and one from near by.
fn plates(shop: &Shop, place: usize, entry: &Entry, looks: &[Option<String>]) -> Result<Vec<Plate>> {
    let walls: Vec<_> = shop.walls.values().copied().collect();
    let wall = |step: usize| walls[(place + step) % walls.len()];
    let mut plates = Vec::new();
    for (index, look) in looks.iter().enumerate() {
        let colour = entry.colours.get(index).or(entry.tint.as_ref());
        let tone = shop.colour(colour.map_or("Oak", String::as_str))?;
        let alt =
            look.as_ref().map_or_else(|| entry.title.clone(), |look| format!("{}, {look}", entry.title));
        let motif = Motif { drawing: entry.draw, tone, wall: wall(index), view: View::Whole };
        plates.push(Plate { motif, alt: alt.clone(), shows: look.clone() });
        if index == 0 {
            let near = Motif { wall: wall(1), view: View::Near, ..motif };
            plates.push(Plate { motif: near, alt: format!("{alt}, from near by"), shows: None });
        }
    }
    Ok(plates)
}
