//! Stock levels: reading, counting, adjusting.

use std::collections::HashMap;

use argosy_kernel::{LocationId, Result, VariantId};
use argosy_platform::database::{Executor, Sql, Tx, Value, sql};

use super::{
    Store,
    movements::{Kind, NewMovement},
    rows::{LevelRow, OnHandRow},
};
use crate::{domain::Level, error};

/// A counted level, with where it stands in the request.
pub(crate) struct Count {
    pub(crate) variant_id: VariantId,
    pub(crate) location_id: LocationId,
    pub(crate) on_hand: i64,
    pub(crate) safety_stock: i64,
    pub(crate) backorder: bool,
    pub(crate) tracked: bool,
}

/// Levels in one statement; seven values each.
const LEVELS_PER_STATEMENT: usize = 500;

/// Levels of variants at active locations, in order of priority within each variant.
pub(super) async fn read(on: &impl Executor, variants: &[VariantId]) -> Result<Vec<Level>> {
    in_order_of_priority(select(variants).all(on).await?)
}

/// The same, and nobody else changes them until the transaction ends. Rows are always locked in this order.
pub(super) async fn lock(tx: &Tx, variants: &[VariantId]) -> Result<Vec<Level>> {
    in_order_of_priority(select(variants).locking_of("s").all(tx).await?)
}

fn select(variants: &[VariantId]) -> Sql {
    sql("select s.variant_id, s.location_id, s.on_hand, s.reserved, s.safety_stock, s.backorder, s.backorder_max, \
                s.expected_on, s.preorder, s.told_version, s.tracked, l.priority, l.details \
           from stock s \
           join location l on l.id = s.location_id \
          where l.active and s.variant_id in ")
    .list(variants.iter().map(ToString::to_string))
    .then(" order by s.variant_id, s.location_id")
}

fn in_order_of_priority(mut rows: Vec<LevelRow>) -> Result<Vec<Level>> {
    rows.sort_by(|a, b| (&a.variant_id, a.priority).cmp(&(&b.variant_id, b.priority)));
    rows.into_iter().map(Level::try_from).collect()
}

impl Store {
    pub(crate) async fn levels(&self, variants: &[VariantId]) -> Result<Vec<Level>> {
        read(&self.database, variants).await
    }

    /// Sets counted levels, all or none; answers how many changed.
    pub(crate) async fn count(&self, counts: &[Count]) -> Result<u32> {
        let tx = self.database.begin().await?;
        // Of two counts at once the later one sees the earlier, also where there was no row to lock.
        tx.alone("count").await?;
        let variants: Vec<VariantId> = counts.iter().map(|count| count.variant_id).collect();
        let before: HashMap<_, _> = all_levels(&tx, &variants)
            .await?
            .into_iter()
            .map(|level| ((level.variant_id, level.location_id), level))
            .collect();
        let sellable_before = read(&tx, &variants).await?;
        let changed: Vec<&Count> = counts.iter().filter(|count| differs(count, &before)).collect();
        refuse_broken_promises(counts, &before)?;
        for chunk in changed.chunks(LEVELS_PER_STATEMENT) {
            upsert(&tx, chunk).await?;
        }
        let movements: Vec<NewMovement> = changed
            .iter()
            .filter_map(|count| {
                let old = before.get(&(count.variant_id, count.location_id)).map_or(0, |level| level.on_hand);
                let moved = count.on_hand - old;
                (moved != 0).then(|| NewMovement {
                    on_hand_delta: moved,
                    ..NewMovement::of(Kind::Counted, count.variant_id, count.location_id)
                })
            })
            .collect();
        self.record(&tx, &argosy_kernel::RequestId::new().to_string(), "counted", &movements).await?;
        self.tell_crossings(&tx, &variants, &sellable_before).await?;
        self.tell_arrivals(&tx, &variants, &sellable_before).await?;
        tx.commit().await?;
        Ok(u32::try_from(changed.len()).unwrap_or(u32::MAX))
    }

