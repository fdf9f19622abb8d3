//! The canonical form of a draft: cleaned, checked, and the same for all drafts that mean the same.
//!
//! The checks stand in the order in which they are made; the first that fails is the answer.

use argosy_kernel::{Error, Result, Timestamp};

use crate::{
    domain::{
        attribute, html, limits,
        product::{Content, Draft, Image},
        slug::checked_handle,
        text, variants,
    },
    error::{self, INVALID_IMAGE_URL, INVALID_PUBLISH_AT, TITLE_MISSING},
};

/// 9999-12-31T23:59:59.999Z.
const PUBLISH_AT_MS_MAX: i64 = 253_402_300_799_999;

impl Draft {
    /// The draft in canonical form. Doing it twice changes nothing.
    ///
    /// # Errors
    /// The first reason why the catalogue cannot hold this product.
    pub(crate) fn canonical(mut self) -> Result<Self> {
        checked_handle(&self.handle)?;
        canonical_texts(&mut self.content)?;
        canonical_lists(&mut self.content)?;
        self.content.related_handles.retain(|handle| *handle != self.handle);
        attribute::canonical(&mut self.content.attributes)?;
        variants::canonical(&mut self.content.options, &mut self.variants)?;
        Ok(self)
    }
}

fn canonical_texts(content: &mut Content) -> Result<()> {
    text::clean("the title", &mut content.title, limits::TITLE_LENGTH, text::line)?;
    if text::is_blank(&content.title) {
        return Err(Error::invalid(TITLE_MISSING, "a product needs a title"));
    }
    content.description_html = html::sanitised(&content.description_html)?;
    text::clean("the vendor", &mut content.vendor, limits::LABEL_LENGTH, text::line)?;
    text::clean("the product type", &mut content.product_type, limits::LABEL_LENGTH, text::line)?;
    text::clean("the SEO title", &mut content.seo_title, limits::TITLE_LENGTH, text::line)?;
    text::clean("the SEO description", &mut content.seo_description, limits::SUMMARY_LENGTH, text::line)?;
    let publish_at = content.publish_at.map_or(0, Timestamp::as_millis);
    if !(0..=PUBLISH_AT_MS_MAX).contains(&publish_at) {
        return Err(Error::invalid(INVALID_PUBLISH_AT, "publish_at must lie between 1970 and the year 9999"));
    }
    Ok(())
}

fn canonical_lists(content: &mut Content) -> Result<()> {
    error::within_count("tags", content.tags.len(), limits::TAGS)?;
    for tag in &mut content.tags {
        text::clean("a tag", tag, limits::LABEL_LENGTH, text::line)?;
    }
    content.tags.retain(|tag| !text::is_blank(tag));
    attribute::dedupe(&mut content.tags);
    error::within_count("images", content.images.len(), limits::IMAGES)?;
    for Image { url, alt, .. } in &mut content.images {
        *url = checked_url(url)?;
        text::clean("an image's text", alt, limits::TITLE_LENGTH, text::line)?;
    }
    error::within_count("related products", content.related_handles.len(), limits::RELATED)?;
    content.related_handles.iter().try_for_each(|handle| checked_handle(handle))?;
    attribute::dedupe(&mut content.related_handles);
    error::within_count("categories", content.category_ids.len(), limits::PRODUCT_CATEGORIES)
}

/// An address that is safe as the source of an image: on the web, or a path on this site.
pub(super) fn checked_url(url: &str) -> Result<String> {
    error::within_length("an image's address", url, limits::URL_LENGTH)?;
    let url = url.trim();
    let scheme = url.get(..8).map(str::to_ascii_lowercase).unwrap_or_default();
    let absolute = scheme.starts_with("http://") || scheme == "https://";
    let on_this_site = url.starts_with('/') && !url.starts_with("//");
    let plain =
        !url.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '<' | '>' | '"'));
    if (absolute || on_this_site) && plain {
        return Ok(url.to_owned());
    }
    let message = format!("'{}' is neither an http(s) address nor a path on this site", error::excerpt(url));
    Err(Error::invalid(INVALID_IMAGE_URL, message))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        domain::sample::{draft, drafts},
        error::{INVALID_HANDLE, INVALID_IMAGE_URL, TEXT_TOO_LONG, TITLE_MISSING},
    };

    use super::*;

    fn refused(change: impl FnOnce(&mut Draft)) -> String {
        let mut draft = draft("blue-shirt");
        change(&mut draft);
        draft.canonical().unwrap_err().reason().to_owned()
    }

    #[test]
    fn a_product_without_a_visible_title_or_a_proper_handle_is_refused() {
        assert_eq!(refused(|draft| draft.content.title = " \u{200b}\u{0}\u{200d} ".into()), TITLE_MISSING);
        for handle in ["", "Blue", "a b", "a/b", "--", "é", "a\u{200b}"] {
            assert_eq!(refused(|draft| draft.handle = handle.into()), INVALID_HANDLE);
        }
    }

    #[test]
    fn texts_beyond_their_limit_are_refused_however_long() {
        assert_eq!(refused(|draft| draft.content.title = "a".repeat(10_000_000)), TEXT_TOO_LONG);
        assert_eq!(refused(|draft| draft.content.title = "\u{200b}".repeat(10_000_000)), TEXT_TOO_LONG);
        assert_eq!(refused(|draft| draft.content.description_html = "é".repeat(300_000)), TEXT_TOO_LONG);
        assert!(draft("a").canonical().is_ok());
    }

    #[test]
    fn an_image_is_on_the_web_or_on_this_site() {
        for url in
            ["javascript:alert(1)", "//evil.example/x.png", "data:image/png,x", "x.png", "https://a/ b", ""]
        {
            assert!(checked_url(url).is_err_and(|error| error.reason() == INVALID_IMAGE_URL), "{url}");
        }
        assert_eq!(checked_url(" HTTPS://a.example/b.png?c=1").unwrap(), "HTTPS://a.example/b.png?c=1");
        assert!(checked_url("/media/b.png").is_ok());
    }

    #[test]
    fn tags_are_cleaned_and_said_once() {
        let mut shirt = draft("blue-shirt");
        shirt.content.tags = vec![" summer".into(), "\u{feff}summer".into(), String::new(), "Summer".into()];
        shirt.content.related_handles = vec!["hat".into(), "blue-shirt".into(), "hat".into()];
        let shirt = shirt.canonical().unwrap();
        assert_eq!(shirt.content.tags, ["summer", "Summer"]);
        assert_eq!(shirt.content.related_handles, ["hat"]);
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own_canonical_form(draft in drafts()) {
            if let Ok(once) = draft.canonical() {
                prop_assert_eq!(once.clone().canonical().unwrap(), once);
            }
        }
    }
}
