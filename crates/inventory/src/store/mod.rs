//! The only place with SQL. One file a concern, all on [`Store`].

mod backorders;
mod batch;
mod books;
mod levels;
mod movements;
mod reservations;
mod rows;

use std::sync::Arc;

use argosy_kernel::{Clock, Error, LocationId, Result, Timestamp};
use argosy_platform::database::{Database, sql};
use serde::{Deserialize, Serialize};

use self::rows::LocationRow;
pub(crate) use self::{
    backorders::Backorders, batch::Asked, books::Books, levels::Count, reservations::Reservation,
};

/// Stock in a database.
#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    clock: Arc<dyn Clock>,
}

/// A place that holds stock.
pub(crate) struct Location {
    pub(crate) id: LocationId,
    pub(crate) name: String,
    pub(crate) priority: i64,
    pub(crate) active: bool,
    /// Buyers may collect there.
    pub(crate) pickup: bool,
    pub(crate) details: Details,
}

/// What buyers need to know who collect at a location.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    pub(crate) address: Option<Place>,
    pub(crate) hours: String,
    pub(crate) ready_after_h: u32,
}

/// Where a location is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) line1: String,
    pub(crate) line2: String,
    pub(crate) city: String,
    pub(crate) region: String,
    pub(crate) postal_code: String,
    pub(crate) country: String,
    pub(crate) phone: String,
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

    /// The location that is meant when none is named; always there.
    pub(crate) fn default_location() -> LocationId {
        LocationId::from_bytes([0; 16])
    }

    pub(crate) async fn ensure_default_location(&self) -> Result<()> {
        let tx = self.database.begin().await?;
        sql("insert into location (id, name, priority, active) values ($1, 'Warehouse', 0, true) on conflict do nothing")
            .bind(Self::default_location().to_string())
            .execute(&tx)
            .await?;
        tx.commit().await
    }

    pub(crate) async fn locations(&self) -> Result<Vec<Location>> {
        let rows: Vec<LocationRow> =
            sql("select id, name, priority, active, pickup, details from location order by priority, id limit 1000")
                .all(&self.database)
                .await?;
        rows.into_iter().map(Location::try_from).collect()
    }

    pub(crate) async fn put_locations(&self, locations: &[Location]) -> Result<()> {
        let tx = self.database.begin().await?;
        for location in locations {
            let details = serde_json::to_string(&location.details).map_err(Error::internal)?;
            sql("insert into location (id, name, priority, active, pickup, details) \
                 values ($1, $2, $3, $4, $5, $6) \
                 on conflict (id) do update set name = excluded.name, priority = excluded.priority, \
                    active = excluded.active, pickup = excluded.pickup, details = excluded.details")
            .bind(location.id.to_string())
            .bind(location.name.as_str())
            .bind(location.priority)
            .bind(location.active)
            .bind(location.pickup)
            .bind(details)
            .execute(&tx)
            .await?;
        }
        tx.commit().await
    }
}
