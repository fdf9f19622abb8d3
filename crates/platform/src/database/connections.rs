//! What statements run on.

use argosy_kernel::Result;
use sea_orm::{DatabaseConnection, QueryResult, TransactionTrait};

use super::{
    Inner, Sql, error_of,
    pooled::Pooled,
    sql::{execute_on, query_on},
};

/// Connections to a database.
#[derive(Clone)]
pub(super) enum Connections {
    /// A file's, or a server's.
    Direct(DatabaseConnection),
    /// A pooler's.
    Pooled(Pooled),
}

impl Connections {
    pub(super) async fn begin(&self) -> Result<Inner> {
        match self {
            Self::Direct(pool) => pool.begin().await.map(Inner::Transaction).map_err(error_of),
            Self::Pooled(pooled) => pooled.begin().await.map(Inner::Pooled),
        }
    }

    pub(super) async fn execute(&self, sql: Sql) -> Result<u64> {
        match self {
            Self::Direct(pool) => execute_on(pool, sql).await,
            Self::Pooled(pooled) => pooled.execute(sql).await,
        }
    }

    pub(super) async fn query(&self, sql: Sql) -> Result<Vec<QueryResult>> {
        match self {
            Self::Direct(pool) => query_on(pool, sql).await,
            Self::Pooled(pooled) => pooled.query(sql).await,
        }
    }

    /// What is running ends first.
    pub(super) async fn close(&self) -> Result<()> {
        match self {
            Self::Direct(pool) => pool.clone().close().await.map_err(error_of),
            Self::Pooled(pooled) => {
                pooled.pool.close().await;
                Ok(())
            }
        }
    }
}
