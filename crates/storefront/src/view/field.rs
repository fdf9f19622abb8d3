//! A field of a form: what it asks for, what was put in, and what is wrong with it.

use argosy_contracts::common::Address;
use argosy_kernel::FieldError;
use serde::Serialize;

use super::Choice;
use crate::{answer, language::Words, request::Fields};

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

/// What is asked of an address, in the order of the form.
const ADDRESS: [(&str, &str, &str, bool, bool); 9] = [
    ("name", "field-name", "name", true, false),
    ("company", "field-company", "organization", false, false),
    ("line1", "field-line1", "address-line1", true, false),
    ("line2", "field-line2", "address-line2", false, false),
    ("postal_code", "field-postal-code", "postal-code", true, true),
    ("city", "field-city", "address-level2", true, true),
    ("region", "field-region", "address-level1", false, true),
    ("country", "field-country", "country", true, true),
    ("phone", "field-phone", "tel", false, false),
];

/// The fields of an address. `prefix` is `shipping` or `billing`.
pub(crate) fn address_fields(
    prefix: &str,
    address: &Address,
    countries: &[Choice],
    words: &Words,
) -> Vec<Field> {
    let field = |(part, label, autocomplete, required, half): (&str, &str, &str, bool, bool)| {
        let value = part_of(address, part).to_owned();
        let choices = countries.iter().map(|one| Choice { chosen: one.value == value, ..one.clone() });
        Field {
            name: format!("{prefix}.{part}"),
            label: words.say(label),
            kind: match part {
                "country" => "select",
                "phone" => "tel",
                _ => "text",
            },
            autocomplete: format!("{prefix} {autocomplete}"),
            required,
            // Some countries have no postal codes; which, the order knows.
            enforced: required && prefix == "shipping" && part != "postal_code",
            half,
            choices: if part == "country" { choices.collect() } else { Vec::new() },
            value,
            ..Field::default()
        }
    };
    ADDRESS.into_iter().map(field).collect()
}

fn part_of<'a>(address: &'a Address, part: &str) -> &'a str {
    match part {
        "name" => &address.name,
        "company" => &address.company,
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
