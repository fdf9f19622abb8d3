//! Connections that lead where nothing can be written any more.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_platform::database::{Database, DatabaseSettings, DatabaseSpec, Durability, Migration, sql};
use argosy_testkit::Schemas;

const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "notes", sql: "create table note (id bigint not null primary key)" }];

struct Subject {
    database: Database,
    _schemas: Schemas,
}

impl Subject {
    /// One connection, to a server that only reads, as after a failover; who connects anew finds one that writes.
    async fn with_a_connection_to_a_standby() -> Self {
        let schemas = Schemas::new();
        let settings = DatabaseSettings { connections_max: 1, ..schemas.settings() };
        let spec = DatabaseSpec { name: "notes", durability: Durability::Full, migrations: MIGRATIONS };
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path(), &settings, spec).await.unwrap();
        let subject = Self { database, _schemas: schemas };
        sql("set session characteristics as transaction read only").commit(&subject.database).await.unwrap();
        subject
    }

    async fn write(&self, id: i64) -> argosy_kernel::Result<u64> {
        sql("insert into note (id) values ($1)").bind(id).commit(&self.database).await
    }
}

#[tokio::test]
async fn a_connection_to_a_server_that_only_reads_is_not_used_again() {
    let s = Subject::with_a_connection_to_a_standby().await;
    let refused = s.write(1).await.unwrap_err();
    assert_eq!(refused.reason(), "DATABASE_UNAVAILABLE");
    assert_eq!(s.write(1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_transaction_that_cannot_write_leaves_its_connection_too() {
    let s = Subject::with_a_connection_to_a_standby().await;
    let tx = s.database.begin().await.unwrap();
    let refused = sql("insert into note (id) values (1)").execute(&tx).await.unwrap_err();
    assert_eq!(refused.reason(), "DATABASE_UNAVAILABLE");
    drop(tx);
    assert_eq!(s.write(1).await.unwrap(), 1);
}

#[tokio::test]
async fn whoever_asks_whether_it_is_well_leaves_a_standby() {
    let s = Subject::with_a_connection_to_a_standby().await;
    s.database.ping().await.unwrap();
    assert_eq!(s.write(1).await.unwrap(), 1);
}
