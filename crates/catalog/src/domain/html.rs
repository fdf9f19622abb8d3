//! Descriptions: the formatting that a shop needs, and nothing that runs, frames, tracks or restyles.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::Builder;
use argosy_kernel::Result;

use crate::{
    domain::{limits, text},
    error,
};

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Dropped with all that is inside; the content of any other unknown element stays as text.
const TAGS_DROPPED_WHOLE: &[&str] = &[
    "script", "style", "iframe", "object", "embed", "svg", "math", "template", "noscript", "title",
    "textarea",
];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let set = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let attributes = HashMap::from([
        ("a", set(&["href", "title"])),
        ("img", set(&["src", "alt", "title", "width", "height"])),
        ("ol", set(&["start"])),
        ("td", set(&["colspan", "rowspan"])),
        ("th", set(&["colspan", "rowspan", "scope"])),
    ]);
    let mut builder = Builder::default();
    builder
        .tags(set(TAGS))
        .clean_content_tags(set(TAGS_DROPPED_WHOLE))
        .tag_attributes(attributes)
        .generic_attributes(set(&["lang", "dir"]))
        .url_schemes(set(&["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener nofollow"));
    builder
});

/// A description that is safe to show as it is.
///
/// Text without any markup becomes paragraphs: an empty line parts two, a line break stays one.
///
/// # Errors
/// `TEXT_TOO_LONG`; `TOO_MANY_ITEMS` when it has more tags and references than any real one: reading deeply
/// nested HTML costs the square of its depth.
pub(crate) fn sanitised(html: &str) -> Result<String> {
    error::within_length("the description", html, limits::DESCRIPTION_LENGTH)?;
    let marks = html.bytes().filter(|byte| matches!(byte, b'<' | b'&')).count();
    error::within_count("tags and references in the description", marks, limits::DESCRIPTION_MARKS)?;
    let mut html = text::visible(html.trim());
    if html.contains('<') {
        html = Cow::Owned(cleaned(&html));
    }
    let html = html.trim();
    if html.is_empty() || html.contains('<') {
        return Ok(html.to_owned());
    }
    Ok(SANITISER.clean(&paragraphs(html)).to_string())
}

/// What stands at a wrong place in a table moves out of it, and may move again when it is read again: such a
/// description is read until it stays, so that an export imports back as the same.
fn cleaned(html: &str) -> String {
    const READS_MAX: usize = 5;
    let mut clean = SANITISER.clean(html).to_string();
    for _ in 1..READS_MAX {
        if !clean.contains("<table") {
            break;
        }
        let again = SANITISER.clean(&clean).to_string();
        if again == clean {
            break;
        }
        clean = again;
    }
    clean
}

fn paragraphs(plain: &str) -> String {
    let mut html = String::with_capacity(plain.len() + 16);
    for paragraph in text::lines(plain).split("\n\n") {
        html.push_str("<p>");
        html.push_str(&paragraph.replace('\n', "<br>"));
        html.push_str("</p>");
    }
    html
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::error::TOO_MANY_ITEMS;

    use super::*;

    #[test]
    fn nothing_that_runs_frames_or_restyles_survives() {
        let hostile = r#"<p style="position:fixed" onclick="x()">Hi</p><script>alert(1)</script><iframe src="//e">in</iframe>
            <a href="javascript:alert(1)" target="_blank">a</a><img src="data:text/html,x" onerror="x()" alt="t">
            <svg><script>x</script></svg><style>p{}</style><!-- c --><form action="/x"><input name="y"></form>"#;
        let safe = sanitised(hostile).unwrap();
        for gone in
            ["style", "onclick", "onerror", "script", "iframe", "svg", "form", "input", "data:", "<!--"]
        {
            assert!(!safe.contains(gone), "{gone} is left in {safe}");
        }
        assert!(safe.starts_with("<p>Hi</p>"));
    }

    #[test]
    fn formatting_and_links_stay() {
        assert_eq!(
            sanitised(r#"<h2>Fit</h2><ul><li><a href="https://a.example/">b</a></li></ul>"#).unwrap(),
            r#"<h2>Fit</h2><ul><li><a href="https://a.example/" rel="noopener nofollow">b</a></li></ul>"#,
        );
    }

    #[test]
    fn plain_text_becomes_paragraphs_with_its_signs_escaped() {
        assert_eq!(
            sanitised("Salt & pepper\n3 > 2\n\nEnd\u{0}").unwrap(),
            "<p>Salt &amp; pepper<br>3 &gt; 2</p><p>End</p>"
        );
    }

    #[test]
    fn a_description_made_to_be_slow_is_refused_or_done_in_time() {
        let started = std::time::Instant::now();
        for unit in ["<div>", "<a href=x><b>", "<table>x<b>", "&", "<b><i></b>", "<"] {
            let most = unit.repeat(limits::DESCRIPTION_MARKS / unit.matches(['<', '&']).count());
            assert!(sanitised(&most).is_ok(), "{unit}");
            assert_eq!(sanitised(&(most + unit)).unwrap_err().reason(), TOO_MANY_ITEMS, "{unit}");
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }

    proptest! {
        #[test]
        fn sanitising_twice_is_sanitising_once(html in "(<(p|b|a href=x|/p|/b|li|table|td|script|!--)>|[a-z &;\n]|&amp;|é){0,30}") {
            let once = sanitised(&html).unwrap();
            prop_assert_eq!(sanitised(&once).unwrap(), once);
        }
    }
}
