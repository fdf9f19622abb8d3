//! Facts travel: from outbox to outbox, over gRPC, and through NATS, with the same stories.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod away;
mod refusals;
mod shop;
mod stories;
mod stream;
