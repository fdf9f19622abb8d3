//! A database file that is damaged while it is used.

use std::{
    io::{Seek, SeekFrom, Write},
    time::Duration,
};

use argosy_platform::database::{Database, DatabaseSpec, Durability, FromQueryResult, Migration, Value, sql};
use argosy_testkit::TestHost;

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "notes",
    sql: "create table note (id bigint not null primary key, text text not null)",
}];

const NOTES: DatabaseSpec =
    DatabaseSpec { name: "notes", durability: Durability::Full, migrations: MIGRATIONS };
const OTHERS: DatabaseSpec = DatabaseSpec { name: "others", ..NOTES };

#[derive(FromQueryResult)]
struct NoteRow {
    id: i64,
}

async fn ids(database: &Database) -> argosy_kernel::Result<Vec<i64>> {
    let rows: Vec<NoteRow> = sql("select id from note where text <> '' order by id").all(database).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[tokio::test]
async fn damage_is_told_by_name_and_the_rest_goes_on() {
    let test = TestHost::new();
    let (notes, others) =
        (test.host.database(NOTES).await.unwrap(), test.host.database(OTHERS).await.unwrap());
    for database in [&notes, &others] {
        let rows = (0..2_000).map(|id: i64| -> [Value; 2] { [id.into(), "much text ".repeat(20).into()] });
        sql("insert into note (id, text) values ").rows(rows).commit(database).await.unwrap();
        database.checkpoint().await.unwrap();
    }
    let file = test.folder().join("notes.db");
    let mut damaged = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
    let length = damaged.metadata().unwrap().len();
    damaged.seek(SeekFrom::Start(length / 4)).unwrap();
    damaged.write_all(&vec![0xff; usize::try_from(length / 2).unwrap()]).unwrap();

    let told = ids(&notes).await.unwrap_err();
    assert_eq!(told.reason(), "DATABASE_CORRUPT", "{told:?}");
    assert_eq!(notes.ping().await.unwrap_err().reason(), "DATABASE_CORRUPT");
    assert_eq!(ids(&others).await.unwrap().len(), 2_000);
    others.ping().await.unwrap();

    assert!(test.host.stop(Duration::from_secs(5)).await);
    let refused = Database::open_sqlite(test.folder(), NOTES).await.err().unwrap();
    assert_eq!(refused.reason(), "DATABASE_CORRUPT");
    assert!(refused.message().contains("notes.db") && refused.message().contains("backup"), "{refused:?}");

    // Restored: as long as it is whole it may be used, and the mark is gone.
    for ending in ["db", "db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(ending)); // not all of them exist
    }
    std::fs::copy(test.folder().join("others.db"), &file).unwrap();
    let restored = Database::open_sqlite(test.folder(), NOTES).await.unwrap();
    assert_eq!(ids(&restored).await.unwrap().len(), 2_000);
    assert!(!file.with_extension("db.damaged").exists());
}
