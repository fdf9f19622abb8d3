//! The only place with SQL. One file a concern, all on [`Store`].

mod attempts;
mod awaited;
mod balances;
mod books;
mod checkouts;
mod disputes;
mod downloads;
mod drafts;
mod edits;
mod lines;
mod orders;
mod papers;
mod parcels;
mod persons;
mod risk;
pub(crate) mod sales;
mod steps;
mod work;

use std::sync::Arc;

use argosy_kernel::{Clock, Timestamp};
use argosy_platform::database::Database;

pub(crate) use self::{
    attempts::{AttemptRow, Claim, Claimed},
    awaited::ExpectedTold,
    balances::BalanceRow,
    checkouts::Seen,
    disputes::Told,
    drafts::{DraftRow, NewDraft, Share},
    lines::Move,
    orders::{After, StoredOrder},
    papers::{Head, Issued},
    parcels::{Parcel, left_of},
    persons::KnownBuyer,
    risk::{Refusal, Tries},
    work::{Operation, Work},
};

/// Checkouts, attempts and orders in a database.
#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Store {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
