//! A call's context as gRPC metadata.

use std::{str::FromStr, time::Duration};

use argosy_kernel::{Actor, Ctx, Error, Result};
use tonic::metadata::{MetadataMap, MetadataValue};

/// How long a call may take that came without a deadline.
pub(super) const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
const REQUEST_ID: &str = "x-request-id";
const ACTOR: &str = "x-argosy-actor";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const TRACEPARENT: &str = "traceparent";
const TIMEOUT_MS: &str = "x-argosy-timeout-ms";

/// A request on its way out, with its context.
pub fn outgoing<T>(ctx: &Ctx, message: T) -> Result<tonic::Request<T>, Error> {
    let mut request = tonic::Request::new(message);
    let timeout = ctx.remaining()?.unwrap_or(TIMEOUT_DEFAULT);
    request.set_timeout(timeout);
    let metadata = request.metadata_mut();
    let mut put = |key: &'static str, value: &str| {
        // A value that is no header text cannot come from a checked request; it is left out, not fatal.
        if let Ok(value) = MetadataValue::from_str(value) {
            metadata.insert(key, value);
        }
    };
    put(REQUEST_ID, &ctx.request_id);
    put(TIMEOUT_MS, &timeout.as_millis().to_string());
    match &ctx.actor {
        Actor::Guest => put(ACTOR, "guest"),
        Actor::Customer(id) => put(ACTOR, &format!("customer:{id}")),
        Actor::Staff(id) => put(ACTOR, &format!("staff:{id}")),
        Actor::System(name) => put(ACTOR, &format!("system:{name}")),
    }
    if let Some(key) = &ctx.idempotency_key {
        put(IDEMPOTENCY_KEY, key);
    }
    if let Some(trace) = &ctx.traceparent {
        put(TRACEPARENT, trace);
    }
    Ok(request)
}

/// A request that came in, with its context.
pub fn incoming<T>(request: tonic::Request<T>) -> Result<(Ctx, T), tonic::Status> {
    let (metadata, _, message) = request.into_parts();
    let mut ctx = Ctx::guest();
    if let Some(id) = text(&metadata, REQUEST_ID) {
        ctx.request_id = id.into();
    }
    if let Some(actor) = text(&metadata, ACTOR) {
        ctx.actor = match actor.split_once(':') {
            Some(("customer", id)) => Actor::Customer(id.into()),
            Some(("staff", id)) => Actor::Staff(id.into()),
            Some(("system", name)) => Actor::System(name.into()),
            Some(_) => return Err(tonic::Status::invalid_argument("unknown kind of actor")),
            None => Actor::Guest,
        };
    }
    ctx.idempotency_key = text(&metadata, IDEMPOTENCY_KEY).map(Into::into);
    ctx.traceparent = text(&metadata, TRACEPARENT).map(Into::into);
    let timeout = text(&metadata, TIMEOUT_MS).and_then(|text| text.parse().ok()).map(Duration::from_millis);
    Ok((ctx.with_timeout(timeout.unwrap_or(TIMEOUT_DEFAULT)), message))
}

fn text<'a>(metadata: &'a MetadataMap, key: &str) -> Option<&'a str> {
    metadata.get(key).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_survives_the_wire() {
        let mut ctx = Ctx::system("test").with_key("key-1").with_timeout(Duration::from_secs(5));
        ctx.traceparent = Some("00-abc".into());
        let (received, message) = incoming(outgoing(&ctx, 7).unwrap()).unwrap();
        assert_eq!(message, 7);
        assert_eq!(received.request_id, ctx.request_id);
        assert_eq!(received.actor, ctx.actor);
        assert_eq!(received.idempotency_key, ctx.idempotency_key);
        assert_eq!(received.traceparent, ctx.traceparent);
        assert!(received.remaining().unwrap().unwrap() <= Duration::from_secs(5));
    }
}
