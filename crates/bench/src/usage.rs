//! What processes use of the machine, as Linux tells it in `/proc` (proc(5)).

use std::time::Duration;

use anyhow::{Context, Result};

/// Of `utime` and `stime` in `/proc/PID/stat`: a hundred a second on every Linux there is.
const TICK: Duration = Duration::from_millis(10);

/// Memory that a process has in use.
pub(crate) fn resident_mb(process: u32) -> Result<f64> {
    resident_in(&std::fs::read_to_string(format!("/proc/{process}/status"))?)
}

fn resident_in(status: &str) -> Result<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}

/// Time that a process has spent on the processors.
pub(crate) fn cpu(process: u32) -> Result<Duration> {
    cpu_in(&std::fs::read_to_string(format!("/proc/{process}/stat"))?)
}

fn cpu_in(stat: &str) -> Result<Duration> {
    // The name in parentheses may hold spaces.
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let ticks = |place: usize| -> Result<u32> {
        Ok(fields.split_whitespace().nth(place).context("too few fields")?.parse()?)
    };
    Ok(TICK * (ticks(11)? + ticks(12)?))
}

/// The same of all processes of a program on this machine that run now: what several share, such as a PostgreSQL.
pub(crate) fn cpu_of_program(name: &str) -> Duration {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Duration::ZERO };
    let stats =
        processes.flatten().filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let of_program = stats.filter(|stat| stat.contains(&format!("({name})")));
    of_program.filter_map(|stat| cpu_in(&stat).ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_time_are_read_as_the_kernel_tells_them() {
        let status = "Name:\targosy\nVmPeak:\t  900000 kB\nVmRSS:\t  125000 kB\nThreads:\t4\n";
        assert!((resident_in(status).unwrap() - 128.0).abs() < 1e-9);
        let stat = "4242 (a name) S 1 4242 4242 0 -1 4194560 1 0 0 0 150 25 0 0 20 0 9 0 100 0 0";
        assert_eq!(cpu_in(stat).unwrap(), Duration::from_millis(1_750));
        assert!(cpu(std::process::id()).is_ok() && resident_mb(std::process::id()).unwrap() > 0.0);
    }
}
