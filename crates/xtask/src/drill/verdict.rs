//! What a drill comes to: what buyers saw, beside what `argosy audit` says.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{fleet::Fleet, load::Seen, pause};

/// How long what was under way may take to end: leases of the dead, and facts that wait.
const SETTLE_TIME_MAX: Duration = Duration::from_mins(2);

/// Everything ends and balances, and the orders are those that buyers know.
pub(super) fn pass(fleet: &Fleet<'_>, seen: &Seen) -> Result<String> {
    let audited = settled(fleet)?;
    let known = known(seen)?;
    let placed = count(&audited, "orders")?;
    if placed != known {
        bail!("buyers know of {known} orders, the shop of {placed}");
    }
    Ok(format!(
        "{placed} orders, each known to its buyer, {} purchases refused, {} requests, {} asked again; \
         the audit balances over {} attempts, {} payments, {} reservations",
        seen.refused,
        seen.requests,
        seen.again,
        count(&audited, "attempts")?,
        count(&audited, "payments")?,
        count(&audited, "reservations")?
    ))
}

/// As [`pass`], where buyers before these knew of so many orders, and a purchase of theirs may have ended since.
pub(super) fn pass_on(fleet: &Fleet<'_>, seen: &Seen, before: usize) -> Result<String> {
    let audited = settled(fleet)?;
    let known = known(seen)?;
    let kept = count(&audited, "orders")?.saturating_sub(known);
    if kept < before as u64 {
        bail!("buyers knew of {before} orders before, the shop knows of {kept}");
    }
    Ok(format!(
        "restored from a dump it had {kept} orders, of {before} that buyers knew, sold {known} more, and balances"
    ))
}

/// How many orders buyers know of, each another.
fn known(seen: &Seen) -> Result<u64> {
    if let Some(complaint) = seen.complaints.first() {
        bail!("{} complaints of buyers, such as: {complaint}", seen.complaints.len());
    }
    let ids: BTreeSet<&String> = seen.orders.values().collect();
    if ids.len() != seen.orders.len() {
        bail!("{} checkouts share {} orders", seen.orders.len(), ids.len());
    }
    if ids.is_empty() {
        bail!("nobody could buy anything");
    }
    Ok(ids.len() as u64)
}

/// Audits until nothing is under way.
fn settled(fleet: &Fleet<'_>) -> Result<Value> {
    let started = Instant::now();
    loop {
        let output = fleet.command("audit").args(["audit", "--json", "--patience-s", "30"]).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("the audit: {}{said}", String::from_utf8_lossy(&output.stderr));
        }
        let report: Value = serde_json::from_str(&said).context("the audit's report is no JSON")?;
        let under_way = count(&report, "attempts_under_way")?;
        if under_way == 0 {
            return Ok(report);
        }
        if started.elapsed() > SETTLE_TIME_MAX {
            bail!("{under_way} attempts did not end within {} s", SETTLE_TIME_MAX.as_secs());
        }
        pause(Duration::from_millis(500));
    }
}

fn count(report: &Value, what: &str) -> Result<u64> {
    report["compared"][what].as_u64().with_context(|| format!("the audit does not count {what}"))
}
