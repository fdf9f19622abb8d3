//! A process whose clock is not its PostgreSQL's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Code, ManualClock, Result, SystemClock, Timestamp};
use argosy_platform::{
    Host,
    database::{DatabaseSettings, DatabaseSpec, Durability, Migration},
};
use argosy_testkit::Schemas;

const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "notes", sql: "create table note (id bigint not null primary key)" }];

/// A process with a database that compares the clocks.
async fn compared(settings: DatabaseSettings, at: Timestamp) -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::new(folder.path(), settings, Arc::new(ManualClock::new(at))).unwrap();
    let spec = DatabaseSpec { name: "notes", durability: Durability::Full, migrations: MIGRATIONS };
    host.database(spec).await.unwrap();
    let compared = host.watch_clocks().await;
    host.stop(Duration::from_secs(5)).await;
    compared
}

#[tokio::test]
async fn a_process_whose_clock_is_far_from_that_of_postgresql_is_refused() {
    let (schemas, now) = (Schemas::new(), SystemClock.now());
    let hour = Duration::from_hours(1);
    for (at, direction) in [(now.plus(hour), "ahead of"), (now.minus(hour), "behind")] {
        let refused = compared(schemas.settings(), at).await.unwrap_err();
        assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "CLOCKS_APART"));
        let said = refused.to_string();
        assert!(said.contains("database.url") && said.contains(direction) && said.contains("NTP"), "{said}");
    }
}

#[tokio::test]
async fn a_process_whose_clock_is_near_that_of_postgresql_is_not() {
    let schemas = Schemas::new();
    compared(schemas.settings(), SystemClock.now()).await.unwrap();
}

#[tokio::test]
async fn files_have_no_clock_to_differ_from() {
    compared(DatabaseSettings::default(), Timestamp::from_millis(0)).await.unwrap();
}
