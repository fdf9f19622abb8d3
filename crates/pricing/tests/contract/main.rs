//! What the service promises, over both call modes.
#![expect(clippy::unwrap_used, reason = "clippy does not see that all of this crate is tests")]

mod agreed;
mod campaign_limits;
mod campaigns;
mod carriers;
mod codes;
mod engines;
mod fake_catalog;
mod fees;
mod groups;
mod limits;
mod markets;
mod price_lists;
mod quotes;
mod subject;
mod zones;
