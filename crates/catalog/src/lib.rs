//! The catalogue.
mod domain;
mod error;
