//! How load is made, and what is noted of it.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;

use crate::client::Connection;

/// Sends one request over and over on some connections, for a time; answers per second.
pub(crate) async fn rate(
    address: SocketAddr,
    request: &Arc<[u8]>,
    status: u16,
    connections: usize,
    time: Duration,
) -> Result<f64> {
    let started = Instant::now();
    let end = started + time;
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let request = Arc::clone(request);
        workers.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut answers = 0_u32;
            while Instant::now() < end {
                let answer = connection.exchange(&request).await?;
                if answer.status != status {
                    bail!("{} instead of {status}: {}", answer.status, String::from_utf8_lossy(answer.body));
                }
                answers += 1;
            }
            Ok(answers)
        });
    }
    let mut answers = 0.0;
    while let Some(worker) = workers.join_next().await {
        answers += f64::from(worker??);
    }
    Ok(answers / started.elapsed().as_secs_f64())
}

/// How long single things took.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn note(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The time that so many of a hundred do not exceed, in milliseconds.
    pub(crate) fn percentile_ms(&self, percent: usize) -> Result<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        Ok(sorted.get(place).context("nothing was timed")?.as_secs_f64() * 1e3)
    }
}

/// Sends requests one after the other on one connection.
pub(crate) async fn times(address: SocketAddr, requests: impl IntoIterator<Item = Vec<u8>>) -> Result<Times> {
    let mut connection = Connection::open(address).await?;
    let mut times = Times::default();
    for request in requests {
        let started = Instant::now();
        let answer = connection.exchange(&request).await?;
        times.note(started.elapsed());
        if answer.status != 200 {
            bail!("{} to {}", answer.status, String::from_utf8_lossy(&request));
        }
    }
    Ok(times)
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let mut times = Times::default();
        for ms in 1..=200 {
            times.note(Duration::from_millis(ms));
        }
        assert!((times.percentile_ms(50).unwrap() - 100.0).abs() < 1e-9);
        assert!((times.percentile_ms(99).unwrap() - 198.0).abs() < 1e-9);
        assert!((times.percentile_ms(100).unwrap() - 200.0).abs() < 1e-9);
    }
}
