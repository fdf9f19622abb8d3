//! A product's page: gallery, options, price, stock, attributes.

use argosy_contracts::{
    catalog::{self as wire, Attribute, Product, Variant, attribute},
    common::{Address, QuantityRule},
    inventory::{Availability, Location},
};
use argosy_kernel::Currency;
use serde::Serialize;

use super::{
    Link,
    card::{Card, Picture, PriceView, can_be_sold, price_of, tint_of},
    parcel::leaves,
};
use crate::{edition::Edition, language::Words, structure::Structure};

const PICTURES_MAX: usize = 24;

/// Whether and how a variant can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Supply {
    /// At once.
    InStock,
    /// Later: it has run out.
    Backorder,
    /// Later: it is not out yet.
    Preorder,
    /// Not now.
    SoldOut,
    /// Not in this currency.
    NotSold,
}

/// A value of an option, and where choosing it leads.
#[derive(Debug, Serialize)]
struct OptionValue {
    label: String,
    url: String,
    chosen: bool,
    /// With the other options as they are there is no such variant; the link changes them, too.
    changes_others: bool,
    /// The variant that it leads to is known to be sold out.
    sold_out: bool,
}

#[derive(Debug, Serialize)]
struct OptionView {
    name: String,
    chosen: String,
    values: Vec<OptionValue>,
}

/// Something that is said of a product.
#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    pub(crate) label: String,
    pub(crate) value: String,
}

/// A product's page.
#[derive(Debug, Serialize)]
pub(crate) struct ProductView {
    handle: String,
    title: String,
    vendor: String,
    description_html: String,
    pictures: Vec<Picture>,
    tint: u32,
    options: Vec<OptionView>,
    variant_id: String,
    variant_title: String,
    sku: String,
    pub(crate) price: Option<PriceView>,
    /// The lowest price before a reduced one; empty: it is not reduced, or there was none.
    pub(crate) lowest_before: String,
    /// What more pieces cost; empty: as much.
    pub(crate) steps: Vec<String>,
    pub(crate) stock: Supply,
    /// From when it leaves, if it is had later.
    leaves: String,
    facts: Vec<Fact>,
    pub(crate) trail: Vec<Link>,
    pub(crate) related: Vec<Card>,
    ships: bool,
    quantity: QuantityView,
    /// Where it may be collected; empty: nowhere.
    pickup: Vec<PickupView>,
    size_chart: Option<SizeChart>,
}

/// In how many something is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct QuantityView {
    pub(crate) min: i64,
    pub(crate) step: i64,
    pub(crate) max: i64,
}

/// The most that a cart's line holds.
const QUANTITY_MAX: i64 = 9_999;

impl QuantityView {
    pub(crate) fn of(rule: Option<&QuantityRule>) -> Self {
        let rule = rule.copied().unwrap_or_default();
        let step = rule.step.max(1);
        let max = if rule.max == 0 { QUANTITY_MAX } else { rule.max };
        Self { min: rule.min.max(step), step, max }
    }
}

/// A place where a variant may be collected.
#[derive(Debug, Serialize)]
struct PickupView {
    name: String,
    address: String,
    hours: String,
    ready_after_h: u32,
    is_there: bool,
}

fn pickup(
    variant: &Variant,
    stock: Option<&Availability>,
    locations: &[Location],
    edition: &Edition,
) -> Vec<PickupView> {
    if !variant.requires_shipping || price_of(variant, edition.currency).is_none() {
        return Vec::new();
    }
    let is_there = |location: &Location| {
        stock.is_some_and(|stock| {
            let at = stock.locations.iter().find(|at| at.location_id == location.id);
            at.is_some_and(|at| at.unlimited || at.available > 0)
        })
    };
    let view = |location: &Location| PickupView {
        name: location.name.clone(),
        address: location.address.as_ref().map(one_line).unwrap_or_default(),
        hours: location.hours.clone(),
        ready_after_h: location.ready_after_h,
        is_there: is_there(location),
    };
    locations.iter().map(view).collect()
}

