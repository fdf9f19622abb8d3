//! Versioned documents with an end of life: carts, sessions, stored responses.
//!
//! A document changes by compare-and-set: whoever read an older version is told so and applies its command
//! again, so two tabs both win (law 6). They are kept in the service's database, or in a Redis that its processes
//! share.

mod database;
mod moving;
mod redis;

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Code, Error, Result, Timestamp};
use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};

use self::{database::SqlDocuments, moving::MovingDocuments, redis::RedisDocuments};
use crate::{database::Database, redis::Redis};

/// A document and which version of it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// Counts the changes, from 1.
    pub version: i64,
    /// What it holds.
    pub body: T,
    /// When it ends unless it is changed again.
    pub expires_at: Timestamp,
}

/// Where documents are kept.
#[async_trait]
pub trait DocumentStore: Send + Sync + 'static {
    /// Reads a document that has not expired.
    async fn get(&self, key: &str) -> Result<Option<Versioned<String>>>;
    /// Writes a document if its version is still `expected` (0: it must not exist). False if it is not.
    async fn put(&self, key: &str, expected: i64, body: &str, ttl: Duration) -> Result<bool>;
    /// Removes a document.
    async fn delete(&self, key: &str) -> Result<()>;
    /// Forgets what has expired; answers how many.
    async fn sweep(&self) -> Result<u64>;
}

/// Documents of one type.
#[derive(Clone)]
pub struct Documents(Arc<dyn DocumentStore>);

/// How often a change is applied again because somebody else was faster.
const TRIES_MAX: u32 = 50;

impl Documents {
    /// Documents kept in a service's database.
    pub fn in_database(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(SqlDocuments { database, clock }))
    }

    /// Documents kept in Redis.
    pub fn in_redis(redis: Redis, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(RedisDocuments::new(redis, clock)))
    }

    /// Documents kept in Redis, where those that a database has move when they are next read. A Redis that may forget
    /// documents to make room is warned of.
    pub async fn moving_to_redis(database: Database, redis: Redis, clock: Arc<dyn Clock>) -> Result<Self> {
        if let Some(policy) = redis.forgets_under_pressure().await? {
            tracing::warn!(
                policy,
                "redis drops documents when its memory is full; set maxmemory-policy to noeviction"
            );
        }
        let from = SqlDocuments { database, clock: Arc::clone(&clock) };
        Ok(Self(Arc::new(MovingDocuments { from, to: RedisDocuments::new(redis, clock) })))
    }

    /// Reads a document.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<Versioned<T>>> {
        let Some(found) = self.0.get(key).await? else { return Ok(None) };
        let body = serde_json::from_str(&found.body).map_err(Error::internal)?;
        Ok(Some(Versioned { version: found.version, body, expires_at: found.expires_at }))
    }

    /// Writes a document if its version is still `expected` (0: it must not exist). False if it is not.
    pub async fn put<T: Serialize>(&self, key: &str, expected: i64, body: &T, ttl: Duration) -> Result<bool> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        self.0.put(key, expected, &body, ttl).await
    }

    /// Applies a change to the present version, again if somebody else was faster.
    ///
    /// `change` answers what the caller wants to know. An error from it changes nothing.
    ///
    /// # Errors
    /// ABORTED/`TOO_MANY_WRITERS` if others were faster every time; `missing()` if there is no such document.
    pub async fn update<T: Serialize + DeserializeOwned, A>(
        &self,
        key: &str,
        ttl: Duration,
        missing: impl Fn() -> Error,
        mut change: impl FnMut(&mut T) -> Result<A>,
    ) -> Result<(Versioned<T>, A)> {
        for _ in 0..TRIES_MAX {
            let mut found = self.get::<T>(key).await?.ok_or_else(&missing)?;
            let answer = change(&mut found.body)?;
            if self.put(key, found.version, &found.body, ttl).await? {
                found.version += 1;
                return Ok((found, answer));
            }
        }
        Err(Error::new(Code::Aborted, "TOO_MANY_WRITERS", "too many changes at once; try again"))
    }

    /// Removes a document.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.0.delete(key).await
    }

    /// Forgets what has expired; answers how many.
    pub async fn sweep(&self) -> Result<u64> {
        self.0.sweep().await
    }
}
