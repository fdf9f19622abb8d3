//! The products of the stories.

use argosy_contracts::{
    catalog::{
        Attribute, AttributeDefinition, Category, Collection, CollectionCondition, Price, Product,
        ProductOption, Variant, attribute,
    },
    common::Money,
};
use argosy_kernel::{CategoryId, CollectionId, ProductId, VariantId};

use crate::shop::{Shelf, Shop};

pub(crate) fn id_of(number: u8, prefix: u8) -> [u8; 16] {
    let mut bytes = [prefix; 16];
    bytes[15] = number;
    bytes
}

pub(crate) fn text(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: Some(attribute::Value::Text(value.to_owned())) }
}

pub(crate) fn number(name: &str, value: f64) -> Attribute {
    Attribute { name: name.to_owned(), value: Some(attribute::Value::Number(value)) }
}

pub(crate) fn category(number: u8, handle: &str, title: &str, parent: Option<u8>) -> Category {
    Category {
        id: CategoryId::from_bytes(id_of(number, 3)).to_string(),
        handle: handle.to_owned(),
        title: title.to_owned(),
        parent_id: parent
            .map(|parent| CategoryId::from_bytes(id_of(parent, 3)).to_string())
            .unwrap_or_default(),
        ..Category::default()
    }
}

pub(crate) fn product(number: u8, title: &str, vendor: &str, kind: &str, price: i64) -> Product {
    let amount = Money { minor: price, currency: "EUR".to_owned() };
    Product {
        id: ProductId::from_bytes(id_of(number, 1)).to_string(),
        handle: format!("product-{number}"),
        title: title.to_owned(),
        vendor: vendor.to_owned(),
        product_type: kind.to_owned(),
        status: "active".to_owned(),
        variants: vec![Variant {
            id: VariantId::from_bytes(id_of(number, 2)).to_string(),
            sku: format!("SKU-{number:03}"),
            prices: vec![Price { amount: Some(amount), compare_at: None, per_unit: None }],
            ..Variant::default()
        }],
        version: 1,
        created_at_ms: 1_700_000_000_000 + i64::from(number) * 1_000,
        ..Product::default()
    }
}

/// Four to look at, and forty lamps that fill pages.
pub(crate) fn assortment() -> Vec<Product> {
    let in_category = |number| vec![CategoryId::from_bytes(id_of(number, 3)).to_string()];
    let mut headphones = product(1, "Sony WH-1000XM4 Wireless Headphones", "Sony", "Headphones", 29_900);
    headphones.variants[0].barcode = "4548736112001".into();
    headphones.attributes = vec![text("color", "black"), number("weight_g", 254.0), text("secret", "zebra")];
    headphones.category_ids = in_category(2);
    headphones.collection_ids = vec![collection_id(1)];
    let mut buds = product(2, "Acme Earbuds", "Acme", "Headphones", 4_900);
    buds.description_html = "<p>For <b>wireless</b> music, without headphones &amp; cables</p>".into();
    buds.attributes = vec![text("color", "white"), number("weight_g", 50.0)];
    buds.category_ids = in_category(2);
    let mut kettle = product(3, "Blauer Kühlschrank", "Müller", "Kitchen", 59_900);
    kettle.attributes = vec![text("color", "blue"), number("weight_g", 40_000.0)];
    kettle.category_ids = in_category(3);
    let mut shirt = product(4, "T-Shirt Crème", "Acme", "Clothes", 1_900);
    shirt.options =
        vec![ProductOption { name: "Size".to_owned(), values: vec!["S".to_owned(), "M".to_owned()] }];
    shirt.tags = vec!["summer".to_owned()];
    shirt.collection_ids = vec![collection_id(3)];
    let lamps = (10..50).map(|number| {
        // Pairs of equal titles, prices and times, so that only the id parts them.
        let pair = number / 2;
        let mut lamp =
            product(number, &format!("Lamp {pair:03}"), "Acme", "Lamps", 1_000 + i64::from(pair) * 10);
        lamp.created_at_ms = 1_600_000_000_000 + i64::from(pair);
        lamp.attributes = vec![text("color", ["red", "green"][usize::from(number % 2)])];
        lamp.category_ids = in_category(3);
        lamp
    });
    [headphones, buds, kettle, shirt].into_iter().chain(lamps).collect()
}

fn collection(number: u8, handle: &str, conditions: Vec<CollectionCondition>) -> Collection {
    Collection { id: collection_id(number), handle: handle.to_owned(), conditions, ..Collection::default() }
}

pub(crate) fn collection_id(number: u8) -> String {
    CollectionId::from_bytes(id_of(number, 4)).to_string()
}

pub(crate) const ALL: usize = 44;

pub(crate) fn filled_shop() -> Shop<Shelf> {
    let shop = Shop::new(Shelf::default());
    shop.products.0.lock().unwrap().extend(assortment().into_iter().map(|each| (each.id.clone(), each)));
    *shop.categories.lock().unwrap() = vec![
        category(1, "electronics", "Electronics", None),
        category(2, "audio", "Audio", Some(1)),
        category(3, "home", "Home", None),
    ];
    let by_tag = CollectionCondition {
        field: "tag".to_owned(),
        relation: "equals".to_owned(),
        value: "summer".to_owned(),
    };
    *shop.collections.lock().unwrap() = vec![
        collection(1, "bestsellers", Vec::new()),
        collection(2, "window", Vec::new()),
        collection(3, "summer", vec![by_tag]),
    ];
    let attribute = |name: &str, kind: &str, filterable, searchable| AttributeDefinition {
        name: name.to_owned(),
        label: name.to_uppercase(),
        kind: kind.to_owned(),
        filterable,
        searchable,
        ..AttributeDefinition::default()
    };
    *shop.attributes.lock().unwrap() = vec![
        attribute("color", "text", true, true),
        attribute("weight_g", "number", true, false),
        attribute("secret", "text", false, false),
    ];
    shop
}
