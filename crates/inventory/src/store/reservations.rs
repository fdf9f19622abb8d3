//! Reservations: held, then committed, released or expired.

use argosy_kernel::{Error, LocationId, ReservationId, Result, Timestamp, VariantId};
use argosy_platform::{
    bus::NewFact,
    database::{Executor, Sql, Tx, Value, sql, together},
};

use super::{
    Store,
    batch::Asked,
    levels,
    movements::{self, Kind, NewMovement},
    rows::{IdRow, ReservationLineRow, ReservationRow},
};
use crate::{
    domain::{Level, Pick, ReservationState, allocate},
    error, events,
};

/// A reservation and what it holds.
pub(crate) struct Reservation {
    pub(crate) id: ReservationId,
    pub(crate) state: ReservationState,
    pub(crate) picks: Vec<Pick>,
    pub(crate) expires_at: Timestamp,
}

/// How often a plan is made anew because others took the stock in between.
const PLANS_MAX: u32 = 3;
/// Reservations that one sweep ends.
const SWEEP_MAX: i64 = 200;

impl Store {
    /// Holds stock for all lines or for none.
    pub(crate) async fn reserve(&self, asked: &Asked) -> Result<Reservation> {
        let Asked { id, expires_at, .. } = *asked;
        let mut plan = 0;
        loop {
            let tx = self.database.begin().await?;
            if !insert(&tx, id, ReservationState::Held, expires_at).await? {
                let existing = load(&tx, id).await?.ok_or_else(|| error::reservation_not_found(id))?;
                tx.rollback().await?;
                return match existing.state {
                    ReservationState::Held | ReservationState::Committed => Ok(existing),
                    ReservationState::Released | ReservationState::Expired => {
                        Err(error::reservation_ended(id))
                    }
                };
            }
            let variants: Vec<VariantId> = asked.wanted.iter().map(|line| line.variant_id).collect();
            let levels = levels::lock(&tx, &variants).await?;
            let picks = plan_picks(asked, &levels)?;
            plan += 1;
            if self.hold(&tx, id, &picks).await? {
                self.tell_crossings(&tx, &variants, &levels).await?;
                tx.commit().await?;
                return Ok(Reservation { id, state: ReservationState::Held, picks, expires_at });
            }
            if plan == PLANS_MAX {
                return Err(stock_busy());
            }
        }
    }

    /// Raises `reserved` where enough is left; false if somebody was faster.
    async fn hold(&self, tx: &Tx, id: ReservationId, picks: &[Pick]) -> Result<bool> {
        for pick in picks {
            let held = sql("update stock set reserved = reserved + $3 \
                  where variant_id = $1 and location_id = $2 \
                    and (not tracked or (backorder and backorder_max is null) \
                         or on_hand - reserved - safety_stock + case when backorder then backorder_max else 0 end >= $3)")
            .bind(pick.variant_id.to_string())
            .bind(pick.location_id.to_string())
            .bind(pick.quantity)
            .execute(tx)
            .await?;
            if held == 0 {
                return Ok(false);
            }
        }
        insert_lines([(id, picks)]).execute(tx).await?;
        self.record_picks(tx, id, Kind::Reserved, picks).await?;
        Ok(true)
    }

    pub(crate) async fn commit(&self, id: ReservationId) -> Result<Reservation> {
        let found = load(&self.database, id).await?.ok_or_else(|| error::reservation_not_found(id))?;
        if found.state == ReservationState::Held && self.send_off(&found).await? {
            return Ok(Reservation { state: ReservationState::Committed, ..found });
        }
        let found = load(&self.database, id).await?.ok_or_else(|| error::reservation_not_found(id))?;
        match found.state {
            ReservationState::Held => Err(stock_busy()),
            ReservationState::Committed => Ok(found),
            ReservationState::Released | ReservationState::Expired => Err(error::reservation_ended(id)),
        }
    }

