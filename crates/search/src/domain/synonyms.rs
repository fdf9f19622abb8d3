//! Words that mean the same to a shop's customers (`search.synonyms`).

use std::collections::HashMap;

use argosy_kernel::{Error, Result};

use super::words;

/// What may stand for a word: each a word, or several of which all must be there.
pub(crate) type Alternatives = Vec<Vec<String>>;

/// The synonyms of a shop, by word.
#[derive(Debug, Default)]
pub(crate) struct Synonyms(HashMap<String, Alternatives>);

impl Synonyms {
    /// Reads groups such as `sofa, couch, settee`. Words are compared as everywhere in the index; of several words
    /// (`running shoes`) the group's others do not stand for them, but they stand for the others.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the group.
    pub(crate) fn read(groups: &[String]) -> Result<Self> {
        let mut synonyms: HashMap<String, Alternatives> = HashMap::new();
        for group in groups {
            let members: Vec<Vec<String>> = group.split(',').map(words_of).collect();
            if members.len() < 2 || members.iter().any(Vec::is_empty) {
                let message = format!(
                    "search.synonyms: '{group}' must be two or more words with commas between, such as \"sofa, couch\""
                );
                return Err(Error::invalid("INVALID_SETTING", message));
            }
            for (place, member) in members.iter().enumerate() {
                let [word] = member.as_slice() else { continue };
                let others = members.iter().enumerate().filter(|(other, _)| *other != place);
                let known = synonyms.entry(word.clone()).or_default();
                for (_, other) in others {
                    if !known.contains(other) && *other != *member {
                        known.push(other.clone());
                    }
                }
            }
        }
        Ok(Self(synonyms))
    }

    /// What may stand for a word as the index has it.
    pub(crate) fn of(&self, word: &str) -> &[Vec<String>] {
        self.0.get(word).map_or(&[], Vec::as_slice)
    }
}

/// `T-Shirt` is one word, as its joined form; `running shoes` is two.
fn words_of(text: &str) -> Vec<String> {
    let chunks = words::chunks(text).into_iter();
    chunks.flat_map(|chunk| chunk.joined.map_or(chunk.words, |joined| vec![joined])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_a_group_stands_for_the_others() {
        let groups = ["Sofas, couch, settee", "couch, daybed", "trainers, running shoes, T-Shirt"];
        let synonyms = Synonyms::read(&groups.map(str::to_owned)).unwrap();
        let of =
            |word: &str| -> Vec<String> { synonyms.of(word).iter().map(|words| words.join(" ")).collect() };
        assert_eq!(of("sofa"), ["couch", "settee"]);
        assert_eq!(of("couch"), ["sofa", "settee", "daybed"]);
        assert_eq!(of("trainer"), ["running shoe", "tshirt"]);
        assert_eq!(of("tshirt"), ["trainer", "running shoe"]);
        assert_eq!(of("shoe"), [""; 0]);
    }

    #[test]
    fn a_group_of_less_than_two_is_refused_by_its_words() {
        for wrong in ["sofa", "", "sofa,", "sofa, --"] {
            let error = Synonyms::read(&[wrong.to_owned()]).unwrap_err();
            assert!(
                error.message().contains("search.synonyms") && error.message().contains(wrong),
                "{error}"
            );
        }
    }
}
