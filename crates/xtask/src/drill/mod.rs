//! Drills: a real fleet under load to which something happens. Each closes with `argosy audit`.
//!
//! Processes of the real binary on loopback, with PostgreSQL in schemas, and a Redis and a NATS, of the drill's own.
//! The choices of a drill come from a seed that it prints.

mod brokers;
mod chance;
mod cluster;
mod fleet;
mod http;
mod kill;
mod line;
mod load;
mod partition;
mod postgres;
mod rolling;
mod spike;
mod verdict;

use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::{
    counts::Counts,
    servers::{self, Addresses, Server},
    suites::Outcome,
    workspace::Workspace,
};

/// Something that happens to a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drill {
    /// Processes are killed at random and started again
    Kill,
    /// Processes are restarted one by one, as for a new release, and no request fails
    Rolling,
    /// Redis is flushed, Redis and NATS are killed and started again
    Brokers,
    /// The line to the payments is cut, then slow by a second
    Partition,
    /// A hundred times the buyers come at once
    Spike,
    /// PostgreSQL is restarted, then its primary is killed and the standby promoted
    Postgres,
}

const ALL: &[Drill] =
    &[Drill::Kill, Drill::Rolling, Drill::Brokers, Drill::Partition, Drill::Spike, Drill::Postgres];

/// Flags of `cargo xtask drill`.
#[derive(Args)]
pub(crate) struct Flags {
    /// Which drills [default: all]
    #[arg(value_enum)]
    names: Vec<Drill>,
    /// Seconds instead of minutes, as the tests run them
    #[arg(long)]
    short: bool,
    /// What an earlier run printed, to have the same choices again
    #[arg(long)]
    seed: Option<u64>,
}

/// How long something happens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Full,
    Short,
}

/// Runs the drills that were named, or all.
pub(crate) fn run(workspace: &Workspace, addresses: &Addresses, flags: &Flags) -> Result<()> {
    servers::ensure(&[Server::Postgres], addresses, workspace)?;
    let drills = if flags.names.is_empty() { ALL } else { &flags.names };
    let length = if flags.short { Length::Short } else { Length::Full };
    let outcome = each(workspace, addresses, drills, length, flags.seed)?;
    if !outcome.succeeded {
        bail!("{} of {} drills failed", outcome.counts.failed, drills.len());
    }
    Ok(())
}

/// The short drills, as a suite of tests.
pub(crate) fn suite(workspace: &Workspace, addresses: &Addresses) -> Result<Outcome> {
    each(workspace, addresses, ALL, Length::Short, None)
}

fn each(
    workspace: &Workspace,
    addresses: &Addresses,
    drills: &[Drill],
    length: Length,
    seed: Option<u64>,
) -> Result<Outcome> {
    let binary = workspace.build_binary()?;
    let mut counts = Counts::default();
    for drill in drills {
        let seed = seed.unwrap_or_else(any_seed);
        let folder = workspace.scratch("drill").join(format!("{drill:?}-{seed}").to_lowercase());
        let place = fleet::Place { binary: &binary, folder: &folder, postgres_url: addresses.postgres_url() };
        println!("      {drill:?} with --seed {seed}");
        let outcome = match drill {
            Drill::Kill => kill::run(&place, seed, length),
            Drill::Rolling => rolling::run(&place, seed, length),
            Drill::Brokers => brokers::run(&place, seed, length),
            Drill::Partition => partition::run(&place, seed, length),
            Drill::Spike => spike::run(&place, seed, length),
            Drill::Postgres => postgres::run(&place, seed, length),
        };
        match outcome {
            Ok(line) => {
                counts.passed += 1;
                println!("ok    {drill:?}: {line}");
                std::fs::remove_dir_all(&folder)?;
            }
            Err(failure) => {
                counts.failed += 1;
                println!("FAIL  {drill:?}: {failure:#}\n      what the processes said is in {folder}");
            }
        }
    }
    Ok(Outcome { counts, succeeded: counts.failed == 0 })
}

fn any_seed() -> u64 {
    seconds_now() % 1_000_000
}

/// Since the epoch.
#[expect(clippy::disallowed_methods, reason = "nothing is decided by it: it makes names and seeds differ")]
fn seconds_now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Waits: what happens to other programs can only be looked for again.
#[expect(clippy::disallowed_methods, reason = "another program can only be polled")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
