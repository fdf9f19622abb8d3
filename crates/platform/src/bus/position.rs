//! How far somebody has read something: a row in the tables of the service that reads.

use argosy_kernel::Result;
use sea_orm::FromQueryResult;

use super::FactLog;
use crate::database::{Database, Executor, Sql, Tx, sql};

#[derive(FromQueryResult)]
struct PositionRow {
    position: i64,
}

/// Under which name the position in a service's log is kept. An outbox and a stream count differently, so each has its
/// own: whoever changes from one to the other goes on where it was there, or begins at the beginning, and passes over
/// by the inbox what it has done.
pub(crate) fn name_in(source: &str, log: &dyn FactLog) -> String {
    key(source, log.kind())
}

pub(crate) fn key(source: &str, kind: &str) -> String {
    match kind {
        "" => source.to_owned(),
        kind => format!("{source}@{kind}"),
    }
}

/// Under which name somebody asks for a log to be read again from an earlier place.
pub(crate) fn replay_name(name: &str) -> String {
    format!("{name} replay")
}

pub(crate) async fn get(on: &impl Executor, consumer: &str, name: &str) -> Result<i64> {
    Ok(find(on, consumer, name).await?.unwrap_or(0))
}

async fn find(on: &impl Executor, consumer: &str, name: &str) -> Result<Option<i64>> {
    let row: Option<PositionRow> =
        sql("select position from subscription where consumer = $1 and source = $2")
            .bind(consumer)
            .bind(name)
            .optional(on)
            .await?;
    Ok(row.map(|row| row.position))
}

/// Moves forward, never back.
pub(crate) fn move_on(consumer: &str, name: &str, position: i64) -> Sql {
    written(consumer, name, position).then(" where subscription.position < excluded.position")
}

/// Sets it, also back.
pub(crate) async fn set(tx: &Tx, consumer: &str, name: &str, position: i64) -> Result<()> {
    written(consumer, name, position).execute(tx).await.map(|_| ())
}

fn written(consumer: &str, name: &str, position: i64) -> Sql {
    sql("insert into subscription (consumer, source, position) values ($1, $2, $3) \
         on conflict (consumer, source) do update set position = excluded.position")
    .bind(consumer)
    .bind(name)
    .bind(position)
}

/// Goes back to where an operator asked for; `None` if nobody did. Only the reader itself moves its position back:
/// what it is about to commit would move it on again.
pub(crate) async fn go_back(database: &Database, consumer: &str, name: &str) -> Result<Option<i64>> {
    let request = replay_name(name);
    if find(database, consumer, &request).await?.is_none() {
        return Ok(None);
    }
    let tx = database.begin().await?;
    let wanted = find(&tx, consumer, &request).await?;
    if let Some(wanted) = wanted {
        set(&tx, consumer, name, wanted).await?;
        sql("delete from subscription where consumer = $1 and source = $2")
            .bind(consumer)
            .bind(request)
            .execute(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(wanted)
}
