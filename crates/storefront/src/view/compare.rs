//! Products side by side.

use argosy_contracts::{catalog::Product, inventory::Availability};
use serde::Serialize;

use super::{
    card::Card,
    product::{chosen_variant, facts},
};
use crate::{edition::Edition, structure::Structure};

/// Something that is said of some of the products; of those it is not said of, nothing.
#[derive(Debug, Serialize)]
struct Row {
    label: String,
    values: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Column {
    handle: String,
    card: Card,
    /// The comparison without this one.
    without_url: String,
}

/// Products side by side.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ComparePage {
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// The handles, as the address has them.
    handles: String,
}

impl ComparePage {
    pub(crate) fn of(
        products: &[Product],
        stock: &[Availability],
        structure: &Structure,
        edition: &Edition,
    ) -> Self {
        let handles: Vec<&str> = products.iter().map(|product| product.handle.as_str()).collect();
        let column = |product: &Product| {
            let others: Vec<&str> =
                handles.iter().copied().filter(|handle| *handle != product.handle).collect();
            Column {
                handle: product.handle.clone(),
                card: Card::of(product, edition, stock),
                without_url: path_of(&others, edition),
            }
        };
        let mut rows: Vec<Row> = Vec::new();
        for (place, product) in products.iter().enumerate() {
            let Some(variant) = chosen_variant(product, "", edition.currency) else { continue };
            for fact in facts(product, variant, structure, &edition.words) {
                let known = rows.iter().position(|row| row.label == fact.label);
                let known = known.unwrap_or_else(|| {
                    rows.push(Row { label: fact.label, values: vec![String::new(); products.len()] });
                    rows.len() - 1
                });
                rows[known].values[place] = fact.value;
            }
        }
        Self { columns: products.iter().map(column).collect(), rows, handles: handles.join(",") }
    }
}

fn path_of(handles: &[&str], edition: &Edition) -> String {
    let path = edition.path("/compare");
    if handles.is_empty() { path } else { format!("{path}?handles={}", handles.join(",")) }
}
