//! Redis is flushed, Redis and NATS are killed and started again: the shop says "later", and comes back alone.

use std::{sync::Mutex, time::Duration};

use anyhow::Result;

use super::{
    Length,
    fleet::{Fleet, Place, Shared},
    load::{Patience, Seen, goods, sells, trade},
    pause, verdict,
};

/// How long a server is away.
const AWAY: Duration = Duration::from_secs(3);

pub(super) fn run(place: &Place<'_>, seed: u64, length: Length) -> Result<String> {
    let goods = goods();
    let fleet = Fleet::start(place, &goods, 1)?;
    let rounds = match length {
        Length::Full => 5,
        Length::Short => 1,
    };
    let ((), saw) = trade(&fleet, &goods, seed, Patience::Later, |seen| {
        (0..rounds).try_for_each(|_| round(&fleet, seen))
    })?;
    let line = verdict::pass(&fleet, &saw)?;
    Ok(format!("Redis flushed and killed, NATS killed, {rounds} times each; {line}"))
}

fn round(fleet: &Fleet<'_>, seen: &Mutex<Seen>) -> Result<()> {
    sells("before anything happens", seen)?;
    fleet.flush_redis()?;
    sells("after Redis was flushed", seen)?;
    for server in [Shared::Redis, Shared::Nats] {
        fleet.kill_server(server)?;
        pause(AWAY);
        fleet.start_server(server)?;
        sells(&format!("after {server:?} was away"), seen)?;
    }
    Ok(())
}
