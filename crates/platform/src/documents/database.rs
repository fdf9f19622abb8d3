//! Documents in a service's database.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Result, Timestamp};
use async_trait::async_trait;
use sea_orm::FromQueryResult;

use super::{DocumentStore, Versioned};
use crate::database::{Database, sql};

pub(super) struct SqlDocuments {
    pub(super) database: Database,
    pub(super) clock: Arc<dyn Clock>,
}

#[derive(FromQueryResult)]
struct DocumentRow {
    version: i64,
    body: String,
    expires_at_ms: i64,
}

#[async_trait]
impl DocumentStore for SqlDocuments {
    async fn get(&self, key: &str) -> Result<Option<Versioned<String>>> {
        let row: Option<DocumentRow> =
            sql("select version, body, expires_at_ms from document where key = $1 and expires_at_ms > $2")
                .bind(key)
                .bind(self.clock.now().as_millis())
                .optional(&self.database)
                .await?;
        Ok(row.map(|row| Versioned {
            version: row.version,
            body: row.body,
            expires_at: Timestamp::from_millis(row.expires_at_ms),
        }))
    }

    async fn put(&self, key: &str, expected: i64, body: &str, ttl: Duration) -> Result<bool> {
        let now = self.clock.now();
        let ends = now.plus(ttl).as_millis();
        let statement = if expected == 0 {
            // What has expired is not there, so it may be replaced.
            sql("insert into document (key, version, body, expires_at_ms) values ($1, 1, $2, $3) \
                 on conflict (key) do update set version = 1, body = excluded.body, \
                 expires_at_ms = excluded.expires_at_ms where document.expires_at_ms <= $4")
            .bind(key)
            .bind(body)
            .bind(ends)
            .bind(now.as_millis())
        } else {
            sql("update document set version = version + 1, body = $2, expires_at_ms = $3 \
                 where key = $1 and version = $4")
            .bind(key)
            .bind(body)
            .bind(ends)
            .bind(expected)
        };
        Ok(statement.commit(&self.database).await? == 1)
    }

    async fn delete(&self, key: &str) -> Result<()> {
        sql("delete from document where key = $1").bind(key).commit(&self.database).await.map(|_| ())
    }

    async fn sweep(&self) -> Result<u64> {
        sql("delete from document where key in \
                         (select key from document where expires_at_ms <= $1 limit 1000)")
        .bind(self.clock.now().as_millis())
        .commit(&self.database)
        .await
    }
}
