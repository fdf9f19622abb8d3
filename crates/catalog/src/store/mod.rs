//! The catalogue's tables: the only place with SQL.
//!
//! What is written was decided on what was read before, outside of the transaction, so that a reader's work
//! never holds the writer up. The transaction then makes sure that what was read still holds: a product's
//! version and the revision of the structure are conditions of the statements. If they don't hold, nothing is
//! written and the decision is made again.

mod bulk;
#[cfg(test)]
mod plans;
mod prices;
mod products;
mod publishing;
mod rows;
mod structure;
mod write;

use std::sync::{Arc, RwLock};

use argosy_kernel::{Clock, Timestamp};
use argosy_platform::database::Database;

pub(crate) use self::write::{Changes, PassStep, Saved};
use crate::domain::structure::Structure;

/// The catalogue's tables.
#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
    structure: Arc<RwLock<Option<Arc<Structure>>>>,
}

impl Store {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock, structure: Arc::default() }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
