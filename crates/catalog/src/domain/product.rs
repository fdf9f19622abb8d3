//! A product, whole: what merchants say of it ([`Draft`]) and what the catalogue adds ([`Product`]).

use std::str::FromStr;

use argosy_kernel::{CategoryId, CollectionId, Error, Money, ProductId, Timestamp, VariantId};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        attribute::AttributeValue,
        measure::{Measure, QuantityRule},
    },
    error::{self, INVALID_STATUS},
};

/// Whether a product is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Draft,
    Active,
    Archived,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

impl FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "draft" => Ok(Self::Draft),
            "active" => Ok(Self::Active),
            "archived" => Ok(Self::Archived),
            _ => {
                let message =
                    format!("'{}' is not a status: draft, active or archived", error::excerpt(text));
                Err(Error::invalid(INVALID_STATUS, message))
            }
        }
    }
}

/// A product as a merchant says it should be. In its canonical form (see `canonical.rs`) two drafts that mean
/// the same are equal, and so are their hashes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub handle: String,
    pub content: Content,
    pub variants: Vec<VariantContent>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub title: String,
    pub description_html: String,
    pub vendor: String,
    pub product_type: String,
    pub tags: Vec<String>,
    pub status: Status,
    pub publish_at: Option<Timestamp>,
    pub images: Vec<Image>,
    pub options: Vec<ProductOption>,
    pub attributes: Vec<Attribute>,
    pub category_ids: Vec<CategoryId>,
    pub related_handles: Vec<String>,
    pub seo_title: String,
    pub seo_description: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Image {
    pub url: String,
    pub alt: String,
    pub width: u32,
    pub height: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProductOption {
    pub name: String,
    pub values: Vec<String>,
}

/// A value of a declared attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attribute {
    pub name: String,
    pub value: AttributeValue,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VariantContent {
    /// Empty: none.
    pub sku: String,
    pub barcode: String,
    pub title: String,
    /// One per option, in their order.
    pub option_values: Vec<String>,
    /// One per currency, sorted by it.
    pub prices: Vec<Price>,
    pub weight_g: i64,
    pub length_mm: u32,
    pub width_mm: u32,
    pub height_mm: u32,
    pub requires_shipping: bool,
    pub tax_class: String,
    pub image_url: String,
    /// How much is in one, for the price per unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_measure: Option<Measure>,
    /// What the price per unit is for, where it is not the usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_base: Option<Measure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity_rule: Option<QuantityRule>,
}

impl VariantContent {
    /// What its price per unit is for.
    pub(crate) fn base(&self) -> Option<Measure> {
        let measure = self.unit_measure.as_ref()?;
        Some(self.unit_base.clone().unwrap_or_else(|| measure.default_base()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Price {
    pub amount: Money,
    pub compare_at: Option<Money>,
}

/// A variant with its id, which it keeps for life.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Variant {
    pub id: VariantId,
    pub content: VariantContent,
}

/// A product as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Product {
    pub id: ProductId,
    pub handle: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub document: Document,
}

/// The part of a product that is kept as one JSON document, because every reader wants all of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    pub content: Content,
    pub variants: Vec<Variant>,
    /// By hand and by rule, sorted.
    pub collection_ids: Vec<CollectionId>,
}

impl Product {
    /// Whether buyers see it.
    pub(crate) fn is_shown(&self, now: Timestamp) -> bool {
        let content = &self.document.content;
        match content.status {
            Status::Active => content.publish_at.is_none_or(|at| at <= now),
            Status::Draft | Status::Archived => false,
        }
    }
}

impl Content {
    /// When it will start to be shown, if that is still to come.
    pub(crate) fn due_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.status {
            Status::Active => self.publish_at.filter(|at| *at > now),
            Status::Draft | Status::Archived => None,
        }
    }
}

/// The hash by which a draft and a stored product are known to say the same.
pub(crate) fn content_hash<'a>(
    content: &Content,
    variants: impl Iterator<Item = &'a VariantContent>,
) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    let mut add = |json: serde_json::Result<Vec<u8>>| {
        json.map(|bytes| {
            hasher.update(&bytes).update(b"\n");
        })
        .map_err(Error::internal)
    };
    add(serde_json::to_vec(content))?;
    for variant in variants {
        add(serde_json::to_vec(variant))?;
    }
    Ok(hasher.finalize().to_hex()[..32].to_owned())
}
