//! Disputes: what was told of them, and the part of the ledger that is about them.

use argosy_kernel::{DisputeId, Error, OrderId, Result, Timestamp};
use argosy_platform::database::{Executor, Tx, sql};
use sea_orm::FromQueryResult;

use super::{Store, Work, checkouts::to_json};
use crate::domain::{Account, Dispute, DisputeMoved, Entry};

/// How many are posted at once.
const TO_POST_MAX: i64 = 50;

/// What a fact tells.
pub(crate) struct Told<'a> {
    pub(crate) id: DisputeId,
    pub(crate) intent_id: Option<&'a str>,
    /// What the payment pays for.
    pub(crate) checkout_id: &'a str,
    pub(crate) state: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) amount: i64,
    pub(crate) evidence_due_at_ms: i64,
    pub(crate) moves: &'a [DisputeMoved],
    pub(crate) version: i64,
    pub(crate) at: Timestamp,
}

#[derive(FromQueryResult)]
struct Row {
    dispute_id: String,
    order_id: String,
    state: String,
    reason: String,
    amount: i64,
    evidence_due_at_ms: i64,
    moves: String,
    version: i64,
    time_ms: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
}

#[derive(FromQueryResult)]
struct SumRow {
    amount: i64,
}

const COLUMNS: &str = "select dispute_id, order_id, state, reason, amount, evidence_due_at_ms, moves, version, time_ms \
                         from order_dispute";

impl Store {
    /// Keeps what was told of a dispute, unless later news are here; of a payment without an order there is nothing to keep.
    pub(crate) async fn note_dispute(tx: &Tx, told: &Told<'_>) -> Result<()> {
        sql("insert into order_dispute (dispute_id, order_id, state, reason, amount, evidence_due_at_ms, moves, version, time_ms, intent_id) \
             select $1, o.id, $3, $4, $5, $6, $7, $8, $9, $10 from orders o where o.checkout_id = $2 \
             on conflict (dispute_id) do update \
                set state = excluded.state, reason = excluded.reason, amount = excluded.amount, \
                    evidence_due_at_ms = excluded.evidence_due_at_ms, moves = excluded.moves, version = excluded.version \
              where order_dispute.version < excluded.version")
            .bind(told.id.to_string())
            .bind(told.checkout_id)
            .bind(told.state)
            .bind(told.reason)
            .bind(told.amount)
            .bind(told.evidence_due_at_ms)
            .bind(to_json(&told.moves)?)
            .bind(told.version)
            .bind(told.at.as_millis())
            .bind(told.intent_id)
            .execute(tx)
            .await
            .map(|_| ())
    }

    /// Those of which the ledger does not say all that was told.
    pub(crate) async fn disputes_to_post(&self) -> Result<Vec<(DisputeId, OrderId)>> {
        let rows: Vec<Row> =
            sql(format!("{COLUMNS} where posted_version < version order by dispute_id limit $1"))
                .bind(TO_POST_MAX)
                .all(&self.database)
                .await?;
        rows.iter().map(|row| Ok((row.dispute_id.parse()?, row.order_id.parse()?))).collect()
    }
}

impl Work {
    /// A dispute of this order whose ledger is behind, and that is not from here on; `None` if somebody was faster.
    pub(crate) async fn take_dispute(&self, id: DisputeId) -> Result<Option<Dispute>> {
        let taken: Option<IdRow> = sql("update order_dispute set posted_version = version \
              where dispute_id = $1 and posted_version < version returning dispute_id as id")
        .bind(id.to_string())
        .optional(&self.tx)
        .await?;
        let Some(taken) = taken else { return Ok(None) };
        let row: Row = sql(format!("{COLUMNS} where dispute_id = $1")).bind(taken.id).one(&self.tx).await?;
        Dispute::try_from(row).map(Some)
    }

    /// What the ledger says so far is lost by a dispute.
    pub(crate) async fn charged_back(&self, id: DisputeId) -> Result<i64> {
        let row: SumRow =
            sql("select cast(coalesce(sum(amount), 0) as bigint) as amount from order_dispute_posting \
              where order_id = $1 and account = $2 and reference like $3")
            .bind(self.order.id.to_string())
            .bind(Account::ChargedBack.as_str())
            .bind(format!("dispute:{id}:%"))
            .one(&self.tx)
            .await?;
        Ok(row.amount)
    }

    /// Writes an entry about a dispute. Again changes nothing.
    pub(crate) async fn post_dispute(&mut self, entry: &Entry) -> Result<()> {
        self.post_in("order_dispute_posting", entry).await
    }
}

/// Disputes of an order, oldest first.
pub(super) async fn of_order(on: &impl Executor, id: OrderId) -> Result<Vec<Dispute>> {
    let rows: Vec<Row> = sql(format!("{COLUMNS} where order_id = $1 order by dispute_id"))
        .bind(id.to_string())
        .all(on)
        .await?;
    rows.into_iter().map(Dispute::try_from).collect()
}

impl TryFrom<Row> for Dispute {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.dispute_id.parse()?,
            order_id: row.order_id.parse()?,
            state: row.state,
            reason: row.reason,
            amount: row.amount,
            evidence_due_at_ms: row.evidence_due_at_ms,
            moves: serde_json::from_str(&row.moves).map_err(Error::internal)?,
            version: row.version,
            at: Timestamp::from_millis(row.time_ms),
        })
    }
}
