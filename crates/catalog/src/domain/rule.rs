//! The rules of collections: conditions, and whether a product meets them.

use std::cmp::Ordering;

use argosy_kernel::{Error, Money, Result};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        attribute::{AttributeValue, Definition, Kind, is_date},
        limits,
        product::{Content, VariantContent},
        text,
    },
    error::{self, INVALID_CONDITION, UNKNOWN_ATTRIBUTE},
};

/// Which products belong to a collection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub conditions: Vec<Condition>,
    pub match_any: bool,
    tests: Vec<Test>,
}

/// A condition as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Condition {
    pub field: String,
    pub relation: String,
    pub value: String,
}

/// A condition as it is applied: only what makes sense can be said.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    Text { field: TextField, relation: TextRelation, value: String },
    Price { relation: Relation, value: Money },
    Number { attribute: String, relation: Relation, value: f64 },
    Date { attribute: String, relation: Relation, value: String },
    Boolean { attribute: String, value: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TextField {
    Tag,
    Vendor,
    ProductType,
    Title,
    Attribute(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextRelation {
    Equals,
    NotEquals,
    Contains,
    StartsWith,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equals,
    NotEquals,
    GreaterThan,
    LessThan,
}

impl Rule {
    /// A rule of conditions; `None` when there are none: the collection is made by hand.
    ///
    /// # Errors
    /// `INVALID_CONDITION`, `UNKNOWN_ATTRIBUTE`.
    pub(crate) fn new<'a>(
        conditions: Vec<Condition>,
        match_any: bool,
        declared: impl Fn(&str) -> Option<&'a Definition>,
    ) -> Result<Option<Self>> {
        error::within_count("conditions", conditions.len(), limits::CONDITIONS)?;
        if conditions.is_empty() {
            return Ok(None);
        }
        let tests =
            conditions.iter().map(|condition| condition.compiled(&declared)).collect::<Result<_>>()?;
        Ok(Some(Self { conditions, match_any, tests }))
    }

    /// Whether a product belongs to it.
    pub(crate) fn matches(&self, candidate: &Candidate<'_>) -> bool {
        if self.match_any {
            self.tests.iter().any(|test| test.holds(candidate))
        } else {
            self.tests.iter().all(|test| test.holds(candidate))
        }
    }
}

impl Condition {
    fn refuse<T>(&self, what: &str) -> Result<T> {
        let Self { field, relation, value } = self;
        let [field, relation, value] = [field, relation, value].map(|text| error::excerpt(text));
        Err(Error::invalid(INVALID_CONDITION, format!("condition '{field} {relation} {value}': {what}")))
    }

    fn compiled<'a>(&self, declared: impl Fn(&str) -> Option<&'a Definition>) -> Result<Test> {
        error::within_length("a condition's value", &self.value, limits::LABEL_LENGTH)?;
        let field = match self.field.as_str() {
            "tag" => TextField::Tag,
            "vendor" => TextField::Vendor,
            "product_type" => TextField::ProductType,
            "title" => TextField::Title,
            "price" => return self.compiled_price(),
            other => match other.strip_prefix("attribute:") {
                Some(name) => return self.compiled_attribute(name, declared(name)),
                None => {
                    return self.refuse(
                        "the field is not tag, vendor, product_type, title, price or attribute:NAME",
                    );
                }
            },
        };
        self.compiled_text(field)
    }

    fn compiled_text(&self, field: TextField) -> Result<Test> {
        let relation = match self.relation.as_str() {
            "equals" => TextRelation::Equals,
            "not_equals" => TextRelation::NotEquals,
            "contains" => TextRelation::Contains,
            "starts_with" => TextRelation::StartsWith,
            _ => {
                return self.refuse("a text can be compared by equals, not_equals, contains and starts_with");
            }
        };
        let value = text::folded(&text::line(&self.value));
        if value.is_empty() {
            return self.refuse("the value is missing");
        }
        Ok(Test::Text { field, relation, value })
    }

    fn compiled_relation(&self) -> Result<Relation> {
        match self.relation.as_str() {
            "equals" => Ok(Relation::Equals),
            "not_equals" => Ok(Relation::NotEquals),
            "greater_than" => Ok(Relation::GreaterThan),
            "less_than" => Ok(Relation::LessThan),
            _ => self.refuse("it can be compared by equals, not_equals, greater_than and less_than"),
        }
    }

    fn compiled_price(&self) -> Result<Test> {
        let relation = self.compiled_relation()?;
        let parsed = self.value.trim().rsplit_once(' ').and_then(|(amount, currency)| {
            let currency = currency.parse().ok()?;
            Money::parse_decimal(amount, currency).ok()
        });
        match parsed {
            Some(value) => Ok(Test::Price { relation, value }),
            None => self.refuse("a price is an amount and a currency, such as '19.99 EUR'"),
        }
    }

    fn compiled_attribute(&self, name: &str, definition: Option<&Definition>) -> Result<Test> {
        let Some(definition) = definition else {
            let message = format!("attribute '{}' is not declared", error::excerpt(name));
            return Err(Error::invalid(UNKNOWN_ATTRIBUTE, message));
        };
        let (attribute, value) = (name.to_owned(), self.value.trim());
        match definition.kind {
            Kind::Text | Kind::Enum => self.compiled_text(TextField::Attribute(attribute)),
            Kind::Number => match value.parse::<f64>() {
                Ok(value) if value.is_finite() => {
                    Ok(Test::Number { attribute, relation: self.compiled_relation()?, value })
                }
                _ => self.refuse("the value is not a number"),
            },
            Kind::Date if is_date(value) => {
                Ok(Test::Date { attribute, relation: self.compiled_relation()?, value: value.to_owned() })
            }
            Kind::Date => self.refuse("the value is not a date: YYYY-MM-DD"),
            Kind::Boolean => match (self.relation.as_str(), value) {
                ("equals", "true") | ("not_equals", "false") => Ok(Test::Boolean { attribute, value: true }),
                ("equals", "false") | ("not_equals", "true") => Ok(Test::Boolean { attribute, value: false }),
                _ => self.refuse("a yes-or-no attribute equals, or does not equal, true or false"),
            },
        }
    }
}

/// A product as rules see it: its texts folded once, however many rules there are.
pub(crate) struct Candidate<'a> {
    content: &'a Content,
    prices: Vec<Money>,
    title: String,
    vendor: String,
    product_type: String,
    tags: Vec<String>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(content: &'a Content, variants: impl Iterator<Item = &'a VariantContent>) -> Self {
        Self {
            content,
            prices: variants.flat_map(|variant| variant.prices.iter().map(|price| price.amount)).collect(),
            title: text::folded(&content.title),
            vendor: text::folded(&content.vendor),
            product_type: text::folded(&content.product_type),
            tags: content.tags.iter().map(|tag| text::folded(tag)).collect(),
        }
    }

    fn values<'s>(&'s self, attribute: &'s str) -> impl Iterator<Item = &'s AttributeValue> {
        self.content.attributes.iter().filter(move |each| each.name == attribute).map(|each| &each.value)
    }
}

