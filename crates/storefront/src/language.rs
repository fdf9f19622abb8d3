//! What pages say, a file a language.
//!
//! The files are [Fluent](https://projectfluent.org)'s: built in, each message replaceable by one of the same name in
//! the theme's file of the same name. What a language lacks is said in English.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
};

use argosy_kernel::{Error, Result};
use argosy_platform::words::is_tag;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/languages"]
struct BuiltIn;

/// Whose file lacks nothing.
const COMPLETE: &str = "en";

/// A language: its messages, and the names of countries.
pub(crate) struct Words {
    messages: argosy_platform::words::Words,
    countries: String,
}

impl Deref for Words {
    type Target = argosy_platform::words::Words;

    fn deref(&self) -> &Self::Target {
        &self.messages
    }
}

impl Words {
    /// Reads a language by its tag (BCP 47). An empty theme: the built-in words.
    ///
    /// # Errors
    /// `INVALID_SETTING` if there is no such language; `INVALID_LANGUAGE_FILE` with the file and the line.
    pub(crate) fn read(tag: &str, theme: &Path) -> Result<Self> {
        let refuse =
            |why: &str| Error::invalid("INVALID_SETTING", format!("storefront.languages: '{tag}' {why}"));
        if !is_tag(tag) {
            return Err(refuse("is no language such as \"en\" or \"pt-br\""));
        }
        let file = format!("{tag}.ftl");
        let of_theme = in_theme(theme, &file);
        if BuiltIn::get(&file).is_none() && of_theme.is_none() {
            return Err(refuse(&format!(
                "is not built in ({}), and the theme has no languages/{file}",
                built_in_tags().join(", ")
            )));
        }
        let files = [
            (format!("{COMPLETE}.ftl"), built_in(&format!("{COMPLETE}.ftl"))),
            (file.clone(), built_in(&file)),
            (format!("{}", theme.join("languages").join(&file).display()), of_theme),
        ];
        let files = files.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let messages = argosy_platform::words::Words::read(tag, files)?;
        let countries = format!("countries/{tag}.txt");
        let countries = in_theme(theme, &countries).or_else(|| built_in(&countries));
        let countries = countries.or_else(|| built_in(&format!("countries/{COMPLETE}.txt")));
        Ok(Self { messages, countries: countries.unwrap_or_default() })
    }

    /// A country's name; its code if there is none.
    pub(crate) fn country<'a>(&'a self, code: &'a str) -> &'a str {
        self.countries().find(|(one, _)| *one == code).map_or(code, |(_, name)| name)
    }

    /// All countries: code and name.
    pub(crate) fn countries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.countries.lines().filter_map(|line| line.split_once(' '))
    }
}

/// The languages that are built in.
fn built_in_tags() -> Vec<String> {
    BuiltIn::iter().filter_map(|name| name.strip_suffix(".ftl").map(str::to_owned)).collect()
}

fn built_in(name: &str) -> Option<String> {
    String::from_utf8(BuiltIn::get(name)?.data.into_owned()).ok()
}

fn in_theme(theme: &Path, name: &str) -> Option<String> {
    let file: PathBuf = theme.join("languages").join(name);
    if theme.as_os_str().is_empty() { None } else { std::fs::read_to_string(file).ok() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use argosy_kernel::Country;

    use super::*;

    fn ids(tag: &str) -> BTreeSet<String> {
        let text = built_in(&format!("{tag}.ftl")).unwrap();
        let ids = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        ids.filter_map(|line| line.split_once(" =")).map(|(id, _)| id.to_owned()).collect()
    }

    /// The ids that templates and code name.
    fn used() -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "html") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let openings: &[&str] = if path.extension().is_some_and(|kind| kind == "html") {
                        &["t(\""]
                    } else {
                        &["say(\"", "say_with(\""]
                    };
                    for opening in openings {
                        let named = text.split(opening).skip(1).filter_map(|rest| rest.split_once('"'));
                        used.extend(named.map(|(id, _)| id.to_owned()));
                    }
                }
            }
        }
        used
    }

    #[test]
    fn every_language_says_everything_and_nothing_else() {
        let complete = ids(COMPLETE);
        for tag in built_in_tags() {
            let own: BTreeSet<String> = ids(&tag)
                .into_iter()
                .filter(|id| !id.starts_with("said-") && !id.starts_with("code-"))
                .collect();
            assert_eq!(own, complete, "{tag}");
            let words = Words::read(&tag, Path::new("")).unwrap();
            for country in Country::all() {
                assert_ne!(words.country(country.code()), country.code(), "{tag}");
            }
        }
        let missing: Vec<String> = used().into_iter().filter(|id| !complete.contains(id)).collect();
        assert_eq!(missing, [""; 0], "named and not there");
    }

    #[test]
    fn a_message_has_its_values_and_its_plural() {
        let (english, german) = (Words::read("en", Path::new("")).unwrap(), Words::read("de", Path::new("")));
        let found = |words: &Words, count: u64| words.say_with("products-found", [("count", count.into())]);
        assert_eq!([found(&english, 1), found(&english, 12)], ["1 product", "12 products"]);
        let german = german.unwrap();
        assert_eq!([found(&german, 1), found(&german, 0)], ["1 Produkt", "0 Produkte"]);
    }

    #[test]
    fn what_services_say_is_translated_by_words_then_by_code_then_not() {
        let german = Words::read("de", Path::new("")).unwrap();
        assert_eq!(
            german.translated("OUT_OF_STOCK", "This item is sold out."),
            "Dieser Artikel ist ausverkauft."
        );
        assert_eq!(german.translated("OUT_OF_STOCK", "Only 3 left."), "So viele sind nicht mehr da.");
        assert_eq!(german.translated("", "Skarholm Post"), "Skarholm Post");
        let english = Words::read("en", Path::new("")).unwrap();
        assert_eq!(english.translated("OUT_OF_STOCK", "Only 3 left."), "Only 3 left.");
    }

    #[test]
    fn a_theme_says_some_things_otherwise_and_brings_languages() {
        let theme = argosy_testkit::TestHost::new();
        let file = |name: &str, text: &str| {
            std::fs::create_dir_all(theme.folder().join("languages")).unwrap();
            std::fs::write(theme.folder().join("languages").join(name), text).unwrap();
        };
        file("en.ftl", "cart = Basket\n");
        file("da.ftl", "cart = Kurv\n");
        file("fr.ftl", "cart = Panier\nhome = { $\n");
        let read = |tag: &str| Words::read(tag, theme.folder());
        assert_eq!(read("en").unwrap().say("cart"), "Basket");
        assert_eq!(read("en").unwrap().say("home"), "Home");
        assert_eq!(read("da").unwrap().say("cart"), "Kurv");
        assert_eq!(read("da").unwrap().say("home"), "Home", "what it lacks is said in English");
        let error = read("fr").err().unwrap();
        assert_eq!(error.reason(), "INVALID_LANGUAGE_FILE");
        assert!(error.message().contains("fr.ftl") && error.message().contains("line 2"), "{error}");
        for (tag, told) in [("sv", "languages/sv.ftl"), ("no such", "is no language")] {
            let error = read(tag).err().unwrap();
            assert!(error.reason() == "INVALID_SETTING" && error.message().contains(told), "{error}");
        }
    }
}
