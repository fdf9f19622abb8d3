//! What travels together, in words.

use argosy_contracts::pricing::QuotedLine;

use crate::language::Words;

/// `Parcel 1 of 2`.
pub(super) fn parcel_title(index: usize, count: usize, words: &Words) -> String {
    let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX).into();
    words.say_with("parcel-of", [("number", number(index + 1)), ("count", number(count))])
}

/// `2 × Mug, blue`.
pub(super) fn item_title(quantity: i64, line: &QuotedLine) -> String {
    match line.variant_title.as_str() {
        "" => format!("{quantity} × {}", line.title),
        variant => format!("{quantity} × {}, {variant}", line.title),
    }
}

/// When it arrives, of two days `YYYY-MM-DD`; empty where they are not known.
pub(super) fn arrival(earliest: &str, latest: &str, words: &Words) -> String {
    let (Some(first), Some(last)) = (day(earliest, words), day(latest, words)) else { return String::new() };
    if first == last {
        return words.say_with("arrives-on", [("day", first.into())]);
    }
    words.say_with("arrives-between", [("first", first.into()), ("last", last.into())])
}

/// A day `YYYY-MM-DD` as people write it.
pub(super) fn day(text: &str, words: &Words) -> Option<String> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (month, day): (u8, u8) = (month.parse().ok()?, day.parse().ok()?);
    let values = [("day", day.to_string().into()), ("month", month.into()), ("year", year.to_owned().into())];
    Some(words.say_with("date", values))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn days_are_written_as_the_language_does_and_what_is_none_is_not() {
        let arrives = |tag: &str, earliest: &str, latest: &str| {
            arrival(earliest, latest, &Words::read(tag, Path::new("")).unwrap())
        };
        assert_eq!(
            arrives("en", "2026-12-03", "2026-12-05"),
            "Arrives between 3 December 2026 and 5 December 2026"
        );
        assert_eq!(arrives("de", "2026-12-03", "2026-12-03"), "Kommt am 3. Dezember 2026 an");
        assert_eq!(arrives("en", "", ""), "");
        assert_eq!(arrives("en", "soon", "2026-12-05"), "");
    }
}
