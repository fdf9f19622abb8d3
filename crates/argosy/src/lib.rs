//! The binary's parts: settings, which targets run in this process, and how they are wired. No business rule.

mod audit;
mod backup;
mod books;
pub mod cli;
mod demo;
mod events;
mod exchange;
mod explain;
mod flags;
mod forget;
mod gift_cards;
mod lake;
mod maintenance;
mod markets;
mod migrate;
mod orders;
mod place;
mod prices;
mod promotions;
mod reports;
mod search;
pub mod serve;
pub mod settings;
mod structure;
pub mod targets;
mod taxes;
pub mod wiring;
