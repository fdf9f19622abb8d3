//! WooCommerce's product CSV: one row a product or variation. Variations name their parent and may stand anywhere,
//! so variable products are kept until the end of the file.

use std::{collections::HashMap, io::BufRead};

use argosy_contracts::catalog::{Image, Price, Product, ProductOption, Variant};
use argosy_kernel::{Currency, Result};

use super::{
    Read1,
    table::{Row, Table},
    values::{integer, list, price, thousandths, yes_or_no},
};
use crate::{
    draft::{Draft, Stock, attribute_name, handle_of},
    problem::Problem,
};

const ATTRIBUTES_MAX: usize = 60;

type Part<T> = std::result::Result<T, Problem>;

pub(super) struct WooCommerce<R> {
    table: Table<R>,
    columns: Columns,
    currency: Currency,
    /// Variable products in the order they came.
    variable: Vec<Draft>,
    by_name: HashMap<String, usize>,
    orphans: Vec<(String, Row)>,
    problems: Vec<Problem>,
    is_flushed: bool,
}

struct Columns {
    id: Option<usize>,
    kind: Option<usize>,
    sku: Option<usize>,
    barcode: Option<usize>,
    name: Option<usize>,
    published: Option<usize>,
    summary: Option<usize>,
    description: Option<usize>,
    tax_class: Option<usize>,
    in_stock: Option<usize>,
    stock: Option<usize>,
    backorders: Option<usize>,
    weight: Option<usize>,
    sides: [Option<usize>; 3],
    sale_price: Option<usize>,
    regular_price: Option<usize>,
    categories: Option<usize>,
    tags: Option<usize>,
    images: Option<usize>,
    parent: Option<usize>,
    brands: Option<usize>,
    attributes: Vec<(Option<usize>, Option<usize>)>,
}

impl Columns {
    fn of<R: BufRead>(table: &Table<R>) -> Self {
        let find = |aliases: &[&str]| table.column(aliases);
        let attribute = |number: usize| {
            (find(&[&format!("Attribute {number} name")]), find(&[&format!("Attribute {number} value(s)")]))
        };
        Self {
            id: find(&["ID"]),
            kind: find(&["Type"]),
            sku: find(&["SKU"]),
            barcode: find(&["GTIN, UPC, EAN, or ISBN"]),
            name: find(&["Name"]),
            published: find(&["Published"]),
            summary: find(&["Short description"]),
            description: find(&["Description"]),
            tax_class: find(&["Tax class"]),
            in_stock: find(&["In stock?"]),
            stock: find(&["Stock"]),
            backorders: find(&["Backorders allowed?"]),
            weight: find(&["Weight (kg)", "Weight (g)"]),
            sides: [find(&["Length (cm)"]), find(&["Width (cm)"]), find(&["Height (cm)"])],
            sale_price: find(&["Sale price"]),
            regular_price: find(&["Regular price"]),
            categories: find(&["Categories"]),
            tags: find(&["Tags"]),
            images: find(&["Images"]),
            parent: find(&["Parent"]),
            brands: find(&["Brands"]),
            attributes: (1..=ATTRIBUTES_MAX).map(attribute).take_while(|(name, _)| name.is_some()).collect(),
        }
    }
}

impl<R: BufRead> WooCommerce<R> {
    pub(super) fn new(source: R, currency: Currency) -> Result<Self> {
        let table = Table::open(source, &[&["SKU"], &["Name"], &["Regular price"]])?;
        let columns = Columns::of(&table);
        let (variable, by_name, orphans) = (Vec::new(), HashMap::new(), Vec::new());
        Ok(Self {
            table,
            columns,
            currency,
            variable,
            by_name,
            orphans,
            problems: Vec::new(),
            is_flushed: false,
        })
    }

    /// A row's product, if it is complete with this row.
    fn take(&mut self, row: Row) -> Option<Read1> {
        let kind = row.get(self.columns.kind).to_lowercase();
        if kind.contains("variation") {
            let parent = row.get(self.columns.parent).to_lowercase();
            self.orphans.push((parent, row));
            return None;
        }
        let draft = match self.draft(&row) {
            Ok(draft) => draft,
            Err(problem) => return Some(Err(problem)),
        };
        if kind.contains("variable") {
            let place = self.variable.len();
            for name in [row.get(self.columns.sku).to_lowercase(), format!("id:{}", row.get(self.columns.id))]
            {
                self.by_name.insert(name, place);
            }
            self.variable.push(draft);
            return None;
        }
        Some(self.variant(&row).map(|(variant, stock)| {
            let mut draft = draft;
            for option in std::mem::take(&mut draft.product.options) {
                let name = attribute_name(&option.name);
                draft.attributes.extend(option.values.into_iter().map(|value| (name.clone(), value)));
            }
            draft.product.variants.push(Variant { option_values: Vec::new(), ..variant });
            draft.stock.push(Some(stock));
            draft
        }))
    }

