//! The languages that mails are written in, a Fluent file each: built in, or of the operator's folder.

use std::{collections::BTreeMap, path::Path};

use argosy_kernel::{Error, Result};
use argosy_platform::words::{Words, is_tag};

use crate::NotificationsConfig;

/// What lacks nothing.
const COMPLETE: &str = "en";
const BUILT_IN: [(&str, &str); 2] =
    [(COMPLETE, include_str!("../languages/en.ftl")), ("de", include_str!("../languages/de.ftl"))];

/// All languages, by tag.
pub(crate) struct Languages {
    all: BTreeMap<String, Words>,
    default: String,
}

impl Languages {
    /// Reads what is built in, and what the operator's folder says otherwise or adds.
    ///
    /// # Errors
    /// `INVALID_SETTING` if the folder cannot be read or the default language is not there; `INVALID_LANGUAGE_FILE`.
    pub(crate) fn read(config: &NotificationsConfig) -> Result<Self> {
        let own = of_folder(&config.languages_folder)?;
        let mut tags: Vec<&str> = BUILT_IN.iter().map(|(tag, _)| *tag).collect();
        tags.extend(own.keys().map(String::as_str));
        let mut all = BTreeMap::new();
        for tag in tags {
            let built_in = BUILT_IN.iter().filter(|(known, _)| *known == COMPLETE || *known == tag);
            let mut files: Vec<(String, String)> =
                built_in.map(|(known, text)| (format!("{known}.ftl"), (*text).to_owned())).collect();
            files.extend(own.get(tag).cloned());
            all.insert(tag.to_owned(), Words::read(tag, files)?);
        }
        if !all.contains_key(&config.language) {
            let known: Vec<&str> = all.keys().map(String::as_str).collect();
            return Err(wrong("language", &format!("must be one of {}", known.join(", "))));
        }
        Ok(Self { all, default: config.language.clone() })
    }

    /// The buyer's language, or else that language without its region, or else the shop's own.
    pub(crate) fn of(&self, tag: &str) -> &Words {
        let tag = tag.to_ascii_lowercase();
        let wide = tag.split('-').next().unwrap_or_default();
        let found = self.all.get(&tag).or_else(|| self.all.get(wide)).or_else(|| self.all.get(&self.default));
        // `read` saw to it that the default is there.
        found.unwrap_or_else(|| &self.all[COMPLETE])
    }
}

fn wrong(key: &str, why: &str) -> Error {
    Error::invalid("INVALID_SETTING", format!("wrong setting notifications.{key}: {why}"))
}

/// By tag: where a file is, and what it says.
fn of_folder(folder: &Path) -> Result<BTreeMap<String, (String, String)>> {
    let mut files = BTreeMap::new();
    if folder.as_os_str().is_empty() {
        return Ok(files);
    }
    let refuse = |error: std::io::Error| wrong("languages_folder", &format!("{}: {error}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        let Some(tag) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".ftl")) else {
            continue;
        };
        if !is_tag(tag) {
            return Err(wrong("languages_folder", &format!("{} is named by no language", path.display())));
        }
        let text = std::fs::read_to_string(&path).map_err(refuse)?;
        files.insert(tag.to_ascii_lowercase(), (path.display().to_string(), text));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::letters::Kind;

    fn ids(text: &str) -> BTreeSet<&str> {
        let lines = text.lines().filter_map(|line| line.split_once(" =")).map(|(id, _)| id);
        lines.filter(|id| !id.starts_with(['#', ' ']) && !id.starts_with("said-")).collect()
    }

    #[test]
    fn every_language_says_everything_and_nothing_else() {
        let complete = ids(BUILT_IN[0].1);
        for (tag, text) in BUILT_IN {
            assert_eq!(ids(text), complete, "{tag}");
        }
        for kind in Kind::ALL {
            for part in ["subject", "heading"] {
                let id = format!("{}-{part}", kind.as_str());
                assert!(complete.contains(id.as_str()), "{id}");
            }
        }
    }

    #[test]
    fn a_buyer_is_written_to_in_their_language_or_the_shops() {
        let config = |language: &str| NotificationsConfig {
            language: language.to_owned(),
            ..NotificationsConfig::default()
        };
        let languages = Languages::read(&config("de")).unwrap();
        let found = |tag: &str| languages.of(tag).tag.clone();
        assert_eq!([found("en"), found("DE-at"), found("fr"), found("")], ["en", "de", "de", "de"]);
        let refused = Languages::read(&config("fr")).err().unwrap();
        assert!(refused.message().contains("notifications.language: must be one of de, en"), "{refused}");
    }

    #[test]
    fn an_operators_folder_adds_languages_and_says_some_things_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("fr.ftl", "see-order = Voir la commande\n");
        write("de.ftl", "see-order = Zur Bestellung\n");
        write("README.md", "");
        let config = NotificationsConfig {
            languages_folder: folder.path().to_owned(),
            ..NotificationsConfig::default()
        };
        let languages = Languages::read(&config).unwrap();
        let said = |tag: &str, id: &str| languages.of(tag).say(id);
        assert_eq!(said("fr", "see-order"), "Voir la commande");
        assert_eq!(said("fr", "sum-total"), "Total", "what it lacks is said in English");
        assert_eq!(
            (said("de", "see-order"), said("de", "sum-total")),
            ("Zur Bestellung".into(), "Gesamt".into())
        );
        write("nl.ftl", "a = b\nc = {\n");
        let refused = Languages::read(&config).err().unwrap();
        assert!(refused.message().contains("nl.ftl: line 2"), "{refused}");
    }
}
