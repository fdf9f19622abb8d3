//! What WooCommerce's exporter does to the text of a cell, undone.

use argosy_kernel::Timestamp;

use super::Part;
use crate::{formats::values::short, problem::Problem};

/// A cell that spreadsheets would run as a formula is exported behind an apostrophe.
pub(super) fn plain(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => text,
    }
}

/// A list with commas between; a comma within a part is exported as `\,`.
pub(super) fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for piece in text.split_inclusive(',') {
        let (piece, is_end) = match piece.strip_suffix(',') {
            Some(escaped) if escaped.ends_with('\\') => {
                (format!("{},", &escaped[..escaped.len() - 1]), false)
            }
            Some(whole) => (whole.to_owned(), true),
            None => (piece.to_owned(), false),
        };
        if let Some(part) = parts.last_mut() {
            part.push_str(&piece);
        }
        if is_end {
            parts.push(String::new());
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A description: line breaks are exported as `\n`, and WordPress makes paragraphs of plain text when it shows it.
pub(super) fn html(text: &str) -> String {
    let kept: Vec<String> = text.split("\\\\n").map(|part| part.replace("\\n", "\n")).collect();
    let text = kept.join("\\n");
    let lower = text.to_lowercase();
    let has_blocks = ["<p", "<div", "<ul", "<ol", "<table", "<h1", "<h2", "<h3", "<blockquote"]
        .iter()
        .any(|block| lower.contains(block));
    if has_blocks || text.is_empty() {
        return text;
    }
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| paragraph.trim().replace('\n', "<br>"))
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    if paragraphs.is_empty() { String::new() } else { format!("<p>{}</p>", paragraphs.join("</p><p>")) }
}

/// An amount: the exporter writes the decimal sign of the shop's country.
pub(super) fn amount(text: &str) -> String {
    if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) }
}

/// How many grams or millimetres a unit has, as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit(i128, i128);

impl Unit {
    pub(super) fn of_weight(name: &str) -> Option<Self> {
        Some(match name {
            "kg" => Self(1_000, 1),
            "g" => Self(1, 1),
            "lbs" | "lb" => Self(45_359_237, 100_000),
            "oz" => Self(28_349_523_125, 1_000_000_000),
            _ => return None,
        })
    }

    pub(super) fn of_length(name: &str) -> Option<Self> {
        Some(match name {
            "m" => Self(1_000, 1),
            "cm" => Self(10, 1),
            "mm" => Self(1, 1),
            "in" => Self(254, 10),
            "yd" => Self(9_144, 10),
            _ => return None,
        })
    }

    /// A measure in whole grams or millimetres, the nearest; `None`: the cell is empty.
    pub(super) fn measure(self, line: u64, column: &str, text: &str) -> Part<Option<i64>> {
        if text.is_empty() {
            return Ok(None);
        }
        let refuse =
            || Problem::new(line, "INVALID_NUMBER", format!("{column}: '{}' is not a measure", short(text)));
        let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits = format!("{whole}{fraction}");
        let is_number =
            !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|d| d.is_ascii_digit());
        let number: i128 = digits.parse().ok().filter(|_| is_number).ok_or_else(refuse)?;
        let parts = self.1 * 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
        i64::try_from((number * self.0 * 2 + parts) / (2 * parts)).map(Some).map_err(|_| refuse())
    }
}

/// When a sale begins or ends. The exporter leaves out the zone; UTC is taken. An end without a time of day is the
/// end of that day.
pub(super) fn instant(line: u64, column: &str, text: &str, time_of_day: &str) -> Part<Option<Timestamp>> {
    if text.is_empty() {
        return Ok(None);
    }
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, time_of_day));
    let time = if time.find(':') == Some(1) { format!("0{time}") } else { time.to_owned() };
    let time = if time.len() == 5 { format!("{time}:00") } else { time };
    let zone = if time.len() == 8 { "Z" } else { "" };
    let message = || format!("{column}: '{}' is not a date such as 2026-01-31 12:00:00", short(text));
    let parsed = format!("{date}T{time}{zone}").parse();
    parsed.map(Some).map_err(|_| Problem::new(line, "INVALID_DATE", message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_at_commas_that_are_not_escaped() {
        assert_eq!(parts(r"Red, Dark\, matt , ,Home > Kitchen"), ["Red", "Dark, matt", "Home > Kitchen"]);
        assert_eq!(parts(r"back\slash"), [r"back\slash"]);
        assert!(parts(" ").is_empty());
    }

    #[test]
    fn formulas_lose_their_apostrophe_and_nothing_else_does() {
        assert_eq!([plain("'-1"), plain("'=A1"), plain("'twas"), plain("-1")], ["-1", "=A1", "'twas", "-1"]);
    }

    #[test]
    fn plain_descriptions_get_their_paragraphs() {
        assert_eq!(html(r"One\ntwo\n\nThree"), "<p>One<br>two</p><p>Three</p>");
        assert_eq!(html(r"<ul>\n<li>C:\\news</li></ul>"), "<ul>\n<li>C:\\news</li></ul>");
        assert_eq!(html(""), "");
    }

    #[test]
    fn units_become_grams_and_millimetres() {
        let grams = |unit: &str, text: &str| Unit::of_weight(unit).unwrap().measure(1, "Weight", text);
        assert_eq!(grams("kg", "1,25").unwrap(), Some(1_250));
        assert_eq!(grams("g", "0.5").unwrap(), Some(1));
        assert_eq!(grams("lbs", "2").unwrap(), Some(907));
        assert_eq!(grams("oz", "16").unwrap(), Some(454));
        assert_eq!(Unit::of_length("in").unwrap().measure(1, "Length", ".5").unwrap(), Some(13));
        assert_eq!(grams("kg", "").unwrap(), None);
        for wrong in ["-1", "1e3", "heavy", ".", "1.2.3", "9999999999999999"] {
            assert_eq!(grams("kg", wrong).unwrap_err().reason, "INVALID_NUMBER", "{wrong}");
        }
        assert_eq!(Unit::of_weight("stone"), None);
    }

    #[test]
    fn dates_are_read_with_and_without_a_time() {
        let read =
            |text: &str| instant(7, "Date sale price ends", text, "23:59:59").unwrap().unwrap().to_string();
        assert_eq!(read("2026-06-01 0:00:00"), "2026-06-01T00:00:00Z");
        assert_eq!(read("2026-06-01"), "2026-06-01T23:59:59Z");
        assert_eq!(read("2026-06-01T10:30:00+02:00"), "2026-06-01T08:30:00Z");
        assert_eq!(instant(7, "x", "soon", "00:00:00").unwrap_err().reason, "INVALID_DATE");
    }
}
