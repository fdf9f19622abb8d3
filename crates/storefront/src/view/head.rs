//! What stands in a page's head.

use serde::Serialize;

const DESCRIPTION_LENGTH_MAX: usize = 160;

/// What stands in a page's head.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Head {
    pub(crate) title: String,
    pub(crate) description: String,
    /// The one address of this content; empty: none.
    pub(crate) canonical: String,
    /// Whether search engines may list it.
    pub(crate) listed: bool,
    /// For previews: a picture's absolute address; empty: none.
    pub(crate) image: String,
    /// Open Graph's `og:type`.
    pub(crate) kind: &'static str,
    /// JSON-LD blocks, already escaped for a script element.
    pub(crate) schemas: Vec<String>,
}

impl Head {
    /// Of a page that search engines may list.
    pub(crate) fn listed(title: &str, description: &str, canonical: String) -> Self {
        Self {
            title: title.to_owned(),
            description: shortened(description),
            canonical,
            listed: true,
            kind: "website",
            ..Self::default()
        }
    }

    /// Of a page for one visitor.
    pub(crate) fn hidden(title: &str) -> Self {
        Self { title: title.to_owned(), kind: "website", ..Self::default() }
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
