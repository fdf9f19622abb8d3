//! What intents and their events say of each other, one statement a stretch: each is of one moment.

use std::collections::BTreeSet;

use argosy_contracts::{common::Money, payments::IntentInBooks};
use argosy_kernel::Result;
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
                  where e.intent_id = i.id and e.kind in ('refunded', 'refund_failed')), 0) as refunded_events \
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
        provider_has_books: false,
    };
    Ok((rows.into_iter().map(intent).collect(), at_test_provider))
}
