//! Shopify's product CSV: the rows of a product stand together and share its handle; the first has its title.

use std::{collections::HashSet, io::BufRead};

use argosy_contracts::catalog::{Image, Product, ProductOption, Seo, Variant};
use argosy_kernel::{Currency, Result};

use super::{
    Read1,
    shopify_columns::{Columns, HANDLE, TITLE},
    table::{Row, Table},
    values::{integer, list, price, yes_or_no},
};
use crate::{
    draft::{Draft, Stock},
    problem::Problem,
};

pub(super) struct Shopify<R> {
    table: Table<R>,
    columns: Columns,
    currency: Currency,
    /// The first row of the next product.
    ahead: Option<Row>,
    /// Handles of products that ended: one that comes again is a mistake.
    seen: HashSet<String>,
    at_end: bool,
}

type Part<T> = std::result::Result<T, Problem>;

impl<R: BufRead> Shopify<R> {
    pub(super) fn new(source: R, currency: Currency) -> Result<Self> {
        let table = Table::open(source, &[HANDLE, TITLE])?;
        let columns = Columns::of(&table);
        Ok(Self { table, columns, currency, ahead: None, seen: HashSet::new(), at_end: false })
    }

    fn next_row(&mut self) -> Option<Part<Row>> {
        if let Some(row) = self.ahead.take() {
            return Some(Ok(row));
        }
        loop {
            match self.table.next_row()? {
                Ok(row) if row.is_empty() => {}
                other => return Some(other),
            }
        }
    }

    /// All rows of the next product. A row that cannot be read spoils its product.
    fn next_rows(&mut self) -> Option<Part<Vec<Row>>> {
        let first = match self.next_row()? {
            Ok(row) => row,
            Err(problem) => return Some(Err(problem)),
        };
        let handle = first.get(self.columns.handle).to_owned();
        let mut rows = vec![first];
        let mut spoilt = None;
        loop {
            match self.next_row() {
                None => {
                    self.at_end = true;
                    break;
                }
                Some(Ok(row)) if row.get(self.columns.handle) == handle && !handle.is_empty() => {
                    rows.push(row);
                }
                Some(Ok(row)) => {
                    self.ahead = Some(row);
                    break;
                }
                Some(Err(problem)) => {
                    spoilt = Some(problem);
                    break;
                }
            }
        }
        Some(match spoilt {
            Some(problem) => Err(problem),
            None => Ok(rows),
        })
    }

    fn product(&mut self, rows: &[Row]) -> Read1 {
        let (first, columns) = (&rows[0], &self.columns);
        let handle = first.get(columns.handle);
        if handle.is_empty() {
            return Err(Problem::new(first.line, "UNREADABLE_ROW", "the row has no handle"));
        }
        if !self.seen.insert(handle.to_lowercase()) {
            let message = format!("the rows of '{handle}' do not stand together: it was there before");
            return Err(Problem::new(first.line, "DUPLICATE_HANDLE", message));
        }
        let mut draft = Draft { line: first.line, product: self.shared(first), ..Draft::default() };
        draft.category_paths = Some(first.get(columns.category))
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .into_iter()
            .collect();
        draft.attributes = columns
            .attributes
            .iter()
            .flat_map(|(name, place)| {
                first.get(Some(*place)).split('\n').map(move |value| (name.clone(), value.trim().to_owned()))
            })
            .filter(|(_, value)| !value.is_empty())
            .collect();
        for row in rows {
            let image = row.get(columns.image);
            if !image.is_empty() {
                let alt = row.get(columns.image_alt).to_owned();
                draft.product.images.push(Image { url: image.to_owned(), alt, ..Image::default() });
            }
            if self.is_variant(row, rows.len()) {
                let (variant, stock) = self.variant(row)?;
                draft.product.variants.push(variant);
                draft.stock.push(stock);
            }
        }
        name_options(&mut draft.product, first, columns);
        Ok(draft)
    }

