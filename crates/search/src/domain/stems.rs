//! What different forms of a word have in common, by the languages of a shop (`search.languages`).
//!
//! Stems stand beside words and do not replace them: a word finds itself first, its other forms after, and a stem
//! that is right in one language takes nothing away in another. The algorithms are Snowball's
//! (<https://snowballstem.org/algorithms/>).

use argosy_kernel::{Error, Result};
use rust_stemmers::{Algorithm, Stemmer};

/// Words with fewer letters have no other forms that a stem would find.
const LETTERS_MIN: usize = 4;

const LANGUAGES: [(&str, Algorithm); 17] = [
    ("ar", Algorithm::Arabic),
    ("da", Algorithm::Danish),
    ("de", Algorithm::German),
    ("el", Algorithm::Greek),
    ("en", Algorithm::English),
    ("es", Algorithm::Spanish),
    ("fi", Algorithm::Finnish),
    ("fr", Algorithm::French),
    ("hu", Algorithm::Hungarian),
    ("it", Algorithm::Italian),
    ("nl", Algorithm::Dutch),
    ("no", Algorithm::Norwegian),
    ("pt", Algorithm::Portuguese),
    ("ro", Algorithm::Romanian),
    ("ru", Algorithm::Russian),
    ("sv", Algorithm::Swedish),
    ("tr", Algorithm::Turkish),
];

/// The stemmers of a shop.
#[derive(Default)]
pub(crate) struct Stems(Vec<(&'static str, Stemmer)>);

impl Stems {
    /// The stemmers of some languages, by ISO 639-1.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the language.
    pub(crate) fn of_languages(languages: &[String]) -> Result<Self> {
        let stemmer = |language: &String| {
            let known = LANGUAGES.iter().find(|(code, _)| code == language);
            known.map(|(code, algorithm)| (*code, Stemmer::create(*algorithm))).ok_or_else(|| {
                let codes = LANGUAGES.map(|(code, _)| code).join(", ");
                let message = format!("search.languages: '{language}' must be one of {codes}");
                Error::invalid("INVALID_SETTING", message)
            })
        };
        languages.iter().map(stemmer).collect::<Result<_>>().map(Self)
    }

    /// Which languages they are of; an index of others is built anew.
    pub(crate) fn languages(&self) -> String {
        self.0.iter().map(|(language, _)| *language).collect::<Vec<_>>().join(" ")
    }

    /// The stems of a word as the index has it, each with its language: `en:run` of `running`.
    pub(crate) fn of<'a>(&'a self, word: &'a str) -> impl Iterator<Item = String> + 'a {
        let has_forms = word.chars().count() >= LETTERS_MIN && word.chars().all(char::is_alphabetic);
        let stemmers = if has_forms { self.0.as_slice() } else { &[] };
        stemmers.iter().map(|(language, stemmer)| format!("{language}:{}", stemmer.stem(word)))
    }

    /// The stems of the words of a text, each once, separated by spaces.
    pub(crate) fn indexed(&self, indexed_words: &str) -> String {
        let mut words: Vec<&str> = indexed_words.split(' ').filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        words.dedup();
        let mut stems: Vec<String> = words.into_iter().flat_map(|word| self.of(word)).collect();
        stems.sort_unstable();
        stems.dedup();
        stems.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(languages: &[&str], word: &str) -> Vec<String> {
        let languages: Vec<String> = languages.iter().map(|&language| language.to_owned()).collect();
        Stems::of_languages(&languages).unwrap().of(word).collect()
    }

    #[test]
    fn forms_of_a_word_share_a_stem_in_its_language() {
        assert_eq!(stems(&["en"], "running"), stems(&["en"], "runs"));
        assert_eq!(stems(&["en"], "knitted"), stems(&["en"], "knitting"));
        assert_eq!(stems(&["de"], "hauser"), stems(&["de"], "haus"));
        assert_eq!(stems(&["de"], "wasserdichte"), stems(&["de"], "wasserdichter"));
        assert_eq!(stems(&["en", "de"], "running"), ["en:run", "de:running"]);
    }

    #[test]
    fn short_words_and_numbers_have_none() {
        for word in ["mug", "wh1000xm4", "2024", ""] {
            assert!(stems(&["en"], word).is_empty(), "{word}");
        }
    }

    #[test]
    fn a_language_without_a_stemmer_is_refused_by_name() {
        let error = Stems::of_languages(&["tlh".to_owned()]).map(|_| ()).unwrap_err();
        assert!(error.message().contains("search.languages: 'tlh'"), "{error}");
    }
}
