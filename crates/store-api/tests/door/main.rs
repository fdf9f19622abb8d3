//! The store API in front of services that answer what a test tells them to.
#![expect(clippy::unwrap_used, reason = "clippy does not see that all of this crate is tests")]

mod buying;
mod described;
mod fakes;
mod markets;
mod reading;
mod samples;
mod shop;
mod wallets;
