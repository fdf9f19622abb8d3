//! What may be written in a request.

use argosy_kernel::{Error, Result};

const REFERENCE_LENGTH_MAX: usize = 255;

/// The caller's name for a change.
pub(crate) fn reference(text: &str) -> Result<()> {
    let fits = !text.is_empty() && text.len() <= REFERENCE_LENGTH_MAX;
    if fits && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::invalid_field("/reference", "must have 1 to 255 bytes and no control characters"))
}

/// A text for people: trimmed, of bounded length, lines at most.
pub(crate) fn text(pointer: &str, text: &str, length_max: usize) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > length_max {
        return Err(Error::invalid_field(pointer, format!("must have at most {length_max} characters")));
    }
    if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
        return Err(Error::invalid_field(pointer, "must not hold control characters"));
    }
    Ok(text.to_owned())
}

/// A text of one line.
pub(super) fn line(pointer: &str, given: &str, length_max: usize) -> Result<String> {
    let checked = text(pointer, given, length_max)?;
    if checked.chars().any(char::is_control) {
        return Err(Error::invalid_field(pointer, "must be one line"));
    }
    Ok(checked)
}

/// Where a parcel can be followed: a link that buyers will click.
pub(super) fn link(pointer: &str, given: &str) -> Result<String> {
    let link = line(pointer, given, 500)?;
    let has_host = link.strip_prefix("https://").is_some_and(|rest| {
        rest.split(['/', '?', '#']).next().is_some_and(|host| host.contains('.') && !host.contains('@'))
    });
    if link.is_empty() || has_host && !link.contains(char::is_whitespace) {
        return Ok(link);
    }
    Err(Error::invalid_field(pointer, "must be an address that begins with https://"))
}

/// One of the words that there are.
pub(crate) fn word<'a>(pointer: &str, given: &'a str, known: &[&str]) -> Result<&'a str> {
    if known.contains(&given) {
        return Ok(given);
    }
    Err(Error::invalid_field(pointer, format!("must be one of {}", known.join(", "))))
}

/// Names for orders that staff make up.
pub(super) fn tag(pointer: String, given: &str) -> Result<String> {
    let is_tag = (1..=40).contains(&given.len())
        && given.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if is_tag {
        return Ok(given.to_owned());
    }
    Err(Error::invalid_field(pointer, "must have 1 to 40 characters of a-z, 0-9 and -"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_buyers_click_lead_to_a_web_site() {
        for good in ["", "https://track.example/p?id=1", "https://dhl.de"] {
            assert_eq!(link("/l", good).unwrap(), good);
        }
        for bad in [
            "javascript:alert(1)",
            "http://track.example/",
            "https://",
            "https://dhl.de@evil.example/",
            "https://a b.example/",
            "https://localhost/",
        ] {
            assert_eq!(link("/l", bad).unwrap_err().reason(), "INVALID_FIELD", "{bad}");
        }
    }
}
