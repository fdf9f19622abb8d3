//! Transactions of one database, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use argosy_platform::{
    bus::NewFact,
    database::{Database, DatabaseSpec, Durability, FromQueryResult, Migration, Tx, Value, sql, together},
};
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
        Self::on(TestHost::on(mode.engine)).await
    }

    async fn pooled() -> Self {
        Self::on(TestHost::pooled().await).await
    }

    async fn on(test: TestHost) -> Self {
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
    called directly, also pooled;
    what_is_committed_lasts_and_what_is_dropped_does_not,
    a_transaction_whose_caller_left_is_taken_back,
    a_transaction_whose_caller_left_does_not_hold_up_the_end,
    a_transaction_whose_statement_failed_is_not_committed,
    a_caller_who_leaves_at_the_commit_keeps_nobody_else_from_theirs,
    what_one_who_writes_nothing_answers_can_be_read_then,
    statements_together_last_with_their_facts,
    statements_together_last_only_if_each_that_decides_found_enough,
    one_of_many_who_decide_together_wins,
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

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

async fn facts(database: &Database) -> i64 {
    let row: CountRow = sql("select count(*) as count from outbox").one(database).await.unwrap();
    row.count
}

async fn statements_together_last_with_their_facts(s: Subject) {
    let facts_of = |id: i64| (0..2).map(move |n| NewFact::new("notes.written", id, n, &"told").unwrap());
    let several = sql("insert into note (id, round) values ")
        .rows([[Value::from(1_i64), 1_i64.into()], [2_i64.into(), 1_i64.into()]]);
    let done = together()
        .must_touch(2, several)
        .and(sql("insert into note (id, round) select $1, length('it costs $1')").bind(3_i64))
        .tell(&*s.test.host.clock(), facts_of(1))
        .commit(&s.database);
    assert!(done.await.unwrap());
    assert_eq!((s.notes().await, facts(&s.database).await), (vec![1, 2, 3], 2));
}

async fn statements_together_last_only_if_each_that_decides_found_enough(s: Subject) {
    let insert = |id: i64| sql("insert into note (id, round) values ($1, 1)").bind(id);
    let found = |id: i64| sql("select id from note where id = $1").bind(id);
    let fact = || [NewFact::new("notes.written", 1, 1, &"told").unwrap()];
    let clock = s.test.host.clock();
    assert!(together().and(insert(1)).commit(&s.database).await.unwrap());
    assert!(together().must_find(found(1)).and(insert(2)).commit(&s.database).await.unwrap());
    for refused in [
        together().must_find(found(9)).and(insert(3)),
        together().and(insert(4)).must_touch(9, sql("update note set round = round + 1")),
        together().must_touch(1, insert(1).then(" on conflict do nothing")).and(insert(5)),
    ] {
        assert!(!refused.tell(&*clock, fact()).commit(&s.database).await.unwrap());
    }
    assert_eq!((s.notes().await, facts(&s.database).await), (vec![1, 2], 0));
}

async fn one_of_many_who_decide_together_wins(s: Subject) {
    assert!(
        together().and(sql("insert into note (id, round) values (1, 1)")).commit(&s.database).await.unwrap()
    );
    let racing = (0..20_i64).map(|racer| {
        let first = sql("update note set round = 2 where id = 1 and round = 1");
        let trace = sql("insert into note (id, round) values ($1, 0)").bind(100 + racer);
        let database = s.database.clone();
        async move { together().must_touch(1, first).and(trace).commit(&database).await.unwrap() }
    });
    let won = futures::future::join_all(racing).await.into_iter().filter(|won| *won).count();
    assert_eq!((won, s.notes().await.len()), (1, 2));
}
