//! Handles: the part of an address that names a product, a category or a collection.

use argosy_kernel::{Error, Result};

use crate::{
    domain::limits::HANDLE_LENGTH,
    error::{self, INVALID_HANDLE},
};

/// The handle of a title: its letters in Latin script, lower case, words joined by `-`.
///
/// A title with no letter at all gets a handle from its hash, so that it has one that stays.
pub(crate) fn slug(title: &str) -> String {
    let latin = deunicode::deunicode_with_tofu(title, " ");
    let mut handle = String::with_capacity(latin.len());
    for c in latin.chars().filter(|c| !matches!(c, '\'' | '`')) {
        if c.is_ascii_alphanumeric() {
            handle.push(c.to_ascii_lowercase());
        } else if !handle.is_empty() && !handle.ends_with('-') {
            handle.push('-');
        }
        if handle.len() == HANDLE_LENGTH {
            break;
        }
    }
    handle.truncate(handle.trim_end_matches('-').len());
    if handle.is_empty() {
        handle = format!("x-{}", &blake3::hash(title.as_bytes()).to_hex()[..12]);
    }
    handle
}

/// Refuses what is not a handle.
pub(crate) fn checked_handle(handle: &str) -> Result<()> {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let named = handle.bytes().any(|byte| byte != b'-');
    if handle.len() <= HANDLE_LENGTH && named && handle.bytes().all(allowed) {
        return Ok(());
    }
    Err(Error::invalid(
        INVALID_HANDLE,
        format!("'{}' is not a handle: 1 to {HANDLE_LENGTH} of a-z, 0-9 and -", error::excerpt(handle)),
    ))
}

/// The first of `base`, `base-2`, `base-3`, … that is not taken.
pub(crate) fn free_handle(base: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(base) {
        return base.to_owned();
    }
    let stem = &base[..base.len().min(HANDLE_LENGTH - 8)];
    let numbered = |number: u32| format!("{stem}-{number}");
    (2..u32::MAX).map(numbered).find(|handle| !taken(handle)).unwrap_or_else(|| base.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_in_any_script_make_readable_handles() {
        assert_eq!(slug("Men's T-Shirt — blue"), "mens-t-shirt-blue");
        assert_eq!(slug("Größe Ñandú"), "grosse-nandu");
        assert_eq!(slug("Матрёшка"), "matrioshka");
        assert!(slug("漢字").starts_with("han"));
        assert!(slug("!!!").starts_with("x-"));
        assert_ne!(slug("!!!"), slug("???"));
    }

    #[test]
    fn a_taken_handle_is_numbered() {
        assert_eq!(
            free_handle("kitchen", |handle| handle == "kitchen" || handle == "kitchen-2"),
            "kitchen-3"
        );
    }

    proptest! {
        #[test]
        fn every_slug_is_a_handle_and_its_own_slug(title in "\\PC{0,80}|[a-z' -]{0,300}") {
            let handle = slug(&title);
            prop_assert!(checked_handle(&handle).is_ok(), "{}", handle);
            prop_assert_eq!(slug(&handle), handle);
        }
    }
}
