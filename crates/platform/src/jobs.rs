//! Work that is due again and again, done by one process at a time.
//!
//! A lease in the service's own database decides who: it is taken with one conditional statement and ends by
//! itself, so a process that dies holds nobody up. apalis lost for now: it brings a queue of its own, and the
//! outbox is ours already; what is missing is only "who, when".

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, RequestId, Result};

use crate::{
    database::{Database, sql},
    host::Host,
    tasks::caught,
};

/// Runs `work` every `interval` in one of the processes that share the database, until shutdown.
///
/// `work` must be idempotent: a process may die in the middle, and the next one starts it again.
pub fn every<F>(
    host: &Host,
    database: &Database,
    name: &'static str,
    interval: Duration,
    work: impl Fn() -> F + Send + Sync + 'static,
) where
    F: Future<Output = Result<()>> + Send,
{
    let lease = Lease {
        database: database.clone(),
        clock: host.clock(),
        holder: RequestId::new().to_string(),
        name,
        interval,
    };
    host.tasks().spawn_loop(async move {
        let mut tick = tokio::time::interval(interval);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = lease.run(&work).await {
                tracing::warn!(job.name = name, error = ?error, "a periodic job failed, it runs again when it is due");
            }
        }
    });
}

struct Lease {
    database: Database,
    clock: Arc<dyn Clock>,
    holder: String,
    name: &'static str,
    interval: Duration,
}

impl Lease {
    async fn run<F: Future<Output = Result<()>>>(&self, work: impl Fn() -> F) -> Result<()> {
        if !self.take().await? {
            return Ok(());
        }
        let done = caught(work()).await;
        self.release(done.is_ok()).await?;
        done
    }

    /// Holds the lease for ten intervals at most, if it is free and the work is due.
    async fn take(&self) -> Result<bool> {
        let now = self.clock.now();
        let taken = sql("insert into lease (name, holder, until_ms, due_ms) values ($1, $2, $3, $4) \
                         on conflict (name) do update set holder = excluded.holder, until_ms = excluded.until_ms \
                         where lease.until_ms <= $4 and lease.due_ms <= $4")
            .bind(self.name)
            .bind(self.holder.as_str())
            .bind(now.plus(self.interval * 10).as_millis())
            .bind(now.as_millis())
            .commit(&self.database)
            .await?;
        Ok(taken == 1)
    }

    async fn release(&self, succeeded: bool) -> Result<()> {
        let now = self.clock.now();
        // Half an interval of slack, so that two processes whose ticks differ do not skip a turn.
        let due = if succeeded { now.plus(self.interval / 2) } else { now };
        sql("update lease set until_ms = 0, due_ms = $3 where name = $1 and holder = $2")
            .bind(self.name)
            .bind(self.holder.as_str())
            .bind(due.as_millis())
            .commit(&self.database)
            .await
            .map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::database::{DatabaseSpec, Durability};

    #[tokio::test]
    async fn a_job_that_panics_runs_again_when_it_is_due() {
        let folder = tempfile::tempdir().unwrap();
        let host = Host::embedded(folder.path()).unwrap();
        let spec = DatabaseSpec { name: "jobs", durability: Durability::Process, migrations: &[] };
        let database = host.database(spec).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        every(&host, &database, "poisoned", Duration::from_millis(10), move || {
            let run = counted.fetch_add(1, Ordering::Relaxed);
            async move { if run == 0 { panic!("poison") } else { Ok(()) } }
        });
        while runs.load(Ordering::Relaxed) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(host.stop(Duration::from_secs(5)).await);
    }
}
