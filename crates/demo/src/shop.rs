//! The shop as its owner wrote it down, read.

use std::collections::BTreeMap;

use argosy_kernel::{Error, Result};
use serde::{Deserialize, de::DeserializeOwned};

use crate::picture::{Drawing, Tone};

/// A department's file, and those that go on with it.
macro_rules! department {
    ($($file:literal),+) => { concat!($(include_str!(concat!("shop/", $file, ".toml"))),+) };
}

const SHOP: &str = include_str!("shop/shop.toml");
const DEPARTMENTS: &[&str] = &[
    department!("table", "table_linen"),
    department!("kitchen", "kitchen_tools"),
    department!("home", "home_bath", "home_hall"),
    department!("travel", "travel_picnic"),
    department!("workshop", "workshop_care"),
    department!("paper", "paper_post"),
    department!("clothing", "clothing_knits"),
    department!("boat", "boat_stores"),
];

/// An amount in EUR, USD and GBP.
pub(crate) type Amounts = [String; 3];

/// What the departments share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shop {
    pub(crate) name: String,
    pub(crate) colours: BTreeMap<String, Tone>,
    pub(crate) walls: BTreeMap<String, Tone>,
    #[serde(rename = "place")]
    pub(crate) places: [Place; 2],
    #[serde(rename = "attribute")]
    pub(crate) attributes: Vec<AttributeKind>,
    #[serde(rename = "collection")]
    pub(crate) collections: Vec<Selection>,
    #[serde(rename = "promotion")]
    pub(crate) promotions: Vec<Coupon>,
    #[serde(rename = "campaign")]
    pub(crate) campaigns: Vec<Bargain>,
}

/// What can be said of goods.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeKind {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) unit: String,
    #[serde(default)]
    pub(crate) values: Vec<String>,
    #[serde(default)]
    pub(crate) filterable: bool,
    #[serde(default)]
    pub(crate) searchable: bool,
    #[serde(default, rename = "chart")]
    pub(crate) charts: Vec<Chart>,
}

/// The measures of sizes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chart {
    pub(crate) value: String,
    pub(crate) title: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) note: String,
}

/// A place with stock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) name: String,
    /// Where buyers may collect: street, postal code, town, country.
    pub(crate) collect_at: Option<[String; 4]>,
    #[serde(default)]
    pub(crate) hours: String,
}

/// Goods of several departments, by hand or by rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    pub(crate) handle: String,
    pub(crate) title: String,
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) products: Vec<String>,
    #[serde(default)]
    pub(crate) conditions: Vec<Rule>,
}

/// What goods of a selection have in common.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) field: String,
    pub(crate) relation: String,
    pub(crate) value: String,
}

/// A code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Coupon {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) rate_ppm: i64,
    pub(crate) minimum: Option<Amounts>,
}

/// Of every so many of some goods the cheapest is free.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bargain {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) products: Vec<String>,
    pub(crate) buy: i64,
    pub(crate) get: i64,
}

/// A root category and its goods.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Department {
    pub(crate) title: String,
    pub(crate) description: String,
    #[serde(rename = "product")]
    pub(crate) products: Vec<Entry>,
}

/// A product. Its variants are its colours × its sizes, of those there are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) handle: String,
    pub(crate) sku: String,
    pub(crate) title: String,
    pub(crate) category: String,
    pub(crate) kind: String,
    pub(crate) maker: String,
    pub(crate) draw: Drawing,
    /// The colour in the picture where there is none to choose.
    pub(crate) tint: Option<String>,
    #[serde(default)]
    pub(crate) colours: Vec<String>,
    /// What the first option is called, if not the colour; then `names` are its values, a colour each.
    pub(crate) option: Option<String>,
    #[serde(default)]
    pub(crate) names: Vec<String>,
    /// What the second option is called, if not the size.
    pub(crate) option_two: Option<String>,
    #[serde(default)]
    pub(crate) sizes: Vec<Size>,
    pub(crate) price: Amounts,
    /// What it was before.
    pub(crate) was: Option<Amounts>,
    #[serde(default)]
    pub(crate) weight_g: i64,
    /// How much is in one, where it is sold by measure: `250 g`.
    pub(crate) holds: Option<String>,
    /// In how many it is sold.
    pub(crate) by: Option<i64>,
    #[serde(default)]
    pub(crate) digital: bool,
    /// Pieces of a variant, a place each.
    #[serde(default)]
    pub(crate) stock: [i64; 2],
    /// Variants by title.
    #[serde(default)]
    pub(crate) sold_out: Vec<String>,
    /// Variants by title: none there, sold nevertheless.
    #[serde(default)]
    pub(crate) backorder: Vec<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) facts: toml::Table,
    #[serde(default)]
    pub(crate) related: Vec<String>,
    /// Paragraphs.
    pub(crate) text: String,
}

/// A size, or whatever else has a price of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Size {
    pub(crate) name: String,
    pub(crate) price: Amounts,
    pub(crate) weight_g: i64,
    pub(crate) holds: Option<String>,
}

impl Shop {
    pub(crate) fn read() -> Result<Self> {
        parse(SHOP)
    }

    pub(crate) fn colour(&self, name: &str) -> Result<Tone> {
        let known = self.colours.get(name).copied();
        known.ok_or_else(|| Error::internal(format!("the demo shop has no colour {name}")))
    }
}

impl Department {
    pub(crate) fn read_all() -> Result<Vec<Self>> {
        DEPARTMENTS.iter().map(|text| parse(text)).collect()
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    toml::from_str(text).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::goods::goods;

    #[test]
    fn the_shop_is_sound() {
        let shop = Shop::read().unwrap();
        let departments = Department::read_all().unwrap();
        let entries = || departments.iter().flat_map(|department| &department.products);
        let handles: BTreeSet<&str> = entries().map(|entry| entry.handle.as_str()).collect();
        let skus: BTreeSet<&str> = entries().map(|entry| entry.sku.as_str()).collect();
        assert_eq!((entries().count(), handles.len(), skus.len()), (301, 301, 301));
        for department in &departments {
            for (place, entry) in department.products.iter().enumerate() {
                let made = goods(&shop, &department.title, place, entry).unwrap();
                assert!(
                    !made.plates.is_empty()
                        && made.counts.len() == made.input.product.unwrap().variants.len()
                );
                for related in &entry.related {
                    assert!(handles.contains(related.as_str()), "{} → {related}", entry.handle);
                }
                for fact in entry.facts.keys() {
                    assert!(
                        shop.attributes.iter().any(|kind| kind.name == *fact),
                        "{}: {fact}",
                        entry.handle
                    );
                }
            }
        }
        let selected = shop.collections.iter().flat_map(|collection| &collection.products);
        for handle in selected.chain(shop.campaigns.iter().flat_map(|campaign| &campaign.products)) {
            assert!(handles.contains(handle.as_str()), "a collection or campaign has {handle}");
        }
    }
}
