//! What a product's options and variants must be.

use std::collections::HashSet;

use argosy_kernel::{Error, Result};

use crate::{
    domain::{
        canonical::checked_url,
        limits,
        product::{Price, ProductOption, VariantContent},
        text,
    },
    error::{
        self, DUPLICATE_OPTIONS, DUPLICATE_SKU, INVALID_MEASURE, INVALID_PRICE, INVALID_TAX_CLASS,
        OPTION_MISMATCH, TOO_MANY_OPTIONS, TOO_MANY_VARIANTS, VARIANT_MISSING,
    },
};

/// What a variant is taxed as when nothing is said.
pub(crate) const TAX_CLASS: &str = "standard";

/// Options and variants in canonical form: an option's values are those that some variant has, in the order
/// they were listed, then in the order of the variants.
pub(super) fn canonical(options: &mut [ProductOption], variants: &mut [VariantContent]) -> Result<()> {
    if options.len() > limits::OPTIONS {
        let message = format!("{} options, but at most {} are allowed", options.len(), limits::OPTIONS);
        return Err(Error::invalid(TOO_MANY_OPTIONS, message));
    }
    if variants.is_empty() {
        return Err(Error::invalid(VARIANT_MISSING, "a product needs at least one variant"));
    }
    if variants.len() > limits::VARIANTS {
        let message = format!("{} variants, but at most {} are allowed", variants.len(), limits::VARIANTS);
        return Err(Error::invalid(TOO_MANY_VARIANTS, message));
    }
    canonical_options(options)?;
    for variant in variants.iter_mut() {
        canonical_variant(variant, options)?;
    }
    distinct(variants)?;
    for (index, option) in options.iter_mut().enumerate() {
        let mut unused: HashSet<&str> =
            variants.iter().map(|variant| variant.option_values[index].as_str()).collect();
        option.values.retain(|value| unused.remove(value.as_str()));
        let missing = variants.iter().map(|variant| &variant.option_values[index]);
        option.values.extend(missing.filter(|value| unused.remove(value.as_str())).cloned());
    }
    Ok(())
}

fn canonical_options(options: &mut [ProductOption]) -> Result<()> {
    let mut names = HashSet::new();
    for option in options {
        text::clean("an option's name", &mut option.name, limits::LABEL_LENGTH, text::line)?;
        if text::is_blank(&option.name) {
            return Err(Error::invalid(OPTION_MISMATCH, "an option has no name"));
        }
        if !names.insert(text::folded(&option.name)) {
            let message = format!("two options are called '{}'", error::excerpt(&option.name));
            return Err(Error::invalid(DUPLICATE_OPTIONS, message));
        }
        error::within_count("option values", option.values.len(), limits::VARIANTS)?;
        for value in &mut option.values {
            text::clean("an option's value", value, limits::LABEL_LENGTH, text::line)?;
        }
    }
    Ok(())
}

fn canonical_variant(variant: &mut VariantContent, options: &[ProductOption]) -> Result<()> {
    text::clean("a SKU", &mut variant.sku, limits::CODE_LENGTH, text::code)?;
    text::clean("a barcode", &mut variant.barcode, limits::CODE_LENGTH, text::code)?;
    if variant.option_values.len() != options.len() {
        let (values, options) = (variant.option_values.len(), options.len());
        let message =
            format!("{} has {values} option values, the product has {options} options", named(variant));
        return Err(Error::invalid(OPTION_MISMATCH, message));
    }
    for (value, option) in variant.option_values.iter_mut().zip(options) {
        text::clean("an option's value", value, limits::LABEL_LENGTH, text::line)?;
        if text::is_blank(value) {
            let message = format!("a variant has no value for option '{}'", error::excerpt(&option.name));
            return Err(Error::invalid(OPTION_MISMATCH, message));
        }
    }
    text::clean("a variant's title", &mut variant.title, limits::VARIANT_TITLE_LENGTH, text::line)?;
    if variant.title.is_empty() {
        variant.title = variant.option_values.join(" / ");
    }
    canonical_prices(variant)?;
    let sizes = [variant.length_mm, variant.width_mm, variant.height_mm];
    if !(0..=limits::WEIGHT_G).contains(&variant.weight_g) || sizes.iter().any(|size| *size > limits::SIZE_MM)
    {
        return Err(Error::invalid(
            INVALID_MEASURE,
            format!("{} has an impossible weight or size", named(variant)),
        ));
    }
    canonical_tax_class(variant)?;
    canonical_units(variant)?;
    if !variant.image_url.is_empty() {
        variant.image_url = checked_url(&variant.image_url)?;
    }
    Ok(())
}

