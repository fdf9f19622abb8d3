//! Serving HTTP: listeners, connections with limits, graceful shutdown, and errors as problem+json.

mod listener;
mod problem;
mod server;

pub use self::{
    listener::Listener,
    problem::{Problem, problem_of},
    server::{ServerLimits, serve},
};
