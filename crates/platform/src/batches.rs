//! Asked at once, done as one: while a batch is worked on the next gathers, so nobody waits for a batch to fill and
//! batches grow with the load.

use argosy_kernel::{Error, Result};
use tokio::sync::{mpsc, oneshot};

use crate::tasks::{self, Tasks};

/// Who waits for a batch, at most.
const WAITING_MAX: usize = 1_024;

/// What does many jobs of a kind as one. Cloneable; the work ends with the process's tasks.
pub struct Batches<Job, Answer> {
    jobs: mpsc::Sender<(Job, oneshot::Sender<Result<Answer>>)>,
}

impl<Job, Answer> Clone for Batches<Job, Answer> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone() }
    }
}

impl<Job, Answer> Batches<Job, Answer>
where
    Job: Send + 'static,
    Answer: Send + 'static,
{
    /// Batches of `jobs_max` at most, one after the other. `work` answers each job in its place.
    pub fn start<Work, Done>(tasks: &Tasks, jobs_max: usize, work: Work) -> Self
    where
        Work: Fn(Vec<Job>) -> Done + Send + 'static,
        Done: Future<Output = Vec<Result<Answer>>> + Send,
    {
        let (jobs, mut waiting) = mpsc::channel::<(Job, oneshot::Sender<Result<Answer>>)>(WAITING_MAX);
        tasks.spawn_loop(async move {
            let mut gathered = Vec::new();
            while waiting.recv_many(&mut gathered, jobs_max).await > 0 {
                let (batch, askers): (Vec<Job>, Vec<_>) = gathered.drain(..).unzip();
                // After a panic those who asked hear that there is no answer, and the next batch goes on.
                let done = work(batch);
                let answers = tasks::caught(async { Ok(done.await) }).await.unwrap_or_else(|error| {
                    tracing::error!(error = ?error, "a batch failed");
                    Vec::new()
                });
                for (asker, answer) in askers.into_iter().zip(answers) {
                    // Who asked may have left.
                    drop(asker.send(answer));
                }
            }
        });
        Self { jobs }
    }

    /// Does a job with whatever else is asked now. It goes on when the caller leaves.
    ///
    /// # Errors
    /// `OVERLOADED` when too many wait; `STOPPING` when the process stops before the job is done: ask again.
    pub async fn ask(&self, job: Job) -> Result<Answer> {
        let (asker, answer) = oneshot::channel();
        self.jobs.try_send((job, asker)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                Error::unavailable("OVERLOADED", "too much is asked at once")
            }
            mpsc::error::TrySendError::Closed(_) => stopping(),
        })?;
        answer.await.unwrap_or_else(|_| Err(stopping()))
    }
}

fn stopping() -> Error {
    Error::unavailable("STOPPING", "the process is stopping; try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_asked_while_a_batch_is_worked_on_is_the_next() {
        let tasks = Tasks::default();
        let sizes = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let noted = std::sync::Arc::clone(&sizes);
        let batches = Batches::start(&tasks, 8, move |jobs: Vec<u32>| {
            noted.lock().unwrap().push(jobs.len());
            async move {
                tokio::task::yield_now().await;
                jobs.into_iter().map(|job| Ok(job * 2)).collect()
            }
        });
        let asked = (0..20).map(|job| batches.ask(job));
        let answers = futures::future::join_all(asked).await;
        assert_eq!(
            answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
            (0..20).map(|n| n * 2).collect::<Vec<_>>()
        );
        assert_eq!(*sizes.lock().unwrap(), [8, 8, 4]);
    }

    #[tokio::test]
    async fn a_batch_that_panics_answers_an_error_and_the_next_goes_on() {
        let tasks = Tasks::default();
        let batches = Batches::start(&tasks, 8, |jobs: Vec<u32>| async move {
            assert!(!jobs.contains(&0), "a job that cannot be done");
            jobs.into_iter().map(Ok).collect()
        });
        assert_eq!(batches.ask(0).await.unwrap_err().reason(), "STOPPING");
        assert_eq!(batches.ask(1).await.unwrap(), 1);
    }
}
