//! What answers to statements tell of the database itself.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use argosy_kernel::Result;
use tokio::time::Instant;

use super::{damage::Damage, error::is_lost_connection};

/// Takes note of what a statement was answered.
pub(super) enum Health {
    /// A file may be damaged.
    File(Damage),
    /// A server may be gone, or no longer be the primary.
    Server(Arc<Renewal>),
}

impl Health {
    pub(super) fn note<T>(&self, done: Result<T>) -> Result<T> {
        match self {
            Self::File(damage) => damage.note(done),
            Self::Server(renewal) => renewal.note(done),
        }
    }

    /// # Errors
    /// `DATABASE_CORRUPT` once damage was seen.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::File(damage) => damage.check(),
            Self::Server(_) => Ok(()),
        }
    }
}

/// Which connections of a pool are not used again. When one turns out to be dead, or to lead to a server that only
/// reads, so may all that were made before: after a failover they lead to the former primary, and stay there as long as
/// it answers.
#[derive(Default)]
pub(super) struct Renewal {
    lost_at: Mutex<Option<Instant>>,
}

impl Renewal {
    fn note<T>(&self, done: Result<T>) -> Result<T> {
        if let Err(error) = &done
            && is_lost_connection(error)
            && let Ok(mut lost_at) = self.lost_at.lock()
        {
            *lost_at = Some(Instant::now());
        }
        done
    }

    /// Whether a connection of this age was made before one was last lost.
    pub(super) fn replaces(&self, age: Duration) -> bool {
        let lost_at = self.lost_at.lock().map_or(None, |lost_at| *lost_at);
        lost_at.is_some_and(|lost_at| lost_at.elapsed() < age)
    }
}
