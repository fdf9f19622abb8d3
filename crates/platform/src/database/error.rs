//! A database failure as a caller sees it.

use argosy_kernel::{Code, Error};
use sea_orm::{DbErr, RuntimeErr};

use super::damage::damaged;

/// A statement that decides touched too few rows.
pub(super) const TOO_FEW_ROWS: &str = "TOO_FEW_ROWS";

/// Busy or away is worth another try, all else is ours.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
pub(crate) fn error_of(error: DbErr) -> Error {
    let text = error.to_string();
    let known = match &error {
        DbErr::ConnectionAcquire(_) => Some(busy()),
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => known(cause),
        _ => None,
    };
    match known {
        Some(known) => known.with_source(text),
        None => Error::internal(text),
    }
}

fn busy() -> Error {
    Error::unavailable("DATABASE_BUSY", "the database is busy")
}

pub(super) fn away() -> Error {
    Error::unavailable("DATABASE_UNAVAILABLE", "the database cannot be reached")
}

fn known(cause: &sqlx::Error) -> Option<Error> {
    match cause {
        sqlx::Error::PoolTimedOut => Some(busy()),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            Some(away())
        }
        sqlx::Error::Database(said) => match said.code().as_deref() {
            Some(state) if state.len() == 5 => of_state(state),
            _ => of_sqlite(said.message()),
        },
        _ => None,
    }
}

/// PostgreSQL's own codes: <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
fn of_state(state: &str) -> Option<Error> {
    match state {
        // Serialisation failure, deadlock: nothing of it lasted.
        "40001" | "40P01" => {
            Some(Error::new(Code::Aborted, "DATABASE_CONFLICT", "others changed the same at once; try again"))
        }
        // Lock not available, statement timeout, too many connections.
        "55P03" | "57014" | "53300" => Some(busy()),
        "53100" => Some(disk_full()),
        // Our own, of the function `enough`.
        "AG001" => Some(Error::new(Code::Aborted, TOO_FEW_ROWS, "others changed the same at once")),
        // Read-only: a standby, or a former primary.
        "25006" => Some(away()),
        _ if state.starts_with("08") || state.starts_with("57P") => Some(away()),
        _ => None,
    }
}

fn of_sqlite(message: &str) -> Option<Error> {
    if message.contains("database is locked") {
        return Some(busy());
    }
    if message.contains("malformed") || message.contains("not a database") {
        return Some(damaged());
    }
    message.contains("database or disk is full").then(disk_full)
}

fn disk_full() -> Error {
    Error::unavailable("DISK_FULL", "there is no space left to store this")
}

/// Whether the connection itself is gone, so that nothing of the statement lasted beyond it.
pub(super) fn is_lost_connection(error: &Error) -> bool {
    error.reason() == "DATABASE_UNAVAILABLE"
}
