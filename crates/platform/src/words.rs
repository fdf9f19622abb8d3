//! What people are told, in their language: messages of [Fluent](https://projectfluent.org) files, and amounts.
//!
//! Who speaks to people brings its files; a later one says messages of an earlier one otherwise, so the first is the one
//! that lacks nothing. What services say is English and is looked up by its words.

use argosy_kernel::{Currency, Error, Money, Result};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

/// Longer sentences of services are not looked up.
const SLUG_LENGTH_MAX: usize = 100;
/// Currencies whose sign everybody reads; the others are shown by their code.
const WITH_SIGN: &str = "EUR USD GBP JPY INR KRW ILS TRY UAH VND";

/// The messages of a language.
pub struct Words {
    /// The language's tag (BCP 47).
    pub tag: String,
    /// Between an amount's whole and its fraction.
    pub decimal_point: String,
    /// Between three digits and three digits.
    pub thousands: String,
    messages: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Words").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// Whether a text is a language's tag such as `de` or `pt-br`.
pub fn is_tag(text: &str) -> bool {
    text.len() <= 35 && text.parse::<LanguageIdentifier>().is_ok()
}

impl Words {
    /// A language of files: name and text of each, later ones over earlier ones.
    ///
    /// # Errors
    /// `INVALID_LANGUAGE` if the tag is none; `INVALID_LANGUAGE_FILE` with the file and the line.
    pub fn read(tag: &str, files: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let language: LanguageIdentifier = tag.parse().map_err(|_| {
            Error::invalid("INVALID_LANGUAGE", format!("'{tag}' is no language such as \"en\" or \"pt-br\""))
        })?;
        let mut messages = FluentBundle::new_concurrent(vec![language]);
        // The marks would stand in attributes and in what is copied.
        messages.set_use_isolating(false);
        for (name, text) in files {
            messages.add_resource_overriding(parse(&name, text)?);
        }
        let mut words =
            Self { tag: tag.to_owned(), decimal_point: String::new(), thousands: String::new(), messages };
        (words.decimal_point, words.thousands) = (words.say("decimal-point"), words.say("thousands"));
        Ok(words)
    }

    /// A message; one that is missing is said by its id, as a test would have told.
    pub fn say(&self, id: &str) -> String {
        self.find(id, None).unwrap_or_else(|| id.to_owned())
    }

    /// A message with values in it.
    pub fn say_with<'a>(
        &self,
        id: &str,
        values: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> String {
        self.find(id, Some(&values.into_iter().collect())).unwrap_or_else(|| id.to_owned())
    }

    /// A message; `None` if no file has it.
    pub fn find(&self, id: &str, values: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.messages.get_message(id)?.value()?;
        let mut problems = Vec::new();
        let said = self.messages.format_pattern(pattern, values, &mut problems);
        if !problems.is_empty() {
            tracing::warn!(language = self.tag, message = id, problems = ?problems, "a message is wrong");
        }
        Some(said.into_owned())
    }

    /// What a service said in English: by its words (`said-sold-out`), else by its code (`code-out-of-stock`), else as
    /// it is.
    pub fn translated(&self, code: &str, text: &str) -> String {
        let by_words = || self.find(&format!("said-{}", slug(text)), None);
        let by_code = || self.find(&format!("code-{}", slug(code)), None);
        by_words().or_else(by_code).unwrap_or_else(|| text.to_owned())
    }

    /// A tax as its label names it, `VAT 19 %`: the name is translated, the rate written as the language does.
    pub fn tax(&self, label: &str) -> String {
        match label.rsplit_once(|character: char| character.is_alphabetic()) {
            Some((_, rate)) if rate.contains('%') => {
                let name = label[..label.len() - rate.len()].trim_end();
                format!("{}{}", self.translated("", name), rate.replace('.', &self.decimal_point))
            }
            _ => self.translated("", label),
        }
    }

    /// An amount as the language writes it: `€1,234.50`, `−£5.00`, `CHF 20.00`; `1.234,50 €`. No floats: digits are only
    /// grouped and placed.
    pub fn money(&self, money: Money) -> String {
        let decimal = money.to_decimal();
        let (sign, digits) =
            decimal.strip_prefix('-').map_or(("", decimal.as_str()), |digits| ("\u{2212}", digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let point = if fraction.is_empty() { "" } else { self.decimal_point.as_str() };
        let amount = format!("{}{point}{fraction}", grouped(whole, &self.thousands));
        let (unit, space) = unit(money.currency);
        let values = [
            ("sign", sign.into()),
            ("unit", unit.into()),
            ("space", space.into()),
            ("amount", amount.into()),
        ];
        self.say_with("money", values)
    }
}

/// A currency's sign or code, and what stands between it and digits that follow.
fn unit(currency: Currency) -> (String, &'static str) {
    if WITH_SIGN.split(' ').any(|code| code == currency.code()) {
        (currency.symbol(), "")
    } else {
        (currency.code().to_owned(), "\u{a0}")
    }
}

fn grouped(whole: &str, mark: &str) -> String {
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push_str(mark);
        }
        grouped.push(digit);
    }
    grouped
}

fn parse(name: &str, text: String) -> Result<FluentResource> {
    FluentResource::try_new(text).map_err(|(resource, errors)| {
        let told = errors.first().map_or_else(String::new, |error| {
            let before = resource.source().get(..error.pos.start).unwrap_or_default();
            format!("line {}: {}", before.lines().count().max(1), error.kind)
        });
        Error::invalid("INVALID_LANGUAGE_FILE", format!("{name}: {told}"))
    })
}

/// The letters and digits of a text, in one word.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars().take(SLUG_LENGTH_MAX) {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_a_language_is_a_tag() {
        for good in ["de", "pt-br", "zh-Hant-TW"] {
            assert!(is_tag(good), "{good}");
        }
        for bad in ["", "german language", "de/../x", "d", &"de-".repeat(20)] {
            assert!(!is_tag(bad), "{bad}");
        }
    }
}
