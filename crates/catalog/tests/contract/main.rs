//! What the service promises, over both call modes.
#![expect(clippy::unwrap_used, reason = "clippy does not see that all of this crate is tests")]

mod background;
mod products;
mod structure;
mod subject;
