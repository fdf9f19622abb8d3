//! Statements that last together or not at all, with nothing to decide between them.
//!
//! A transaction of n statements is n + 2 round trips to PostgreSQL, and those are most of what a small transaction
//! costs. What is known beforehand goes there as one statement, of common table expressions, which commits by itself:
//! one round trip. On SQLite it is a transaction as any other. Sending all of a transaction before its first answer
//! (pipelining) would save the waiting but not the work, and the driver cannot.

use argosy_kernel::{Clock, Result};
use sea_orm::FromQueryResult;

use super::{Database, Engine, Executor, Sql, sql};
use crate::bus::{NewFact, outbox};

/// Statements under construction; see [`together`].
#[must_use = "statements do nothing until they are committed"]
#[derive(Default)]
pub struct Together {
    steps: Vec<Step>,
    facts: Vec<NewFact>,
    told_at_ms: i64,
}

struct Step {
    statement: Sql,
    kind: Kind,
}

/// What a step is to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It finds a row at least, which it locks.
    Find,
    /// It touches so many rows at least.
    Touch { rows_min: u64 },
}

/// Starts statements that last together. On PostgreSQL all of them see the tables as they were before: none reads what
/// another writes, no row is touched by two of them, and foreign keys are checked at the end.
///
/// ```text
/// let placed = together()
///     .must_touch(1, sql("update ticket set holder = $2 where id = $1 and holder is null").bind(id).bind(guest))
///     .and(sql("insert into sale (ticket_id, guest) values ($1, $2)").bind(id).bind(guest))
///     .commit(&database)
///     .await?;
/// ```
pub fn together() -> Together {
    Together::default()
}

impl Together {
    /// A statement that must touch so many rows at least, or nothing of all this lasts: the condition that decides.
    pub fn must_touch(mut self, rows_min: u64, statement: Sql) -> Self {
        self.steps.push(Step { statement, kind: Kind::Touch { rows_min } });
        self
    }

    /// A `select` that must find a row, or nothing of all this lasts; others leave the row as it is until it does.
    pub fn must_find(mut self, statement: Sql) -> Self {
        self.steps.push(Step { statement: statement.locking(), kind: Kind::Find });
        self
    }

    /// A statement that may touch any number of rows. It returns none.
    pub fn and(self, statement: Sql) -> Self {
        self.must_touch(0, statement)
    }

    /// Facts to tell if and when this lasts; 500 at most.
    pub fn tell(mut self, clock: &dyn Clock, facts: impl IntoIterator<Item = NewFact>) -> Self {
        self.told_at_ms = clock.now().as_millis();
        self.facts.extend(facts);
        self
    }

    /// Runs them. False: one of those that decide touched too few rows, and nothing lasts.
    ///
    /// # Errors
    /// As [`super::Tx::commit`]: when the connection is lost meanwhile it may have lasted or not.
    pub async fn commit(self, on: &Database) -> Result<bool> {
        match on.engine() {
            Engine::Sqlite => self.one_by_one(on).await,
            Engine::Postgres => self.at_once(on).await,
        }
    }

    async fn one_by_one(self, on: &Database) -> Result<bool> {
        let tx = on.begin().await?;
        for step in self.steps {
            let enough = match step.kind {
                Kind::Find => !tx.query(step.statement).await?.is_empty(),
                Kind::Touch { rows_min } => step.statement.execute(&tx).await? >= rows_min,
            };
            if !enough {
                return tx.rollback().await.map(|()| false);
            }
        }
        tx.publish_at(self.told_at_ms, self.facts).await?;
        tx.commit().await.map(|()| true)
    }

    async fn at_once(self, on: &Database) -> Result<bool> {
        let (mut whole, mut enough) = (sql(""), String::from("true"));
        for (number, step) in self.steps.into_iter().enumerate() {
            whole = whole.then(if number == 0 { "with " } else { ", " });
            whole = whole.then(&format!("step_{number} as (")).embed(step.statement);
            let rows_min = match step.kind {
                Kind::Find => 1,
                Kind::Touch { rows_min } => rows_min,
            };
            if rows_min > 0 {
                let returning = if step.kind == Kind::Find { "" } else { " returning 1" };
                whole = whole.then(returning);
                enough = format!("{enough} and enough((select count(*) from step_{number}), {rows_min})");
            }
            whole = whole.then(")");
        }
        let newest = if self.facts.is_empty() {
            "cast(null as bigint)"
        } else {
            whole = whole.then(", facts as (").embed(outbox::insert(
                Engine::Postgres,
                0,
                self.told_at_ms,
                &self.facts,
            ));
            whole = whole.then(")");
            "(select max(position) from facts)"
        };
        let whole = whole.then(&format!(" select {newest} as position where {enough}"));
        match whole.commit_one::<NewestRow>(on).await {
            Ok(newest) => {
                if let Some(position) = newest.position {
                    on.raise_outbox_head(position);
                }
                Ok(true)
            }
            Err(error) if error.reason() == super::error::TOO_FEW_ROWS => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[derive(FromQueryResult)]
struct NewestRow {
    position: Option<i64>,
}
