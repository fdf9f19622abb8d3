//! A product in a grid.

use argosy_contracts::{
    catalog::{Image, Product, Variant},
    inventory::Availability,
    search::TextRange,
};
use argosy_kernel::{Currency, Money};
use serde::Serialize;

use crate::{edition::Edition, language::Words, price};

/// Widths that pictures are offered in.
const WIDTHS: [u32; 5] = [160, 320, 640, 960, 1280];
const TINTS: u32 = 6;
/// Of products with more variants nothing is said about stock in a grid.
pub(crate) const VARIANTS_CHECKED_MAX: usize = 20;

/// A picture and its smaller renditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Picture {
    pub(crate) src: String,
    /// Renditions; empty for pictures that are elsewhere.
    pub(crate) srcset: String,
    pub(crate) alt: String,
    /// In pixels; 0: unknown.
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Picture {
    pub(crate) fn of(image: &Image, title: &str) -> Option<Self> {
        let alt = if image.alt.is_empty() { title } else { &image.alt };
        let mut picture = Self::at(&image.url, alt)?;
        (picture.width, picture.height) = (image.width, image.height);
        Some(picture)
    }

    /// A picture by its address; `None` for addresses that a page may not load.
    pub(crate) fn at(url: &str, alt: &str) -> Option<Self> {
        let own = url.starts_with("/media/");
        if !own && !url.starts_with("https://") {
            return None;
        }
        let renditions = || WIDTHS.map(|width| format!("{url}/{width} {width}w")).join(", ");
        Some(Self {
            src: url.to_owned(),
            srcset: if own { renditions() } else { String::new() },
            alt: alt.to_owned(),
            width: 0,
            height: 0,
        })
    }
}

/// A list price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PriceView {
    pub(crate) amount: String,
    /// A plain decimal, for machines.
    pub(crate) decimal: String,
    pub(crate) compare_at: Option<String>,
    /// There are dearer variants.
    pub(crate) from: bool,
    /// What a unit costs: `€15.96 / kg`; empty where it is not sold by measure.
    pub(crate) per_unit: String,
}

/// A variant's price and what it is compared with.
pub(crate) fn price_of(variant: &Variant, currency: Currency) -> Option<(Money, Option<Money>)> {
    let money = |wire: &argosy_contracts::common::Money| Money::try_from(wire).ok();
    variant.prices.iter().find_map(|price| {
        let amount = price.amount.as_ref().and_then(money).filter(|amount| amount.currency == currency)?;
        let compare_at = price.compare_at.as_ref().and_then(money);
        Some((amount, compare_at.filter(|before| before.currency == currency && before.minor > amount.minor)))
    })
}

/// What a unit of a variant costs, as people read it.
fn per_unit(variant: &Variant, edition: &Edition) -> Option<String> {
    let in_currency = |money: &&argosy_contracts::common::Money| money.currency == edition.currency.code();
    let amount = variant.prices.iter().filter_map(|price| price.per_unit.as_ref()).find(in_currency)?;
    let amount = price::format(Money::try_from(amount).ok()?, &edition.words);
    let base = variant.unit_base.as_ref()?;
    let unit = match base.unit.as_str() {
        "m2" => "m²".to_owned(),
        "m3" => "m³".to_owned(),
        "cm2" => "cm²".to_owned(),
        "piece" => edition.say("unit-piece"),
        unit => unit.to_owned(),
    };
    let shown = base.to_string();
    let number = shown.split(' ').next().filter(|number| *number != "1");
    let number = number.map(|number| format!("{} ", number.replace('.', &edition.words.decimal_point)));
    Some(format!("{amount} / {}{unit}", number.unwrap_or_default()))
}

impl PriceView {
    pub(crate) fn new(amount: Money, compare_at: Option<Money>, from: bool, words: &Words) -> Self {
        Self {
            amount: price::format(amount, words),
            decimal: amount.to_decimal(),
            compare_at: compare_at.map(|before| price::format(before, words)),
            from,
            per_unit: String::new(),
        }
    }

