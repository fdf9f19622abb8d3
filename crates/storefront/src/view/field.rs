//! A field of a form: what it asks for, what was put in, and what is wrong with it.

use argosy_contracts::common::Address;
use argosy_kernel::FieldError;
use serde::Serialize;

use super::Choice;
use crate::{
    answer,
    language::Words,
    regions::{self, Regions},
    request::Fields,
};

/// A field of a form.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) kind: &'static str,
    pub(crate) autocomplete: String,
    pub(crate) value: String,
    pub(crate) error: String,
    pub(crate) required: bool,
    /// The browser refuses to send it empty.
    pub(crate) enforced: bool,
    /// Shares its row with its neighbour on wide screens.
    pub(crate) half: bool,
    pub(crate) choices: Vec<Choice>,
}

impl Field {
    /// It may be left empty.
    pub(crate) fn make_optional(&mut self) {
        (self.required, self.enforced) = (false, false);
    }
}

/// Browsers have no name for it.
const NOT_FILLED: &str = "off";

/// What is asked of an address, in the order of the form.
const ADDRESS: [(&str, &str, &str, bool, bool); 10] = [
    ("name", "field-name", "name", true, false),
    ("company", "field-company", "organization", false, false),
    ("tax_number", "field-tax-number", NOT_FILLED, false, false),
    ("line1", "field-line1", "address-line1", true, false),
    ("line2", "field-line2", "address-line2", false, false),
    ("postal_code", "field-postal-code", "postal-code", true, true),
    ("city", "field-city", "address-level2", true, true),
    ("region", "field-region", "address-level1", false, true),
    ("country", "field-country", "country", true, true),
    ("phone", "field-phone", "tel", false, false),
];

/// The fields of an address, as its country has them. `prefix` is `shipping` or `billing`.
pub(crate) fn address_fields(
    prefix: &str,
    address: &Address,
    countries: &[Choice],
    words: &Words,
) -> Vec<Field> {
    let regions = Regions::of(&address.country);
    let has_postal_code = regions::has_postal_code(&address.country);
    let is_in_union = regions::is_in_european_union(&address.country);
    let field = |(part, label, autocomplete, required, half): (&str, &str, &str, bool, bool)| {
        let value = part_of(address, part).to_owned();
        let choices: Vec<Choice> = match (part, &regions) {
            ("country", _) => {
                countries.iter().map(|one| Choice { chosen: one.value == value, ..one.clone() }).collect()
            }
            ("region", Regions::None) => return None,
            ("region", Regions::Listed(listed)) => {
                let listed = listed.iter().map(|(code, name)| Choice::new(code, name, *code == value));
                std::iter::once(Choice::new("", &words.say("choose"), value.is_empty()))
                    .chain(listed)
                    .collect()
            }
            ("postal_code", _) if !has_postal_code => return None,
            ("tax_number", _) if !is_in_union => return None,
            _ => Vec::new(),
        };
        let required = required || (part == "region" && !choices.is_empty());
        Some(Field {
            name: format!("{prefix}.{part}"),
            label: words.say(label),
            kind: match part {
                _ if !choices.is_empty() => "select",
                "phone" => "tel",
                _ => "text",
            },
            autocomplete: match autocomplete {
                NOT_FILLED => NOT_FILLED.to_owned(),
                known => format!("{prefix} {known}"),
            },
            required,
            enforced: required && prefix == "shipping",
            // Without a region the country has its row to itself.
            half: half && !(part == "country" && regions == Regions::None),
            choices,
            value,
            ..Field::default()
        })
    };
    ADDRESS.into_iter().filter_map(field).collect()
}

fn part_of<'a>(address: &'a Address, part: &str) -> &'a str {
    match part {
        "name" => &address.name,
        "company" => &address.company,
        "tax_number" => &address.tax_number,
        "line1" => &address.line1,
        "line2" => &address.line2,
        "city" => &address.city,
        "region" => &address.region,
        "postal_code" => &address.postal_code,
        "country" => &address.country,
        _ => &address.phone,
    }
}

/// An address out of a form.
pub(crate) fn read_address(prefix: &str, form: &Fields) -> Address {
    let part = |part: &str| form.text(&format!("{prefix}.{part}")).to_owned();
    Address {
        name: part("name"),
        company: part("company"),
        line1: part("line1"),
        line2: part("line2"),
        city: part("city"),
        region: part("region"),
        postal_code: part("postal_code"),
        country: part("country"),
        phone: part("phone"),
        tax_number: part("tax_number"),
    }
}

/// Whether a buyer has put anything in, besides the country that the form starts with.
pub(crate) fn is_started(address: &Address) -> bool {
    let texts = [&address.name, &address.line1, &address.line2, &address.city, &address.postal_code];
    texts.iter().any(|text| !text.is_empty())
}

/// The form's name for what a JSON pointer of the contract names.
pub(crate) fn name_of(pointer: &str) -> String {
    match pointer.trim_start_matches('/') {
        "shipping_address" => "shipping.name".to_owned(),
        "shipping_option_id" => "shipping_option".to_owned(),
        "payment/token" | "payment/provider" | "payment" | "token" | "provider" => "payment".to_owned(),
        other => other.replace("_address/", "."),
    }
}

/// Puts each error at its field; answers those that no field is there for.
pub(crate) fn place_errors<'a>(
    fields: impl Iterator<Item = &'a mut Field>,
    errors: &[FieldError],
    words: &Words,
) -> Vec<FieldError> {
    let mut fields: Vec<&mut Field> = fields.collect();
    let mut rest = Vec::new();
    for error in errors {
        let name = name_of(&error.pointer);
        match fields.iter_mut().find(|field| field.name == name) {
            Some(field) => field.error = answer::field_sentence(error, words),
            None => rest.push(error.clone()),
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_address_has_the_fields_of_its_country() {
        let words = Words::read("en", Path::new("")).unwrap();
        let fields = |country: &str, region: &str| {
            let address =
                Address { country: country.to_owned(), region: region.to_owned(), ..Address::default() };
            let fields =
                address_fields("shipping", &address, &[Choice::new("US", "United States", true)], &words);
            let shown = |field: &Field| (field.name.trim_start_matches("shipping.").to_owned(), field.kind);
            (fields.iter().map(shown).collect::<Vec<_>>(), fields)
        };
        let names = |country: &str| -> Vec<String> {
            fields(country, "").0.into_iter().map(|(name, _)| name).collect()
        };
        assert!(
            !names("DE").contains(&"region".to_owned()) && names("DE").contains(&"postal_code".to_owned())
        );
        assert!(!names("HK").contains(&"postal_code".to_owned()));
        let asks_tax_number = |country: &str| names(country).contains(&"tax_number".to_owned());
        assert!(asks_tax_number("FR") && !asks_tax_number("US"), "only the Union has use for one");
        let (kinds, all) = fields("US", "CA");
        assert!(kinds.contains(&("region".to_owned(), "select")), "{kinds:?}");
        let region = all.iter().find(|field| field.name == "shipping.region").unwrap();
        assert!(region.required && region.enforced);
        let chosen: Vec<&str> =
            region.choices.iter().filter(|one| one.chosen).map(|one| one.label.as_str()).collect();
        assert_eq!(chosen, ["California"]);
        assert!(fields("IE", "").0.contains(&("region".to_owned(), "text")));
    }
}
