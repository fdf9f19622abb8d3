//! The words of a description that is HTML.
//!
//! The catalogue sanitised it when it was stored, so this only has to part text from tags; a parser of the whole
//! standard would build a tree to throw it away.

/// Text without tags, at most `length_max` bytes of it. Tags part words; the common entities are read.
pub(crate) fn text(html: &str, length_max: usize) -> String {
    let mut text = String::with_capacity(html.len().min(length_max));
    let mut rest = html;
    while let Some(start) = rest.find(['<', '&']) {
        text.push_str(&rest[..start]);
        if text.len() >= length_max {
            break;
        }
        rest = &rest[start..];
        rest = if rest.starts_with('<') { after_tag(rest, &mut text) } else { after_entity(rest, &mut text) };
    }
    if text.len() < length_max {
        text.push_str(rest);
    }
    let end = (0..=length_max.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.truncate(end);
    text
}

fn after_tag<'a>(rest: &'a str, text: &mut String) -> &'a str {
    text.push(' ');
    rest.find('>').map_or("", |end| &rest[end + 1..])
}

fn after_entity<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let known =
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\''), ("&nbsp;", ' ')];
    for (entity, character) in known {
        if let Some(after) = rest.strip_prefix(entity) {
            text.push(character);
            return after;
        }
    }
    text.push('&');
    &rest[1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_part_words_and_entities_are_read() {
        assert_eq!(text("<p>Salt &amp; <b>pepper</b></p>mill", 100), " Salt &  pepper  mill");
    }

    #[test]
    fn what_is_cut_off_stays_text() {
        assert_eq!(text("äöü", 3), "ä");
        assert_eq!(text("a < b & c", 100), "a  ");
        assert_eq!(text("x <unclosed", 100), "x  ");
    }
}
