//! Goes on with attempts and steps whose process died, and ends checkouts that nobody came back to.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{AttemptId, Ctx, Result};
use argosy_platform::{Host, jobs};

use crate::{
    OrdersConfig, arrivals,
    balances::Balances,
    disputes,
    domain::{Failure, Outcome, Status},
    events::{GoodsExpected, PaymentDisputed, PaymentMoved},
    saga::Saga,
    steps::Steps,
    store::Store,
};

const SWEEP_INTERVAL: Duration = Duration::from_mins(1);
const FORGET_INTERVAL: Duration = Duration::from_mins(10);
/// How long one attempt may take in the background.
const DRIVE_TIMEOUT: Duration = Duration::from_secs(15);

pub(crate) async fn start(
    host: &Host,
    store: &Store,
    (saga, steps, balances): (&Arc<Saga>, &Arc<Steps>, &Arc<Balances>),
    config: &OrdersConfig,
) -> Result<()> {
    store.end_leases_of_the_dead().await?;
    store.end_step_leases_of_the_dead().await?;
    store.end_balance_leases_of_the_dead().await?;
    host.consume(store.database(), PaymentMoved::SPEC, PaymentMoved);
    host.consume(store.database(), PaymentDisputed::SPEC, PaymentDisputed);
    host.consume(store.database(), GoodsExpected::SPEC, GoodsExpected);
    let swept = store.clone();
    jobs::every(host, store.database(), "expire checkouts", SWEEP_INTERVAL, move || {
        let store = swept.clone();
        async move {
            store.expire_due().await?;
            store.forget_links().await
        }
    });
    let forgetting = store.clone();
    jobs::every(host, store.database(), "forget tries to pay", FORGET_INTERVAL, move || {
        let store = forgetting.clone();
        async move { store.forget_tries().await }
    });
    let (store, saga) = (store.clone(), Arc::clone(saga));
    let (steps, balances) = (Arc::clone(steps), Arc::clone(balances));
    let interval = Duration::from_millis(config.resume_interval_ms.max(10).into());
    host.tasks().spawn_loop(async move {
        let mut tick = tokio::time::interval(interval);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = resume_all(&store, &saga).await {
                tracing::warn!(error = ?error, "cannot look for attempts to go on with");
            }
            if let Err(error) = steps.resume().await {
                tracing::warn!(error = ?error, "cannot look for steps of orders to go on with");
            }
            if let Err(error) = balances.resume().await {
                tracing::warn!(error = ?error, "cannot look for payments of what is due to go on with");
            }
            if let Err(error) = disputes::post_all(&store).await {
                tracing::warn!(error = ?error, "cannot look for disputes to post");
            }
            if let Err(error) = arrivals::tell_all(&store).await {
                tracing::warn!(error = ?error, "cannot look for orders that wait for goods");
            }
        }
    });
    Ok(())
}

async fn resume_all(store: &Store, saga: &Saga) -> Result<()> {
    for id in store.due_attempts().await? {
        if let Err(error) = resume(store, saga, id).await {
            tracing::warn!(attempt.id = %id, error = ?error, "an attempt cannot go on yet");
        }
    }
    Ok(())
}

async fn resume(store: &Store, saga: &Saga, id: AttemptId) -> Result<()> {
    if !store.take_lease(id, saga.lease()).await? {
        return Ok(());
    }
    let Some(row) = store.attempt(id).await? else { return Ok(()) };
    metrics::counter!("argosy_attempts_resumed_total").increment(1);
    let ctx = Ctx::system("orders.resumer").with_timeout(DRIVE_TIMEOUT);
    let mut attempt = row.attempt.clone();
    let outcome = saga.drive(&ctx, row, None).await?;
    if still_needs_buyer(&outcome) && attempt.needs_buyer_until <= store.now() {
        saga.give_up(&ctx, &mut attempt, not_confirmed()).await?;
    }
    Ok(())
}

fn still_needs_buyer(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Answered(answered) if answered.0.status == Status::NeedsBuyer)
}

fn not_confirmed() -> Failure {
    Failure::Payment {
        reason: "NOT_CONFIRMED".to_owned(),
        text: "The payment was not confirmed in time. Nothing was charged; please pay again.".to_owned(),
        intent_id: None,
    }
}
