//! How much of anything a catalogue may hold (law 9). Lengths are in characters.

pub(crate) const HANDLE_LENGTH: usize = 200;
pub(crate) const TITLE_LENGTH: usize = 500;
/// Names, values and tags: whatever a person reads in one glance.
pub(crate) const LABEL_LENGTH: usize = 255;
/// SKUs and barcodes.
pub(crate) const CODE_LENGTH: usize = 500;
/// A variant's title: three option values and what joins them.
pub(crate) const VARIANT_TITLE_LENGTH: usize = 800;
pub(crate) const DESCRIPTION_LENGTH: usize = 128 * 1024;
/// Tags and character references in one description.
pub(crate) const DESCRIPTION_MARKS: usize = 10_000;
/// Plain descriptions, of a category, a collection or for search engines.
pub(crate) const SUMMARY_LENGTH: usize = 5_000;
pub(crate) const URL_LENGTH: usize = 2_000;
pub(crate) const ATTRIBUTE_NAME_LENGTH: usize = 100;
pub(crate) const ATTRIBUTE_VALUE_LENGTH: usize = 20_000;
pub(crate) const TAX_CLASS_LENGTH: usize = 40;

pub(crate) const TAGS: usize = 250;
pub(crate) const IMAGES: usize = 250;
pub(crate) const OPTIONS: usize = 3;
pub(crate) const VARIANTS: usize = 2_000;
pub(crate) const CURRENCIES: usize = 50;
pub(crate) const PRODUCT_ATTRIBUTES: usize = 500;
pub(crate) const PRODUCT_CATEGORIES: usize = 50;
pub(crate) const RELATED: usize = 50;

pub(crate) const ATTRIBUTES: usize = 20_000;
pub(crate) const ENUM_VALUES: usize = 1_000;
/// Of one attribute.
pub(crate) const SIZE_CHARTS: usize = 50;
pub(crate) const SIZE_CHART_COLUMNS: usize = 12;
pub(crate) const SIZE_CHART_ROWS: usize = 60;
pub(crate) const CATEGORIES: usize = 20_000;
pub(crate) const CATEGORY_DEPTH: usize = 10;
pub(crate) const COLLECTIONS: usize = 2_000;
pub(crate) const CONDITIONS: usize = 50;

/// In minor units: ten million million, so that a cart full of them still adds up in 64 bits.
pub(crate) const PRICE_MINOR: i64 = 10_000_000_000_000;
/// A thousand tonnes.
pub(crate) const WEIGHT_G: i64 = 1_000_000_000;
/// A kilometre.
pub(crate) const SIZE_MM: u32 = 1_000_000;

/// Products that one request names.
pub(crate) const REQUEST_PRODUCTS: usize = 200;
/// Products that one request writes or scans.
pub(crate) const BATCH_PRODUCTS: usize = 500;
/// Variants that one request names.
pub(crate) const REQUEST_VARIANTS: usize = 500;
/// Categories, collections or attributes that one request writes.
pub(crate) const REQUEST_STRUCTURE: usize = 500;
/// Collections whose members one request reads.
pub(crate) const REQUEST_COLLECTIONS: usize = 50;
/// Members that one request gives a collection by hand.
pub(crate) const REQUEST_MEMBERS: usize = 2_000;