/// The usual base is left out, so that saying it and not saying it are the same.
fn canonical_units(variant: &mut VariantContent) -> Result<()> {
    let owner = named(variant);
    match &variant.unit_measure {
        Some(measure) => {
            measure.check(&owner)?;
            if let Some(base) = &variant.unit_base {
                measure.check_base(base, &owner)?;
            }
            variant.unit_base = variant.unit_base.take().filter(|base| *base != measure.default_base());
        }
        None => variant.unit_base = None,
    }
    if let Some(rule) = variant.quantity_rule {
        variant.quantity_rule = rule.canonical(&owner)?;
    }
    Ok(())
}

fn canonical_tax_class(variant: &mut VariantContent) -> Result<()> {
    if variant.tax_class.is_empty() {
        TAX_CLASS.clone_into(&mut variant.tax_class);
    }
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if variant.tax_class.len() <= limits::TAX_CLASS_LENGTH && variant.tax_class.bytes().all(allowed) {
        return Ok(());
    }
    let message = format!("'{}' is not a tax class: a-z, 0-9, _ and -", error::excerpt(&variant.tax_class));
    Err(Error::invalid(INVALID_TAX_CLASS, message))
}

/// One price a currency, sorted by it. A former price that is not higher is no reduction and is dropped.
fn canonical_prices(variant: &mut VariantContent) -> Result<()> {
    error::within_count("prices of one variant", variant.prices.len(), limits::CURRENCIES)?;
    let owner = named(variant);
    for Price { amount, compare_at } in &mut variant.prices {
        if let Some(former) = *compare_at {
            if former.currency != amount.currency {
                return Err(Error::invalid(
                    INVALID_PRICE,
                    format!("{owner}: a price and its former price differ in currency"),
                ));
            }
            if former.minor <= amount.minor {
                *compare_at = None;
            }
        }
        let highest = compare_at.map_or(amount.minor, |former| former.minor);
        if amount.is_negative() || highest > limits::PRICE_MINOR {
            return Err(Error::invalid(INVALID_PRICE, format!("{owner}: {amount} is out of range")));
        }
    }
    variant.prices.sort_by_key(|price| price.amount.currency);
    let twice = variant.prices.windows(2).find(|pair| pair[0].amount.currency == pair[1].amount.currency);
    if let Some([first, _]) = twice {
        return Err(Error::invalid(
            INVALID_PRICE,
            format!("{owner} has two prices in {}", first.amount.currency),
        ));
    }
    Ok(())
}

fn distinct(variants: &[VariantContent]) -> Result<()> {
    let mut skus = HashSet::new();
    let mut values = HashSet::new();
    for variant in variants {
        if !variant.sku.is_empty() && !skus.insert(variant.sku.as_str()) {
            let message = format!("the SKU '{}' is there twice", error::excerpt(&variant.sku));
            return Err(Error::invalid(DUPLICATE_SKU, message));
        }
        if !values.insert(&variant.option_values) {
            let message = if variant.option_values.is_empty() {
                "a product without options has one variant".to_owned()
            } else {
                format!("two variants are '{}'", error::excerpt(&variant.option_values.join(" / ")))
            };
            return Err(Error::invalid(DUPLICATE_OPTIONS, message));
        }
    }
    Ok(())
}

