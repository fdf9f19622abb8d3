//! What may be sold before it is there, and who is told when that changes.

use argosy_kernel::{Day, LocationId, Result, VariantId};
use argosy_platform::database::{Executor, Tx, sql};

use super::{Store, levels};
use crate::{
    domain::{Level, Outlook},
    error, events,
};

/// What may be sold of a variant at a location before it is there.
pub(crate) struct Backorders {
    pub(crate) variant_id: VariantId,
    pub(crate) location_id: LocationId,
    pub(crate) allowed: bool,
    pub(crate) units_max: Option<i64>,
    pub(crate) expected_on: Option<Day>,
    pub(crate) preorder: bool,
}

impl Backorders {
    pub(crate) fn none(variant_id: VariantId, location_id: LocationId) -> Self {
        Self { variant_id, location_id, allowed: false, units_max: None, expected_on: None, preorder: false }
    }

    fn is_at(&self, level: &Level) -> bool {
        (level.variant_id, level.location_id) == (self.variant_id, self.location_id)
    }

    fn is_kept(&self, level: &Level) -> bool {
        level.backorder == self.allowed
            && level.backorder_max == self.units_max
            && level.expected_on == self.expected_on
            && level.preorder == self.preorder
    }

    /// Nobody is promised more than this allows.
    fn is_enough_for(&self, level: &Level) -> bool {
        let bound = if self.allowed { self.units_max } else { Some(0) };
        !level.tracked || bound.is_none_or(|bound| level.on_hand.saturating_add(bound) >= level.reserved)
    }
}

impl Store {
    /// All or none; answers how many changed.
    pub(crate) async fn set_backorders(&self, policies: &[Backorders]) -> Result<u32> {
        let tx = self.database.begin().await?;
        tx.alone("count").await?; // as a count does, whose rows these are
        let variants: Vec<VariantId> = policies.iter().map(|policy| policy.variant_id).collect();
        let sellable_before = levels::read(&tx, &variants).await?;
        let before = levels::all_levels(&tx, &variants).await?;
        let mut changed = 0;
        for (index, policy) in policies.iter().enumerate() {
            match before.iter().find(|level| policy.is_at(level)) {
                Some(level) if policy.is_kept(level) => continue,
                Some(level) if !policy.is_enough_for(level) => {
                    let promised = level.reserved.saturating_sub(level.on_hand);
                    return Err(error::backorders_promised(index, promised));
                }
                Some(_) | None => {}
            }
            write(&tx, policy).await?;
            changed += 1;
        }
        if changed > 0 {
            self.tell_crossings(&tx, &variants, &sellable_before).await?;
            self.tell_arrivals(&tx, &variants, &sellable_before).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Tells of which of the variants another day is to be expected since `before`, and which have come in.
    pub(super) async fn tell_arrivals(
        &self,
        tx: &Tx,
        variants: &[VariantId],
        before: &[Level],
    ) -> Result<()> {
        let after = levels::read(tx, variants).await?;
        let mut told = Vec::new();
        let mut variants = variants.to_vec();
        variants.sort_unstable();
        variants.dedup();
        let now_ms = self.clock.now().as_millis();
        for variant in variants {
            let (old, new) = (of_variant(before, variant), of_variant(&after, variant));
            let has_arrived = owes(old.clone()) && !owes(new.clone());
            let outlook = Outlook::of(new.clone());
            if !has_arrived && !outlook.differs_from(&Outlook::of(old)) {
                continue;
            }
            // Later than all before it, also if the clock was set back.
            let last = new.map(|level| level.told_version).max().unwrap_or_default();
            let version = now_ms.max(last + 1);
            sql("update stock set told_version = $2 where variant_id = $1")
                .bind(variant.to_string())
                .bind(version)
                .execute(tx)
                .await?;
            told.push(events::expected_changed(variant, outlook, has_arrived, version)?);
        }
        if told.is_empty() { Ok(()) } else { tx.publish(&*self.clock, told).await }
    }
}

fn of_variant(levels: &[Level], variant: VariantId) -> impl Iterator<Item = &Level> + Clone {
    levels.iter().filter(move |level| level.variant_id == variant)
}

/// Whether buyers wait for some of it.
fn owes<'a>(mut levels: impl Iterator<Item = &'a Level>) -> bool {
    levels.any(|level| level.tracked && level.on_hand < 0)
}

async fn write(on: &impl Executor, policy: &Backorders) -> Result<()> {
    sql("insert into stock (variant_id, location_id, on_hand, backorder, backorder_max, expected_on, preorder) \
         values ($1, $2, 0, $3, $4, $5, $6) \
         on conflict (variant_id, location_id) do update set backorder = excluded.backorder, \
            backorder_max = excluded.backorder_max, expected_on = excluded.expected_on, preorder = excluded.preorder")
    .bind(policy.variant_id.to_string())
    .bind(policy.location_id.to_string())
    .bind(policy.allowed)
    .bind(policy.units_max)
    .bind(Day::text(policy.expected_on))
    .bind(policy.preorder)
    .execute(on)
    .await?;
    Ok(())
}
