//! A catalogue of any size, the same every time.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::Result;
use serde_json::{Value, json};

const MATERIALS: &[&str] =
    &["walnut", "linen", "copper", "leather", "ceramic", "cotton", "bamboo", "marble", "woollen", "granite"];
const STYLES: &[&str] = &["classic", "modern", "rustic", "slender", "folding", "compact", "garden", "travel"];
const COLORS: &[&str] = &["red", "blue", "green", "black", "white", "amber", "violet", "grey"];
const SIZES: &[&str] = &["small", "medium", "large"];
const VENDORS: usize = 40;
/// Departments, and what is sold in each.
const DEPARTMENTS: &[(&str, &[&str])] = &[
    ("Kitchen", &["teapot", "skillet", "cutting board", "pitcher", "colander"]),
    ("Living", &["armchair", "bookshelf", "lantern", "blanket", "candlestick"]),
    ("Office", &["notebook", "desk lamp", "stapler", "penholder", "briefcase"]),
    ("Outdoor", &["hammock", "backpack", "thermos", "headlamp", "tent"]),
];

/// Numbers that look like chance and are the same every time (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (limit.max(1) as u64)).unwrap_or(0)
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// The handle of a product by its number.
pub(crate) fn handle(number: usize) -> String {
    format!("product-{number}")
}

/// The category path of a product by its number.
pub(crate) fn category_path(number: usize) -> String {
    let (department, thing) = place(number);
    format!("{department} > {}", plural(thing))
}

fn place(number: usize) -> (&'static str, &'static str) {
    let (department, things) = DEPARTMENTS[number % DEPARTMENTS.len()];
    (department, things[number / DEPARTMENTS.len() % things.len()])
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + letters.as_str()
}

fn plural(thing: &str) -> String {
    capitalised(thing) + "s"
}

/// Writes products 0 to `count` as JSON lines.
pub(crate) fn write(path: &Path, count: usize) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..count {
        serde_json::to_writer(&mut file, &line(number))?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn line(number: usize) -> Value {
    let mut dice = Dice::new(number as u64);
    let (department, thing) = place(number);
    let (material, style) = (dice.of(MATERIALS), dice.of(STYLES));
    let vendor = format!("Maker {}", dice.below(VENDORS));
    let cents = 500 + dice.below(50_000);
    let variants: Vec<Value> = SIZES
        .iter()
        .enumerate()
        .map(|(place, size)| {
            let cents = cents + place * 250;
            json!({
                "sku": format!("SKU-{number}-{place}"),
                "options": [size],
                "prices": {"EUR": {"price": decimal(cents)}, "USD": {"price": decimal(cents * 11 / 10)}},
                "weight_g": 200 + dice.below(3_000),
                "stock": 100_000,
            })
        })
        .collect();
    let text = format!(
        "<p>A {style} {thing} of {material}, made by {vendor} for every day. It is finished by hand, comes with \
         a guarantee of {} years and ages well.</p><ul><li>Easy to clean</li><li>Packed without plastic</li>\
         <li>Number {number} of its kind</li></ul>",
        2 + dice.below(8)
    );
    json!({
        "handle": handle(number),
        "title": format!("{} {material} {thing} {number}", capitalised(style)),
        "description_html": text,
        "vendor": vendor,
        "product_type": thing,
        "tags": [style, format!("season-{}", dice.below(6))],
        "options": ["Size"],
        "attributes": {"color": dice.of(COLORS), "material": material, "warranty": format!("{} years", 2 + dice.below(4))},
        "categories": [format!("{department} > {}", plural(thing))],
        "variants": variants,
    })
}

fn decimal(cents: usize) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Queries of a listing: a category, a colour, a price range; few alike.
pub(crate) struct Queries(Dice);

/// What a buyer asks a listing for.
pub(crate) struct Filters {
    /// The handle of the category.
    pub(crate) category: String,
    pub(crate) color: &'static str,
    /// In the minor unit.
    pub(crate) price_max: usize,
}

impl Queries {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Dice::new(seed))
    }

    pub(crate) fn filters(&mut self) -> Filters {
        let (_, thing) = place(self.0.below(20));
        let category = plural(thing).to_lowercase().replace(' ', "-");
        Filters { category, color: self.0.of(COLORS), price_max: 10_000 + self.0.below(40_000) }
    }

    /// Two words of a title, a letter of the first left out.
    pub(crate) fn typo(&mut self) -> String {
        let material = self.0.of(MATERIALS);
        let gone = 1 + self.0.below(material.len() - 2);
        let (_, thing) = place(self.0.below(20));
        format!("{}{}+{}", &material[..gone], &material[gone + 1..], thing.replace(' ', "+"))
    }

    /// The beginning of a word, as it is typed.
    pub(crate) fn beginning(&mut self) -> String {
        let (_, thing) = place(self.0.below(20));
        let word = if self.0.below(2) == 0 { self.0.of(MATERIALS) } else { thing };
        word[..(2 + self.0.below(3)).min(word.len())].trim().replace(' ', "+")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_the_same_every_time_and_has_three_variants_in_two_currencies() {
        assert_eq!(line(7), line(7));
        let variants = line(7)["variants"].as_array().unwrap().clone();
        assert_eq!(variants.len(), 3);
        assert!(variants.iter().all(|variant| variant["prices"].as_object().unwrap().len() == 2));
    }

    #[test]
    fn a_typo_is_no_word_of_the_catalogue() {
        let mut queries = Queries::new(1);
        for _ in 0..100 {
            let typed = queries.typo();
            let first = typed.split('+').next().unwrap().to_owned();
            assert!(!MATERIALS.contains(&first.as_str()), "{first}");
        }
    }
}
