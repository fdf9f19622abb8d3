//! Every process of a fleet with two of each role is restarted, one after the other, and nobody notices.

use anyhow::Result;

use super::{
    Length,
    fleet::{Fleet, Place},
    load::{Patience, goods, trade},
    verdict,
};

pub(super) fn run(place: &Place<'_>, seed: u64, length: Length) -> Result<String> {
    let goods = goods();
    let fleet = Fleet::start(place, &goods, 2)?;
    let rounds = match length {
        Length::Full => 3,
        Length::Short => 1,
    };
    let (restarted, saw) = trade(&fleet, &goods, seed, Patience::ClosedDoors, |_| restart(&fleet, rounds))?;
    let line = verdict::pass(&fleet, &saw)?;
    Ok(format!("{restarted} processes restarted one by one, no request failed; {line}"))
}

fn restart(fleet: &Fleet<'_>, rounds: usize) -> Result<usize> {
    for number in (0..rounds).flat_map(|_| 0..fleet.roles()) {
        fleet.stop_role(number)?;
        fleet.start_role(number)?;
        fleet.wait_until_ready()?;
        fleet.wait_until_known()?;
    }
    Ok(rounds * fleet.roles())
}
