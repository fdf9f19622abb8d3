//! A variable product, and the variations that make it one.

use argosy_contracts::catalog::{ProductOption, Variant};

use super::{
    Part,
    columns::Cells,
    row::{Inherited, Named, Sold},
};
use crate::{
    draft::{Draft, attribute_name},
    formats::{Read1, Reading},
    problem::Problem,
};

/// A product whose variations are being gathered.
pub(super) struct Variable {
    draft: Draft,
    inherited: Inherited,
    attributes: Vec<Named>,
    /// What each variant is a choice of: labels and values.
    choices: Vec<Vec<(String, String)>>,
    /// The line of a variation that was wrong.
    refused_by: Option<u64>,
}

/// A row that is a variation.
pub(super) enum Variation {
    Sold(Box<Sold>, Vec<(String, String)>),
    /// One that is not published.
    Unpublished(Problem),
}

impl Variation {
    pub(super) fn read(cells: &Cells<'_>, reading: &Reading, inherited: &Inherited) -> Part<Self> {
        let line = cells.row.line;
        if !cells.is_published() {
            let message = "the variation is not published, so it stayed out";
            return Ok(Self::Unpublished(Problem::new(line, "NOT_KEPT", message)));
        }
        let mut sold = cells.sold(reading, inherited)?;
        sold.variant.image_url = cells.picture();
        let mut choices = Vec::new();
        for mut named in cells.attributes() {
            let value = named.values.pop().filter(|_| named.values.is_empty()).ok_or_else(|| {
                let message = format!("the variation is for any {0}: it must be for one {0}", named.label);
                Problem::new(line, "VARIATION_INCOMPLETE", message)
            })?;
            choices.push((named.label, value));
        }
        if choices.is_empty() {
            let message = "the variation has no attribute that tells it from the others";
            return Err(Problem::new(line, "VARIATION_INCOMPLETE", message));
        }
        Ok(Self::Sold(Box::new(sold), choices))
    }
}

impl Variable {
    pub(super) fn new(draft: Draft, inherited: Inherited, attributes: Vec<Named>) -> Self {
        Self { draft, inherited, attributes, choices: Vec::new(), refused_by: None }
    }

    pub(super) fn inherited(&self) -> &Inherited {
        &self.inherited
    }

    pub(super) fn add(&mut self, variation: Variation) {
        match variation {
            Variation::Sold(sold, choices) => {
                self.draft.product.variants.push(sold.variant);
                self.draft.stock.push(sold.stock);
                self.draft.notes.extend(sold.notes);
                self.choices.push(choices);
            }
            Variation::Unpublished(note) => self.draft.notes.push(note),
        }
    }

    pub(super) fn refuse(&mut self, line: u64) {
        self.refused_by.get_or_insert(line);
    }

    /// The product. Its options are the attributes that variations name, in the product's order; the others stay
    /// attributes. A variation counts its own attributes only, so they are told by name, not by number.
    pub(super) fn finish(mut self) -> Read1 {
        let line = self.draft.line;
        let title = &self.draft.product.title;
        if let Some(wrong) = self.refused_by {
            let message = format!("'{title}' stays out: its variation in line {wrong} is wrong");
            return Err(Problem::new(line, "VARIATION_REFUSED", message));
        }
        if self.choices.is_empty() {
            let message = format!("'{title}' is a variable product without a variation that is sold");
            return Err(Problem::new(line, "VARIATIONS_MISSING", message));
        }
        let mut options: Vec<ProductOption> = Vec::new();
        for named in std::mem::take(&mut self.attributes) {
            if self.choices.iter().flatten().any(|(label, _)| is_same(label, &named.label)) {
                options.push(ProductOption { name: named.label, values: named.values });
            } else {
                let name = attribute_name(&named.label);
                let values = named.values.into_iter().map(|value| (name.clone(), value));
                self.draft.attributes.extend(values);
            }
        }
        for (label, _) in self.choices.iter().flatten() {
            if !options.iter().any(|option| is_same(&option.name, label)) {
                options.push(ProductOption { name: label.clone(), values: Vec::new() });
            }
        }
        for (variant, choices) in self.draft.product.variants.iter_mut().zip(&self.choices) {
            variant.option_values = values_of(variant, choices, &options, line)?;
        }
        for (place, option) in options.iter_mut().enumerate() {
            keep_values(option, place, &self.draft.product.variants);
        }
        self.draft.product.options = options;
        Ok(self.draft)
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// A variant's value of each option.
fn values_of(
    variant: &Variant,
    choices: &[(String, String)],
    options: &[ProductOption],
    line: u64,
) -> Part<Vec<String>> {
    let value = |option: &ProductOption| {
        let chosen = choices.iter().find(|(label, _)| is_same(label, &option.name));
        chosen.map(|(_, value)| value.clone()).ok_or_else(|| {
            let message = format!("the variation '{}' has no {}", variant.sku, option.name);
            Problem::new(line, "VARIATION_INCOMPLETE", message)
        })
    };
    options.iter().map(value).collect()
}

/// The values that variants have, in the product's order.
fn keep_values(option: &mut ProductOption, place: usize, variants: &[Variant]) {
    let used: Vec<&String> = variants.iter().filter_map(|variant| variant.option_values.get(place)).collect();
    option.values.retain(|value| used.contains(&value));
    for value in used {
        if !option.values.contains(value) {
            option.values.push(value.clone());
        }
    }
}
