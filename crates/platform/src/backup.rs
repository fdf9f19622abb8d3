//! A copy of a store that lives in files, taken while it works.
//!
//! Facts, orders, money and stock are in several databases, so copies of moments apart would not agree: a payment without
//! its order. Therefore the writers of all of them wait while all are copied. What was acknowledged before is in the copy,
//! and a purchase that was half way goes on when the copy is served, as after a crash.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use argosy_kernel::{Error, Result};
use futures::future::try_join_all;

use crate::database::{Database, Engine, Tx};

/// The folder of pictures in a data folder.
pub(crate) const BLOBS: &str = "blobs";
/// How long to wait for all writers at once. One of them may wait for another service that is held already, so whoever
/// does not get all lets all go on, and tries again.
const HOLD_TIMEOUT: Duration = Duration::from_secs(2);
const HOLD_TRIES: u32 = 10;
const HOLD_AGAIN: Duration = Duration::from_millis(200);

/// What a backup has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// The services whose databases are in it.
    pub databases: Vec<&'static str>,
    /// Of all its files.
    pub bytes: u64,
    /// How long nobody wrote.
    pub paused: Duration,
}

/// Copies those of the databases that are files of `folder`, and the pictures beside them, into a folder that is not
/// there yet. It is there whole or not at all; its files are for their owner alone.
///
/// # Errors
/// `BACKUP_EXISTS`, `NO_FILES`, `BACKUP_UNWRITABLE`, `DISK_FULL`; `DATABASE_BUSY` if the writers could not be held.
pub async fn back_up(databases: &[Database], folder: &Path, into: &Path) -> Result<BackedUp> {
    let files: Vec<&Database> =
        databases.iter().filter(|database| database.engine() == Engine::Sqlite).collect();
    if files.is_empty() {
        let message = format!("no database is a file in {}; `pg_dump` copies PostgreSQL", folder.display());
        return Err(Error::precondition("NO_FILES", message));
    }
    let unfinished = Unfinished::make(into)?;
    let held = hold(&files).await?;
    let pause = Instant::now();
    let copies = files.iter().map(|database| {
        let name = format!("{}.db", database.name());
        database.copy_file(folder.join(&name), unfinished.path.join(name))
    });
    try_join_all(copies).await?;
    let paused = pause.elapsed();
    for tx in held {
        tx.rollback().await?;
    }
    let pictures = (folder.join(BLOBS), unfinished.path.join(BLOBS));
    tokio::task::spawn_blocking(move || copy_folder(&pictures.0, &pictures.1))
        .await
        .map_err(Error::internal)?
        .map_err(|error| unwritable(into, &error))?;
    let bytes = unfinished.finish(into)?;
    Ok(BackedUp { databases: files.iter().map(|database| database.name()).collect(), bytes, paused })
}

/// The writers of all databases at once.
async fn hold(databases: &[&Database]) -> Result<Vec<Tx>> {
    for _ in 0..HOLD_TRIES {
        let all = try_join_all(databases.iter().map(|database| database.begin()));
        if let Ok(held) = tokio::time::timeout(HOLD_TIMEOUT, all).await {
            return held;
        }
        tokio::time::sleep(HOLD_AGAIN).await;
    }
    Err(Error::unavailable(
        "DATABASE_BUSY",
        "the store writes without a pause; try again when there is less to do",
    ))
}

/// A folder beside the one that is wanted, removed unless it is finished.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    fn make(into: &Path) -> Result<Self> {
        if into.exists() {
            let message = format!("{} is there already; name a folder that is not", into.display());
            return Err(Error::precondition("BACKUP_EXISTS", message));
        }
        let mut name = into.file_name().unwrap_or_default().to_owned();
        name.push(".unfinished");
        let path = into.with_file_name(name);
        // Of a backup that was killed; two at once end with one of them failing.
        let _ = fs::remove_dir_all(&path);
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(&path).map_err(|error| unwritable(into, &error))?;
        Ok(Self { path })
    }

    fn finish(self, into: &Path) -> Result<u64> {
        let bytes = sync_all(&self.path).and_then(|bytes| fs::rename(&self.path, into).map(|()| bytes));
        bytes.map_err(|error| unwritable(into, &error))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn unwritable(into: &Path, error: &io::Error) -> Error {
    let message = format!("cannot write {}: {error}", into.display());
    match error.kind() {
        io::ErrorKind::StorageFull => Error::unavailable("DISK_FULL", message),
        _ => Error::unavailable("BACKUP_UNWRITABLE", message),
    }
}

/// Files never change once they have their name, so what is copied is whole; what is removed meanwhile is left out.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    fs::create_dir(to)?;
    for entry in entries {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&from, &to)?;
            continue;
        }
        match fs::copy(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            copied => drop(copied?),
        }
    }
    Ok(())
}

/// Makes a folder last; answers the bytes of its files.
fn sync_all(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            bytes += sync_all(&entry.path())?;
        } else {
            fs::File::open(entry.path())?.sync_all()?;
            bytes += entry.metadata()?.len();
        }
    }
    fs::File::open(folder)?.sync_all()?;
    Ok(bytes)
}
