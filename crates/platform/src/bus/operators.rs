//! What operators do with facts: look at them, and have them read again.

use std::sync::Arc;

use argosy_kernel::{Error, Result, Timestamp};
use sea_orm::FromQueryResult;
use tokio_util::sync::CancellationToken;

use super::{Fact, FactLog, Nats, nats::NatsLog, outbox::OutboxLog, position};
use crate::database::{Database, sql};

/// A reader in a service's database, and how far it has read.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Subscription {
    /// Who reads.
    pub consumer: String,
    /// Whose facts, and through what.
    pub source: String,
    /// How far.
    pub position: i64,
}

/// The readers that keep their position in a database.
pub async fn subscriptions(database: &Database) -> Result<Vec<Subscription>> {
    sql("select consumer, source, position from subscription order by consumer, source").all(database).await
}

/// The newest position that all readers of a service's outbox may come to; 0 if it holds nothing.
pub async fn head(database: &Database) -> Result<i64> {
    super::outbox::head(database).await
}

/// A service's facts, as its database or a NATS has them.
pub struct Facts {
    log: Arc<dyn FactLog>,
    nats: Option<NatsLog>,
    database: Option<Database>,
}

impl Facts {
    /// The facts of a service in the stream.
    pub fn in_stream(nats: &Nats, source: &str) -> Self {
        let log = Arc::new(NatsLog::new(nats.clone(), source));
        Self { log, nats: Some(NatsLog::new(nats.clone(), source)), database: None }
    }

    /// The facts of a service in its outbox.
    pub fn in_outbox(database: &Database) -> Self {
        let log = Arc::new(OutboxLog::new(database.clone(), CancellationToken::new()));
        Self { log, nats: None, database: Some(database.clone()) }
    }

    /// The log itself.
    pub fn log(&self) -> &dyn FactLog {
        &*self.log
    }

    /// The position before the first fact told at an instant or later.
    pub async fn before(&self, time: Timestamp) -> Result<i64> {
        match (&self.nats, &self.database) {
            (Some(nats), _) => nats.before(time).await,
            (None, Some(database)) => super::outbox::before(database, time).await,
            (None, None) => Ok(0),
        }
    }

    /// Facts after a position that are there now, and the position behind them.
    pub async fn page(&self, after: i64, limit: u32) -> Result<(Vec<Fact>, i64)> {
        if let Some(database) = &self.database {
            database.raise_outbox_head(super::outbox::head(database).await?);
        }
        let read = self.log.read(after, limit, std::time::Duration::from_millis(200)).await?;
        let at = read.facts.last().map_or(after, |last| last.position);
        Ok((read.facts, at))
    }

    /// Has a consumer read from a position again; it goes back as soon as it is its turn. With `forget_since` it also
    /// forgets what it has done from then on, so that it is done again.
    ///
    /// # Errors
    /// `UNKNOWN_CONSUMER` if none of this name has read these facts.
    pub async fn replay(
        &self,
        reader: &Database,
        consumer: &str,
        source: &str,
        position: i64,
        forget_since: Option<Timestamp>,
    ) -> Result<()> {
        let name = position::name_in(source, self.log());
        let known = subscriptions(reader).await?;
        if !known.iter().any(|row| row.consumer == consumer && row.source == name) {
            let message = format!("no consumer {consumer} in {} has read facts of {name}", reader.name());
            return Err(Error::not_found("UNKNOWN_CONSUMER", message));
        }
        let tx = reader.begin().await?;
        if let Some(since) = forget_since {
            sql("delete from inbox where consumer = $1 and time_ms >= $2")
                .bind(consumer)
                .bind(since.as_millis())
                .execute(&tx)
                .await?;
        }
        position::set(&tx, consumer, &position::replay_name(&name), position).await?;
        tx.commit().await
    }
}
