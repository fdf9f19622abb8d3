//! What stands in a page's head.

use serde::Serialize;

use crate::{
    StorefrontConfig,
    edition::{Edition, Editions, SharedEdition},
    structure::Structure,
};

const DESCRIPTION_LENGTH_MAX: usize = 160;

/// What stands in a page's head.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Head {
    pub(crate) title: String,
    pub(crate) description: String,
    /// Where the page is, as the first edition has it.
    pub(crate) path: String,
    /// The one path of this content, as the first edition has it; empty: none.
    pub(crate) canonical: String,
    /// Whether search engines may list it.
    pub(crate) listed: bool,
    /// For previews: a picture's absolute address; empty: none.
    pub(crate) image: String,
    /// It is of the size that previews have.
    pub(crate) image_is_preview: bool,
    /// Open Graph's `og:type`.
    pub(crate) kind: &'static str,
    /// JSON-LD blocks, already escaped for a script element.
    pub(crate) schemas: Vec<String>,
}

impl Head {
    /// Of a page that search engines may list. `path` is the one of this content.
    pub(crate) fn listed(title: &str, description: &str, path: &str) -> Self {
        Self {
            title: title.to_owned(),
            description: shortened(description),
            path: path.to_owned(),
            canonical: path.to_owned(),
            listed: true,
            kind: "website",
            ..Self::default()
        }
    }

    /// Of a page for one visitor.
    pub(crate) fn hidden(title: &str, path: &str) -> Self {
        Self { title: title.to_owned(), path: path.to_owned(), kind: "website", ..Self::default() }
    }
}

/// The same page in another edition.
#[derive(Debug, Serialize)]
struct Alternate {
    /// The language's tag.
    tag: String,
    label: String,
    url: String,
    chosen: bool,
}

/// Where a page is among those of the other editions.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    /// The one address of this content; empty: none.
    canonical: String,
    /// For search engines: the content in each language, by absolute addresses.
    alternates: Vec<Alternate>,
    /// For visitors; empty if there is nothing to choose.
    languages: Vec<Alternate>,
    currencies: Vec<Alternate>,
}

impl Place {
    /// Of editions those are offered that some market is sold in.
    ///
    /// Prices in another currency make no other content: what they are canonically is the page in the shop's.
    pub(crate) fn of(
        head: &Head,
        here: &Edition,
        editions: &Editions,
        structure: &Structure,
        config: &StorefrontConfig,
    ) -> Self {
        let home = config.shop.currency;
        let canonical = |edition: &Edition| config.absolute(&edition.path(&head.canonical));
        let offered = |edition: &&SharedEdition| edition.prefix == here.prefix || structure.sells_in(edition);
        let in_home_currency: Vec<_> = editions.in_currency(home).filter(offered).collect();
        let own = editions.in_currency(home).find(|edition| edition.words.tag == here.words.tag);
        let alternate = |edition: &Edition, label: String, url: String| Alternate {
            tag: edition.words.tag.clone(),
            label,
            url,
            chosen: edition.prefix == here.prefix,
        };
        let path = if head.path.is_empty() { "/" } else { &head.path };
        let languages = editions
            .in_currency(here.currency)
            .filter(offered)
            .map(|edition| alternate(edition, edition.say("language-name"), edition.path(path)));
        let currencies = editions
            .in_language(&here.words.tag)
            .filter(offered)
            .filter(|edition| edition.currency == home || structure.currencies.contains(&edition.currency))
            .map(|edition| alternate(edition, edition.currency.code().to_owned(), edition.path(path)));
        let choices = |all: Vec<Alternate>| if all.len() > 1 { all } else { Vec::new() };
        let is_listed = head.listed && in_home_currency.len() > 1;
        Self {
            canonical: match own {
                Some(edition) if !head.canonical.is_empty() => canonical(edition),
                _ => String::new(),
            },
            alternates: in_home_currency
                .iter()
                .filter(|_| is_listed)
                .map(|edition| alternate(edition, String::new(), canonical(edition)))
                .collect(),
            languages: choices(languages.collect()),
            currencies: choices(currencies.collect()),
        }
    }
}

/// Text without markup, cut at a word.
pub(crate) fn shortened(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.chars().count() + word.chars().count() > DESCRIPTION_LENGTH_MAX {
            short.push('…');
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.extend(word.chars().take(DESCRIPTION_LENGTH_MAX));
    }
    short
}

/// The words of sanitised HTML, for descriptions.
pub(crate) fn words_of(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for character in html.chars().take(4_000) {
        match character {
            '<' => {
                in_tag = true;
                text.push(' ');
            }
            '>' if in_tag => in_tag = false,
            _ if !in_tag => text.push(character),
            _ => {}
        }
    }
    let entities =
        [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&#39;", "'")];
    entities.iter().fold(text, |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_text_and_short() {
        assert_eq!(shortened(&words_of("<p>Salt &amp; <b>pepper</b></p>")), "Salt & pepper");
        let long = shortened(&"word ".repeat(100));
        assert!(long.ends_with('…') && long.chars().count() <= DESCRIPTION_LENGTH_MAX + 2, "{long}");
        assert!(shortened(&"x".repeat(9_000)).chars().count() <= DESCRIPTION_LENGTH_MAX + 1);
    }
}
