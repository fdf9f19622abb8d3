//! What every service stands on. Each module is a port with its adapters: an embedded default, and a place
//! for the real server of a fleet.
//!
//! | module | what |
//! | --- | --- |
//! | [`host`] | what a process lends its services: clock, tasks, databases, bus, blobs |
//! | [`database`] | SQL over SQLite or PostgreSQL, transactions, migrations |
//! | [`bus`] | facts: written with the change, read in order, applied once |
//! | [`documents`] | versioned documents with an end of life, in the database or in Redis |
//! | [`redis`] | a Redis that processes share |
//! | [`blobs`] | bytes by name: a folder, S3, Google, Azure |
//! | [`jobs`] | work that is due again and again, done by one process at a time |
//! | [`flags`] | what a release does only for some yet |
//! | [`seal`] | data that one key opens, so that who erases the key erases the data |
//! | [`backup`] | a copy of a store that lives in files, of one moment |
//! | [`rpc`] | calls between processes |
//! | [`http`] | serving HTTP, errors as problem+json |
//! | [`outgoing`] | calling others over HTTP |
//! | [`breaker`] | who fails is left alone for a while |
//! | [`shop`] | who sells, as all parts know it |
//! | [`telemetry`] | logs and metrics |
//! | [`settings`] | typed settings and where each came from |
//! | [`tasks`] | background tasks that are joined at shutdown |
//! | [`words`] | what people are told, in their language |
//! | [`crash`] | places where a drill may kill the process |

pub mod backup;
pub mod batches;
pub mod blobs;
pub mod breaker;
pub mod bus;
pub mod crash;
pub mod database;
pub mod documents;
pub mod flags;
pub mod host;
pub mod http;
pub mod jobs;
pub mod outgoing;
pub mod redis;
pub mod rpc;
pub mod seal;
pub mod settings;
pub mod shop;
pub mod tasks;
pub mod telemetry;
mod tls;
mod turn;
pub mod words;

pub use crate::{host::Host, shop::Shop};
