//! Payments of what is due of orders. Whoever holds the lease goes on.

use std::time::Duration;

use argosy_kernel::{Error, IntentId, OrderId, Result, Timestamp};
use argosy_platform::database::{Engine, Executor, Sql, Tx, sql};
use sea_orm::FromQueryResult;

use super::{Store, checkouts::to_json, work::Work};
use crate::{
    domain::{Balance, BalanceState},
    risk::CardLimit,
};

/// Those that one look of the resumer takes up.
const DUE_MAX: i64 = 50;
/// Those of one order that are told.
const TOLD_MAX: i64 = 100;

#[derive(FromQueryResult)]
struct Row {
    id: String,
    order_id: String,
    digest: String,
    state: String,
    amount: i64,
    document: String,
    lease_until_ms: i64,
    time_ms: i64,
}

/// As it is stored.
pub(crate) struct BalanceRow {
    pub(crate) balance: Balance,
    pub(crate) digest: String,
    pub(crate) lease_until: Timestamp,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
}

const COLUMNS: &str =
    "select id, order_id, digest, state, amount, document, lease_until_ms, time_ms from order_balance where";

impl TryFrom<Row> for BalanceRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let balance = Balance {
            id: row.id.parse()?,
            order_id: row.order_id.parse()?,
            state: row.state.parse()?,
            amount: row.amount,
            about: serde_json::from_str(&row.document).map_err(Error::internal)?,
            at: Timestamp::from_millis(row.time_ms),
        };
        let lease_until = Timestamp::from_millis(row.lease_until_ms);
        Ok(Self { balance, digest: row.digest, lease_until })
    }
}

/// Oldest first.
pub(super) async fn of_order(on: &impl Executor, order: OrderId) -> Result<Vec<Balance>> {
    let statement = sql(format!("{COLUMNS} order_id = $1 order by id limit $2"));
    let rows: Vec<Row> = statement.bind(order.to_string()).bind(TOLD_MAX).all(on).await?;
    rows.into_iter().map(|row| BalanceRow::try_from(row).map(|row| row.balance)).collect()
}

impl Work {
    /// All payments of what was due.
    pub(crate) async fn balances(&self) -> Result<Vec<Balance>> {
        of_order(&self.tx, self.order.id).await
    }

    /// Writes the row of a payment; false if another one is under way, or this one is there.
    pub(crate) async fn claim_balance(
        &self,
        balance: &Balance,
        (reference, digest): (&str, &str),
        lease: Duration,
    ) -> Result<bool> {
        let written = sql(
            "insert into order_balance (id, order_id, reference, digest, state, amount, document, lease_until_ms, time_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        )
        .bind(balance.id.to_string())
        .bind(balance.order_id.to_string())
        .bind(reference)
        .bind(digest)
        .bind(balance.state.as_str())
        .bind(balance.amount)
        .bind(to_json(&balance.about)?)
        .bind(self.now().plus(lease).as_millis())
        .bind(balance.at.as_millis())
        .execute(&self.tx)
        .await?;
        Ok(written == 1)
    }

    /// Moves a payment on within this change; false if somebody else moved it.
    pub(crate) async fn move_balance(&self, balance: &Balance, next: BalanceState) -> Result<bool> {
        Ok(moved(balance, next)?.execute(&self.tx).await? == 1)
    }
}

impl Store {
    pub(crate) async fn balance(&self, id: IntentId) -> Result<Option<BalanceRow>> {
        let statement = sql(format!("{COLUMNS} id = $1")).bind(id.to_string());
        statement.optional::<Row>(&self.database).await?.map(BalanceRow::try_from).transpose()
    }

    pub(crate) async fn balance_by_reference(
        &self,
        order: OrderId,
        reference: &str,
    ) -> Result<Option<BalanceRow>> {
        let statement = sql(format!("{COLUMNS} order_id = $1 and reference = $2"));
        let statement = statement.bind(order.to_string()).bind(reference);
        statement.optional::<Row>(&self.database).await?.map(BalanceRow::try_from).transpose()
    }