fn one_line(address: &Address) -> String {
    let town = format!("{} {}", address.postal_code, address.city);
    let parts = [address.line1.trim(), address.line2.trim(), town.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The measures of its sizes, by the first of its attributes that has some.
fn size_chart(product: &Product, structure: &Structure) -> Option<SizeChart> {
    product.attributes.iter().find_map(|attribute| chart_of(attribute, structure)).cloned().map(|chart| {
        let rows = chart.rows.into_iter().map(|row| row.cells).collect();
        SizeChart { title: chart.title, columns: chart.columns, rows, note: chart.note }
    })
}

/// A table of sizes.
#[derive(Debug, Serialize)]
struct SizeChart {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    note: String,
}

fn chart_of<'a>(attribute: &Attribute, structure: &'a Structure) -> Option<&'a wire::SizeChart> {
    let Some(attribute::Value::Text(value)) = &attribute.value else { return None };
    structure.attribute(&attribute.name)?.size_charts.iter().find(|chart| chart.value == *value)
}

/// The variant that an address names, or the first that is sold.
pub(crate) fn chosen_variant<'a>(product: &'a Product, id: &str, currency: Currency) -> Option<&'a Variant> {
    let named = product.variants.iter().find(|variant| variant.id == id);
    let sold = || product.variants.iter().find(|variant| price_of(variant, currency).is_some());
    named.or_else(sold).or(product.variants.first())
}

impl ProductView {
    pub(crate) fn new(
        product: &Product,
        variant: &Variant,
        stock: &[Availability],
        structure: &Structure,
        edition: &Edition,
    ) -> Self {
        let price = PriceView::of(variant, edition);
        let own_stock = stock.iter().find(|each| each.variant_id == variant.id);
        Self {
            handle: product.handle.clone(),
            title: product.title.clone(),
            vendor: product.vendor.clone(),
            description_html: product.description_html.clone(),
            pictures: pictures(product, variant),
            tint: tint_of(&product.handle),
            options: options(product, variant, stock, edition),
            variant_id: variant.id.clone(),
            variant_title: if product.variants.len() > 1 { variant.title.clone() } else { String::new() },
            sku: variant.sku.clone(),
            stock: stock_of(price.is_some(), own_stock),
            leaves: own_stock
                .map(|stock| leaves(stock.preorder, &stock.expected_on, &edition.words))
                .unwrap_or_default(),
            pickup: pickup(variant, own_stock, &structure.pickup, edition),
            quantity: QuantityView::of(variant.quantity_rule.as_ref()),
            size_chart: size_chart(product, structure),
            price,
            lowest_before: String::new(),
            steps: Vec::new(),
            facts: facts(product, variant, structure, &edition.words),
            trail: Vec::new(),
            related: Vec::new(),
            ships: variant.requires_shipping,
        }
    }
}

fn stock_of(is_sold: bool, stock: Option<&Availability>) -> Supply {
    match stock {
        _ if !is_sold => Supply::NotSold,
        Some(stock) if !can_be_sold(stock) => Supply::SoldOut,
        Some(stock) if stock.awaited(1) > 0 && stock.preorder => Supply::Preorder,
        Some(stock) if stock.awaited(1) > 0 => Supply::Backorder,
        _ => Supply::InStock,
    }
}

/// The gallery, the variant's own picture first.
fn pictures(product: &Product, variant: &Variant) -> Vec<Picture> {
    let mut images: Vec<_> = product.images.iter().collect();
    if let Some(own) = images.iter().position(|image| image.url == variant.image_url) {
        images[..=own].rotate_right(1);
    }
    let mut pictures: Vec<Picture> = images
        .into_iter()
        .filter_map(|image| Picture::of(image, &product.title))
        .take(PICTURES_MAX)
        .collect();
    if pictures.is_empty() {
        pictures.extend(Picture::at(&variant.image_url, &product.title));
    }
    pictures
}

fn options(
    product: &Product,
    chosen: &Variant,
    stock: &[Availability],
    edition: &Edition,
) -> Vec<OptionView> {
    let is_gone =
        |variant: &Variant| stock.iter().any(|each| each.variant_id == variant.id && !can_be_sold(each));
    let url =
        |variant: &Variant| edition.path(&format!("/products/{}?variant={}", product.handle, variant.id));
    let view = |(index, option): (usize, &argosy_contracts::catalog::ProductOption)| {
        let present = chosen.option_values.get(index)?;
        let value = |value: &String| {
            let (variant, others_kept) = closest(&product.variants, chosen, index, value)?;
            Some(OptionValue {
                label: value.clone(),
                url: url(variant),
                chosen: value == present,
                changes_others: !others_kept,
                sold_out: is_gone(variant),
            })
        };
        let values: Vec<OptionValue> = option.values.iter().filter_map(value).collect();
        (!values.is_empty() && product.variants.len() > 1).then(|| OptionView {
            name: option.name.clone(),
            chosen: present.clone(),
            values,
        })
    };
    product.options.iter().enumerate().filter_map(view).collect()
}

