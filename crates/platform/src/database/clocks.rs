//! Whether the clock of a process and that of its PostgreSQL agree.
//!
//! Processes share a database and no clock: what one writes as due, leased or expired is looked at by the clock of
//! another. No law hangs on it, but with clocks far apart leases end while they are held, reservations end early or late,
//! and times are told that never were.

use std::time::Duration;

use argosy_kernel::{Clock, Error, Result, Timestamp};
use sea_orm::FromQueryResult;

use super::{Database, DatabaseSettings, Engine, sql};

/// Beyond this a process does not start: leases are some seconds long.
const APART_MAX: Duration = Duration::from_secs(30);
/// Beyond this the log says so.
const APART_NOTED: Duration = Duration::from_secs(1);
/// How often it is looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_mins(1);

#[derive(FromQueryResult)]
struct Now {
    now_ms: i64,
}

/// How far a clock is ahead of a server's, in milliseconds; below 0 it is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ahead(i64);

impl Ahead {
    /// From when the server was asked, what it said, and when its answer was there: the time that is surely between the
    /// clocks, however long either way was.
    fn of(asked: Timestamp, said: Timestamp, answered: Timestamp) -> Self {
        let (asked, answered) =
            (asked.as_millis() - said.as_millis(), answered.as_millis() - said.as_millis());
        Self(if asked > 0 { asked } else { answered.min(0) })
    }

    fn is_beyond(self, bound: Duration) -> bool {
        u128::from(self.0.unsigned_abs()) > bound.as_millis()
    }

    /// For metrics.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a clock that is off by 200,000 years may be off by a second more"
    )]
    fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl std::fmt::Display for Ahead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(ms) = *self;
        let direction = if ms < 0 { "behind" } else { "ahead of" };
        write!(f, "{}.{:03} s {direction}", ms.unsigned_abs() / 1000, ms.unsigned_abs() % 1000)
    }
}

async fn look(database: &Database, clock: &dyn Clock) -> Result<Ahead> {
    let asked = clock.now();
    let statement = sql("select (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms");
    let Now { now_ms } = statement.one(database).await?;
    let ahead = Ahead::of(asked, Timestamp::from_millis(now_ms), clock.now());
    metrics::gauge!("argosy_clock_ahead_seconds", "database" => database.name()).set(ahead.seconds());
    Ok(ahead)
}

/// Refuses to go on where the clocks are too far apart; on SQLite there is one clock.
///
/// # Errors
/// `CLOCKS_APART` (`FAILED_PRECONDITION`).
pub(crate) async fn check(database: &Database, settings: &DatabaseSettings, clock: &dyn Clock) -> Result<()> {
    if database.engine() == Engine::Sqlite {
        return Ok(());
    }
    let ahead = look(database, clock).await?;
    if !ahead.is_beyond(APART_MAX) {
        return Ok(());
    }
    let setting = settings.url_of(database.name()).map_or_else(String::new, |(setting, _)| setting);
    let message = format!(
        "{setting}: this machine's clock is {ahead} that of PostgreSQL; at most {} s are allowed. Set both by NTP",
        APART_MAX.as_secs()
    );
    Err(Error::precondition("CLOCKS_APART", message))
}

/// Tells how far they are apart by now.
pub(crate) async fn note(database: &Database, clock: &dyn Clock) {
    match look(database, clock).await {
        Ok(ahead) if ahead.is_beyond(APART_NOTED) => {
            tracing::warn!(
                database = database.name(),
                "this machine's clock is {ahead} that of PostgreSQL; set both by NTP"
            );
        }
        Ok(_) => {}
        // Whoever needs the database says so.
        Err(error) => tracing::debug!(database = database.name(), error = ?error, "cannot compare clocks"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(asked: i64, said: i64, answered: i64) -> Ahead {
        let [asked, said, answered] = [asked, said, answered].map(Timestamp::from_millis);
        Ahead::of(asked, said, answered)
    }

    #[test]
    fn a_slow_answer_is_no_difference() {
        assert_eq!(ahead(1_000, 6_000, 11_000), Ahead(0));
        assert_eq!(ahead(1_000, 1_000, 1_000), Ahead(0));
    }

    #[test]
    fn what_no_way_explains_is_a_difference() {
        assert_eq!(ahead(50_000, 10_000, 50_020), Ahead(40_000));
        assert_eq!(ahead(10_000, 50_020, 10_020), Ahead(-40_000));
    }

    #[test]
    fn the_difference_is_told_in_words() {
        assert_eq!(Ahead(40_005).to_string(), "40.005 s ahead of");
        assert_eq!(Ahead(-1_500).to_string(), "1.500 s behind");
    }
}
