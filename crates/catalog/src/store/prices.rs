//! The history of list prices.

use std::collections::HashMap;

use argosy_kernel::{Currency, Result, Timestamp, VariantId};
use argosy_platform::database::{Sql, sql};

use super::{Store, bulk, rows::PriceChangeRow};
use crate::domain::price::PriceChange;

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Goes on with a list of variants, then [`HISTORY`].
pub(super) const HISTORY_OF: &str = "with present as ( \
    select variant_id, max(at_ms) as began_ms from price_change where currency = $1 and variant_id in ";
pub(super) const HISTORY: &str = " group by variant_id) \
    select price_change.variant_id, price_change.at_ms, price_change.minor \
      from present \
      join price_change on price_change.variant_id = present.variant_id and price_change.currency = $1 \
     where price_change.at_ms >= coalesce(( \
             select max(earlier.at_ms) \
               from price_change as earlier \
              where earlier.variant_id = present.variant_id \
                and earlier.currency = $1 \
                and earlier.at_ms <= present.began_ms - $2), 0) \
     order by price_change.variant_id, price_change.at_ms";

/// Goes on with a list of variants and an order.
const HISTORY_SINCE: &str = "select price_change.variant_id, price_change.at_ms, price_change.minor \
      from price_change \
     where price_change.currency = $1 \
       and price_change.at_ms >= coalesce(( \
             select max(earlier.at_ms) \
               from price_change as earlier \
              where earlier.variant_id = price_change.variant_id \
                and earlier.currency = $1 \
                and earlier.at_ms <= $2), 0) \
       and price_change.variant_id in ";

impl Store {
    /// Each variant's list prices since a time, oldest first, with the one that was in force then.
    pub(crate) async fn prices_since(
        &self,
        variants: &[VariantId],
        currency: Currency,
        since: Timestamp,
    ) -> Result<HashMap<VariantId, Vec<PriceChange>>> {
        let statement = |list| {
            let rows = sql(HISTORY_SINCE).bind(currency.code()).bind(since.as_millis()).list(list);
            rows.then(" order by price_change.variant_id, price_change.at_ms")
        };
        self.history(variants, statement).await
    }

    /// Each variant's list prices, oldest first: those in force in the days before the present one began.
    pub(crate) async fn price_history(
        &self,
        variants: &[VariantId],
        currency: Currency,
        days: u32,
    ) -> Result<HashMap<VariantId, Vec<PriceChange>>> {
        let days_ms = i64::from(days) * DAY_MS;
        let statement = |list| sql(HISTORY_OF).bind(currency.code()).bind(days_ms).list(list).then(HISTORY);
        self.history(variants, statement).await
    }

    /// What a statement for a list of variants finds, by variant.
    async fn history(
        &self,
        variants: &[VariantId],
        statement: impl Fn(Vec<String>) -> Sql + Send,
    ) -> Result<HashMap<VariantId, Vec<PriceChange>>> {
        let mut history: HashMap<VariantId, Vec<PriceChange>> = HashMap::new();
        for list in bulk::lists(variants.iter().map(ToString::to_string)) {
            let rows: Vec<PriceChangeRow> = statement(list).all(&self.database).await?;
            for row in rows {
                let change = PriceChange { at: Timestamp::from_millis(row.at_ms), minor: row.minor };
                history.entry(row.variant_id.parse()?).or_default().push(change);
            }
        }
        Ok(history)
    }
}
