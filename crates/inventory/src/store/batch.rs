//! Reservations that are asked at once, held as one: two round trips for all of them, also where all want one item.

use argosy_kernel::{LocationId, ReservationId, Result, Timestamp, VariantId};
use argosy_platform::database::{Sql, Value, sql, together};

use super::{
    Store, levels,
    movements::{self, Kind, NewMovement},
    reservations::{crossings, insert_lines, plan_picks},
};
use crate::{
    domain::{Level, Pick, ReservationState, Wanted, Whereabouts},
    store::Reservation,
};

/// A reservation that is asked for.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) id: ReservationId,
    /// In order of variant.
    pub(crate) wanted: Vec<Wanted>,
    /// From there only.
    pub(crate) from: Option<LocationId>,
    /// Where it goes.
    pub(crate) near: Whereabouts,
    pub(crate) expires_at: Timestamp,
}

/// What a batch holds: each reservation with its picks, in the order of asking.
struct Plan {
    held: Vec<(usize, Vec<Pick>)>,
    before: Vec<Level>,
    after: Vec<Level>,
}

/// Picks of one statement; eight values each, of PostgreSQL's 65,535.
const PICKS_MAX: usize = 500;

impl Store {
    /// Holds what can be held at once. Whatever it cannot decide without a lock, from a shortage to a reservation that
    /// is there already, is decided one by one.
    pub(crate) async fn reserve_all(&self, asked: Vec<Asked>) -> Vec<Result<Reservation>> {
        let held = match self.hold_all(&asked).await {
            Ok(held) => held,
            Err(error) => {
                tracing::debug!(error = ?error, "a batch of reservations is made one by one");
                Vec::new()
            }
        };
        let mut answers: Vec<Option<Result<Reservation>>> = asked.iter().map(|_| None).collect();
        for (place, picks) in held {
            let Asked { id, expires_at, .. } = asked[place];
            answers[place] = Some(Ok(Reservation { id, state: ReservationState::Held, picks, expires_at }));
        }
        let one_by_one = answers.into_iter().zip(&asked).map(async |(answer, asked)| match answer {
            Some(answer) => answer,
            None => self.reserve(asked).await,
        });
        futures::future::join_all(one_by_one).await
    }

    /// Those that are held; none of them if somebody was faster.
    async fn hold_all(&self, asked: &[Asked]) -> Result<Vec<(usize, Vec<Pick>)>> {
        let mut variants: Vec<VariantId> =
            asked.iter().flat_map(|asked| &asked.wanted).map(|line| line.variant_id).collect();
        variants.sort_unstable();
        variants.dedup();
        let plan = Plan::of(asked, levels::read(&self.database, &variants).await?);
        if plan.held.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now().as_millis();
        let moved = plan.held.iter().flat_map(|(place, picks)| {
            let reference = asked[*place].id.to_string();
            picks.iter().map(move |pick| {
                let movement = NewMovement {
                    reserved_delta: pick.quantity,
                    ..NewMovement::of(Kind::Reserved, pick.variant_id, pick.location_id)
                };
                movement.row(&reference, "sale", now)
            })
        });
        let reservations = plan.held.iter().map(|(place, _)| -> [Value; 3] {
            let Asked { id, expires_at, .. } = &asked[*place];
            [id.to_string().into(), ReservationState::Held.as_str().into(), expires_at.as_millis().into()]
        });
        let changed = plan.changed();
        let done = together()
            .must_touch(
                plan.held.len() as u64,
                sql("insert into reservation (id, state, expires_at_ms) values ")
                    .rows(reservations)
                    .then(" on conflict do nothing"),
            )
            .must_touch(changed.len() as u64, hold(&changed))
            .and(insert_lines(plan.held.iter().map(|(place, picks)| (asked[*place].id, picks.as_slice()))))
            .and(movements::insert(moved))
            .tell(&*self.clock, crossings(&variants, &plan.before, &plan.after, now)?)
            .commit(&self.database)
            .await?;
        Ok(if done { plan.held } else { Vec::new() })
    }
}

impl Plan {
    /// Serves one after the other, as if each had locked the levels.
    fn of(asked: &[Asked], before: Vec<Level>) -> Self {
        let mut plan = Self { held: Vec::new(), after: before.clone(), before };
        let mut seen = Vec::with_capacity(asked.len());
        let mut picks_left = PICKS_MAX;
        for (place, asked) in asked.iter().enumerate() {
            let again = seen.contains(&asked.id);
            seen.push(asked.id);
            let Ok(picks) = plan_picks(asked, &plan.after) else { continue };
            if again || picks.len() > picks_left {
                continue;
            }
            picks_left -= picks.len();
            for pick in &picks {
                for level in &mut plan.after {
                    if (level.variant_id, level.location_id) == (pick.variant_id, pick.location_id) {
                        level.reserved += pick.quantity;
                    }
                }
            }
            plan.held.push((place, picks));
        }
        plan
    }

    /// The levels that change, as they were, with how much is held; in the order in which rows are locked everywhere.
    fn changed(&self) -> Vec<(Level, i64)> {
        let mut changed: Vec<(Level, i64)> = self
            .before
            .iter()
            .zip(&self.after)
            .map(|(before, after)| (*before, after.reserved - before.reserved))
            .filter(|(_, held)| *held > 0)
            .collect();
        changed.sort_unstable_by_key(|(level, _)| (level.variant_id, level.location_id));
        changed
    }
}

/// In the place of a bound of backorders that there is not.
const NO_BOUND: i64 = -1;

/// Raises `reserved` where as much is free as when it was read, so that the facts told with it are true, and where
/// that is enough. What others send off meanwhile (`on_hand` and `reserved` fall together) does not matter.
fn hold(changed: &[(Level, i64)]) -> Sql {
    sql("update stock set reserved = stock.reserved + held.column3 from (values ")
        .rows(changed.iter().map(|(level, quantity)| -> [Value; 8] {
            [
                level.variant_id.to_string().into(),
                level.location_id.to_string().into(),
                (*quantity).into(),
                (level.on_hand - level.reserved).into(),
                level.safety_stock.into(),
                level.backorder.into(),
                level.tracked.into(),
                level.backorder_max.unwrap_or(NO_BOUND).into(),
            ]
        }))
        .then(
            ") as held \
              where stock.variant_id = held.column1 \
                and stock.location_id = held.column2 \
                and stock.on_hand - stock.reserved = held.column4 \
                and stock.safety_stock = held.column5 \
                and stock.backorder = held.column6 \
                and stock.tracked = held.column7 \
                and coalesce(stock.backorder_max, -1) = held.column8 \
                and (not stock.tracked or (stock.backorder and stock.backorder_max is null) \
                     or stock.on_hand - stock.reserved - stock.safety_stock \
                        + case when stock.backorder then stock.backorder_max else 0 end >= held.column3)",
        )
}
