//! A whole store: its services in one process or many, over its contracts, its doors and its command line. One binary, because
//! each would link all of the store again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod awaited;
mod away;
mod backup;
mod broken_disk;
mod bus;
mod buyers;
mod carriers;
mod demo;
mod downloads;
mod drafts;
mod fees;
mod flags;
mod forgotten;
mod http;
mod import;
mod mails;
mod maintenance;
mod one_shop;
mod parcels;
mod pickup;
mod pooler;
mod prices;
mod promotions;
mod purchase;
mod refusals;
mod replicas;
mod reports;
mod search;
mod shared_servers;
mod shutdown;
mod split;
mod split_payments;
mod structure;
#[path = "../support/mod.rs"]
mod support;
mod wallets;
