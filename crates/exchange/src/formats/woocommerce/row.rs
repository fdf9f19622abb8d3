//! What one row says of a product or a variation.

use argosy_contracts::catalog::{Image, Price, Product, Variant};

use super::{
    Part,
    cells::{amount, html, instant, parts},
    columns::{Cells, Measure},
};
use crate::{
    draft::{Draft, Stock, handle_of},
    formats::{
        Reading,
        values::{integer, price, short, yes_or_no},
    },
    problem::Problem,
};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simple,
    Variable,
    Variation,
}

/// What a variation takes from its product where it says nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Inherited {
    pub(super) weight_g: i64,
    pub(super) sides_mm: [u32; 3],
    pub(super) tax_class: String,
}

/// A variant, its stock, and what of the row did not go in with it.
pub(super) struct Sold {
    pub(super) variant: Variant,
    pub(super) stock: Option<Stock>,
    pub(super) notes: Vec<Problem>,
}

/// An attribute of a row: its label and values.
pub(super) struct Named {
    pub(super) label: String,
    pub(super) values: Vec<String>,
}

impl Cells<'_> {
    fn line(&self) -> u64 {
        self.row.line
    }

    fn note(&self, reason: &str, message: impl Into<String>) -> Problem {
        Problem::new(self.line(), reason, message)
    }

    /// What the row is; types that the catalogue has no place for are refused.
    pub(super) fn kind(&self) -> Part<Kind> {
        let told = self.get(|columns| columns.kind).to_lowercase();
        let mut words =
            told.split(',').map(str::trim).filter(|word| !matches!(*word, "virtual" | "downloadable"));
        let message = match words.next().unwrap_or_default() {
            "" | "simple" => return Ok(Kind::Simple),
            "variable" => return Ok(Kind::Variable),
            "variation" => return Ok(Kind::Variation),
            "grouped" => "a grouped product is a page about others, which go in by themselves".to_owned(),
            "external" => "an external product is sold elsewhere, so this shop cannot sell it".to_owned(),
            other => format!("products of the type '{}' cannot be sold here", short(other)),
        };
        let name = self.get(|columns| columns.name);
        Err(self.note("UNSUPPORTED_PRODUCT", format!("'{}': {message}", short(name))))
    }

    fn is(&self, word: &str) -> bool {
        self.get(|columns| columns.kind).to_lowercase().split(',').any(|told| told.trim() == word)
    }

    /// Published is 1; 0 is private, -1 a draft.
    pub(super) fn is_published(&self) -> bool {
        self.get(|columns| columns.published) == "1" || yes_or_no(self.get(|columns| columns.published), true)
    }

    /// The names by which variations call this product.
    pub(super) fn names(&self) -> Vec<String> {
        let (sku, id) = (self.get(|columns| columns.sku), self.get(|columns| columns.id));
        let sku = Some(sku.to_lowercase()).filter(|sku| !sku.is_empty());
        sku.into_iter().chain(Some(format!("id:{id}")).filter(|_| !id.is_empty())).collect()
    }

    pub(super) fn attributes(&self) -> Vec<Named> {
        let named = self.columns.attributes.iter().map(|(name, values)| Named {
            label: self.at(*name).to_owned(),
            values: parts(self.at(*values)),
        });
        named.filter(|named| !named.label.is_empty()).collect()
    }

    /// The product without what is sold of it.
    pub(super) fn draft(&self) -> Part<Draft> {
        let (name, sku) = (self.get(|columns| columns.name), self.get(|columns| columns.sku));
        let handle = Some(handle_of(name)).filter(|handle| !handle.is_empty());
        let handle = handle.unwrap_or_else(|| handle_of(sku));
        if handle.is_empty() {
            return Err(self.note("UNREADABLE_ROW", "the row has neither name nor SKU"));
        }
        let mut notes = Vec::new();
        let is_hidden = self.get(|columns| columns.visibility).eq_ignore_ascii_case("hidden");
        if is_hidden && self.is_published() {
            notes.push(self.note("NOT_KEPT", "it is hidden in the shop, so it went in as a draft"));
        }
        let status = if self.is_published() && !is_hidden { "active" } else { "draft" };
        let images = parts(self.get(|columns| columns.images)).into_iter();
        let product = Product {
            handle,
            title: if name.is_empty() { sku.to_owned() } else { name.to_owned() },
            description_html: html(self.get(|columns| columns.summary))
                + &html(self.get(|columns| columns.description)),
            vendor: parts(self.get(|columns| columns.brands)).into_iter().next().unwrap_or_default(),
            tags: parts(self.get(|columns| columns.tags)),
            status: status.to_owned(),
            images: images.map(|url| Image { url, ..Image::default() }).collect(),
            ..Product::default()
        };
        let category_paths = parts(self.get(|columns| columns.categories));
        Ok(Draft { line: self.line(), product, category_paths, notes, ..Draft::default() })
    }

    /// What variations take from this product.
    pub(super) fn inherited(&self) -> Part<Inherited> {
        let none = Inherited { tax_class: "standard".to_owned(), ..Inherited::default() };
        let sides = &self.columns.sides;
        Ok(Inherited {
            weight_g: self.measure("Weight", self.columns.weight)?.unwrap_or(0),
            sides_mm: [
                self.side("Length", sides[0])?.unwrap_or(0),
                self.side("Width", sides[1])?.unwrap_or(0),
                self.side("Height", sides[2])?.unwrap_or(0),
            ],
            tax_class: self.tax_class(&none),
        })
    }

    /// What is sold by this row.
    pub(super) fn sold(&self, reading: &Reading, inherited: &Inherited) -> Part<Sold> {
        let mut notes = Vec::new();
        let price = self.price(reading, &mut notes)?;
        let sides = &self.columns.sides;
        let side = |place: usize, name: &str| -> Part<u32> {
            Ok(self.side(name, sides[place])?.unwrap_or(inherited.sides_mm[place]))
        };
        if self.is("downloadable") || !self.get(|columns| columns.download).is_empty() {
            notes.push(
                self.note("NOT_KEPT", "files to download are not delivered by this shop: they stayed out"),
            );
        }
        let variant = Variant {
            sku: self.get(|columns| columns.sku).to_owned(),
            barcode: self.get(|columns| columns.barcode).to_owned(),
            prices: price.into_iter().collect(),
            weight_g: self.measure("Weight", self.columns.weight)?.unwrap_or(inherited.weight_g),
            length_mm: side(0, "Length")?,
            width_mm: side(1, "Width")?,
            height_mm: side(2, "Height")?,
            requires_shipping: !self.is("virtual"),
            tax_class: self.tax_class(inherited),
            ..Variant::default()
        };
        let stock = self.stock(&mut notes)?;
        Ok(Sold { variant, stock, notes })
    }

    /// The first picture, which is that of a variation.
    pub(super) fn picture(&self) -> String {
        parts(self.get(|columns| columns.images)).into_iter().next().unwrap_or_default()
    }

    /// The price of this moment: prices of the catalogue have no dates.
    fn price(&self, reading: &Reading, notes: &mut Vec<Problem>) -> Part<Option<Price>> {
        let line = self.line();
        let regular = amount(self.get(|columns| columns.regular_price));
        let sale = amount(self.get(|columns| columns.sale_price));
        let starts = self.get(|columns| columns.sale_starts);
        let starts = instant(line, "Date sale price starts", starts, "00:00:00")?;
        let ends = self.get(|columns| columns.sale_ends);
        let ends = instant(line, "Date sale price ends", ends, "23:59:59")?;
        let is_over = ends.is_some_and(|ends| ends < reading.now);
        if sale.is_empty() || is_over {
            return price(line, reading.currency, &regular, "");
        }
        if let Some(starts) = starts.filter(|starts| *starts > reading.now) {
            let message = format!("the sale price {sale} begins at {starts} only: the regular price went in");
            notes.push(self.note("SALE_NOT_SCHEDULED", message));
            return price(line, reading.currency, &regular, "");
        }
        if let Some(ends) = ends {
            let message = format!("the sale price {sale} went in and stays: it was to end at {ends}");
            notes.push(self.note("SALE_NOT_SCHEDULED", message));
        }
        price(line, reading.currency, &sale, &regular)
    }

    fn tax_class(&self, inherited: &Inherited) -> String {
        let status = self.get(|columns| columns.tax_status).to_lowercase();
        let is_variation = self.is("variation");
        if matches!(status.as_str(), "none" | "shipping") || (is_variation && inherited.tax_class == "zero") {
            return "zero".to_owned();
        }
        match self.get(|columns| columns.tax_class) {
            "parent" => inherited.tax_class.clone(),
            "" => "standard".to_owned(),
            class => handle_of(class).trim_end_matches("-rate").to_owned(),
        }
    }

    fn measure(&self, name: &str, measure: Measure) -> Part<Option<i64>> {
        let Some((column, unit)) = measure else { return Ok(None) };
        unit.measure(self.line(), name, self.at(Some(column)))
    }

    fn side(&self, name: &str, measure: Measure) -> Part<Option<u32>> {
        Ok(self.measure(name, measure)?.map(|side| u32::try_from(side).unwrap_or(u32::MAX)))
    }

    fn stock(&self, notes: &mut Vec<Problem>) -> Part<Option<Stock>> {
        let counted = self.get(|columns| columns.stock);
        let state = self.get(|columns| columns.in_stock).to_lowercase();
        if counted.eq_ignore_ascii_case("parent") {
            let message =
                "its stock is counted with its product's, which cannot be shared: stock is left as it is";
            notes.push(self.note("NOT_KEPT", message));
            return Ok(None);
        }
        let told = self.get(|columns| columns.backorders).to_lowercase();
        let backorder = matches!(told.as_str(), "1" | "notify" | "yes") || state.contains("backorder");
        let on_hand = integer(self.line(), "Stock", counted)?;
        let is_counted = !counted.is_empty() || !yes_or_no(&state, true);
        Ok(Some(Stock {
            on_hand: if backorder { on_hand } else { on_hand.max(0) },
            tracked: is_counted,
            backorder,
        }))
    }
}
