//! Which column is what. Units stand in the headers of their columns.

use std::io::BufRead;

use argosy_kernel::{Error, Result};

use super::cells::{Unit, plain};
use crate::formats::table::{Row, Table};

const ATTRIBUTES_MAX: usize = 60;

/// A measure's column, and its unit.
pub(super) type Measure = Option<(usize, Unit)>;

pub(super) struct Columns {
    pub(super) id: Option<usize>,
    pub(super) kind: Option<usize>,
    pub(super) sku: Option<usize>,
    pub(super) barcode: Option<usize>,
    pub(super) name: Option<usize>,
    pub(super) published: Option<usize>,
    pub(super) visibility: Option<usize>,
    pub(super) summary: Option<usize>,
    pub(super) description: Option<usize>,
    pub(super) sale_starts: Option<usize>,
    pub(super) sale_ends: Option<usize>,
    pub(super) tax_status: Option<usize>,
    pub(super) tax_class: Option<usize>,
    pub(super) in_stock: Option<usize>,
    pub(super) stock: Option<usize>,
    pub(super) backorders: Option<usize>,
    pub(super) weight: Measure,
    pub(super) sides: [Measure; 3],
    pub(super) sale_price: Option<usize>,
    pub(super) regular_price: Option<usize>,
    pub(super) categories: Option<usize>,
    pub(super) tags: Option<usize>,
    pub(super) images: Option<usize>,
    pub(super) parent: Option<usize>,
    pub(super) brands: Option<usize>,
    pub(super) download: Option<usize>,
    /// Names and values.
    pub(super) attributes: Vec<(Option<usize>, Option<usize>)>,
}

impl Columns {
    pub(super) fn of<R: BufRead>(table: &Table<R>) -> Result<Self> {
        let find = |name: &str| table.column(&[name]);
        let attribute = |number: usize| {
            (find(&format!("Attribute {number} name")), find(&format!("Attribute {number} value(s)")))
        };
        let length = |name: &str| measure(&table.names, name, Unit::of_length, "m, cm, mm, in and yd");
        Ok(Self {
            id: find("ID"),
            kind: find("Type"),
            sku: find("SKU"),
            barcode: find("GTIN, UPC, EAN, or ISBN"),
            name: find("Name"),
            published: find("Published"),
            visibility: find("Visibility in catalog"),
            summary: find("Short description"),
            description: find("Description"),
            sale_starts: find("Date sale price starts"),
            sale_ends: find("Date sale price ends"),
            tax_status: find("Tax status"),
            tax_class: find("Tax class"),
            in_stock: find("In stock?"),
            stock: find("Stock"),
            backorders: find("Backorders allowed?"),
            weight: measure(&table.names, "Weight", Unit::of_weight, "kg, g, lbs and oz")?,
            sides: [length("Length")?, length("Width")?, length("Height")?],
            sale_price: find("Sale price"),
            regular_price: find("Regular price"),
            categories: find("Categories"),
            tags: find("Tags"),
            images: find("Images"),
            parent: find("Parent"),
            brands: find("Brands"),
            download: find("Download 1 URL"),
            attributes: (1..=ATTRIBUTES_MAX).map(attribute).take_while(|(name, _)| name.is_some()).collect(),
        })
    }
}

/// `Weight (kg)`: the column, and the unit between its brackets.
fn measure(names: &[String], name: &str, unit_of: fn(&str) -> Option<Unit>, units: &str) -> Result<Measure> {
    let unit_in = |header: &str| -> Option<String> {
        let header = header.to_lowercase();
        let rest = header.strip_prefix(&name.to_lowercase())?.trim_start();
        Some(rest.strip_prefix('(')?.strip_suffix(')')?.trim().to_owned())
    };
    let found = names.iter().enumerate().find_map(|(place, header)| Some((place, unit_in(header)?)));
    let Some((place, unit)) = found else { return Ok(None) };
    let known = unit_of(&unit).ok_or_else(|| {
        Error::invalid("UNKNOWN_UNIT", format!("the column '{}': units are {units}", names[place]))
    })?;
    Ok(Some((place, known)))
}

/// A row, and where its cells are.
pub(super) struct Cells<'a> {
    pub(super) columns: &'a Columns,
    pub(super) row: &'a Row,
}

impl<'a> Cells<'a> {
    pub(super) fn get(&self, column: impl FnOnce(&Columns) -> Option<usize>) -> &'a str {
        plain(self.row.get(column(self.columns)))
    }

    pub(super) fn at(&self, column: Option<usize>) -> &'a str {
        plain(self.row.get(column))
    }
}
