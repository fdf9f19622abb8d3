//! Background tasks that are joined at shutdown.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use argosy_kernel::{Error, Result};
use futures::FutureExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Runs a process's background tasks and ends them together.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

impl Tasks {
    /// Runs a task until it ends. It should watch [`Tasks::shutdown`].
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(task);
    }

    /// Runs a task that is dropped at its next wait when the process shuts down: for loops that keep nothing
    /// between two steps.
    pub fn spawn_loop(&self, task: impl Future<Output = ()> + Send + 'static) {
        let shutdown = self.shutdown.clone();
        self.tracker.spawn(async move {
            shutdown.run_until_cancelled(task).await;
        });
    }

    /// Is cancelled when the process shuts down.
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Asks all tasks to end and waits for them, at most `timeout`; false if some did not.
    pub async fn stop(&self, timeout: Duration) -> bool {
        self.shutdown.cancel();
        self.tracker.close();
        tokio::time::timeout(timeout, self.tracker.wait()).await.is_ok()
    }
}

/// The outcome of a step of a loop that has to go on: a panic is an error like others. What the step held is dropped.
pub(crate) async fn caught<T>(step: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(step).catch_unwind().await.unwrap_or_else(|panic| Err(Error::internal(said(&*panic))))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", said.unwrap_or("without a word"))
}
