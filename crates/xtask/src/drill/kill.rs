//! Processes are killed at random and started again, while people buy.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::{
    Length,
    chance::Chance,
    fleet::{Fleet, Place},
    load::{Buyer, Market, Seen},
    pause, verdict,
};

const BUYERS: u64 = 4;
/// So few units of one of the goods that it sells out.
const SCARCE: u32 = 7;

pub(super) fn run(place: &Place<'_>, seed: u64, length: Length) -> Result<String> {
    let mut goods: Vec<(String, u32, u32)> =
        (1..=4).map(|number| (format!("mug-{number}"), 1_990, 10_000)).collect();
    goods.push(("last-mugs".to_owned(), 4_990, SCARCE));
    let handles: Vec<String> = goods.iter().map(|(handle, ..)| handle.clone()).collect();
    let fleet = Fleet::start(place, &goods)?;
    let (stop, shared) = (AtomicBool::new(false), Mutex::new(Seen::default()));
    let market = Market { door: fleet.door(), handles: &handles, seed, stop: &stop, seen: &shared };
    let killed = thread::scope(|scope| {
        for number in 1..=BUYERS {
            let buyer = Buyer::new(&market, number);
            scope.spawn(move || buyer.run());
        }
        let killed = kill_and_start(&fleet, seed, length);
        stop.store(true, Ordering::Relaxed);
        killed
    })?;
    let line = verdict::pass(&fleet, &shared.into_inner().unwrap_or_else(PoisonError::into_inner))?;
    Ok(format!("{killed} processes killed; {line}"))
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