/// The variant with another value of one option that keeps most of the others, and whether it keeps all.
fn closest<'a>(
    variants: &'a [Variant],
    chosen: &Variant,
    index: usize,
    value: &str,
) -> Option<(&'a Variant, bool)> {
    let kept = |variant: &Variant| {
        let pairs = variant.option_values.iter().zip(&chosen.option_values).enumerate();
        pairs.filter(|(at, (one, other))| *at != index && one == other).count()
    };
    let fitting =
        variants.iter().filter(|variant| variant.option_values.get(index).is_some_and(|one| one == value));
    // The first of equals: `max_by_key` would take the last.
    let best = fitting.rev().max_by_key(|variant| kept(variant))?;
    Some((best, kept(best) + 1 >= chosen.option_values.len()))
}

/// What is said of a variant: the attributes of its product, and what it weighs.
pub(crate) fn facts(product: &Product, variant: &Variant, structure: &Structure, words: &Words) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for attribute in &product.attributes {
        if chart_of(attribute, structure).is_some() {
            continue; // it is shown as the chart that it names
        }
        let Some(value) = shown_value(attribute, structure, words) else { continue };
        let label = structure.attribute(&attribute.name).map(|definition| definition.label.clone());
        let label =
            label.filter(|label| !label.is_empty()).unwrap_or_else(|| attribute.name.replace('_', " "));
        match facts.iter_mut().find(|fact| fact.label == label) {
            Some(fact) => fact.value = format!("{}, {value}", fact.value),
            None => facts.push(Fact { label, value }),
        }
    }
    if variant.weight_g > 0 {
        facts.push(Fact { label: words.say("weight"), value: weight(variant.weight_g, words) });
    }
    facts
}

fn shown_value(attribute: &Attribute, structure: &Structure, words: &Words) -> Option<String> {
    Some(match attribute.value.as_ref()? {
        attribute::Value::Text(text) | attribute::Value::Date(text) => text.clone(),
        attribute::Value::Boolean(true) => words.say("yes"),
        attribute::Value::Boolean(false) => words.say("no"),
        attribute::Value::Number(number) => {
            let unit = structure.attribute(&attribute.name).map_or("", |definition| definition.unit.as_str());
            format!("{number} {unit}").trim_end().to_owned()
        }
    })
}

fn weight(grams: i64, words: &Words) -> String {
    if grams < 1_000 {
        return format!("{grams} g");
    }
    let kilograms = format!("{}.{:03}", grams / 1_000, grams % 1_000);
    let kilograms = kilograms.trim_end_matches('0').trim_end_matches('.');
    format!("{} kg", kilograms.replace('.', &words.decimal_point))
}

#[cfg(test)]
mod tests {
    use argosy_contracts::catalog::ProductOption;

    use super::*;

    fn variant(id: &str, values: &[&str]) -> Variant {
        let option_values = values.iter().map(|value| (*value).to_owned()).collect();
        Variant { id: id.to_owned(), option_values, ..Variant::default() }
    }

    #[test]
    fn every_option_leads_to_a_variant_that_exists() {
        let option = |name: &str, values: &[&str]| ProductOption {
            name: name.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let product = Product {
            handle: "shirt".to_owned(),
            options: vec![option("Colour", &["Red", "Blue", "Lost"]), option("Size", &["S", "M"])],
            variants: vec![
                variant("a", &["Red", "S"]),
                variant("b", &["Red", "M"]),
                variant("c", &["Blue", "M"]),
            ],
            ..Product::default()
        };
        let gone = Availability { variant_id: "c".to_owned(), tracked: true, ..Availability::default() };
        let views = options(&product, &product.variants[0], &[gone], &Edition::first());
        let links: Vec<(&str, &str, bool, bool)> = views
            .iter()
            .flat_map(|view| view.values.iter())
            .map(|value| (value.label.as_str(), value.url.as_str(), value.changes_others, value.sold_out))
            .collect();
        assert_eq!(
            links,
            [
                ("Red", "/products/shirt?variant=a", false, false),
                ("Blue", "/products/shirt?variant=c", true, true),
                ("S", "/products/shirt?variant=a", false, false),
                ("M", "/products/shirt?variant=b", false, false),
            ]
        );
    }

    #[test]
    fn weights_are_short() {
        let weight = |grams| super::weight(grams, &Edition::first().words);
        assert_eq!([weight(250), weight(1_000), weight(1_250)], ["250 g", "1 kg", "1.25 kg"]);
    }
}
