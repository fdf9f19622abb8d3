//! Does what orders need of other services: money back, money in, stock back.
//!
//! A change of an order notes its steps in its own transaction ([`crate::store::Work::step`]). Each is then asked for under its
//! own id, which the other service does once, and what came of it is noted in a second transaction. A crash anywhere
//! between leaves a row that the resumer finds. Asking first and noting afterwards lost: a refund that a provider made and
//! nobody here remembers is made again.

use std::{collections::VecDeque, time::Duration};

use argosy_contracts::{
    inventory::AdjustRequest,
    payments::{CaptureRequest, RefundRequest, VoidRequest},
};
use argosy_kernel::{Ctx, Error, IntentId, Result};
use argosy_platform::crash;

use crate::{
    OrdersClients,
    aftersales::{edits, money},
    domain::{Account, Entry, Step, StepKind},
    events::Changed,
    store::{Store, Work},
};

/// How long one process works on a step before another may take it over.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// After a passing error, when another may go on.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// How long one step may take in the background.
const STEP_TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) struct Steps {
    store: Store,
    clients: OrdersClients,
}

impl Steps {
    pub(crate) fn new(store: Store, clients: OrdersClients) -> Self {
        Self { store, clients }
    }

    /// Does the steps of a change that was just made. What fails for now is gone on with later: the change stands.
    pub(crate) async fn all(&self, ctx: &Ctx, steps: Vec<Step>) -> Result<()> {
        crash::point("orders.after_change");
        let mut steps = VecDeque::from(steps);
        while let Some(step) = steps.pop_front() {
            match self.one(ctx, &step).await {
                Ok(following) => steps.extend(following),
                Err(error) => {
                    tracing::warn!(order.id = %step.order_id, step.id = %step.id, error = ?error, "a step of an order waits");
                    self.store.put_step_off(step.id, RETRY_AFTER).await?;
                }
            }
        }
        Ok(())
    }

    /// Goes on with what nobody works on.
    pub(crate) async fn resume(&self) -> Result<()> {
        for step in self.store.due_steps().await? {
            if !self.store.take_step(step.id, LEASE).await? {
                continue;
            }
            metrics::counter!("argosy_order_steps_resumed_total").increment(1);
            let ctx = Ctx::system("orders.resumer").with_timeout(STEP_TIMEOUT);
            self.all(&ctx, vec![step]).await?;
        }
        Ok(())
    }

    /// Does a step; answers those that follow from how it came out.
    async fn one(&self, ctx: &Ctx, step: &Step) -> Result<Vec<Step>> {
        let asked = self.ask(ctx, step).await;
        crash::point("orders.after_step");
        match asked {
            Ok(()) => self.done(step).await.map(|()| Vec::new()),
            Err(error) if error.is_transient() || error.code() == argosy_kernel::Code::Internal => Err(error),
            Err(refused) => self.refused(step, &refused).await,
        }
    }

    async fn ask(&self, ctx: &Ctx, step: &Step) -> Result<()> {
        let reference = step.id.to_string();
        match step.kind {
            StepKind::Restock | StepKind::Take => {
                let delta = if step.kind == StepKind::Take { -step.amount } else { step.amount };
                let request = AdjustRequest {
                    variant_id: step.variant_id.clone(),
                    location_id: step.location_id.clone(),
                    delta,
                    reason: step.reason.clone(),
                    reference,
                };
                self.clients.inventory.adjust(ctx, request).await.map(|_| ())
            }
            StepKind::Refund | StepKind::Capture | StepKind::Void => {
                let (intent_id, amount) = self.payment(step).await?;
                let intent_id = intent_id.to_string();
                match step.kind {
                    StepKind::Void => {
                        self.clients.payments.void(ctx, VoidRequest { intent_id, even_if_away: false }).await
                    }
                    StepKind::Capture => {
                        let request = CaptureRequest { intent_id, amount: Some(amount.into()), reference };
                        self.clients.payments.capture(ctx, request).await
                    }
                    StepKind::Refund | StepKind::Restock | StepKind::Take => {
                        let request = RefundRequest { intent_id, amount: Some(amount.into()), reference };
                        self.clients.payments.refund(ctx, request).await
                    }
                }
                .map(|_| ())
            }
        }
    }

    async fn payment(&self, step: &Step) -> Result<(IntentId, argosy_kernel::Money)> {
        let found = self.store.order(step.order_id).await?;
        let order = found.ok_or_else(|| Error::internal("a step's order is not there"))?.order;
        let intent = step.intent_id.or(order.intent_id);
        let intent = intent.ok_or_else(|| Error::internal("a step about money of an order without"))?;
        Ok((intent, order.money(step.amount)?))
    }

    /// Notes that a step is done: once, whoever else did it at the same time.
    async fn done(&self, step: &Step) -> Result<()> {
        let mut work = self.store.work(step.order_id).await?;
        if !work.end_step(step.id, "done", "").await? {
            return work.leave().await;
        }
        let id = step.id.to_string();
        match step.kind {
            StepKind::Refund => {
                work.post(&Entry::refunded(format!("refunded:{id}"), step.amount)).await?;
                let text = format!("{} were refunded.", work.order.money(step.amount)?);
                work.note("refunded", &id, &text).await?;
                work.tell(Changed::Refunded, &id, "done")?;
            }
            StepKind::Capture => {
                work.post(&Entry::paid(format!("paid:{id}"), step.amount)).await?;
                let text = format!("The payment of {} was taken.", work.order.money(step.amount)?);
                if money::is_awaited(&work.order, &work.all_steps().await?) {
                    work.note("part_captured", &id, &text).await?;
                } else {
                    work.mark_captured().await?;
                    work.note("payment_captured", &id, &text).await?;
                }
                work.tell(Changed::Paid, &id, "done")?;
            }
            StepKind::Void => {
                work.note("payment_voided", &id, "The payment is not awaited any more.").await?;
            }
            StepKind::Restock | StepKind::Take => {}
        }
        work.finish().await.map(|_| ())
    }

    /// Notes that a step will never be done, and takes back what rested on it.
    async fn refused(&self, step: &Step, refused: &Error) -> Result<Vec<Step>> {
        tracing::warn!(order.id = %step.order_id, step.id = %step.id, error = ?refused, "a step of an order was refused");
        let mut work = self.store.work(step.order_id).await?;
        let failure = format!("{}: {}", refused.reason(), refused.message());
        if !work.end_step(step.id, "refused", &failure).await? {
            return work.leave().await.map(|()| Vec::new());
        }
        let id = step.id.to_string();
        if step.kind == StepKind::Refund {
            Self::take_back_refund(&mut work, step).await?;
            work.tell(Changed::Refunded, &id, "refused")?;
        }
        if step.kind == StepKind::Take {
            edits::take_out_again(&mut work, step).await?;
        }
        let text = format!("{} of {} was refused: {failure}", step.kind.as_str(), step.amount);
        work.note_or_pass_over("step_refused", &id, &text).await?;
        work.finish().await
    }

    /// The money is here still, and whoever was let off something for it is not.
    async fn take_back_refund(work: &mut Work, step: &Step) -> Result<()> {
        let id = step.id.to_string();
        work.post(&Entry::not_refunded(format!("not_refunded:{id}"), step.amount)).await?;
        // Goods that left meanwhile may have taken it back already.
        let let_off = work.posted(&format!("allowance:{id}")).await?;
        let let_off = let_off.min(work.ledger.balance(Account::Allowances));
        if let_off > 0 {
            work.post(&Entry::not_allowed(format!("not_allowed:{id}"), let_off)).await?;
        }
        Ok(())
    }
}
