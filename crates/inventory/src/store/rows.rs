//! Rows as the statements answer them.

use argosy_kernel::{Day, Error, Result};
use sea_orm::FromQueryResult;

use super::{Details, Location};
use crate::domain::{Level, Pick, Whereabouts};

#[derive(FromQueryResult)]
pub(super) struct LocationRow {
    id: String,
    name: String,
    priority: i64,
    active: bool,
    pickup: bool,
    details: String,
}

impl TryFrom<LocationRow> for Location {
    type Error = Error;

    fn try_from(row: LocationRow) -> Result<Self> {
        Ok(Self {
            id: row.id.parse()?,
            name: row.name,
            priority: row.priority,
            active: row.active,
            pickup: row.pickup,
            details: serde_json::from_str(&row.details).map_err(Error::internal)?,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct LevelRow {
    pub(super) variant_id: String,
    location_id: String,
    on_hand: i64,
    reserved: i64,
    safety_stock: i64,
    backorder: bool,
    backorder_max: Option<i64>,
    expected_on: String,
    preorder: bool,
    told_version: i64,
    tracked: bool,
    pub(super) priority: i64,
    details: String,
}

impl TryFrom<LevelRow> for Level {
    type Error = Error;

    fn try_from(row: LevelRow) -> Result<Self> {
        Ok(Self {
            variant_id: row.variant_id.parse()?,
            location_id: row.location_id.parse()?,
            on_hand: row.on_hand,
            reserved: row.reserved,
            safety_stock: row.safety_stock,
            backorder: row.backorder,
            backorder_max: row.backorder_max,
            expected_on: Day::optional(&row.expected_on)?,
            preorder: row.preorder,
            told_version: row.told_version,
            tracked: row.tracked,
            priority: row.priority,
            place: whereabouts(&row.details)?,
        })
    }
}

/// Where a location is, by its details.
fn whereabouts(details: &str) -> Result<Whereabouts> {
    // Most have none, and this is read at every sale.
    if details == "{}" {
        return Ok(Whereabouts::default());
    }
    let details: Details = serde_json::from_str(details).map_err(Error::internal)?;
    let place = details.address.unwrap_or_default();
    Ok(Whereabouts::new(&place.country, &place.region, &place.postal_code))
}

#[derive(FromQueryResult)]
pub(super) struct ReservationRow {
    pub(super) state: String,
    pub(super) expires_at_ms: i64,
    variant_id: Option<String>,
    location_id: Option<String>,
    quantity: Option<i64>,
    backordered: Option<i64>,
}

impl ReservationRow {
    /// Its line; a reservation that was barred has none.
    pub(super) fn line(self) -> Option<ReservationLineRow> {
        Some(ReservationLineRow {
            variant_id: self.variant_id?,
            location_id: self.location_id?,
            quantity: self.quantity?,
            backordered: self.backordered?,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct ReservationLineRow {
    variant_id: String,
    location_id: String,
    quantity: i64,
    backordered: i64,
}

impl TryFrom<ReservationLineRow> for Pick {
    type Error = Error;

    fn try_from(row: ReservationLineRow) -> Result<Self> {
        Ok(Self {
            variant_id: row.variant_id.parse()?,
            location_id: row.location_id.parse()?,
            quantity: row.quantity,
            backordered: row.backordered,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct IdRow {
    pub(super) id: String,
}

#[derive(FromQueryResult)]
pub(super) struct OnHandRow {
    pub(super) on_hand: i64,
}
