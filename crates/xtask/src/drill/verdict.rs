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
    if let Some(complaint) = seen.complaints.first() {
        bail!("{} complaints of buyers, such as: {complaint}", seen.complaints.len());
    }
    let ids: BTreeSet<&String> = seen.orders.values().collect();
    let placed = count(&audited, "orders")?;
    if ids.len() != seen.orders.len() {
        bail!("{} checkouts share {} orders", seen.orders.len(), ids.len());
    }
    if placed != ids.len() as u64 {
        bail!("buyers know of {} orders, the shop of {placed}", ids.len());
    }
    if ids.is_empty() {
        bail!("nobody could buy anything");
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
