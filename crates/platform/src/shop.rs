//! Who sells: what pages, messages, carts and taxes must agree on.
//!
//! One section of the settings. The process puts it into the `shop` of the parts that need it when it starts them;
//! a setting a part, each with a default of its own, lost: a shop could sell in pounds and tax as in Germany.

use argosy_kernel::{Country, Currency, Error, Result};
use serde::{Deserialize, Serialize};

const NAME_LENGTH_MAX: usize = 100;

/// The shop (`[shop]`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shop {
    /// Its name, in pages, titles and messages.
    pub name: String,
    /// Whom messages are from, and who gets the answers.
    pub email: String,
    /// What counts where nobody names a currency, ISO 4217. The shop sells in every currency its prices are in.
    pub currency: Currency,
    /// Where it is at home, ISO 3166-1 alpha-2. Its tax counts while a destination is unknown, a checkout starts with
    /// it, and a new database gets its shipping zone.
    pub country: Country,
    /// The region of that country, where regions have their own tax; else empty.
    pub region: String,
    /// The time zone of its day, by its IANA name.
    pub time_zone: String,
    /// Where visitors reach it, without a path. The process sets it from `http.public_url`.
    #[serde(skip)]
    pub url: String,
}

impl Default for Shop {
    fn default() -> Self {
        Self {
            name: "Argosy".to_owned(),
            email: "shop@localhost.localdomain".to_owned(),
            currency: Currency::EUR,
            country: Country::GERMANY,
            region: String::new(),
            time_zone: "Europe/Berlin".to_owned(),
            url: "http://127.0.0.1:8080".to_owned(),
        }
    }
}

impl Shop {
    /// Refuses what the types of the fields let through.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn check(&self) -> Result<()> {
        let refuse = |key: &str, why: &str| {
            Err(Error::invalid("INVALID_SETTING", format!("wrong setting shop.{key}: {why}")))
        };
        let length = self.name.chars().count();
        if self.name.trim().is_empty() || length > NAME_LENGTH_MAX || self.name.contains(char::is_control) {
            return refuse("name", "must be one line of 1 to 100 characters");
        }
        let is_address = self.email.split_once('@').is_some_and(|(person, domain)| {
            let is_word = |text: &str| {
                !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
            };
            is_word(person) && is_word(domain) && !domain.contains('@')
        });
        if !is_address {
            return refuse("email", "must be like shop@example.com");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_without_a_name_or_an_address_is_refused_by_its_key() {
        Shop::default().check().unwrap();
        let named = |name: &str| Shop { name: name.to_owned(), ..Shop::default() };
        for wrong in ["", " ", "Argosy\nBcc: all", &"a".repeat(101)] {
            assert!(named(wrong).check().unwrap_err().message().contains("shop.name"), "{wrong}");
        }
        for wrong in ["", "shop", "@example.com", "shop@", "a b@example.com", "a@b@c"] {
            let shop = Shop { email: wrong.to_owned(), ..Shop::default() };
            assert!(shop.check().unwrap_err().message().contains("shop.email"), "{wrong}");
        }
    }
}
