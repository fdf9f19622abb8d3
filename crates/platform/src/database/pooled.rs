//! PostgreSQL behind a pooler in transaction mode, such as `PgBouncer`: a connection of ours has another server process
//! in each transaction.
//!
//! So everything runs in a transaction, also a single statement; what the session of a direct connection is told as it
//! starts is told to each; and statements are not prepared under names, which would stay with a process that somebody
//! else has next. sea-orm names all of them, so here sqlx is asked itself. The simple protocol lost: values would be part
//! of the text.

use std::sync::Arc;

use argosy_kernel::{Error, Result};
use sea_orm::{DbBackend, DbErr, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, Postgres, Transaction,
    postgres::{PgArguments, PgPool},
    query::Query,
};
use tokio::sync::Mutex;

use super::{Sql, error_of};

/// Connections to a pooler.
#[derive(Clone)]
pub(super) struct Pooled {
    pub(super) pool: PgPool,
    /// What begins each transaction.
    pub(super) begin: Arc<str>,
}

impl Pooled {
    pub(super) async fn begin(&self) -> Result<PooledTx> {
        let begun = self.pool.begin_with(AssertSqlSafe(self.begin.to_string())).await;
        Ok(PooledTx(Mutex::new(begun.map_err(failed)?)))
    }

    pub(super) async fn execute(&self, sql: Sql) -> Result<u64> {
        let tx = self.begin().await?;
        let touched = tx.execute(sql).await?;
        tx.commit().await.map(|()| touched)
    }

    pub(super) async fn query(&self, sql: Sql) -> Result<Vec<QueryResult>> {
        let tx = self.begin().await?;
        let rows = tx.query(sql).await?;
        tx.commit().await.map(|()| rows)
    }
}

/// A transaction there; sea-orm keeps a lock around its own in the same way.
pub(super) struct PooledTx(Mutex<Transaction<'static, Postgres>>);

impl PooledTx {
    pub(super) async fn execute(&self, sql: Sql) -> Result<u64> {
        let statement = sql.statement(DbBackend::Postgres);
        let mut tx = self.0.lock().await;
        let done = unnamed(statement).execute(&mut **tx).await.map_err(failed)?;
        Ok(done.rows_affected())
    }

    pub(super) async fn query(&self, sql: Sql) -> Result<Vec<QueryResult>> {
        let statement = sql.statement(DbBackend::Postgres);
        let mut tx = self.0.lock().await;
        let rows = unnamed(statement).fetch_all(&mut **tx).await.map_err(failed)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    pub(super) async fn commit(self) -> Result<()> {
        self.0.into_inner().commit().await.map_err(failed)
    }

    pub(super) async fn rollback(self) -> Result<()> {
        self.0.into_inner().rollback().await.map_err(failed)
    }
}

fn unnamed(statement: Statement) -> Query<'static, Postgres, PgArguments> {
    let values = SqlxValues(statement.values.unwrap_or(Values(Vec::new())));
    let arguments = sqlx::IntoArguments::<Postgres>::into_arguments(values);
    sqlx::query_with(AssertSqlSafe(statement.sql), arguments).persistent(false)
}

fn failed(error: sqlx::Error) -> Error {
    error_of(DbErr::Query(RuntimeErr::SqlxError(error.into())))
}
