//! A hundred times the buyers at once: the shop sheds what is too much, serves the others in time, and is itself again as
//! soon as they are gone.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{
    Length,
    fleet::{Fleet, Place},
    load::{BUYERS, Patience, Rush, goods, rush, sells, sells_within, trade},
    verdict,
};

const TIMES: u64 = 100;
/// What the door works on at once, and for how long: what an operator sets by what the machine can do.
const SETTINGS: &[(&str, &str)] =
    &[("ARGOSY_EDGE__REQUESTS_MAX", "32"), ("ARGOSY_EDGE__REQUEST_TIMEOUT_S", "5")];
/// Beside the time that a request may take: the buyers and the shop share the machine.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5 + 3);
const BACK_TIME_MAX: Duration = Duration::from_secs(5);
/// Of any process, at its peak: a debug build.
const MEMORY_MB_MAX: u64 = 512;

pub(super) fn run(place: &Place<'_>, seed: u64, length: Length) -> Result<String> {
    let goods = goods();
    let fleet = Fleet::start_with(place, &goods, SETTINGS)?;
    let time = match length {
        Length::Full => Duration::from_secs(30),
        Length::Short => Duration::from_secs(6),
    };
    let (came, saw) = trade(&fleet, &goods, seed, Patience::Later, |seen| {
        sells("before anything happens", seen)?;
        let came = rush(&fleet, &goods, seed, (TIMES - 1) * BUYERS, time, seen);
        sells_within(BACK_TIME_MAX, "after the spike", seen)?;
        Ok(came)
    })?;
    let Rush { served, shed, slowest } = came;
    ensure!(shed > 0, "nothing was shed of {served} requests: that was no spike");
    ensure!(slowest <= ANSWER_TIME_MAX, "somebody was served after {} ms", slowest.as_millis());
    let (role, memory_mb) = fleet.peak_memory_mb()?;
    ensure!(memory_mb <= MEMORY_MB_MAX, "{role} took {memory_mb} MB");
    let line = verdict::pass(&fleet, &saw)?;
    Ok(format!(
        "{TIMES} times the buyers for {} s: {served} requests served, the slowest in {} ms, {shed} shed; at most \
         {memory_mb} MB ({role}); {line}",
        time.as_secs(),
        slowest.as_millis()
    ))
}
