//! PostgreSQL is restarted; its standby dies and comes back; its primary is killed and the standby promoted. The shop says
//! "later", comes back alone, and no order that a buyer knows of is lost.

use std::{sync::Mutex, time::Duration};

use anyhow::Result;

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
    let ((), saw) = trade(&fleet, &goods, seed, Patience::Later, |seen| {
        for number in 1..=rounds {
            round(&mut cluster, seen)?;
            if number < rounds {
                cluster.add_standby()?;
            }
        }
        Ok(())
    })?;
    let line = verdict::pass(&fleet, &saw)?;
    Ok(format!("PostgreSQL restarted and its standby promoted, {rounds} times each; {line}"))
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