    pub(crate) async fn latest_balance(&self, order: OrderId) -> Result<Option<BalanceRow>> {
        let statement =
            sql(format!("{COLUMNS} order_id = $1 order by id desc limit 1")).bind(order.to_string());
        statement.optional::<Row>(&self.database).await?.map(BalanceRow::try_from).transpose()
    }

    /// Moves a payment on; false if somebody else moved it.
    pub(crate) async fn move_balance(&self, balance: &Balance, next: BalanceState) -> Result<bool> {
        Ok(moved(balance, next)?.commit(&self.database).await? == 1)
    }

    /// Nothing is taken of a payment: a decline is counted, once.
    pub(crate) async fn fail_balance(&self, balance: &Balance, limit: Option<CardLimit>) -> Result<()> {
        let about = &balance.about;
        let notes = if about.is_declined {
            self.declined_for(&about.failure_reason, about.declined_trails(), limit)
        } else {
            Vec::new()
        };
        // One after the other: what marks a card counts the rows before it.
        let tx = self.database.begin().await?;
        if moved(balance, BalanceState::Failed)?.execute(&tx).await? == 1 {
            for note in notes {
                note.execute(&tx).await?;
            }
        }
        tx.commit().await
    }

    /// Takes a payment over whose lease is over, or that waits for the buyer; false if somebody else works on it.
    pub(crate) async fn take_balance(&self, id: IntentId, lease: Duration) -> Result<bool> {
        let now = self.now();
        let taken = sql("update order_balance set lease_until_ms = $2, \
                    state = case when state = 'parked' then 'running' else state end \
              where id = $1 and (lease_until_ms <= $3 or state = 'parked') and state not in ('paid', 'failed')")
        .bind(id.to_string())
        .bind(now.plus(lease).as_millis())
        .bind(now.as_millis())
        .commit(&self.database)
        .await?;
        Ok(taken == 1)
    }

    /// Lets somebody else go on after a while; one that waits for the buyer when they may not any more.
    pub(crate) async fn put_balance_off(&self, id: IntentId, until: Timestamp) -> Result<()> {
        sql("update order_balance set lease_until_ms = $2 where id = $1 and state not in ('paid', 'failed')")
            .bind(id.to_string())
            .bind(until.as_millis())
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Those that nobody works on, the longest waiting first.
    pub(crate) async fn due_balances(&self) -> Result<Vec<IntentId>> {
        let rows: Vec<IdRow> = sql("select id from order_balance \
              where state not in ('paid', 'failed') and lease_until_ms <= $1 order by lease_until_ms limit $2")
        .bind(self.now().as_millis())
        .bind(DUE_MAX)
        .all(&self.database)
        .await?;
        rows.into_iter().map(|row| row.id.parse().map_err(Error::from)).collect()
    }

    /// Wakes a payment that waits for the buyer.
    pub(crate) async fn wake_balance(tx: &Tx, intent: IntentId) -> Result<()> {
        sql("update order_balance set lease_until_ms = 0 where id = $1 and state = 'parked'")
            .bind(intent.to_string())
            .execute(tx)
            .await
            .map(|_| ())
    }

    /// Ends all leases of a process before this one. Where others may work beside it, theirs end by themselves.
    pub(crate) async fn end_balance_leases_of_the_dead(&self) -> Result<()> {
        if self.database.engine() == Engine::Postgres {
            return Ok(());
        }
        let statement = sql(
            "update order_balance set lease_until_ms = 0 where state in ('running', 'taking', 'releasing')",
        );
        statement.commit(&self.database).await.map(|_| ())
    }
}

fn moved(balance: &Balance, next: BalanceState) -> Result<Sql> {
    Ok(sql("update order_balance set state = $3, document = $4 where id = $1 and state = $2")
        .bind(balance.id.to_string())
        .bind(balance.state.as_str())
        .bind(next.as_str())
        .bind(to_json(&balance.about)?))
}
