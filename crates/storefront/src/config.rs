//! Settings of the door.

use std::path::PathBuf;

use argosy_kernel::{Error, Result};
use argosy_platform::Shop;
use serde::{Deserialize, Serialize};

/// Settings of the door.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StorefrontConfig {
    /// Whose pages they are. The process sets it from `[shop]`.
    #[serde(skip)]
    pub shop: Shop,
    /// One sentence about the shop, shown on the home page and to search engines.
    pub tagline: String,
    /// The language of the pages, as HTML names it.
    pub language: String,
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
            shop: Shop::default(),
            tagline: "Well-made things, fairly priced and quickly sent.".to_owned(),
            language: "en".to_owned(),
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
        Ok(())
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
