//! PostgreSQL is restarted; its standby dies and comes back; its primary is killed and the standby promoted. The shop says
//! "later", comes back alone, and no order that a buyer knows of is lost. Last, a dump made meanwhile is restored elsewhere:
//! the shop goes on from there, without what Redis and NATS had.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use cargo_metadata::camino::Utf8Path;

use super::{
    Length,
    cluster::Cluster,
    fleet::{Fleet, Place},
    load::{Patience, Seen, goods, sells, trade},
    pause, verdict,
};

/// How long nobody answers: until a server is started again, or until somebody has decided to promote.
const AWAY: Duration = Duration::from_secs(3);

pub(super) fn run(place: &Place<'_>, seed: u64, length: Length) -> Result<String> {
    let goods = goods();
    let mut cluster = Cluster::start(place.folder)?;
    let url = cluster.url();
    let place = Place { postgres_url: &url, ..*place };
    let fleet = Fleet::start(&place, &goods, 1)?;
    let rounds = match length {
        Length::Full => 4,
        Length::Short => 1,
    };
    let dump = place.folder.join("argosy.dump");
    let (known, saw) = trade(&fleet, &goods, seed, Patience::Later, |seen| {
        for number in 1..=rounds {
            round(&mut cluster, seen)?;
            if number < rounds {
                cluster.add_standby()?;
            }
        }
        let known = seen.lock().unwrap_or_else(PoisonError::into_inner).orders.len();
        cluster.dump(&dump)?;
        Ok(known)
    })?;
    let line = verdict::pass(&fleet, &saw)?;
    let prefix = fleet.prefix().to_owned();
    drop(fleet);
    // Other keys of idempotency than before.
    let restored = restore(&place, &prefix, &dump, known, seed.wrapping_add(1))?;
    Ok(format!("PostgreSQL restarted and its standby promoted, {rounds} times each; {line}; {restored}"))
}

/// A dump made when buyers knew of so many orders, in a server whose transaction numbers are far behind.
fn restore(place: &Place<'_>, prefix: &str, dump: &Utf8Path, known: usize, seed: u64) -> Result<String> {
    let folder = place.folder.join("restored");
    let cluster = Cluster::alone(&folder)?;
    cluster.restore(dump)?;
    let url = cluster.url();
    let place = Place { folder: &folder, postgres_url: &url, ..*place };
    let fleet = Fleet::start_on(&place, prefix)?;
    let goods = goods();
    let ((), saw) = trade(&fleet, &goods, seed, Patience::Later, |seen| sells("after the restore", seen))?;
    verdict::pass_on(&fleet, &saw, known)
}

fn round(cluster: &mut Cluster, seen: &Mutex<Seen>) -> Result<()> {
    sells("before anything happens", seen)?;
    cluster.stop_primary()?;
    pause(AWAY);
    cluster.start_primary()?;
    sells("after PostgreSQL was restarted", seen)?;
    cluster.kill_standby()?;
    // What is promised must be in two places, so nothing is promised now.
    pause(AWAY);
    cluster.start_standby()?;
    sells("after the standby was away", seen)?;
    cluster.change_places(AWAY)?;
    sells("after the servers changed places", seen)?;
    cluster.kill_primary()?;
    pause(AWAY);
    cluster.promote_standby()?;
    sells("after the standby was promoted", seen)
}