    /// False if it is not held any more.
    async fn send_off(&self, reservation: &Reservation) -> Result<bool> {
        let (id, picks) = (reservation.id, &reservation.picks);
        let now = self.clock.now().as_millis();
        let moved = picks.iter().map(|pick| {
            let movement = NewMovement {
                on_hand_delta: -pick.quantity,
                reserved_delta: -pick.quantity,
                ..NewMovement::of(Kind::Committed, pick.variant_id, pick.location_id)
            };
            movement.row(&id.to_string(), "sale", now)
        });
        together()
            .must_touch(1, end(id, ReservationState::Committed))
            .must_touch(
                picks.len() as u64,
                sql(
                    "update stock set on_hand = on_hand - line.quantity, reserved = reserved - line.quantity \
                       from reservation_line as line \
                      where line.reservation_id = $1 \
                        and stock.variant_id = line.variant_id \
                        and stock.location_id = line.location_id",
                )
                .bind(id.to_string()),
            )
            .and(movements::insert(moved))
            .commit(&self.database)
            .await
    }

    pub(crate) async fn release(&self, id: ReservationId) -> Result<()> {
        let tx = self.database.begin().await?;
        if insert(&tx, id, ReservationState::Released, self.clock.now()).await? {
            return tx.commit().await;
        }
        if self.give_back(&tx, id, ReservationState::Released).await? {
            return tx.commit().await;
        }
        let state = load(&tx, id).await?.map(|reservation| reservation.state);
        tx.rollback().await?;
        match state {
            Some(ReservationState::Committed) => Err(error::reservation_committed(id)),
            _ => Ok(()),
        }
    }

    /// Ends reservations whose time is over; answers how many.
    pub(crate) async fn expire_due(&self) -> Result<u64> {
        let due: Vec<IdRow> =
            sql("select id from reservation where state = 'held' and expires_at_ms <= $1 limit $2")
                .bind(self.clock.now().as_millis())
                .bind(SWEEP_MAX)
                .all(&self.database)
                .await?;
        let mut expired = 0;
        for row in due {
            let tx = self.database.begin().await?;
            expired += u64::from(self.give_back(&tx, row.id.parse()?, ReservationState::Expired).await?);
            tx.commit().await?;
        }
        Ok(expired)
    }

    pub(crate) async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>> {
        load(&self.database, id).await
    }

    /// False if the reservation was not held.
    async fn give_back(&self, tx: &Tx, id: ReservationId, state: ReservationState) -> Result<bool> {
        if end(id, state).execute(tx).await? == 0 {
            return Ok(false);
        }
        let picks = picks(tx, id).await?;
        let variants: Vec<VariantId> = picks.iter().map(|pick| pick.variant_id).collect();
        let before = levels::lock(tx, &variants).await?;
        for pick in &picks {
            sql("update stock set reserved = reserved - $3 where variant_id = $1 and location_id = $2")
                .bind(pick.variant_id.to_string())
                .bind(pick.location_id.to_string())
                .bind(pick.quantity)
                .execute(tx)
                .await?;
        }
        let kind = if state == ReservationState::Expired { Kind::Expired } else { Kind::Released };
        self.record_picks(tx, id, kind, &picks).await?;
        self.tell_crossings(tx, &variants, &before).await?;
        Ok(true)
    }

    async fn record_picks(&self, tx: &Tx, id: ReservationId, kind: Kind, picks: &[Pick]) -> Result<()> {
        let movements: Vec<NewMovement> = picks
            .iter()
            .map(|pick| {
                let (on_hand, reserved) = match kind {
                    Kind::Reserved => (0, pick.quantity),
                    Kind::Committed => (-pick.quantity, -pick.quantity),
                    Kind::Released | Kind::Expired => (0, -pick.quantity),
                    Kind::Counted | Kind::Adjusted => (0, 0),
                };
                NewMovement {
                    on_hand_delta: on_hand,
                    reserved_delta: reserved,
                    ..NewMovement::of(kind, pick.variant_id, pick.location_id)
                }
            })
            .collect();
        self.record(tx, &id.to_string(), "sale", &movements).await?;
        Ok(())
    }

    /// Tells which of the variants sold out or came back since `before`.
    pub(super) async fn tell_crossings(
        &self,
        tx: &Tx,
        variants: &[VariantId],
        before: &[Level],
    ) -> Result<()> {
        let after = levels::read(tx, variants).await?;
        let told = crossings(variants, before, &after, self.clock.now().as_millis())?;
        tx.publish(&*self.clock, told).await
    }
}

