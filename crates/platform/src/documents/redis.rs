//! Documents in Redis, which forgets what has expired by itself.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Error, Result, Timestamp};
use async_trait::async_trait;
use fred::interfaces::HashesInterface;

use super::{DocumentStore, Versioned};
use crate::redis::{Redis, Script, away};

/// Larger documents are refused: a cart has a few kilobytes.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Writes the version `ARGV[2]` over the version `ARGV[1]` (0: there must be none); answers whether it did. A document
/// past its end is not there, also while our clock is ahead of the server's.
const PUT: &str = r"
local held = redis.call('hmget', KEYS[1], 'version', 'expires_at_ms')
local version = tonumber(held[1]) or 0
if version > 0 and tonumber(held[2]) <= tonumber(ARGV[6]) then
  version = 0
end
if version ~= tonumber(ARGV[1]) then
  return {0}
end
redis.call('hset', KEYS[1], 'version', ARGV[2], 'body', ARGV[3], 'expires_at_ms', ARGV[4])
redis.call('pexpire', KEYS[1], ARGV[5])
return {1}
";

const DELETE: &str = "return {redis.call('del', KEYS[1])}";

pub(super) struct RedisDocuments {
    redis: Redis,
    clock: Arc<dyn Clock>,
    put: Script,
    delete: Script,
}

impl RedisDocuments {
    pub(super) fn new(redis: Redis, clock: Arc<dyn Clock>) -> Self {
        Self { redis, clock, put: Script::new(PUT), delete: Script::new(DELETE) }
    }

    /// Takes over a document as it is, unless there is one.
    pub(super) async fn adopt(&self, key: &str, document: &Versioned<String>) -> Result<bool> {
        self.write(key, 0, document.version, &document.body, document.expires_at).await
    }

    async fn write(
        &self,
        key: &str,
        expected: i64,
        version: i64,
        body: &str,
        expires_at: Timestamp,
    ) -> Result<bool> {
        if body.len() > BODY_BYTES_MAX {
            let message = format!("a document of {} bytes; at most {BODY_BYTES_MAX} are kept", body.len());
            return Err(Error::internal(message));
        }
        let now = self.clock.now();
        let ttl_ms = expires_at.as_millis().saturating_sub(now.as_millis()).max(1);
        let arguments = vec![
            expected.to_string(),
            version.to_string(),
            body.to_owned(),
            expires_at.as_millis().to_string(),
            ttl_ms.to_string(),
            now.as_millis().to_string(),
        ];
        Ok(self.redis.run(&self.put, key, arguments).await? == [1])
    }
}

#[async_trait]
impl DocumentStore for RedisDocuments {
    async fn get(&self, key: &str) -> Result<Option<Versioned<String>>> {
        let fields = vec!["version", "body", "expires_at_ms"];
        let held: (Option<i64>, Option<String>, Option<i64>) =
            self.redis.client()?.hmget(self.redis.key(key), fields).await.map_err(away)?;
        let (Some(version), Some(body), Some(expires_at_ms)) = held else { return Ok(None) };
        let expires_at = Timestamp::from_millis(expires_at_ms);
        Ok((expires_at > self.clock.now()).then_some(Versioned { version, body, expires_at }))
    }

    async fn put(&self, key: &str, expected: i64, body: &str, ttl: Duration) -> Result<bool> {
        self.write(key, expected, expected + 1, body, self.clock.now().plus(ttl)).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.redis.run(&self.delete, key, Vec::new()).await.map(drop)
    }

    /// Nothing to do: Redis forgets by itself.
    async fn sweep(&self) -> Result<u64> {
        Ok(0)
    }
}
