//! The pretended provider's own side of the books.

use std::collections::{BTreeSet, HashMap};

use argosy_contracts::payments::ChargeInBooks;
use argosy_kernel::Result;
use argosy_platform::database::{Database, sql};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Row {
    key: String,
    state: String,
    captured: i64,
    refunded: i64,
}

/// Its charges for these intents.
pub(crate) async fn test_charges(
    database: &Database,
    intents: &BTreeSet<String>,
) -> Result<HashMap<String, ChargeInBooks>> {
    let rows: Vec<Row> = sql("select key, state, captured, refunded from charge where key in ")
        .list(intents.iter().map(String::as_str))
        .all(database)
        .await?;
    let charge = |row: Row| {
        let held = matches!(row.state.as_str(), "authorised" | "capture_fails") && row.captured == 0;
        (row.key, ChargeInBooks { held, captured: row.captured, refunded: row.refunded })
    };
    Ok(rows.into_iter().map(charge).collect())
}
