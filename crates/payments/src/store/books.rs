//! What intents and their events say of each other, one statement a stretch: each is of one moment.

use std::collections::BTreeSet;

use argosy_contracts::{
    common::{Money, ReadPeriodRequest},
    payments::{IntentInBooks, Move},
};
use argosy_kernel::{Error, Result};
use argosy_platform::database::{Database, sql};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Row {
    id: String,
    provider: String,
    reference: String,
    state: String,
    currency: String,
    amount: i64,
    captured: i64,
    refunded: i64,
    captured_events: i64,
    refunded_events: i64,
    dispute_loss: i64,
}

/// Intents behind `after`, and which of them the pretended provider knows.
pub(crate) async fn intents_in_books(
    database: &Database,
    after: &str,
    limit: usize,
) -> Result<(Vec<IntentInBooks>, BTreeSet<String>)> {
    let rows: Vec<Row> =
        sql("select i.id, i.provider, i.reference, i.state, i.currency, i.amount, i.captured, i.refunded, \
                coalesce((select cast(sum(e.amount) as bigint) from payment_event e \
                  where e.intent_id = i.id and e.kind = 'captured'), 0) as captured_events, \
                coalesce((select cast(sum(case when e.kind = 'refunded' then e.amount else -e.amount end) as bigint) \
                   from payment_event e \
                  where e.intent_id = i.id and e.kind in ('refunded', 'refund_failed')), 0) as refunded_events, \
                coalesce((select cast(sum(case when e.kind in ('dispute_withdrawn', 'dispute_fee') then e.amount \
                                               else -e.amount end) as bigint) \
                   from payment_event e \
                  where e.intent_id = i.id and e.kind in ('dispute_withdrawn', 'dispute_fee', \
                        'dispute_reinstated', 'dispute_fee_returned')), 0) as dispute_loss \
           from intent i \
          where i.id > $1 \
          order by i.id \
          limit $2")
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(database)
        .await?;
    let at_test_provider =
        rows.iter().filter(|row| row.provider == "test").map(|row| row.id.clone()).collect();
    let intent = |row: Row| IntentInBooks {
        id: row.id,
        reference: row.reference,
        state: row.state,
        amount: Some(Money { minor: row.amount, currency: row.currency }),
        captured: row.captured,
        refunded: row.refunded,
        captured_events: row.captured_events,
        refunded_events: row.refunded_events,
        charge: None,
        dispute_loss: row.dispute_loss,
        provider_has_books: false,
    };
    Ok((rows.into_iter().map(intent).collect(), at_test_provider))
}

#[derive(FromQueryResult)]
struct MoveRow {
    position: i64,
    time_ms: i64,
    provider: String,
    method: String,
    kind: String,
    currency: String,
    amount: i64,
    intent_id: String,
    reference: String,
    provider_reference: String,
}

/// Money that providers took or gave back in some time, in the order in which we heard of it, with where each stands.
pub(crate) async fn moves(
    database: &Database,
    asked: &ReadPeriodRequest,
    limit: usize,
) -> Result<Vec<(i64, Move)>> {
    let after = match asked.after.as_str() {
        "" => 0,
        after => after.parse().map_err(|_| Error::invalid_field("/after", "is not what an answer said"))?,
    };
    let rows: Vec<MoveRow> =
        sql("select e.position, e.time_ms, i.provider, i.method, e.kind, i.currency, e.amount, \
                i.id as intent_id, i.reference, e.provider_reference \
           from payment_event e \
           join intent i on i.id = e.intent_id \
          where e.position > $1 and e.time_ms >= $2 and e.time_ms < $3 \
            and e.kind in ('captured', 'refunded', 'refund_failed') and e.amount > 0 \
          order by e.position \
          limit $4")
        .bind(after)
        .bind(asked.from_ms)
        .bind(asked.to_ms)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(database)
        .await?;
    let one = |row: MoveRow| {
        let moved = Move {
            time_ms: row.time_ms,
            provider: row.provider,
            method: row.method,
            kind: row.kind,
            amount: Some(Money { minor: row.amount, currency: row.currency }),
            intent_id: row.intent_id,
            reference: row.reference,
            provider_reference: row.provider_reference,
        };
        (row.position, moved)
    };
    Ok(rows.into_iter().map(one).collect())
}
