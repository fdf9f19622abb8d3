//! What the service promises, over both call modes.

mod codes;
mod fake_catalog;
mod quotes;
mod subject;
mod zones;