fn named(variant: &VariantContent) -> String {
    match (variant.sku.as_str(), variant.option_values.join(" / ")) {
        ("", values) if values.is_empty() => "the variant".to_owned(),
        ("", values) => format!("the variant '{}'", error::excerpt(&values)),
        (sku, _) => format!("the variant '{}'", error::excerpt(sku)),
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::{Currency, Money};

    use crate::domain::{
        product::Draft,
        sample::{draft, variant},
    };

    use super::*;

    fn shirt() -> Draft {
        let mut shirt = draft("shirt");
        let option = |name: &str, values: &[&str]| ProductOption {
            name: name.into(),
            values: values.iter().map(|&value| value.into()).collect(),
        };
        shirt.content.options = vec![option("Size", &["L", "XXL", "S"]), option("Colour", &[])];
        shirt.variants = vec![
            variant("s-red", &["S", "red"]),
            variant("l-red", &["L", "red"]),
            variant("", &["M", "blue"]),
        ];
        shirt
    }

    fn refused(change: impl FnOnce(&mut Draft)) -> String {
        let mut shirt = shirt();
        change(&mut shirt);
        shirt.canonical().unwrap_err().reason().to_owned()
    }

    #[test]
    fn an_options_values_are_those_that_variants_have() {
        let shirt = shirt().canonical().unwrap();
        assert_eq!(shirt.content.options[0].values, ["L", "S", "M"]);
        assert_eq!(shirt.content.options[1].values, ["red", "blue"]);
        assert_eq!(shirt.variants[1].title, "L / red");
    }

    #[test]
    fn options_and_variants_have_to_fit() {
        assert_eq!(refused(|shirt| shirt.variants.clear()), VARIANT_MISSING);
        assert_eq!(
            refused(|shirt| shirt.content.options = vec![shirt.content.options[0].clone(); 4]),
            TOO_MANY_OPTIONS
        );
        assert_eq!(
            refused(|shirt| shirt.variants = vec![variant("", &["S", "red"]); 2_001]),
            TOO_MANY_VARIANTS
        );
        assert_eq!(refused(|shirt| shirt.content.options[1].name = "size".into()), DUPLICATE_OPTIONS);
        assert_eq!(
            refused(|shirt| shirt.variants[2].option_values = vec!["S".into(), "red ".into()]),
            DUPLICATE_OPTIONS
        );
        assert_eq!(refused(|shirt| shirt.variants[2].option_values = vec!["S".into()]), OPTION_MISMATCH);
        assert_eq!(refused(|shirt| shirt.variants[2].option_values[0] = "\u{200b}".into()), OPTION_MISMATCH);
        assert_eq!(refused(|shirt| shirt.variants[2].sku = " s-red\u{200d}".into()), DUPLICATE_SKU);
    }

    #[test]
    fn a_price_is_in_range_and_one_a_currency() {
        let eur = |minor| Money::new(minor, Currency::EUR);
        let price = |amount, compare_at| Price { amount, compare_at };
        assert_eq!(refused(|shirt| shirt.variants[0].prices = vec![price(eur(-1), None)]), INVALID_PRICE);
        assert_eq!(
            refused(|shirt| shirt.variants[0].prices = vec![price(eur(i64::MAX), None)]),
            INVALID_PRICE
        );
        assert_eq!(refused(|shirt| shirt.variants[0].prices = vec![price(eur(1), None); 2]), INVALID_PRICE);
        let mut reduced = shirt();
        reduced.variants[0].prices = vec![price(eur(500), Some(eur(500)))];
        assert_eq!(reduced.canonical().unwrap().variants[0].prices, [price(eur(500), None)]);
    }

    #[test]
    fn weights_sizes_and_tax_classes_have_to_be_possible() {
        assert_eq!(refused(|shirt| shirt.variants[0].weight_g = -1), INVALID_MEASURE);
        assert_eq!(refused(|shirt| shirt.variants[0].height_mm = u32::MAX), INVALID_MEASURE);
        assert_eq!(refused(|shirt| shirt.variants[0].tax_class = "Reduced rate".into()), INVALID_TAX_CLASS);
    }
}
