//! The editions of the shop: each language with each currency, under addresses of its own, so that every cache between
//! the shop and its visitors can keep them apart.
//!
//! The first language with the shop's currency stands at `/`, others at `/de`, `/en-usd`, `/de-usd`.

use std::sync::Arc;

use argosy_kernel::{Currency, Error, Result};
use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::{
    StorefrontConfig,
    assets::Assets,
    language::Words,
    templates::{Templates, Theme},
};

/// The shop in a language, with prices in a currency.
pub(crate) struct Edition {
    /// What its addresses begin with; empty for the first.
    pub(crate) prefix: String,
    pub(crate) currency: Currency,
    pub(crate) words: Arc<Words>,
    pub(crate) templates: Templates,
}

/// Shared by the requests that see it.
pub(crate) type SharedEdition = Arc<Edition>;

impl Edition {
    /// A path of the shop in this edition.
    pub(crate) fn path(&self, path: &str) -> String {
        match (self.prefix.as_str(), path) {
            ("", _) => path.to_owned(),
            (prefix, "/") => prefix.to_owned(),
            (prefix, _) => format!("{prefix}{path}"),
        }
    }

    /// A message of its language.
    pub(crate) fn say(&self, id: &str) -> String {
        self.words.say(id)
    }

    /// The first of a shop as it is by default.
    #[cfg(test)]
    pub(crate) fn first() -> SharedEdition {
        let config = StorefrontConfig::default();
        let editions = Editions::read(&config, &Assets::load(&config.theme_folder)).unwrap();
        Arc::clone(editions.of_path("/"))
    }
}

/// All editions, the first first.
pub(crate) struct Editions(Vec<SharedEdition>);

impl Editions {
    /// Reads the languages and the theme.
    ///
    /// # Errors
    /// As [`Words::read`].
    pub(crate) fn read(config: &StorefrontConfig, assets: &Assets) -> Result<Self> {
        let mut editions = Vec::new();
        let theme = Theme { folder: &config.theme_folder, is_worked_on: config.theme_reload };
        let home = config.shop.currency;
        let others = config.currencies.iter().copied().filter(|currency| *currency != home);
        let currencies: Vec<Currency> = std::iter::once(home).chain(others).collect();
        for (index, tag) in config.languages.iter().enumerate() {
            let words = Arc::new(Words::read(tag, &config.theme_folder)?);
            for currency in &currencies {
                let prefix = match (index, *currency == home) {
                    (0, true) => String::new(),
                    (_, true) => format!("/{tag}"),
                    _ => format!("/{tag}-{}", currency.code().to_lowercase()),
                };
                let templates = Templates::new(&theme, assets, &prefix, &words);
                editions.push(Arc::new(Edition {
                    prefix,
                    currency: *currency,
                    words: Arc::clone(&words),
                    templates,
                }));
            }
        }
        if editions.is_empty() {
            return Err(Error::invalid("INVALID_SETTING", "storefront.languages must name at least one"));
        }
        Ok(Self(editions))
    }

    /// All, the first first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &SharedEdition> {
        self.0.iter()
    }

    /// The one that an address belongs to.
    pub(crate) fn of_path(&self, path: &str) -> &SharedEdition {
        let segment = path.split('/').nth(1).unwrap_or_default();
        let found = self.0.iter().find(|edition| edition.prefix.strip_prefix('/') == Some(segment));
        found.unwrap_or(&self.0[0])
    }

    /// Those of one language, by currency.
    pub(crate) fn in_language<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a SharedEdition> {
        self.0.iter().filter(move |edition| edition.words.tag == tag)
    }

    /// Those with prices in one currency, by language.
    pub(crate) fn in_currency(&self, currency: Currency) -> impl Iterator<Item = &SharedEdition> {
        self.0.iter().filter(move |edition| edition.currency == currency)
    }
}

/// The edition that a request asks for.
pub(crate) struct In(pub(crate) SharedEdition);

impl<S: Send + Sync> FromRequestParts<S> for In {
    type Rejection = http::StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> std::result::Result<Self, Self::Rejection> {
        // Put there by `answer::as_page`, which is around every route.
        let edition = parts.extensions.get::<SharedEdition>().cloned();
        edition.map(In).ok_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_with_every_currency_has_addresses_of_its_own() {
        let config = StorefrontConfig {
            languages: vec!["en".to_owned(), "de".to_owned()],
            currencies: vec![Currency::USD, Currency::EUR],
            ..StorefrontConfig::default()
        };
        let editions = Editions::read(&config, &Assets::load(&config.theme_folder)).unwrap();
        let prefixes: Vec<&str> = editions.iter().map(|edition| edition.prefix.as_str()).collect();
        assert_eq!(prefixes, ["", "/en-usd", "/de", "/de-usd"]);
        let shown = |path: &str| {
            let edition = editions.of_path(path);
            (edition.words.tag.clone(), edition.currency.code(), edition.path("/cart"), edition.path("/"))
        };
        let is = |tag: &str, code: &'static str, cart: &str, home: &str| {
            (tag.to_owned(), code, cart.to_owned(), home.to_owned())
        };
        assert_eq!(shown("/"), is("en", "EUR", "/cart", "/"));
        assert_eq!(shown("/products/de"), is("en", "EUR", "/cart", "/"));
        assert_eq!(shown("/de"), is("de", "EUR", "/de/cart", "/de"));
        assert_eq!(shown("/de-usd/cart"), is("de", "USD", "/de-usd/cart", "/de-usd"));
        let none = StorefrontConfig { languages: Vec::new(), ..StorefrontConfig::default() };
        assert!(Editions::read(&none, &Assets::load(&none.theme_folder)).is_err());
    }
}
