//! Where indexes are kept: `search/index-N`, and `search/current` that names the good one.
//!
//! A new index is built beside the old one. Naming it is one atomic rename, so a crash leaves one good index.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The service's folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

const CURRENT: &str = "current";
const PREFIX: &str = "index-";

impl Folder {
    /// The folder at a path that exists.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The index that is good, if there is one.
    pub(crate) fn current(&self) -> Option<PathBuf> {
        let name = fs::read_to_string(self.root.join(CURRENT)).ok()?;
        let named = name.strip_prefix(PREFIX).is_some_and(|number| number.parse::<u64>().is_ok());
        let path = self.root.join(&name);
        (named && path.is_dir()).then_some(path)
    }

    /// An empty folder for another index. Whatever a crash left half built is removed.
    pub(crate) fn next(&self) -> io::Result<PathBuf> {
        let current = self.current();
        let mut newest = 0;
        for entry in fs::read_dir(&self.root)? {
            let path = entry?.path();
            let Some(number) = number_of(&path) else { continue };
            newest = newest.max(number);
            if current.as_ref() != Some(&path) {
                fs::remove_dir_all(&path)?;
            }
        }
        let path = self.root.join(format!("{PREFIX}{}", newest + 1));
        fs::create_dir(&path)?;
        Ok(path)
    }

    /// Makes an index the good one.
    pub(crate) fn adopt(&self, path: &Path) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default();
        let draft = self.root.join("current.new");
        fs::write(&draft, name.as_encoded_bytes())?;
        fs::File::open(&draft)?.sync_all()?;
        fs::rename(&draft, self.root.join(CURRENT))?;
        fs::File::open(&self.root)?.sync_all()
    }

    /// Forgets the good one, because it is not.
    pub(crate) fn condemn(&self) -> io::Result<()> {
        match fs::remove_file(self.root.join(CURRENT)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn number_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix(PREFIX)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_was_not_named_is_swept_and_the_named_one_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path().to_owned());
        assert_eq!(folder.current(), None);
        let first = folder.next().unwrap();
        folder.adopt(&first).unwrap();
        let half_built = folder.next().unwrap();
        assert_eq!(folder.current(), Some(first.clone()));
        let third = folder.next().unwrap();
        assert!(first.is_dir() && third.is_dir() && !half_built.is_dir());
        folder.condemn().unwrap();
        assert_eq!(folder.current(), None);
    }
}
