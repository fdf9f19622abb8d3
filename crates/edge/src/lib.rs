#![doc = include_str!("../README.md")]

mod access;
mod address;
mod api;
mod attachment;
mod cache;
mod config;
mod error;
mod extract;
mod guard;
mod idempotency;
mod probes;
mod rate_limit;
mod refusal;
mod security;

pub use crate::{
    address::ClientAddress,
    attachment::attachment,
    cache::{Rendered, etag_of, not_modified, surrogate_key},
    config::{AccessLog, EdgeConfig, MetricsAccess, RateLimitStore},
    error::{ApiError, ApiResult, unknown_path, wrong_method},
    extract::{Bytes, Caller, Json, Pairs, Path, Query, Visitor},
    guard::Edge,
    idempotency::{DATABASE, Idempotency},
    probes::{Probe, Probes},
};
