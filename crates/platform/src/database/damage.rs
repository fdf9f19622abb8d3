//! A file that turns out to be damaged while the process runs.
//!
//! What was read before may still be served, but nobody should count on this process: it stops being ready, and a mark
//! beside the file has the next start check all of it before it is used again.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use argosy_kernel::{Error, Result};

pub(super) const CORRUPT: &str = "DATABASE_CORRUPT";

/// Whether a database was found damaged.
pub(super) struct Damage {
    file: PathBuf,
    seen: AtomicBool,
}

impl Damage {
    pub(super) fn of(file: PathBuf) -> Self {
        Self { file, seen: AtomicBool::new(false) }
    }

    /// Takes note if that is what a statement was answered.
    pub(super) fn note<T>(&self, done: Result<T>) -> Result<T> {
        if let Err(error) = &done
            && error.reason() == CORRUPT
            && !self.seen.swap(true, Ordering::Relaxed)
        {
            let file = &self.file;
            tracing::error!(database.file = %file.display(), error = ?error, "a database is damaged: stop, restore it");
            if let Err(error) = std::fs::write(mark_of(file), "") {
                tracing::warn!(error = ?error, "cannot mark a damaged database");
            }
        }
        done
    }

    /// # Errors
    /// `DATABASE_CORRUPT` once damage was seen.
    pub(super) fn check(&self) -> Result<()> {
        if self.seen.load(Ordering::Relaxed) { Err(damaged()) } else { Ok(()) }
    }
}

pub(super) fn damaged() -> Error {
    Error::unavailable(CORRUPT, "a database of this shop is damaged")
}

/// Beside a file that was found damaged.
pub(super) fn mark_of(file: &Path) -> PathBuf {
    file.with_extension("db.damaged")
}
