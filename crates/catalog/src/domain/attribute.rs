//! Typed attributes: declared once, then every value is of that kind.

use std::str::FromStr;

use argosy_kernel::{Day, Error, Result};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{limits, product::Attribute, size_chart::SizeChart, text},
    error::{self, ATTRIBUTE_KIND, ATTRIBUTE_VALUE, INVALID_ATTRIBUTE},
};

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Text,
    Number,
    Boolean,
    Enum,
    Date,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Enum => "enum",
            Self::Date => "date",
        }
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "text" => Ok(Self::Text),
            "number" => Ok(Self::Number),
            "boolean" => Ok(Self::Boolean),
            "enum" => Ok(Self::Enum),
            "date" => Ok(Self::Date),
            _ => Err(Error::invalid(
                INVALID_ATTRIBUTE,
                format!("'{}' is not a kind: text, number, boolean, enum or date", error::excerpt(text)),
            )),
        }
    }
}

/// One value. A number is for comparing and showing, never for money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AttributeValue {
    Text(String),
    Number(f64),
    Boolean(bool),
    Date(String),
}

/// A declared attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    pub name: String,
    pub label: String,
    pub kind: Kind,
    pub unit: String,
    pub values: Vec<String>,
    pub filterable: bool,
    pub searchable: bool,
    /// At most one a value.
    pub size_charts: Vec<SizeChart>,
}

impl Definition {
    /// What an undeclared attribute is declared as when a value of it comes in.
    pub(crate) fn inferred(name: &str, value: &AttributeValue) -> Self {
        let kind = match value {
            AttributeValue::Text(_) => Kind::Text,
            AttributeValue::Number(_) => Kind::Number,
            AttributeValue::Boolean(_) => Kind::Boolean,
            AttributeValue::Date(_) => Kind::Date,
        };
        let mut label = name.replace('_', " ");
        if let Some(first) = label.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self {
            name: name.to_owned(),
            label,
            kind,
            unit: String::new(),
            values: Vec::new(),
            filterable: true,
            searchable: kind == Kind::Text,
            size_charts: Vec::new(),
        }
    }

    /// The declaration in its canonical form, or why it is none.
    pub(crate) fn checked(mut self) -> Result<Self> {
        checked_name(&self.name)?;
        text::clean("the attribute's label", &mut self.label, limits::LABEL_LENGTH, text::line)?;
        text::clean("the attribute's unit", &mut self.unit, limits::ATTRIBUTE_NAME_LENGTH, text::line)?;
        if self.label.is_empty() {
            self.label = Self::inferred(&self.name, &AttributeValue::Boolean(true)).label;
        }
        for value in &mut self.values {
            text::clean("an enum's value", value, limits::LABEL_LENGTH, text::line)?;
        }
        self.values.retain(|value| !value.is_empty());
        dedupe(&mut self.values);
        error::within_count("enum values", self.values.len(), limits::ENUM_VALUES)?;
        let refuse =
            |what: &str| Err(Error::invalid(INVALID_ATTRIBUTE, format!("attribute '{}' {what}", self.name)));
        match (self.kind, self.values.is_empty()) {
            (Kind::Enum, true) => return refuse("is an enum without values"),
            (Kind::Enum, false) | (_, true) => {}
            (_, false) => return refuse("has values but is not an enum"),
        }
        if self.kind != Kind::Number && !self.unit.is_empty() {
            return refuse("has a unit but is not a number");
        }
        self.size_charts = self.checked_size_charts()?;
        Ok(self)
    }

    fn checked_size_charts(&self) -> Result<Vec<SizeChart>> {
        let refuse =
            |what: &str| Err(Error::invalid(INVALID_ATTRIBUTE, format!("attribute '{}' {what}", self.name)));
        if !self.size_charts.is_empty() && !matches!(self.kind, Kind::Text | Kind::Enum) {
            return refuse("has size charts but is neither text nor an enum");
        }
        error::within_count("size charts", self.size_charts.len(), limits::SIZE_CHARTS)?;
        let charts = self.size_charts.iter().cloned().map(|chart| chart.checked(&self.name));
        let charts: Vec<SizeChart> = charts.collect::<Result<_>>()?;
        let mut values: Vec<&str> = charts.iter().map(|chart| chart.value.as_str()).collect();
        values.sort_unstable();
        if values.windows(2).any(|pair| pair[0] == pair[1]) {
            return refuse("has two size charts for one value");
        }
        Ok(charts)
    }

    /// Whether a value may be one of this attribute's.
    pub(crate) fn accepts(&self, value: &AttributeValue) -> Result<()> {
        match (self.kind, value) {
            (Kind::Text, AttributeValue::Text(_))
            | (Kind::Number, AttributeValue::Number(_))
            | (Kind::Boolean, AttributeValue::Boolean(_))
            | (Kind::Date, AttributeValue::Date(_)) => Ok(()),
            (Kind::Enum, AttributeValue::Text(text)) => {
                if self.values.contains(text) {
                    return Ok(());
                }
                let message =
                    format!("'{}' is not a value of attribute '{}'", error::excerpt(text), self.name);
                Err(Error::invalid(ATTRIBUTE_VALUE, message))
            }
            _ => Err(Error::invalid(
                ATTRIBUTE_KIND,
                format!("attribute '{}' is declared as {}, the value is not", self.name, self.kind.as_str()),
            )),
        }
    }
}

