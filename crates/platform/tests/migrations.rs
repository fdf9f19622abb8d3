//! Releases side by side on one PostgreSQL schema.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_kernel::{Error, Secret};
use argosy_platform::database::{
    Database, DatabaseSettings, DatabaseSpec, Durability, Engine, FromQueryResult, Migration, sql,
};
use argosy_testkit::{Schemas, servers::PgBouncer};

const FIRST: Migration = Migration {
    version: 1,
    name: "notes",
    sql: "create table note (id bigint not null primary key, old text)",
};
const ADDS: Migration = Migration { version: 2, name: "new", sql: "alter table note add column new text" };
const TAKES_AWAY: Migration =
    Migration { version: 3, name: "no old", sql: "-- unused since 0.0.1\nalter table note drop column old" };

#[derive(FromQueryResult)]
#[expect(dead_code, reason = "rows are counted")]
struct NoteRow {
    id: i64,
}

const RELEASE_1: &[Migration] = &[FIRST];
const RELEASE_2: &[Migration] = &[FIRST, ADDS];
const RELEASE_3: &[Migration] = &[FIRST, ADDS, TAKES_AWAY];

async fn open(settings: &DatabaseSettings, migrations: &'static [Migration]) -> Result<Database, Error> {
    let spec = DatabaseSpec { name: "notes", durability: Durability::Full, migrations };
    Database::open(std::path::Path::new("unused"), settings, spec).await
}

async fn refused(settings: &DatabaseSettings, migrations: &'static [Migration]) -> Error {
    open(settings, migrations).await.err().unwrap()
}

#[tokio::test]
async fn law_10_a_release_goes_on_beside_the_next_until_that_takes_away_what_it_needs() {
    let schemas = Schemas::new();
    let settings = schemas.settings();
    open(&settings, RELEASE_1).await.unwrap();
    open(&settings, RELEASE_2).await.unwrap();
    let earlier = open(&settings, RELEASE_1).await.unwrap();
    assert_eq!(sql("insert into note (id, old) values (1, 'x')").commit(&earlier).await.unwrap(), 1);
    open(&settings, RELEASE_3).await.unwrap();
    assert_eq!(refused(&settings, RELEASE_2).await.reason(), "DATABASE_NEWER");
}

#[tokio::test]
async fn tables_are_made_only_where_they_may_be() {
    let schemas = Schemas::new();
    let settings = DatabaseSettings { migrate_at_start: false, ..schemas.settings() };
    let told = refused(&settings, RELEASE_1).await;
    assert_eq!(told.reason(), "DATABASE_OLDER");
    assert!(told.message().contains("argosy migrate"), "{told:?}");
    open(&schemas.settings(), RELEASE_1).await.unwrap();
    assert_eq!(open(&settings, RELEASE_1).await.unwrap().engine(), Engine::Postgres);
    assert_eq!(refused(&settings, RELEASE_2).await.reason(), "DATABASE_OLDER");
}

#[tokio::test]
async fn many_processes_may_start_at_once() {
    let schemas = Schemas::new();
    let settings = schemas.settings();
    let opened = futures::future::join_all((0..5).map(|_| open(&settings, RELEASE_3))).await;
    assert!(
        opened.iter().all(Result::is_ok),
        "{:?}",
        opened.into_iter().filter_map(Result::err).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn tables_are_brought_up_to_date_through_a_pooler_too() {
    let schemas = Schemas::new();
    let pooler = PgBouncer::start(&schemas).await;
    let settings = pooler.settings(&schemas);
    let opened = futures::future::join_all((0..5).map(|_| open(&settings, RELEASE_2))).await;
    let refused: Vec<Error> = opened.into_iter().filter_map(Result::err).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let database = open(&settings, RELEASE_3).await.unwrap();
    assert_eq!(sql("insert into note (id, new) values (1, 'x')").commit(&database).await.unwrap(), 1);
    // Who comes without a pooler finds the same.
    let directly = open(&schemas.settings(), RELEASE_3).await.unwrap();
    assert_eq!(sql("select id from note").all::<NoteRow>(&directly).await.unwrap().len(), 1);
}

#[tokio::test]
async fn who_meets_a_pooler_unawares_is_told_the_setting() {
    let schemas = Schemas::new();
    let pooler = PgBouncer::start(&schemas).await;
    let settings = DatabaseSettings { pooler: false, ..pooler.settings(&schemas) };
    let told = refused(&settings, RELEASE_1).await;
    assert!(told.message().contains("set database.pooler = true"), "{told:?}");
}

#[tokio::test]
async fn what_may_be_a_moment_old_is_read_at_a_standby_that_answers() {
    let schemas = Schemas::new();
    let with_standby = |url: &str| {
        let mut settings = schemas.settings();
        settings.acquire_timeout_ms = 2_000;
        settings.replica_urls.insert("notes".to_owned(), Secret::new(url.to_owned()));
        settings
    };
    for url in [schemas.url(), "postgres://argosy@127.0.0.1:1/away"] {
        let database = open(&with_standby(url), RELEASE_1).await.unwrap();
        sql("insert into note (id) values ((select count(*) from note))").commit(&database).await.unwrap();
        let present = sql("select id from note").all::<NoteRow>(&database).await.unwrap().len();
        let stale = sql("select id from note").all::<NoteRow>(&database.stale()).await.unwrap().len();
        assert_eq!(present, stale, "{url}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_told_with_the_setting() {
    let at = |url: &str| DatabaseSettings {
        url: Some(Secret::new(url.to_owned())),
        acquire_timeout_ms: 2_000,
        ..DatabaseSettings::default()
    };
    for (url, reason, says) in [
        ("mysql://127.0.0.1/argosy", "INVALID_SETTING", "must start with postgres://"),
        ("postgres://argosy@127.0.0.1:1/argosy", "DATABASE_UNAVAILABLE", "does not answer"),
        (
            "postgres://argosy:argosy@127.0.0.1:5432/no_such",
            "DATABASE_UNAVAILABLE",
            "there is no such database",
        ),
    ] {
        let told = refused(&at(url), RELEASE_1).await;
        assert_eq!(told.reason(), reason, "{told:?}");
        let message = told.message();
        assert!(message.contains("database.url") && message.contains(says), "{message}");
        assert!(!message.contains("argosy:argosy"), "no secret is told: {message}");
    }
}
