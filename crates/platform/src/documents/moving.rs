//! Documents on their way from the database to Redis: each moves when it is next read, so that a shop that grows loses
//! none. What nobody reads again ends where it is.

use std::time::Duration;

use argosy_kernel::Result;
use async_trait::async_trait;

use super::{DocumentStore, Versioned, database::SqlDocuments, redis::RedisDocuments};

pub(super) struct MovingDocuments {
    pub(super) from: SqlDocuments,
    pub(super) to: RedisDocuments,
}

impl MovingDocuments {
    /// Takes over first, removes then: whoever crashes in between leaves a copy that is never read again, because
    /// Redis is asked first and keeps its own at least as long.
    async fn fetch(&self, key: &str) -> Result<Option<Versioned<String>>> {
        // One that was in neither may have been on its way from here to there between the two looks.
        let Some(left) = self.from.get(key).await? else { return self.to.get(key).await };
        if !self.to.adopt(key, &left).await? {
            return self.to.get(key).await;
        }
        self.from.delete(key).await?;
        Ok(Some(left))
    }
}

#[async_trait]
impl DocumentStore for MovingDocuments {
    async fn get(&self, key: &str) -> Result<Option<Versioned<String>>> {
        match self.to.get(key).await? {
            Some(found) => Ok(Some(found)),
            None => self.fetch(key).await,
        }
    }

    async fn put(&self, key: &str, expected: i64, body: &str, ttl: Duration) -> Result<bool> {
        // Who expects a version has read it, so it has moved; who expects none must hear of one that has not.
        if expected == 0 && self.from.get(key).await?.is_some() {
            return Ok(false);
        }
        self.to.put(key, expected, body, ttl).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.from.delete(key).await?;
        self.to.delete(key).await
    }

    async fn sweep(&self) -> Result<u64> {
        self.from.sweep().await
    }
}
