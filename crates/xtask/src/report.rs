//! One line a step, with its time; one line at the end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The steps done so far.
pub(crate) struct Report {
    task: &'static str,
    started: Instant,
    steps_done: usize,
}

impl Report {
    pub(crate) fn start(task: &'static str) -> Self {
        Self { task, started: Instant::now(), steps_done: 0 }
    }

    /// Does one step and prints its line; the first failure is shown in full and ends the run.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<String>) -> Result<()> {
        let started = Instant::now();
        let outcome = work();
        let time = time_of(started.elapsed());
        self.steps_done += 1;
        match outcome {
            Ok(remark) => {
                println!("ok    {name:<14} {time:>12}  {}", last_line(&remark));
                Ok(())
            }
            Err(failure) => {
                println!("FAIL  {name:<14} {time:>12}\n{failure:#}");
                bail!("{} stopped at `{name}` after {}", self.task, time_of(self.started.elapsed()))
            }
        }
    }

    pub(crate) fn finish(self) {
        println!("{}: {} steps in {}", self.task, self.steps_done, time_of(self.started.elapsed()));
    }
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

/// As people write it.
pub(crate) fn time_of(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds >= 60 {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    } else {
        format!("{seconds}.{} s", duration.subsec_millis() / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_times() {
        assert_eq!(time_of(Duration::from_millis(1_949)), "1.9 s");
        assert_eq!(time_of(Duration::from_secs(218)), "3 min 38 s");
    }

    #[test]
    fn a_failed_step_names_itself() {
        let mut report = Report::start("ci");
        report.step("fmt", || Ok("clean".into())).unwrap();
        let failure = report.step("clippy", || anyhow::bail!("unused import")).unwrap_err();
        assert!(failure.to_string().starts_with("ci stopped at `clippy` after 0."), "{failure}");
    }
}
