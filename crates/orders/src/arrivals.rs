//! Tells orders that wait for goods of another day to expect them on.
//!
//! In two steps, as disputes are posted: what inventory tells is written down with its fact, and the orders that wait follow
//! one by one, each under its own lock, so that one fact may concern thousands.

use argosy_kernel::{Day, OrderId, Result};
use argosy_platform::crash;

use crate::{
    domain::{Awaited, lines_of},
    events::Changed,
    store::{Store, Work},
};

/// Goes on with all that do not know yet.
pub(crate) async fn tell_all(store: &Store) -> Result<()> {
    for id in store.orders_to_tell().await? {
        if let Err(error) = tell(store, id).await {
            tracing::warn!(order.id = %id, error = ?error, "an order cannot be told what it waits for yet");
        }
    }
    Ok(())
}

async fn tell(store: &Store, id: OrderId) -> Result<()> {
    let mut work = store.work(id).await?;
    let news = work.take_expected().await?;
    for expected in news.iter().filter(|expected| expected.is_new && !expected.arrived) {
        let awaited = &expected.awaited;
        if still_waits_for(&work, awaited) == 0 {
            continue;
        }
        let reference = format!("{}:{}", awaited.line, awaited.version);
        work.note("expected_changed", &reference, &said(&work, awaited)).await?;
        work.tell(Changed::Expected, &reference, &Day::text(awaited.expected_on))?;
    }
    crash::point("orders.before_expected_told");
    work.finish().await.map(|_| ())
}

/// Units that are neither sent nor canceled.
fn still_waits_for(work: &Work, awaited: &Awaited) -> i64 {
    let as_placed = || lines_of(&work.order.quote);
    let lines = if work.lines.is_empty() { as_placed() } else { work.lines.clone() };
    lines.iter().find(|line| line.id == awaited.line).map_or(0, |line| awaited.left_of(line))
}

fn said(work: &Work, awaited: &Awaited) -> String {
    let title = work.order.line(&awaited.line).map(|line| line.title.as_str()).unwrap_or_default();
    match awaited.expected_on {
        Some(day) => format!("{title} is expected on {}.", day.in_words()),
        None => format!("It is not known any more when {title} comes."),
    }
}