    /// Gives the variations to their parents, at the end of the file.
    fn gather(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (parent, row) in std::mem::take(&mut self.orphans) {
            let Some(place) = self.by_name.get(&parent).copied() else {
                let message = format!("there is no variable product '{parent}' for this variation");
                problems.push(Problem::new(row.line, "PARENT_MISSING", message));
                continue;
            };
            match self.variant(&row) {
                Ok((variant, stock)) => {
                    self.variable[place].product.variants.push(variant);
                    self.variable[place].stock.push(Some(stock));
                }
                Err(problem) => problems.push(problem),
            }
        }
        for draft in &mut self.variable {
            keep_options(draft);
        }
        problems
    }

    fn draft(&self, row: &Row) -> Read1 {
        let columns = &self.columns;
        let name = row.get(columns.name);
        let handle = match handle_of(name) {
            handle if handle.is_empty() => handle_of(row.get(columns.sku)),
            handle => handle,
        };
        if handle.is_empty() {
            return Err(Problem::new(row.line, "UNREADABLE_ROW", "the row has neither name nor SKU"));
        }
        let body = [row.get(columns.summary), row.get(columns.description)];
        let product = Product {
            handle,
            title: name.to_owned(),
            description_html: body
                .iter()
                .filter(|text| !text.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join("\n\n"),
            vendor: row.get(columns.brands).to_owned(),
            tags: list(row.get(columns.tags)).collect(),
            status: if yes_or_no(row.get(columns.published), true) { "active" } else { "draft" }.to_owned(),
            images: list(row.get(columns.images)).map(|url| Image { url, ..Image::default() }).collect(),
            options: self.attributes(row),
            ..Product::default()
        };
        Ok(Draft {
            line: row.line,
            product,
            category_paths: list(row.get(columns.categories)).collect(),
            ..Draft::default()
        })
    }

    fn attributes(&self, row: &Row) -> Vec<ProductOption> {
        let named = self.columns.attributes.iter().map(|(name, values)| ProductOption {
            name: row.get(*name).to_owned(),
            values: list(row.get(*values)).collect(),
        });
        named.filter(|option| !option.name.is_empty() && !option.values.is_empty()).collect()
    }

    fn variant(&self, row: &Row) -> Part<(Variant, Stock)> {
        let (columns, line) = (&self.columns, row.line);
        let (regular, sale) = (row.get(columns.regular_price), row.get(columns.sale_price));
        let price: Option<Price> = match (regular, sale) {
            (regular, "") => price(line, self.currency, regular, "")?,
            (regular, sale) => price(line, self.currency, sale, regular)?,
        };
        let side = |place: usize| -> Part<u32> {
            let thousandths = thousandths(line, "dimensions", row.get(columns.sides[place]))?;
            Ok(u32::try_from(thousandths / 100).unwrap_or(u32::MAX))
        };
        let tax_class = match row.get(columns.tax_class) {
            "" | "parent" => "standard".to_owned(),
            class => handle_of(class).trim_end_matches("-rate").to_owned(),
        };
        let variant = Variant {
            sku: row.get(columns.sku).to_owned(),
            barcode: row.get(columns.barcode).to_owned(),
            option_values: self
                .attributes(row)
                .into_iter()
                .filter_map(|mut option| option.values.pop())
                .collect(),
            prices: price.into_iter().collect(),
            weight_g: thousandths(line, "Weight (kg)", row.get(columns.weight))?,
            length_mm: side(0)?,
            width_mm: side(1)?,
            height_mm: side(2)?,
            requires_shipping: !row.get(columns.kind).to_lowercase().contains("virtual"),
            tax_class,
            image_url: list(row.get(columns.images)).next().unwrap_or_default(),
            ..Variant::default()
        };
        let counted = row.get(columns.stock);
        let in_stock = yes_or_no(row.get(columns.in_stock), true);
        let stock = Stock {
            on_hand: integer(line, "Stock", counted)?.max(0),
            tracked: !counted.is_empty() || !in_stock,
            backorder: matches!(row.get(columns.backorders), "1" | "notify" | "yes"),
        };
        Ok((variant, stock))
    }
}

/// The options of a variable product are the attributes that its variations differ in.
fn keep_options(draft: &mut Draft) {
    let used = draft.product.variants.iter().map(|variant| variant.option_values.len()).max().unwrap_or(0);
    let rest = draft.product.options.split_off(used.min(draft.product.options.len()));
    for option in rest {
        let name = attribute_name(&option.name);
        draft.attributes.extend(option.values.into_iter().map(|value| (name.clone(), value)));
    }
}

impl<R: BufRead> Iterator for WooCommerce<R> {
    type Item = Read1;

    fn next(&mut self) -> Option<Read1> {
        while !self.is_flushed {
            match self.table.next_row() {
                Some(Err(problem)) => return Some(Err(problem)),
                Some(Ok(row)) if row.is_empty() => {}
                Some(Ok(row)) => {
                    if let Some(read) = self.take(row) {
                        return Some(read);
                    }
                }
                None => {
                    let problems = self.gather();
                    self.variable.reverse();
                    self.is_flushed = true;
                    self.orphans.clear();
                    self.problems = problems;
                }
            }
        }
        self.problems.pop().map(Err).or_else(|| self.variable.pop().map(Ok))
    }
}
