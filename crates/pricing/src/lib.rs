//! Pricing: what a cart costs, and why.
#![deny(clippy::float_arithmetic)]

pub mod domain;
