//! What stock, reservations and ledger say of each other, one statement a stretch: each is of one moment.

use argosy_contracts::inventory::{LevelInBooks, ReservationInBooks};
use argosy_kernel::Result;
use argosy_platform::database::{Database, sql};
use sea_orm::FromQueryResult;

/// The tables, read only.
#[derive(Clone)]
pub(crate) struct Books {
    database: Database,
}

#[derive(FromQueryResult)]
struct LevelRow {
    variant_id: String,
    location_id: String,
    on_hand: i64,
    reserved: i64,
    backorder: bool,
    tracked: bool,
    ledger_on_hand: i64,
    ledger_reserved: i64,
    held: i64,
}

#[derive(FromQueryResult)]
struct ReservationRow {
    id: String,
    state: String,
    units: i64,
    ledger_on_hand: i64,
    ledger_reserved: i64,
}

impl Books {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Levels behind `after`, a variant and a location with a space between.
    pub(crate) async fn levels(&self, after: &str, limit: usize) -> Result<Vec<LevelInBooks>> {
        let (variant, location) = after.split_once(' ').unwrap_or_default();
        let rows: Vec<LevelRow> = sql(
            "with held as ( \
               select l.variant_id, l.location_id, cast(sum(l.quantity) as bigint) as quantity \
                 from reservation r \
                 join reservation_line l on l.reservation_id = r.id \
                where r.state = 'held' \
                group by l.variant_id, l.location_id) \
             select s.variant_id, s.location_id, s.on_hand, s.reserved, s.backorder, s.tracked, \
                    coalesce((select cast(sum(m.on_hand_delta) as bigint) from movement m \
                      where m.variant_id = s.variant_id and m.location_id = s.location_id), 0) as ledger_on_hand, \
                    coalesce((select cast(sum(m.reserved_delta) as bigint) from movement m \
                      where m.variant_id = s.variant_id and m.location_id = s.location_id), 0) as ledger_reserved, \
                    coalesce(h.quantity, 0) as held \
               from stock s \
               left join held h on h.variant_id = s.variant_id and h.location_id = s.location_id \
              where s.variant_id > $1 or (s.variant_id = $1 and s.location_id > $2) \
              order by s.variant_id, s.location_id \
              limit $3",
        )
        .bind(variant)
        .bind(location)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(&self.database)
        .await?;
        let level = |row: LevelRow| LevelInBooks {
            variant_id: row.variant_id,
            location_id: row.location_id,
            on_hand: row.on_hand,
            reserved: row.reserved,
            unlimited: row.backorder || !row.tracked,
            ledger_on_hand: row.ledger_on_hand,
            ledger_reserved: row.ledger_reserved,
            held: row.held,
        };
        Ok(rows.into_iter().map(level).collect())
    }

    pub(crate) async fn reservations(&self, after: &str, limit: usize) -> Result<Vec<ReservationInBooks>> {
        let rows: Vec<ReservationRow> = sql("select r.id, r.state, \
                    coalesce((select cast(sum(l.quantity) as bigint) from reservation_line l \
                      where l.reservation_id = r.id), 0) as units, \
                    coalesce((select cast(sum(m.on_hand_delta) as bigint) from movement m \
                      where m.reference = r.id), 0) as ledger_on_hand, \
                    coalesce((select cast(sum(m.reserved_delta) as bigint) from movement m \
                      where m.reference = r.id), 0) as ledger_reserved \
               from reservation r \
              where r.id > $1 \
              order by r.id \
              limit $2")
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(&self.database)
        .await?;
        let reservation = |row: ReservationRow| ReservationInBooks {
            id: row.id,
            state: row.state,
            units: row.units,
            ledger_on_hand: row.ledger_on_hand,
            ledger_reserved: row.ledger_reserved,
        };
        Ok(rows.into_iter().map(reservation).collect())
    }
}