    /// Adds to or takes from what is on hand, once per reference; answers what is on hand then.
    pub(crate) async fn adjust(
        &self,
        variant_id: VariantId,
        location_id: LocationId,
        delta: i64,
        reference: &str,
        reason: &str,
    ) -> Result<i64> {
        let tx = self.database.begin().await?;
        let movement =
            NewMovement { on_hand_delta: delta, ..NewMovement::of(Kind::Adjusted, variant_id, location_id) };
        if self.record(&tx, reference, reason, &[movement]).await? == 0 {
            let unchanged = on_hand(&tx, variant_id, location_id).await?;
            return tx.rollback().await.map(|()| unchanged);
        }
        let before = lock(&tx, &[variant_id]).await?;
        // A row that was not there starts at nothing; so the condition below decides in every case.
        sql("insert into stock (variant_id, location_id, on_hand) values ($1, $2, 0) on conflict do nothing")
            .bind(variant_id.to_string())
            .bind(location_id.to_string())
            .execute(&tx)
            .await?;
        let moved: Option<OnHandRow> = sql("update stock set on_hand = on_hand + $3 \
              where variant_id = $1 and location_id = $2 \
                and (not tracked or (backorder and backorder_max is null) \
                     or on_hand + $3 + case when backorder then backorder_max else 0 end >= reserved) \
            returning on_hand")
        .bind(variant_id.to_string())
        .bind(location_id.to_string())
        .bind(delta)
        .optional(&tx)
        .await?;
        let moved = moved.ok_or_else(|| error::stock_negative("/delta".to_owned()))?;
        self.tell_crossings(&tx, &[variant_id], &before).await?;
        self.tell_arrivals(&tx, &[variant_id], &before).await?;
        tx.commit().await?;
        Ok(moved.on_hand)
    }
}

fn refuse_broken_promises(counts: &[Count], before: &HashMap<(VariantId, LocationId), Level>) -> Result<()> {
    for (index, count) in counts.iter().enumerate() {
        let old = before.get(&(count.variant_id, count.location_id));
        let reserved = old.map_or(0, |level| level.reserved);
        let ordered = match old.and_then(|level| level.backorder_max) {
            _ if !count.backorder => 0,
            Some(most) => most,
            None => continue,
        };
        if count.tracked && count.on_hand.saturating_add(ordered) < reserved {
            return Err(error::stock_negative(format!("/levels/{index}/on_hand")));
        }
    }
    Ok(())
}

pub(super) async fn all_levels(tx: &Tx, variants: &[VariantId]) -> Result<Vec<Level>> {
    let rows: Vec<LevelRow> = sql(
        "select variant_id, location_id, on_hand, reserved, safety_stock, backorder, backorder_max, expected_on, preorder, \
                told_version, tracked, cast(0 as bigint) as priority, cast('{}' as text) as details \
           from stock where variant_id in ",
    )
    .list(variants.iter().map(ToString::to_string))
    .then(" order by variant_id, location_id")
    .locking()
    .all(tx)
    .await?;
    rows.into_iter().map(Level::try_from).collect()
}

fn differs(count: &Count, before: &HashMap<(VariantId, LocationId), Level>) -> bool {
    before.get(&(count.variant_id, count.location_id)).is_none_or(|old| {
        old.on_hand != count.on_hand
            || old.safety_stock != count.safety_stock
            || old.backorder != count.backorder
            || old.tracked != count.tracked
    })
}

async fn upsert(tx: &Tx, counts: &[&Count]) -> Result<()> {
    sql("insert into stock (variant_id, location_id, on_hand, safety_stock, backorder, tracked) values ")
        .rows(counts.iter().map(|count| -> [Value; 6] {
            [
                count.variant_id.to_string().into(),
                count.location_id.to_string().into(),
                count.on_hand.into(),
                count.safety_stock.into(),
                count.backorder.into(),
                count.tracked.into(),
            ]
        }))
        .then(
            " on conflict (variant_id, location_id) do update set on_hand = excluded.on_hand, \
              safety_stock = excluded.safety_stock, backorder = excluded.backorder, tracked = excluded.tracked",
        )
        .execute(tx)
        .await?;
    Ok(())
}

async fn on_hand(tx: &Tx, variant_id: VariantId, location_id: LocationId) -> Result<i64> {
    let row: Option<OnHandRow> = sql("select on_hand from stock where variant_id = $1 and location_id = $2")
        .bind(variant_id.to_string())
        .bind(location_id.to_string())
        .optional(tx)
        .await?;
    Ok(row.map_or(0, |row| row.on_hand))
}
