//! Settings of the door.

use std::path::PathBuf;

use argosy_kernel::{Currency, Error, Result};
use argosy_platform::Shop;
use serde::{Deserialize, Serialize};

use crate::{assets::Assets, edition::Editions, language::Words};

/// Settings of the door.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StorefrontConfig {
    /// Whose pages they are. The process sets it from `[shop]`.
    #[serde(skip)]
    pub shop: Shop,
    /// One sentence about the shop, shown on the home page and to search engines; empty: the message `tagline` of each
    /// language.
    pub tagline: String,
    /// The languages of the pages, as HTML names them; the first stands at `/`, others at `/de` and so on.
    pub languages: Vec<String>,
    /// What visitors may choose to see prices in, besides the shop's currency; one without goods is not offered.
    pub currencies: Vec<Currency>,
    /// A folder whose files stand in for the built-in templates, assets and languages of the same name; empty: none.
    pub theme_folder: PathBuf,
    /// Reads the theme again for every page and shows what is wrong with it: for who works on it, not for visitors.
    pub theme_reload: bool,
    /// A reduced price is shown with the lowest one of so many days before it began, as the Omnibus directive of the EU
    /// (98/6/EC, article 6a) wants for 30; 0: not.
    pub lowest_price_days: u32,
    /// How much rendered pages may take of memory.
    pub page_cache_mib: u32,
    /// How much pictures may take of memory.
    pub media_cache_mib: u32,
}

impl Default for StorefrontConfig {
    fn default() -> Self {
        Self {
            shop: Shop::default(),
            tagline: String::new(),
            languages: vec!["en".to_owned(), "de".to_owned()],
            currencies: vec![Currency::EUR, Currency::USD, Currency::GBP],
            theme_folder: PathBuf::new(),
            theme_reload: false,
            lowest_price_days: 30,
            page_cache_mib: 64,
            media_cache_mib: 64,
        }
    }
}

impl StorefrontConfig {
    /// Refuses settings that no page could be made with.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key; `INVALID_LANGUAGE_FILE`, naming the file and the line.
    pub fn check(&self) -> Result<()> {
        let url = url::Url::parse(&self.shop.url);
        if !url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/") {
            let message = "http.public_url must be like https://shop.example, without a path";
            return Err(Error::invalid("INVALID_SETTING", message));
        }
        let theme = &self.theme_folder;
        if !theme.as_os_str().is_empty() && !theme.is_dir() {
            let message = format!("storefront.theme_folder names {}, which is not a folder", theme.display());
            return Err(Error::invalid("INVALID_SETTING", message));
        }
        for (index, tag) in self.languages.iter().enumerate() {
            if self.languages[..index].contains(tag) {
                let message = format!("storefront.languages names '{tag}' twice");
                return Err(Error::invalid("INVALID_SETTING", message));
            }
        }
        Editions::read(self, &Assets::load(theme)).map(|_| ())
    }

    /// One sentence about the shop.
    pub(crate) fn tagline(&self, words: &Words) -> String {
        if self.tagline.is_empty() { words.say("tagline") } else { self.tagline.clone() }
    }

    /// A page's title: what it is, and whose.
    pub(crate) fn title(&self, what: &str) -> String {
        format!("{what} – {}", self.shop.name)
    }

    /// A path of this shop as an absolute address.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.shop.url.trim_end_matches('/'))
    }

    /// Whether visitors come over TLS; then cookies are `Secure`.
    pub(crate) fn is_secure(&self) -> bool {
        self.shop.url.starts_with("https://")
    }
}
