//! The reasons for which the catalogue refuses something. They are contract: callers match on them.

use argosy_kernel::{Error, Result};

/// The handle is missing or has other characters than `a-z`, `0-9` and `-`.
pub(crate) const INVALID_HANDLE: &str = "INVALID_HANDLE";
/// Two products of one request have the same handle.
pub(crate) const DUPLICATE_HANDLE: &str = "DUPLICATE_HANDLE";
/// The title is missing, or nothing of it can be seen.
pub(crate) const TITLE_MISSING: &str = "TITLE_MISSING";
/// A text is longer than its limit.
pub(crate) const TEXT_TOO_LONG: &str = "TEXT_TOO_LONG";
/// A list has more items than its limit.
pub(crate) const TOO_MANY_ITEMS: &str = "TOO_MANY_ITEMS";
/// Neither draft, nor active, nor archived.
pub(crate) const INVALID_STATUS: &str = "INVALID_STATUS";
/// Not a time that a product can be published at.
pub(crate) const INVALID_PUBLISH_AT: &str = "INVALID_PUBLISH_AT";
/// More than three options.
pub(crate) const TOO_MANY_OPTIONS: &str = "TOO_MANY_OPTIONS";
/// No variant.
pub(crate) const VARIANT_MISSING: &str = "VARIANT_MISSING";
/// More than 2,000 variants.
pub(crate) const TOO_MANY_VARIANTS: &str = "TOO_MANY_VARIANTS";
/// Two options of one name, or two variants with the same option values.
pub(crate) const DUPLICATE_OPTIONS: &str = "DUPLICATE_OPTIONS";
/// A variant's values don't fit the product's options.
pub(crate) const OPTION_MISMATCH: &str = "OPTION_MISMATCH";
/// A SKU is there twice, or belongs to another product.
pub(crate) const DUPLICATE_SKU: &str = "DUPLICATE_SKU";
/// Not a price: negative, too large, an unknown currency, or two in one currency.
pub(crate) const INVALID_PRICE: &str = "INVALID_PRICE";
/// A weight or a size is negative or absurd.
pub(crate) const INVALID_MEASURE: &str = "INVALID_MEASURE";
/// Not the name of a tax class.
pub(crate) const INVALID_TAX_CLASS: &str = "INVALID_TAX_CLASS";
/// Neither an http(s) address nor a path on this site.
pub(crate) const INVALID_IMAGE_URL: &str = "INVALID_IMAGE_URL";
/// The attribute is not declared.
pub(crate) const UNKNOWN_ATTRIBUTE: &str = "UNKNOWN_ATTRIBUTE";
/// The value is not of the attribute's kind.
pub(crate) const ATTRIBUTE_KIND: &str = "ATTRIBUTE_KIND";
/// The value is of the right kind but not allowed.
pub(crate) const ATTRIBUTE_VALUE: &str = "ATTRIBUTE_VALUE";
/// Not a declaration of an attribute.
pub(crate) const INVALID_ATTRIBUTE: &str = "INVALID_ATTRIBUTE";
/// A declared attribute would change its kind.
pub(crate) const ATTRIBUTE_KIND_CHANGED: &str = "ATTRIBUTE_KIND_CHANGED";
/// There is no such category.
pub(crate) const CATEGORY_NOT_FOUND: &str = "CATEGORY_NOT_FOUND";
/// A category would be its own ancestor.
pub(crate) const CATEGORY_CYCLE: &str = "CATEGORY_CYCLE";
/// Not a path of category titles, or too deep a one.
pub(crate) const INVALID_CATEGORY_PATH: &str = "INVALID_CATEGORY_PATH";
/// A collection's condition cannot be understood.
pub(crate) const INVALID_CONDITION: &str = "INVALID_CONDITION";
/// A collection made by hand would be made by rule, or the other way round.
pub(crate) const COLLECTION_KIND_CHANGED: &str = "COLLECTION_KIND_CHANGED";
/// There is no such product.
pub(crate) const PRODUCT_NOT_FOUND: &str = "PRODUCT_NOT_FOUND";
/// Somebody else changed the same things meanwhile; the same request may be sent again.
pub(crate) const CONCURRENT_CHANGE: &str = "CONCURRENT_CHANGE";

/// Refuses a text over its limit, counted in characters.
pub(crate) fn within_length(name: &str, text: &str, characters_max: usize) -> Result<()> {
    if text.len() <= characters_max || text.chars().nth(characters_max).is_none() {
        return Ok(());
    }
    Err(Error::invalid(TEXT_TOO_LONG, format!("{name} is longer than {characters_max} characters")))
}

/// Refuses a list over its limit.
pub(crate) fn within_count(name: &str, count: usize, count_max: usize) -> Result<()> {
    if count <= count_max {
        return Ok(());
    }
    Err(Error::invalid(TOO_MANY_ITEMS, format!("{count} {name}, but at most {count_max} are allowed")))
}

/// A short piece of what somebody sent, fit for a message.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
