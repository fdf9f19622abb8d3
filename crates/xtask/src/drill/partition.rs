//! The line between the payments and all who call them is cut, then slow: errors are bounded, nothing hangs, and the shop
//! comes back alone.

use std::time::Duration;

use anyhow::Result;

use super::{
    Length,
    fleet::{Fleet, Place},
    line::Line,
    load::{Patience, goods, sells, trade},
    pause, verdict,
};

/// Behind whose line the rest of the fleet is.
const APART: &str = "payments";

pub(super) fn run(place: &Place<'_>, seed: u64, length: Length) -> Result<String> {
    let goods = goods();
    let fleet = Fleet::start_with_line(place, &goods, APART)?;
    let (rounds, away) = match length {
        Length::Full => (4, Duration::from_secs(20)),
        Length::Short => (1, Duration::from_secs(8)),
    };
    let ((), saw) = trade(&fleet, &goods, seed, Patience::Later, |seen| {
        for _ in 0..rounds {
            sells("before anything happens", seen)?;
            for line in [Line::Cut, Line::Slow] {
                fleet.set_line(line);
                pause(away);
                if line == Line::Slow {
                    sells("over a slow line", seen)?;
                }
                fleet.set_line(Line::Whole);
                sells(&format!("after the line to {APART} was {line:?}"), seen)?;
            }
        }
        Ok(())
    })?;
    let line = verdict::pass(&fleet, &saw)?;
    Ok(format!("{APART} cut off and slow for {} s, {rounds} times each; {line}", away.as_secs()))
}
