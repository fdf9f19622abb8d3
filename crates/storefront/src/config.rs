//! Settings of the door.

use std::path::PathBuf;

use argosy_kernel::{Currency, Error, Result};
use serde::{Deserialize, Serialize};

/// Settings of the door.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StorefrontConfig {
    /// The shop's name, as it stands in the header and in titles.
    pub name: String,
    /// One sentence about the shop, shown on the home page and to search engines.
    pub tagline: String,
    /// Where visitors reach the shop, without a slash at the end. With `https`, cookies are `Secure`.
    /// The process sets it from `http.public_url`.
    #[serde(skip)]
    pub public_url: String,
    /// The language of the pages, as HTML names it.
    pub language: String,
    /// What prices are shown in.
    pub currency: Currency,
    /// The country that the checkout starts with, ISO 3166-1 alpha-2.
    pub country: String,
    /// A folder whose files stand in for the built-in templates and assets of the same name; empty: none.
    pub theme_folder: PathBuf,
    /// How much rendered pages may take of memory.
    pub page_cache_mib: u32,
    /// How much pictures may take of memory.
    pub media_cache_mib: u32,
}

impl Default for StorefrontConfig {
    fn default() -> Self {
        Self {
            name: "Argosy".to_owned(),
            tagline: "Well-made things, fairly priced and quickly sent.".to_owned(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            language: "en".to_owned(),
            currency: Currency::EUR,
            country: "DE".to_owned(),
            theme_folder: PathBuf::new(),
            page_cache_mib: 64,
            media_cache_mib: 64,
        }
    }
}

impl StorefrontConfig {
    /// Refuses settings that no page could be made with.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn check(&self) -> Result<()> {
        let refuse = |key: &str, what: &str| {
            Err(Error::invalid("INVALID_SETTING", format!("storefront.{key} {what}")))
        };
        let url = url::Url::parse(&self.public_url);
        if !url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/") {
            let message = "http.public_url must be like https://shop.example, without a path";
            return Err(Error::invalid("INVALID_SETTING", message));
        }
        if self.country.parse::<argosy_kernel::Country>().is_err() {
            return refuse("country", "must be the two letters of a country, e.g. DE");
        }
        let theme = &self.theme_folder;
        if !theme.as_os_str().is_empty() && !theme.is_dir() {
            return refuse("theme_folder", &format!("names {}, which is not a folder", theme.display()));
        }
        Ok(())
    }

    /// A path of this shop as an absolute address.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.trim_end_matches('/'))
    }

    /// Whether visitors come over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
