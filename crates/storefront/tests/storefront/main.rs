//! Pages of a shop whose services are pretended, as a browser gets them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod buying;
mod card;
mod drafts;
mod editions;
mod markets;
mod pages;
mod shop;
mod wallet;
