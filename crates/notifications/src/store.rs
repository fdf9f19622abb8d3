//! The only place with SQL.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Cursor, Error, MessageId, Page, PageRequest, Result};
use argosy_platform::{
    database::{Database, Tx, sql},
    seal::SealKey,
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

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
    pub(crate) person_id: String,
    pub(crate) subject: String,
    pub(crate) letter: Letter,
}

/// What a message keeps of a person.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) recipient: String,
    pub(crate) plain: String,
    pub(crate) html: String,
}

/// A message as it is stored.
#[derive(FromQueryResult)]
struct Row {
    id: String,
    kind: String,
    subject_id: String,
    subject: String,
    state: String,
    tries: i64,
    error: String,
    created_at_ms: i64,
    recipient: String,
    plain: String,
    html: String,
    person_id: Option<String>,
    letter: Option<String>,
    seal_key: Option<String>,
}

const COLUMNS: &str = "select m.id, m.kind, m.subject_id, m.subject, m.state, m.tries, m.error, m.created_at_ms, \
                              m.recipient, m.plain, m.html, m.person_id, m.letter, k.seal_key \
                         from message m left join person_key k on k.person_id = m.person_id";

/// A message.
pub(crate) struct StoredMessage {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) subject_id: String,
    pub(crate) subject: String,
    pub(crate) state: String,
    pub(crate) tries: i64,
    pub(crate) error: String,
    pub(crate) created_at_ms: i64,
    /// Empty if the person is forgotten.
    pub(crate) letter: Letter,
}

impl TryFrom<Row> for StoredMessage {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let letter = match (&row.person_id, &row.letter, &row.seal_key) {
            (Some(person), Some(letter), Some(key)) => SealKey::from_text(key)?.open(person, letter)?,
            _ => Letter { recipient: row.recipient, plain: row.plain, html: row.html },
        };
        Ok(Self {
            id: row.id,
            kind: row.kind,
            subject_id: row.subject_id,
            subject: row.subject,
            state: row.state,
            tries: row.tries,
            error: row.error,
            created_at_ms: row.created_at_ms,
            letter,
        })
    }
}

#[derive(FromQueryResult)]
struct KeyRow {
    seal_key: String,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
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
        let (person, key) = (message.person_id.as_str(), key_of(tx, &message.person_id).await?);
        sql("insert into message (id, kind, subject_id, subject, state, next_try_ms, created_at_ms, person_id, letter, \
                                  recipient, html, plain) \
             values ($1, $2, $3, $4, 'queued', $5, $5, $6, $7, '', '', '') on conflict do nothing")
        .bind(message.id.to_string())
        .bind(message.kind)
        .bind(message.subject_id.as_str())
        .bind(message.subject.as_str())
        .bind(now)
        .bind(person)
        .bind(key.seal(person, &message.letter)?)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Messages whose turn it is, oldest first.
    pub(crate) async fn due(&self) -> Result<Vec<StoredMessage>> {
        let rows: Vec<Row> = sql(format!(
            "{COLUMNS} where m.state = 'queued' and m.next_try_ms <= $1 order by m.next_try_ms limit $2"
        ))
        .bind(self.clock.now().as_millis())
        .bind(BATCH)
        .all(&self.database)
        .await?;
        rows.into_iter().map(StoredMessage::try_from).collect()
    }

    /// False if the person was forgotten meanwhile.
    pub(crate) async fn sent(&self, id: &str) -> Result<bool> {
        self.change(
            sql("update message set state = 'sent', tries = tries + 1, error = '' where id = $1 and state = 'queued'")
                .bind(id),
        )
        .await
    }

    /// Notes a failure; without `again` the message is given up.
    pub(crate) async fn failed(&self, id: &str, error: &str, again: Option<Duration>) -> Result<()> {
        let state = if again.is_some() { "queued" } else { "failed" };
        let next = self.clock.now().plus(again.unwrap_or_default()).as_millis();
        let statement =
            sql("update message set state = $2, tries = tries + 1, error = $3, next_try_ms = $4 \
              where id = $1 and state = 'queued'")
            .bind(id)
            .bind(state)
            .bind(error)
            .bind(next);
        self.change(statement).await.map(|_| ())
    }

    async fn change(&self, statement: argosy_platform::database::Sql) -> Result<bool> {
        Ok(statement.commit(&self.database).await? > 0)
    }

    /// Erases the key of a person; what is queued for them is not sent. Answers which messages they got or were to get.
    pub(crate) async fn forget(&self, tx: &Tx, person: &str) -> Result<Vec<String>> {
        sql("delete from person_key where person_id = $1").bind(person).execute(tx).await?;
        let rows: Vec<IdRow> = sql("update message set letter = null, error = '', \
                state = case when state = 'queued' then 'forgotten' else state end \
              where person_id = $1 returning id")
        .bind(person)
        .all(tx)
        .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    pub(crate) async fn list(&self, page: &PageRequest) -> Result<Page<StoredMessage>> {
        let (before_ms, before_id) = page.before()?;
        let mut rows: Vec<Row> = sql(format!(
            "{COLUMNS} where m.created_at_ms < $1 or (m.created_at_ms = $1 and m.id < $2) \
              order by m.created_at_ms desc, m.id desc limit $3"
        ))
        .bind(before_ms)
        .bind(before_id)
        .bind(i64::from(page.limit) + 1)
        .all(&self.database.stale())
        .await?;
        let more = rows.len() > page.limit as usize;
        rows.truncate(page.limit as usize);
        let items = rows.into_iter().map(StoredMessage::try_from).collect::<Result<Vec<_>>>()?;
        let next = items.last().filter(|_| more);
        let next = next.map(|last| Cursor::of_time(last.created_at_ms, &last.id));
        Ok(Page { items, next })
    }
}

/// The key of a person: theirs, or a new one.
async fn key_of(tx: &Tx, person: &str) -> Result<SealKey> {
    let row: KeyRow = sql("insert into person_key (person_id, seal_key) values ($1, $2) \
         on conflict (person_id) do update set person_id = excluded.person_id returning seal_key")
    .bind(person)
    .bind(SealKey::random().to_text())
    .one(tx)
    .await?;
    SealKey::from_text(&row.seal_key)
}