/// What there is to tell of variants that sold out, or came back, at some location.
pub(super) fn crossings(
    variants: &[VariantId],
    before: &[Level],
    after: &[Level],
    now_ms: i64,
) -> Result<Vec<NewFact>> {
    // Where it can be had, and whether at once.
    let places = |levels: &[Level], variant: VariantId| -> Vec<(LocationId, bool)> {
        let of_variant = levels.iter().filter(|level| level.variant_id == variant && level.is_sellable());
        of_variant.map(|level| (level.location_id, !level.tracked || level.available() > 0)).collect()
    };
    let mut told: Vec<VariantId> = variants.to_vec();
    told.sort_unstable();
    told.dedup();
    told.retain(|variant| places(before, *variant) != places(after, *variant));
    told.into_iter()
        .map(|variant| events::availability_changed(variant, !places(after, variant).is_empty(), now_ms))
        .collect()
}

pub(super) fn plan_picks(asked: &Asked, levels: &[Level]) -> Result<Vec<Pick>> {
    let may_serve = |level: &Level| asked.from.is_none_or(|location| level.location_id == location);
    let levels: Vec<Level> = levels.iter().filter(|level| may_serve(level)).copied().collect();
    allocate(&asked.wanted, &levels, asked.near).map_err(|shortages| error::out_of_stock(&shortages))
}

/// False if there is one of that id.
async fn insert(tx: &Tx, id: ReservationId, state: ReservationState, expires_at: Timestamp) -> Result<bool> {
    let inserted =
        sql("insert into reservation (id, state, expires_at_ms) values ($1, $2, $3) on conflict do nothing")
            .bind(id.to_string())
            .bind(state.as_str())
            .bind(expires_at.as_millis())
            .execute(tx)
            .await?;
    Ok(inserted == 1)
}

/// Ends a held reservation. `is true` keeps PostgreSQL from looking among all that are held: it may think that there
/// are none, from before a rush.
fn end(id: ReservationId, state: ReservationState) -> Sql {
    sql("update reservation set state = $2 where id = $1 and (state = 'held') is true")
        .bind(id.to_string())
        .bind(state.as_str())
}

/// The lines of reservations.
pub(super) fn insert_lines<'a>(reservations: impl IntoIterator<Item = (ReservationId, &'a [Pick])>) -> Sql {
    let rows = reservations.into_iter().flat_map(|(id, picks)| {
        picks.iter().map(move |pick| -> [Value; 5] {
            [
                id.to_string().into(),
                pick.variant_id.to_string().into(),
                pick.location_id.to_string().into(),
                pick.quantity.into(),
                pick.backordered.into(),
            ]
        })
    });
    sql("insert into reservation_line (reservation_id, variant_id, location_id, quantity, backordered) values ")
        .rows(rows)
        .then(" on conflict do nothing")
}

fn stock_busy() -> Error {
    Error::unavailable("STOCK_BUSY", "many buy this at once; try again")
}

async fn load(on: &impl Executor, id: ReservationId) -> Result<Option<Reservation>> {
    let rows: Vec<ReservationRow> =
        sql("select r.state, r.expires_at_ms, l.variant_id, l.location_id, l.quantity, l.backordered \
           from reservation r left join reservation_line l on l.reservation_id = r.id \
          where r.id = $1 order by l.variant_id, l.location_id")
        .bind(id.to_string())
        .all(on)
        .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let (state, expires_at) = (first.state.parse()?, Timestamp::from_millis(first.expires_at_ms));
    let picks =
        rows.into_iter().filter_map(ReservationRow::line).map(Pick::try_from).collect::<Result<_>>()?;
    Ok(Some(Reservation { id, state, picks, expires_at }))
}

async fn picks(on: &impl Executor, id: ReservationId) -> Result<Vec<Pick>> {
    let rows: Vec<ReservationLineRow> =
        sql("select variant_id, location_id, quantity, backordered from reservation_line \
          where reservation_id = $1 order by variant_id, location_id")
        .bind(id.to_string())
        .all(on)
        .await?;
    rows.into_iter().map(Pick::try_from).collect()
}