/// Removes later repetitions; the order stays.
pub(crate) fn dedupe(values: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    values.retain(|value| seen.insert(value.clone()));
}

pub(crate) fn checked_name(name: &str) -> Result<()> {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if (1..=limits::ATTRIBUTE_NAME_LENGTH).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    let message = format!(
        "'{}' is not an attribute's name: 1 to {} of a-z, 0-9 and _",
        error::excerpt(name),
        limits::ATTRIBUTE_NAME_LENGTH
    );
    Err(Error::invalid(INVALID_ATTRIBUTE, message))
}

/// The attributes of a product in canonical form: sorted by name (the order of several values stays), no value
/// twice, empty texts dropped.
pub(crate) fn canonical(attributes: &mut Vec<Attribute>) -> Result<()> {
    error::within_count("attribute values", attributes.len(), limits::PRODUCT_ATTRIBUTES)?;
    for attribute in attributes.iter_mut() {
        checked_name(&attribute.name)?;
        checked_value(&attribute.name, &mut attribute.value)?;
    }
    attributes.retain(|attribute| !matches!(&attribute.value, AttributeValue::Text(text) if text.is_empty()));
    attributes.sort_by(|a, b| a.name.cmp(&b.name));
    let mut kept: Vec<Attribute> = Vec::with_capacity(attributes.len());
    for attribute in attributes.drain(..) {
        let same_name = kept.iter().rev().take_while(|other| other.name == attribute.name);
        if same_name.into_iter().all(|other| other.value != attribute.value) {
            kept.push(attribute);
        }
    }
    *attributes = kept;
    Ok(())
}

fn checked_value(name: &str, value: &mut AttributeValue) -> Result<()> {
    let refuse = |what: String| Err(Error::invalid(ATTRIBUTE_VALUE, format!("attribute '{name}': {what}")));
    match value {
        AttributeValue::Text(text) => text::clean(name, text, limits::ATTRIBUTE_VALUE_LENGTH, text::line),
        // JSON has no other numbers, and no comparison works on NaN.
        AttributeValue::Number(number) if !number.is_finite() => {
            refuse("the number is not finite".to_owned())
        }
        AttributeValue::Number(number) => {
            if *number == 0.0 {
                *number = 0.0; // -0 and 0 are one value
            }
            Ok(())
        }
        AttributeValue::Boolean(_) => Ok(()),
        AttributeValue::Date(date) if is_date(date) => Ok(()),
        AttributeValue::Date(date) => refuse(format!("'{}' is not a date: YYYY-MM-DD", error::excerpt(date))),
    }
}

/// Whether it is a day of the calendar as `YYYY-MM-DD`; such texts sort by time.
pub(crate) fn is_date(text: &str) -> bool {
    text.parse::<Day>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str, value: AttributeValue) -> Attribute {
        Attribute { name: name.to_owned(), value }
    }

    #[test]
    fn attributes_come_in_one_order_and_each_value_once() {
        let red = || value("colour", AttributeValue::Text("red".to_owned()));
        let mut attributes = vec![
            value("weight", AttributeValue::Number(-0.0)),
            red(),
            value("colour", AttributeValue::Text(" ".into())),
            red(),
        ];
        canonical(&mut attributes).unwrap();
        assert_eq!(attributes, [red(), value("weight", AttributeValue::Number(0.0))]);
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        let weight = Definition::inferred("weight", &AttributeValue::Number(1.0));
        assert_eq!(weight.accepts(&AttributeValue::Text("1".into())).unwrap_err().reason(), ATTRIBUTE_KIND);
        let size = Definition { kind: Kind::Enum, values: vec!["S".into(), "M".into()], ..weight };
        assert!(size.accepts(&AttributeValue::Text("M".into())).is_ok());
        assert_eq!(size.accepts(&AttributeValue::Text("XL".into())).unwrap_err().reason(), ATTRIBUTE_VALUE);
    }

    #[test]
    fn dates_are_days_of_the_calendar_and_numbers_finite() {
        assert!(is_date("2028-02-29"));
        for wrong in ["2027-02-29", "2027-2-1", "tomorrow!!", "2027-01-01T00:00:00Z"] {
            assert!(!is_date(wrong), "{wrong}");
        }
        assert!(canonical(&mut vec![value("a", AttributeValue::Number(f64::NAN))]).is_err());
    }

    #[test]
    fn an_enum_needs_values_and_only_a_number_has_a_unit() {
        let declared = Definition::inferred("screen_size", &AttributeValue::Number(1.0));
        assert_eq!(declared.label, "Screen size");
        assert!(Definition { unit: "cm".into(), ..declared.clone() }.checked().is_ok());
        assert!(Definition { kind: Kind::Enum, ..declared.clone() }.checked().is_err());
        assert!(Definition { kind: Kind::Text, unit: "cm".into(), ..declared }.checked().is_err());
    }
}