impl Test {
    fn holds(&self, candidate: &Candidate<'_>) -> bool {
        match self {
            Self::Text { field, relation, value } => match field {
                TextField::Tag => relation.holds(candidate.tags.iter().map(String::as_str), value),
                TextField::Vendor => relation.holds([candidate.vendor.as_str()].into_iter(), value),
                TextField::ProductType => {
                    relation.holds([candidate.product_type.as_str()].into_iter(), value)
                }
                TextField::Title => relation.holds([candidate.title.as_str()].into_iter(), value),
                TextField::Attribute(name) => {
                    let texts: Vec<String> = candidate
                        .values(name)
                        .filter_map(|each| {
                            if let AttributeValue::Text(text) = each {
                                Some(text::folded(text))
                            } else {
                                None
                            }
                        })
                        .collect();
                    relation.holds(texts.iter().map(String::as_str), value)
                }
            },
            Self::Price { relation, value } => {
                let same_currency = candidate.prices.iter().filter(|price| price.currency == value.currency);
                relation.holds(same_currency.map(|price| Some(price.minor.cmp(&value.minor))))
            }
            Self::Number { attribute, relation, value } => {
                relation.holds(candidate.values(attribute).map(|each| {
                    if let AttributeValue::Number(number) = each { number.partial_cmp(value) } else { None }
                }))
            }
            Self::Date { attribute, relation, value } => {
                relation.holds(candidate.values(attribute).map(|each| {
                    if let AttributeValue::Date(date) = each { Some(date.cmp(value)) } else { None }
                }))
            }
            Self::Boolean { attribute, value } => {
                candidate.values(attribute).any(|each| *each == AttributeValue::Boolean(*value))
            }
        }
    }
}

impl TextRelation {
    /// Of several values one is enough; `NotEquals` means that none is equal.
    fn holds<'a>(self, mut texts: impl Iterator<Item = &'a str>, value: &str) -> bool {
        match self {
            Self::Equals => texts.any(|text| text == value),
            Self::NotEquals => texts.all(|text| text != value),
            Self::Contains => texts.any(|text| text.contains(value)),
            Self::StartsWith => texts.any(|text| text.starts_with(value)),
        }
    }
}

impl Relation {
    fn holds(self, mut orderings: impl Iterator<Item = Option<Ordering>>) -> bool {
        match self {
            Self::Equals => orderings.any(|ordering| ordering == Some(Ordering::Equal)),
            Self::NotEquals => orderings.all(|ordering| ordering != Some(Ordering::Equal)),
            Self::GreaterThan => orderings.any(|ordering| ordering == Some(Ordering::Greater)),
            Self::LessThan => orderings.any(|ordering| ordering == Some(Ordering::Less)),
        }
    }
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
