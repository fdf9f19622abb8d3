//! The books of JSON that commands read from files and show.

use std::{fmt::Display, path::Path};

use argosy_kernel::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};

use crate::cli::print;

/// Reads a book that was given to a command. One that cannot be read is refused with the file's name, and the line and
/// column where it is wrong.
pub(crate) fn read<Book: DeserializeOwned>(file: &Path) -> Result<Book> {
    let text = std::fs::read_to_string(file).map_err(|error| refused(file, error))?;
    serde_json::from_str(&text).map_err(|error| refused(file, error))
}

/// Shows a book as it would be put.
pub(crate) fn show(book: &impl Serialize) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(book).map_err(Error::internal)?))
}

/// What a file that a command was given is refused with.
pub(crate) fn refused(file: &Path, why: impl Display) -> Error {
    Error::invalid("INVALID_FILE", format!("{}: {why}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.json");
        let refusal = read::<Vec<u8>>(&missing).unwrap_err();
        assert_eq!(refusal.reason(), "INVALID_FILE");
        assert!(refusal.to_string().contains("missing.json"), "{refusal}");

        let wrong = folder.path().join("wrong.json");
        std::fs::write(&wrong, "[1,\n2, three]").unwrap();
        let refusal = read::<Vec<u8>>(&wrong).unwrap_err().to_string();
        assert!(refusal.contains("wrong.json") && refusal.contains("line 2 column 5"), "{refusal}");
    }
}
