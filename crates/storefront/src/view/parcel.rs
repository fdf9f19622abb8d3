//! What travels together, in words.

use argosy_contracts::pricing::{Awaited, QuotedLine};

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

/// From when what is not there leaves: all of a line, or so many of its units.
pub(super) fn waits(awaited: &Awaited, quantity: i64, words: &Words) -> String {
    let text = leaves(awaited.preorder, &awaited.expected_on, words);
    if awaited.quantity >= quantity {
        return text;
    }
    let values = [("quantity", awaited.quantity.into()), ("count", quantity.into()), ("text", text.into())];
    words.say_with("awaited-some", values)
}

/// From when something leaves that is not out yet, or has run out.
pub(super) fn leaves(preorder: bool, expected_on: &str, words: &Words) -> String {
    match (day(expected_on, words), preorder) {
        (Some(day), true) => words.say_with("preorder-from", [("day", day.into())]),
        (Some(day), false) => words.say_with("backorder-from", [("day", day.into())]),
        (None, true) => words.say("preorder"),
        (None, false) => words.say("backorder"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_not_there_says_from_when_it_leaves_and_how_many_do() {
        let said = |tag: &str, quantity, preorder, expected_on: &str| {
            let expected_on = expected_on.to_owned();
            let awaited = Awaited { quantity, preorder, expected_on, ..Awaited::default() };
            waits(&awaited, 3, &Words::read(tag, Path::new("")).unwrap())
        };
        assert_eq!(said("en", 3, true, "2027-03-12"), "Pre-order, sent from 12 March 2027");
        assert_eq!(said("de", 2, false, "2027-03-12"), "2 von 3: Nachbestellt, Versand ab 12. März 2027");
        assert_eq!(said("en", 3, false, ""), "Available to order");
    }

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
