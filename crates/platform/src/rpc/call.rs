//! A call from the caller's side: its deadline, and what may be asked again when an answer is lost.

use std::time::Duration;

use argosy_kernel::{Code, Ctx, Error, Result};
use tower::retry::budget::Budget;

use super::{
    Channel,
    context::{TIMEOUT_DEFAULT, outgoing},
    endpoint::Due,
    error::{Lost, error_of},
};

/// How often a call is made at most.
const TRIES_MAX: u32 = 3;
const PAUSE_MIN: Duration = Duration::from_millis(20);

/// Whether a call whose answer is lost is made again: what `idempotency_level` says in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing, or twice is as good as once.
    Harmless,
    /// Only if it was never sent.
    IfNotSent,
}

/// Runs a call, giving up when the context's deadline passes.
pub async fn within_deadline<T>(ctx: &Ctx, call: impl Future<Output = Result<T>>) -> Result<T> {
    match ctx.remaining()? {
        None => call.await,
        Some(left) => tokio::time::timeout(left, call).await.unwrap_or_else(|_| Err(late())),
    }
}

fn late() -> Error {
    Error::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the call took too long")
}

/// Calls another process with `send`, again if that is harmless, until the deadline of the context or a default one.
pub async fn call<Q: Clone, A, F>(
    channel: &Channel,
    repeat: Repeat,
    ctx: &Ctx,
    message: Q,
    send: impl Fn(tonic::Request<Q>) -> F,
) -> Result<A>
where
    F: Future<Output = Result<tonic::Response<A>, tonic::Status>>,
{
    let ctx = if ctx.deadline.is_some() { ctx.clone() } else { ctx.clone().with_timeout(TIMEOUT_DEFAULT) };
    let repeats = &channel.shared.repeats;
    repeats.deposit();
    for tries in 1.. {
        let mut request = outgoing(&ctx, message.clone())?;
        if let Some(due) = ctx.deadline {
            request.extensions_mut().insert(Due(due));
        }
        let answer = within_deadline(&ctx, async { Ok(send(request).await) }).await?;
        let status = match answer {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) => status,
        };
        let pause = rand::random_range(Duration::ZERO..=PAUSE_MIN * (1 << tries));
        let is_in_time = ctx.remaining()?.is_some_and(|left| left > pause);
        if tries == TRIES_MAX || !is_in_time || !may_repeat(&status, repeat) || !repeats.withdraw() {
            return Err(error_of(&status));
        }
        metrics::counter!("argosy_rpc_repeats_total", "service" => channel.shared.service.clone())
            .increment(1);
        tokio::time::sleep(pause).await;
    }
    Err(late())
}

/// A lost call as the contract says. One that the other side refused for now only if it named no time to wait for: who
/// did knows better.
fn may_repeat(status: &tonic::Status, repeat: Repeat) -> bool {
    match Lost::of(status) {
        Some(lost) => !lost.is_sent || repeat == Repeat::Harmless,
        None => {
            repeat == Repeat::Harmless
                && status.code() == tonic::Code::Unavailable
                && error_of(status).retry_after().is_none()
        }
    }
}