    /// The price of a variant.
    pub(crate) fn of(variant: &Variant, edition: &Edition) -> Option<Self> {
        let (amount, compare_at) = price_of(variant, edition.currency)?;
        let per_unit = per_unit(variant, edition).unwrap_or_default();
        Some(Self { per_unit, ..Self::new(amount, compare_at, false, &edition.words) })
    }

    /// The lowest price of a product.
    pub(crate) fn lowest(product: &Product, edition: &Edition) -> Option<Self> {
        let minor_of = |variant: &Variant| Some(price_of(variant, edition.currency)?.0.minor);
        let priced = product.variants.iter().filter_map(|variant| Some((minor_of(variant)?, variant)));
        let (lowest, variant) = priced.clone().min_by_key(|(minor, _)| *minor)?;
        let from = priced.into_iter().any(|(minor, _)| minor > lowest);
        Some(Self { from, ..Self::of(variant, edition)? })
    }
}

/// A product in a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) vendor: String,
    pub(crate) picture: Option<Picture>,
    pub(crate) tint: u32,
    pub(crate) price: Option<PriceView>,
    pub(crate) sold_out: bool,
    /// The title in parts, if some of it is what was searched; else empty.
    pub(crate) parts: Vec<Part>,
}

/// A part of a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Part {
    pub(crate) text: String,
    /// It is what was searched.
    pub(crate) is_marked: bool,
}

impl Card {
    /// `stock` may hold availabilities of other products' variants, too.
    pub(crate) fn of(product: &Product, edition: &Edition, stock: &[Availability]) -> Self {
        let checked = product.variants.len() <= VARIANTS_CHECKED_MAX && !stock.is_empty();
        let in_stock = |variant: &Variant| {
            let found = stock.iter().find(|one| one.variant_id == variant.id);
            found.is_none_or(can_be_sold)
        };
        Self {
            id: product.id.clone(),
            url: edition.path(&format!("/products/{}", product.handle)),
            title: product.title.clone(),
            vendor: product.vendor.clone(),
            picture: product.images.first().and_then(|image| Picture::of(image, &product.title)),
            tint: tint_of(&product.handle),
            price: PriceView::lowest(product, edition),
            parts: Vec::new(),
            sold_out: checked && !product.variants.iter().any(in_stock),
        }
    }
}

impl Card {
    /// Marks what was searched. Ranges of a title that has changed since are as good as they can be.
    pub(crate) fn mark(&mut self, ranges: &[TextRange]) {
        let characters: Vec<char> = self.title.chars().collect();
        let mut end = 0;
        let mut put = |from: usize, to: usize, is_marked: bool| {
            if from < to {
                self.parts.push(Part { text: characters[from..to].iter().collect(), is_marked });
            }
        };
        for range in ranges {
            let (from, to) = (range.start as usize, (range.end as usize).min(characters.len()));
            if from >= end && from < to {
                put(end, from, false);
                put(from, to, true);
                end = to;
            }
        }
        if end > 0 {
            put(end, characters.len(), false);
        }
    }
}

/// Whether one more can be sold.
pub(crate) fn can_be_sold(stock: &Availability) -> bool {
    stock.sellable() > 0
}

/// The background of a product without pictures: always the same for the same product.
pub(crate) fn tint_of(handle: &str) -> u32 {
    handle.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % TINTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::Edition;

    #[test]
    fn a_title_is_marked_in_its_parts() {
        let marked = |title: &str, ranges: &[(u32, u32)]| {
            let product = Product { title: title.to_owned(), ..Product::default() };
            let mut card = Card::of(&product, &Edition::first(), &[]);
            let ranges: Vec<_> =
                ranges.iter().map(|(start, end)| TextRange { start: *start, end: *end }).collect();
            card.mark(&ranges);
            let part =
                |part: &Part| if part.is_marked { format!("[{}]", part.text) } else { part.text.clone() };
            card.parts.iter().map(part).collect::<String>()
        };
        assert_eq!(marked("Öl lamp", &[(0, 2), (3, 7)]), "[Öl] [lamp]");
        assert_eq!(marked("Öl lamp", &[]), "");
        assert_eq!(marked("Öl", &[(1, 90), (5, 2), (0, 1)]), "Ö[l]", "of another title");
    }
}
