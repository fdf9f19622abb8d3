//! Steps: what orders need of other services. Whoever holds a step's lease asks for it.

use std::time::Duration;

use argosy_kernel::{Error, OrderId, Result, StepId, Timestamp};
use argosy_platform::database::{Engine, Executor, Sql, sql};
use sea_orm::FromQueryResult;

use super::{
    Store,
    attempts::{LEASE, NO_TIME_MS},
    work::Work,
};
use crate::domain::{Step, StepKind};

/// Steps that one look of the resumer takes up.
const DUE_MAX: i64 = 50;
/// Steps of one order that are told.
const TOLD_MAX: i64 = 500;

#[derive(FromQueryResult)]
struct StepRow {
    id: String,
    order_id: String,
    kind: String,
    state: String,
    amount: i64,
    line_id: String,
    variant_id: String,
    location_id: String,
    reason: String,
    failure: String,
    time_ms: i64,
    intent_id: Option<String>,
}

impl TryFrom<StepRow> for Step {
    type Error = Error;

    fn try_from(row: StepRow) -> Result<Self> {
        Ok(Self {
            id: row.id.parse()?,
            order_id: row.order_id.parse()?,
            kind: row.kind.parse()?,
            state: row.state,
            amount: row.amount,
            line_id: row.line_id,
            variant_id: row.variant_id,
            location_id: row.location_id,
            reason: row.reason,
            failure: row.failure,
            intent_id: row.intent_id.as_deref().map(str::parse).transpose()?,
            at: Timestamp::from_millis(row.time_ms),
        })
    }
}

const COLUMNS: &str = "select id, order_id, kind, state, amount, line_id, variant_id, location_id, reason, failure, time_ms, \
                              intent_id \
                         from order_step where";

async fn load(on: &impl Executor, statement: Sql) -> Result<Vec<Step>> {
    statement.all::<StepRow>(on).await?.into_iter().map(Step::try_from).collect()
}

/// Oldest first.
pub(super) async fn of_order(on: &impl Executor, order: OrderId) -> Result<Vec<Step>> {
    let statement = sql(format!("{COLUMNS} order_id = $1 order by id limit $2"));
    load(on, statement.bind(order.to_string()).bind(TOLD_MAX)).await
}

impl Work {
    /// Notes a step, with its lease: whoever makes the change does it when that lasts.
    pub(crate) async fn step(
        &mut self,
        kind: StepKind,
        amount: i64,
        lease: Duration,
        about: impl FnOnce(&mut Step),
    ) -> Result<StepId> {
        let mut step = Step {
            id: StepId::new(),
            order_id: self.order.id,
            kind,
            state: "open".to_owned(),
            amount,
            line_id: String::new(),
            variant_id: String::new(),
            location_id: String::new(),
            reason: String::new(),
            failure: String::new(),
            intent_id: None,
            at: self.now(),
        };
        about(&mut step);
        sql("insert into order_step (id, order_id, kind, state, amount, variant_id, location_id, reason, failure, \
                                     lease_until_ms, time_ms, line_id, intent_id, split_lease_ms) \
             values ($1, $2, $3, 'open', $4, $5, $6, $7, '', $8, $9, $10, $11, $12)")
        .bind(step.id.to_string())
        .bind(step.order_id.to_string())
        .bind(kind.as_str())
        .bind(amount)
        .bind(step.variant_id.as_str())
        .bind(step.location_id.as_str())
        .bind(step.reason.as_str())
        .bind(if step.intent_id.is_some() { NO_TIME_MS } else { step.at.plus(lease).as_millis() })
        .bind(step.at.as_millis())
        .bind(step.line_id.as_str())
        .bind(step.intent_id.map(|id| id.to_string()))
        .bind(step.intent_id.map(|_| step.at.plus(lease).as_millis()))
        .execute(&self.tx)
        .await?;
        let id = step.id;
        self.steps.push(step);
        Ok(id)
    }

    /// All steps of the order.
    pub(crate) async fn all_steps(&self) -> Result<Vec<Step>> {
        of_order(&self.tx, self.order.id).await
    }

    /// Ends a step that is open; false if it is not any more.
    pub(crate) async fn end_step(&self, id: StepId, state: &str, failure: &str) -> Result<bool> {
        let ended = sql("update order_step set state = $2, failure = $3 where id = $1 and state = 'open'")
            .bind(id.to_string())
            .bind(state)
            .bind(failure)
            .execute(&self.tx)
            .await?;
        Ok(ended == 1)
    }

    pub(super) async fn set_payment_status(&self, from: &str, to: &str) -> Result<()> {
        sql("update orders set payment_status = $3 where id = $1 and payment_status = $2")
            .bind(self.order.id.to_string())
            .bind(from)
            .bind(to)
            .execute(&self.tx)
            .await
            .map(|_| ())
    }

    /// The money that comes by hand is here.
    pub(crate) async fn mark_captured(&mut self) -> Result<()> {
        self.set_payment_status("pending", "captured").await
    }

    /// Takes back what was done here.
    pub(crate) async fn leave(self) -> Result<()> {
        self.tx.rollback().await
    }
}

impl Store {
    /// Steps that nobody works on, the longest waiting first.
    pub(crate) async fn due_steps(&self) -> Result<Vec<Step>> {
        let statement = sql(format!(
            "{COLUMNS} id in (select id from ( \
               select id, lease_until_ms as due_ms from order_step where state = 'open' and lease_until_ms <= $1 \
               union all \
               select id, split_lease_ms from order_step \
                where split_lease_ms is not null and state = 'open' and split_lease_ms <= $1) due \
              order by due_ms limit $2) order by id"
        ));
        load(&self.database, statement.bind(self.now().as_millis()).bind(DUE_MAX)).await
    }

    /// Takes a step over; false if somebody else works on it or it is done.
    pub(crate) async fn take_step(&self, id: StepId, lease: Duration) -> Result<bool> {
        let taken = sql(format!(
            "update order_step set {LEASE} \
              where id = $1 and state = 'open' and coalesce(split_lease_ms, lease_until_ms) <= $3"
        ))
        .bind(id.to_string())
        .bind(self.now().plus(lease).as_millis())
        .bind(self.now().as_millis())
        .commit(&self.database)
        .await?;
        Ok(taken == 1)
    }

    /// Lets somebody else go on after a while.
    pub(crate) async fn put_step_off(&self, id: StepId, after: Duration) -> Result<()> {
        sql(format!("update order_step set {LEASE} where id = $1 and state = 'open'"))
            .bind(id.to_string())
            .bind(self.now().plus(after).as_millis())
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Ends all leases of a process before this one. Where others may work beside it, theirs end by themselves.
    pub(crate) async fn end_step_leases_of_the_dead(&self) -> Result<()> {
        if self.database.engine() == Engine::Postgres {
            return Ok(());
        }
        let statement = sql("update order_step \
                set lease_until_ms = case when split_lease_ms is null then 0 else lease_until_ms end, \
                    split_lease_ms = case when split_lease_ms is null then null else 0 end \
              where state = 'open'");
        statement.commit(&self.database).await.map(|_| ())
    }
}