    fn shared(&self, row: &Row) -> Product {
        let columns = &self.columns;
        let published = yes_or_no(row.get(columns.published), true);
        let status = match row.get(columns.status).to_lowercase().as_str() {
            "draft" | "unlisted" => "draft",
            "archived" => "archived",
            _ if published => "active",
            _ => "draft",
        };
        let seo = Seo {
            title: row.get(columns.seo_title).to_owned(),
            description: row.get(columns.seo_description).to_owned(),
        };
        Product {
            handle: row.get(columns.handle).to_lowercase(),
            title: row.get(columns.title).to_owned(),
            description_html: row.get(columns.body).to_owned(),
            vendor: row.get(columns.vendor).to_owned(),
            product_type: row.get(columns.product_type).to_owned(),
            tags: list(row.get(columns.tags)).collect(),
            status: status.to_owned(),
            seo: Some(seo),
            ..Product::default()
        }
    }

    /// A row that has nothing but a picture is no variant.
    fn is_variant(&self, row: &Row, rows: usize) -> bool {
        let columns = &self.columns;
        let told = [columns.options[0].1, columns.sku, columns.price];
        rows == 1 || told.iter().any(|column| !row.get(*column).is_empty())
    }

    fn variant(&self, row: &Row) -> Part<(Variant, Option<Stock>)> {
        let (columns, line) = (&self.columns, row.line);
        let mut prices: Vec<_> =
            price(line, self.currency, row.get(columns.price), row.get(columns.compare_at))?
                .into_iter()
                .collect();
        for (currency, amount, compare_at) in &columns.other_prices {
            prices.extend(price(line, *currency, row.get(*amount), row.get(*compare_at))?);
        }
        let taxable = yes_or_no(row.get(columns.taxable), true);
        let class = row.get(columns.tax_class);
        let tax_class = match (class, taxable) {
            ("", true) => "standard",
            ("", false) => "zero",
            (class, _) => class,
        };
        let values = columns.options.iter().map(|(_, value)| row.get(*value).to_owned());
        let variant = Variant {
            sku: row.get(columns.sku).to_owned(),
            barcode: row.get(columns.barcode).trim_start_matches('\'').to_owned(),
            option_values: values.filter(|value| !value.is_empty()).collect(),
            prices,
            weight_g: integer(line, "Variant Grams", row.get(columns.grams))?,
            requires_shipping: yes_or_no(row.get(columns.requires_shipping), true),
            tax_class: tax_class.to_owned(),
            image_url: row.get(columns.variant_image).to_owned(),
            ..Variant::default()
        };
        let quantity = row.get(columns.quantity);
        let is_tracked = !row.get(columns.tracker).is_empty();
        let told = is_tracked || !quantity.is_empty();
        let stock = Stock {
            on_hand: integer(line, "Variant Inventory Qty", quantity)?,
            tracked: is_tracked,
            backorder: yes_or_no(row.get(columns.policy), false),
        };
        Ok((variant, told.then_some(stock)))
    }
}

/// Names the options, and drops the one that Shopify gives to products that have none.
fn name_options(product: &mut Product, first: &Row, columns: &Columns) {
    let names: Vec<&str> = columns.options.iter().map(|(name, _)| first.get(*name)).collect();
    let is_single = product.variants.len() == 1
        && names[0].eq_ignore_ascii_case("title")
        && product.variants[0]
            .option_values
            .first()
            .is_some_and(|value| value.eq_ignore_ascii_case("default title"));
    if is_single {
        product.variants[0].option_values.clear();
        return;
    }
    let given = names.into_iter().filter(|name| !name.is_empty());
    product.options = given.map(|name| ProductOption { name: name.to_owned(), values: Vec::new() }).collect();
    for (place, option) in product.options.iter_mut().enumerate() {
        for value in product.variants.iter().filter_map(|variant| variant.option_values.get(place)) {
            if !option.values.contains(value) {
                option.values.push(value.clone());
            }
        }
    }
}

impl<R: BufRead> Iterator for Shopify<R> {
    type Item = Read1;

    fn next(&mut self) -> Option<Read1> {
        if self.at_end {
            return None;
        }
        Some(match self.next_rows()? {
            Ok(rows) => self.product(&rows),
            Err(problem) => Err(problem),
        })
    }
}
