//! What a parcel or a letter needs to arrive: all that is kept of a person.

use std::collections::BTreeMap;

use argosy_contracts::common::Address;
use argosy_kernel::{Country, Error, Result};
use serde::{Deserialize, Serialize};

const FIELD_LENGTH_MAX: usize = 120;
const EMAIL_LENGTH_MAX: usize = 254;
const LANGUAGE_LENGTH_MAX: usize = 35;

/// Where to write and to deliver. It is stored apart from what it belongs to, so that it can be forgotten (law 11).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Contact {
    pub(crate) email: String,
    pub(crate) shipping_address: Option<Address>,
    pub(crate) billing_address: Option<Address>,
    /// What they read, as a tag; empty: unknown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) language: String,
    /// What is to be written with wrapped lines, by their ids: of an attempt and its order, whose cart said it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) wrap_messages: BTreeMap<String, String>,
    /// What staff noted of a draft: it may tell of its buyer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) draft_note: String,
}

impl Contact {
    /// What a person is known by, however they write it.
    pub(crate) fn person(email: &str) -> String {
        email.trim().to_lowercase()
    }

    /// Whether it is what a checkout has, which knows nothing of what is to be written.
    pub(crate) fn is_of_checkout(&self, checkout: &Self) -> bool {
        Self { wrap_messages: BTreeMap::new(), ..self.clone() } == *checkout
    }

    /// The tax number of who buys: of the address the invoice goes to, or else the goods. Empty: none was given.
    pub(crate) fn tax_number(&self) -> &str {
        let invoiced = self.billing_address.as_ref().or(self.shipping_address.as_ref());
        invoiced.map_or("", |address| address.tax_number.as_str())
    }
}

/// Refuses an address with every wrong field named; `pointer` is where it stands in the request.
pub(crate) fn check_address(address: &Address, pointer: &str) -> Result<Address> {
    let trimmed = trimmed(address);
    let mut problems = Vec::new();
    let mut check = |field: &str, value: &str, required: bool| {
        if required && value.is_empty() {
            problems.push((format!("{pointer}/{field}"), "must not be empty".to_owned()));
        } else if value.chars().count() > FIELD_LENGTH_MAX {
            problems.push((
                format!("{pointer}/{field}"),
                format!("must have at most {FIELD_LENGTH_MAX} characters"),
            ));
        } else if value.chars().any(char::is_control) {
            problems.push((format!("{pointer}/{field}"), "must not hold control characters".to_owned()));
        }
    };
    let country = trimmed.country.parse::<Country>();
    let needs_postal_code = country.as_ref().map_or(true, |country| country.has_postal_codes());
    check("name", &trimmed.name, true);
    check("company", &trimmed.company, false);
    check("line1", &trimmed.line1, true);
    check("line2", &trimmed.line2, false);
    check("city", &trimmed.city, true);
    check("region", &trimmed.region, false);
    check("postal_code", &trimmed.postal_code, needs_postal_code);
    check("phone", &trimmed.phone, false);
    check("tax_number", &trimmed.tax_number, false);
    if let Err(error) = country {
        problems.push((format!("{pointer}/country"), error.to_string()));
    }
    refuse(problems)?;
    Ok(trimmed)
}

fn trimmed(address: &Address) -> Address {
    let trim = |text: &String| text.trim().to_owned();
    Address {
        name: trim(&address.name),
        company: trim(&address.company),
        line1: trim(&address.line1),
        line2: trim(&address.line2),
        city: trim(&address.city),
        region: trim(&address.region),
        postal_code: trim(&address.postal_code),
        country: trim(&address.country).to_uppercase(),
        phone: trim(&address.phone),
        tax_number: trim(&address.tax_number),
    }
}

fn refuse(problems: Vec<(String, String)>) -> Result<()> {
    let Some((first, message)) = problems.first() else { return Ok(()) };
    let error = Error::invalid("INVALID_FIELD", format!("{}: {message}", first.trim_start_matches('/')));
    Err(problems.into_iter().fold(error, |error, (pointer, message)| error.with_field(pointer, message)))
}

/// Refuses what no mail server would take: RFC 5321 lengths, one `@`, a dotted domain, nothing invisible.
pub(crate) fn check_email(email: &str) -> Result<String> {
    let email = email.trim();
    let (local, domain) = email.rsplit_once('@').unwrap_or(("", ""));
    let plain = email
        .chars()
        .all(|letter| !letter.is_control() && !letter.is_whitespace() && !"<>,;:\"()[]\\".contains(letter));
    let dotted = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    let right = plain
        && dotted
        && !local.is_empty()
        && local.len() <= 64
        && !local.contains('@')
        && email.len() <= EMAIL_LENGTH_MAX;
    if right {
        Ok(email.to_owned())
    } else {
        Err(Error::invalid_field("/email", "must be an e-mail address such as ann@example.com"))
    }
}

/// Refuses what names no language. Which languages the shop writes in is not decided here.
pub(crate) fn check_language(tag: &str) -> Result<String> {
    let tag = tag.trim();
    let subtags = |(place, subtag): (usize, &str)| {
        let length = if place == 0 { 2..=3 } else { 1..=8 };
        length.contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if tag.len() <= LANGUAGE_LENGTH_MAX && tag.split('-').enumerate().all(subtags) {
        return Ok(tag.to_ascii_lowercase());
    }
    Err(Error::invalid_field("/language", "must be a language's tag such as de or pt-br"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let address = Address {
            name: "A".repeat(200),
            city: "Bonn\u{7}".to_owned(),
            country: "XX".to_owned(),
            ..Address::default()
        };
        let refused = check_address(&address, "/shipping_address").unwrap_err();
        let pointers: Vec<&str> = refused
            .fields()
            .iter()
            .map(|field| field.pointer.trim_start_matches("/shipping_address/"))
            .collect();
        assert_eq!(pointers, ["name", "line1", "city", "postal_code", "country"]);
    }

    #[test]
    fn some_countries_have_no_postal_codes() {
        let address = |country: &str| Address {
            name: "Ann".to_owned(),
            line1: "1 Main Street".to_owned(),
            city: "Town".to_owned(),
            country: country.to_owned(),
            ..Address::default()
        };
        assert!(check_address(&address("hk"), "").is_ok());
        assert!(check_address(&address("DE"), "").is_err());
    }

    #[test]
    fn a_language_is_named_by_its_tag() {
        assert_eq!(check_language(" pt-BR ").unwrap(), "pt-br");
        for wrong in ["", "german", "d", "de_DE", "de-", "de\r\nBcc: x", &"de-".repeat(20)] {
            assert_eq!(check_language(wrong).unwrap_err().fields()[0].pointer, "/language", "{wrong:?}");
        }
    }

    #[test]
    fn an_address_for_mail_has_a_name_and_a_domain() {
        for right in ["ann@example.com", " a.b+c@sub.example.co.uk ", "ünï@exämple.de"] {
            assert!(check_email(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@localhost",
            "ann@ex..com",
            "a b@example.com",
            "a@b@c.de",
            "a\n@b.de",
        ] {
            assert!(check_email(wrong).is_err(), "{wrong}");
        }
    }
}
