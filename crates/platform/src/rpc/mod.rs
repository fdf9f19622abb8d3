//! Calls between processes: gRPC, with the context as metadata and one error on both sides.
//!
//! An [`Error`](argosy_kernel::Error) travels as a gRPC status: its code as the code, its message as the message, and
//! reason, wrong fields and retry time as JSON in the details. `tonic-types` lost: three protobuf wrappers for three
//! values.
//!
//! | what | how |
//! | --- | --- |
//! | several processes of a service | [`Addresses`]: a list, or a name that is resolved again and again; the less busy of two |
//! | one of them is away | left out after failures, asked for its health until it is back |
//! | all of them are away | `SERVICE_AWAY` at once, with the time of the next look |
//! | an answer is lost | asked again if the contract says that this is harmless ([`Repeat`]), seldom enough not to add to a flood |
//! | a deadline | every call has one; it travels, and work stops at both ends when it is over |
//! | too many calls | `OVERLOADED` at once, see [`serve`] |
//! | who may call | with [`TlsSettings`] only who shows a certificate of the authority |
//!
//! The balance of tower and tonic lost: it keeps choosing an endpoint whose connection broke, since an error at once looks
//! like a quick answer. So did crates with breakers: theirs try a broken service with somebody's call, ours asks for
//! health, and the choice between endpoints must see their state.

mod address;
mod breaker;
mod call;
mod channel;
mod connect;
mod context;
mod endpoint;
mod error;
mod health;
mod keeper;
mod limit;
mod server;
mod settings;
mod tls;

pub use address::Addresses;
pub use call::{Repeat, call, within_deadline};
pub use channel::Channel;
pub use connect::{Connector, connect, connect_socket};
pub use context::{incoming, outgoing};
pub use error::{error_of, status_of};
pub use server::{Routes, Serving, serve, serve_socket};
pub use settings::{RpcSettings, TlsSettings};
pub use tls::Tls;

/// The largest message a process accepts: an uploaded picture or a batch of products.
pub const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;
