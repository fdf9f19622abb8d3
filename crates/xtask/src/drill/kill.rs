//! Processes are killed at random and started again, while people buy.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{
    Length,
    chance::Chance,
    fleet::{Fleet, Place},
    load::{Patience, goods, trade},
    pause, verdict,
};

pub(super) fn run(place: &Place<'_>, seed: u64, length: Length) -> Result<String> {
    let goods = goods();
    let fleet = Fleet::start(place, &goods, 1)?;
    let (killed, saw) =
        trade(&fleet, &goods, seed, Patience::Later, |_| kill_and_start(&fleet, seed, length))?;
    Ok(format!("{killed} processes killed; {}", verdict::pass(&fleet, &saw)?))
}

fn kill_and_start(fleet: &Fleet<'_>, seed: u64, length: Length) -> Result<u32> {
    let mut chance = Chance::of(seed, 0);
    let until = Instant::now()
        + match length {
            Length::Full => Duration::from_mins(2),
            Length::Short => Duration::from_secs(20),
        };
    let mut killed = 0;
    while Instant::now() < until {
        pause(Duration::from_millis(500 + chance.below(1_500)));
        let role = usize::try_from(chance.below(fleet.roles() as u64)).unwrap_or(0);
        fleet.kill_role(role)?;
        killed += 1;
        pause(Duration::from_millis(chance.below(800)));
        fleet.start_role(role)?;
    }
    fleet.wait_until_ready()?;
    Ok(killed)
}
