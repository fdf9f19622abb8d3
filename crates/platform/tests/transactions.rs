//! Transactions of one database, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use argosy_platform::database::{Database, DatabaseSpec, Durability, FromQueryResult, Migration, Tx, sql};
use argosy_testkit::{Call, Mode, TestHost};

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "notes",
    sql: "create table note (id bigint not null primary key, round bigint not null)",
}];

struct Subject {
    test: TestHost,
    database: Database,
}

#[derive(FromQueryResult)]
struct NoteRow {
    id: i64,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        assert_eq!(mode.call, Call::Local);
        let test = TestHost::on(mode.engine);
        let spec = DatabaseSpec { name: "notes", durability: Durability::Full, migrations: MIGRATIONS };
        let database = test.host.database(spec).await.unwrap();
        Self { test, database }
    }

    async fn notes(&self) -> Vec<i64> {
        let rows: Vec<NoteRow> = sql("select id from note order by id").all(&self.database).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    }
}

async fn note(tx: &Tx, id: i64) -> argosy_kernel::Result<u64> {
    sql("insert into note (id, round) values ($1, 1)").bind(id).execute(tx).await
}

argosy_testkit::contract_stories! {
    called directly;
    what_is_committed_lasts_and_what_is_dropped_does_not,
    a_transaction_whose_caller_left_is_taken_back,
    a_transaction_whose_caller_left_does_not_hold_up_the_end,
    a_transaction_whose_statement_failed_is_not_committed,
    a_caller_who_leaves_at_the_commit_keeps_nobody_else_from_theirs,
    what_one_who_writes_nothing_answers_can_be_read_then,
}

async fn what_is_committed_lasts_and_what_is_dropped_does_not(s: Subject) {
    let writing = (0..60).map(|id| {
        let database = s.database.clone();
        async move {
            let tx = database.begin().await.unwrap();
            note(&tx, id).await.unwrap();
            if id % 3 == 0 {
                return;
            }
            tx.commit().await.unwrap();
            let seen: Option<NoteRow> =
                sql("select id from note where id = $1").bind(id).optional(&database).await.unwrap();
            assert!(seen.is_some(), "{id} is told to last and cannot be read");
        }
    });
    futures::future::join_all(writing).await;
    assert_eq!(s.notes().await, (0..60).filter(|id| id % 3 != 0).collect::<Vec<_>>());
}

async fn a_transaction_whose_caller_left_is_taken_back(s: Subject) {
    let first = s.database.begin().await.unwrap();
    note(&first, 1).await.unwrap();
    drop(first);
    let second = s.database.begin().await.unwrap();
    note(&second, 2).await.unwrap();
    second.commit().await.unwrap();
    assert_eq!(s.notes().await, [2]);
}

async fn a_transaction_whose_caller_left_does_not_hold_up_the_end(s: Subject) {
    // Nothing in the background comes by to take it back.
    assert!(s.test.host.tasks().stop(Duration::from_secs(5)).await);
    let left = s.database.begin().await.unwrap();
    note(&left, 1).await.unwrap();
    drop(left);
    s.database.close().await.unwrap();
}

async fn a_transaction_whose_statement_failed_is_not_committed(s: Subject) {
    let tx = s.database.begin().await.unwrap();
    note(&tx, 1).await.unwrap();
    note(&tx, 1).await.unwrap_err();
    tx.commit().await.unwrap_err();
    let next = s.database.begin().await.unwrap();
    note(&next, 1).await.unwrap();
    next.commit().await.unwrap();
    assert_eq!(s.notes().await, [1]);
}

async fn a_caller_who_leaves_at_the_commit_keeps_nobody_else_from_theirs(s: Subject) {
    for round in 0..20 {
        let leaving = s.database.begin().await.unwrap();
        note(&leaving, 2 * round).await.unwrap();
        // Polled once, then dropped: as when a request's time is over.
        let commit = Box::pin(leaving.commit());
        assert!(futures::FutureExt::now_or_never(commit).is_none_or(|done| done.is_ok()));
        let staying = s.database.begin().await.unwrap();
        note(&staying, 2 * round + 1).await.unwrap();
        staying.commit().await.unwrap();
    }
    let odd: Vec<i64> = s.notes().await.into_iter().filter(|id| id % 2 == 1).collect();
    assert_eq!(odd, (0..20).map(|round| 2 * round + 1).collect::<Vec<_>>());
}

async fn what_one_who_writes_nothing_answers_can_be_read_then(s: Subject) {
    let asking = (0..40).map(|_| {
        let database = s.database.clone();
        async move {
            let tx = database.begin().await.unwrap();
            let new = sql("insert into note (id, round) values (7, 1) on conflict do nothing").execute(&tx);
            match new.await.unwrap() {
                1 => tx.commit().await.unwrap(),
                _ => tx.rollback().await.unwrap(),
            }
            let seen: Vec<NoteRow> = sql("select id from note").all(&database).await.unwrap();
            assert_eq!(seen.len(), 1);
        }
    });
    futures::future::join_all(asking).await;
}
