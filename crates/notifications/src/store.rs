//! The only place with SQL.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Cursor, MessageId, Page, PageRequest, Result};
use argosy_platform::database::{Database, Tx, sql};
use sea_orm::FromQueryResult;

#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
}

/// A message about to be queued.
pub(crate) struct NewMessage {
    pub(crate) id: MessageId,
    pub(crate) kind: &'static str,
    pub(crate) subject_id: String,
    pub(crate) recipient: String,
    pub(crate) subject: String,
    pub(crate) plain: String,
    pub(crate) html: String,
}

/// A message as it is sent.
#[derive(FromQueryResult)]
pub(crate) struct QueuedMessage {
    pub(crate) id: String,
    pub(crate) recipient: String,
    pub(crate) subject: String,
    pub(crate) plain: String,
    pub(crate) html: String,
    pub(crate) tries: i64,
}

/// A message as it is listed.
#[derive(FromQueryResult)]
pub(crate) struct ListedMessage {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) subject_id: String,
    pub(crate) recipient: String,
    pub(crate) subject: String,
    pub(crate) state: String,
    pub(crate) tries: i64,
    pub(crate) error: String,
    pub(crate) created_at_ms: i64,
}

const BATCH: i64 = 50;

impl Store {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Queues a message, once per kind and subject.
    pub(crate) async fn queue(&self, tx: &Tx, message: &NewMessage) -> Result<()> {
        let now = self.clock.now().as_millis();
        sql("insert into message \
             (id, kind, subject_id, recipient, subject, html, plain, state, next_try_ms, created_at_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $8) on conflict do nothing")
        .bind(message.id.to_string())
        .bind(message.kind)
        .bind(message.subject_id.as_str())
        .bind(message.recipient.as_str())
        .bind(message.subject.as_str())
        .bind(message.html.as_str())
        .bind(message.plain.as_str())
        .bind(now)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Messages whose turn it is, oldest first.
    pub(crate) async fn due(&self) -> Result<Vec<QueuedMessage>> {
        sql("select id, recipient, subject, plain, html, tries from message \
              where state = 'queued' and next_try_ms <= $1 order by next_try_ms limit $2")
        .bind(self.clock.now().as_millis())
        .bind(BATCH)
        .all(&self.database)
        .await
    }

    pub(crate) async fn sent(&self, id: &str) -> Result<()> {
        self.change(
            sql("update message set state = 'sent', tries = tries + 1, error = '' where id = $1").bind(id),
        )
        .await
    }

    /// Notes a failure; without `again` the message is given up.
    pub(crate) async fn failed(&self, id: &str, error: &str, again: Option<Duration>) -> Result<()> {
        let state = if again.is_some() { "queued" } else { "failed" };
        let next = self.clock.now().plus(again.unwrap_or_default()).as_millis();
        let statement = sql(
            "update message set state = $2, tries = tries + 1, error = $3, next_try_ms = $4 where id = $1",
        )
        .bind(id)
        .bind(state)
        .bind(error)
        .bind(next);
        self.change(statement).await
    }

    async fn change(&self, statement: argosy_platform::database::Sql) -> Result<()> {
        statement.commit(&self.database).await.map(|_| ())
    }

    pub(crate) async fn list(&self, page: &PageRequest) -> Result<Page<ListedMessage>> {
        let (before_ms, before_id) = match &page.cursor {
            None => (i64::MAX, String::new()),
            Some(cursor) => {
                let [time, id] = cursor.decode_parts()?;
                (Cursor::part(&time)?, id)
            }
        };
        let mut items: Vec<ListedMessage> = sql(
            "select id, kind, subject_id, recipient, subject, state, tries, error, created_at_ms from message \
              where created_at_ms < $1 or (created_at_ms = $1 and id < $2) \
              order by created_at_ms desc, id desc limit $3",
        )
        .bind(before_ms)
        .bind(before_id)
        .bind(i64::from(page.limit) + 1)
        .all(&self.database.stale())
        .await?;
        let more = items.len() > page.limit as usize;
        items.truncate(page.limit as usize);
        let next = items.last().filter(|_| more);
        let next = next.map(|last| Cursor::encode(&format!("{}\t{}", last.created_at_ms, last.id)));
        Ok(Page { items, next })
    }
}
