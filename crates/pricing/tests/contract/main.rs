//! What the service promises, over both call modes.
#![expect(clippy::unwrap_used, reason = "clippy does not see that all of this crate is tests")]

mod campaigns;
mod codes;
mod engines;
mod fake_catalog;
mod groups;
mod limits;
mod markets;
mod price_lists;
mod quotes;
mod subject;
mod zones;
