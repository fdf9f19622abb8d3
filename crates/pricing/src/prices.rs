//! What variants cost by price lists, for those who show goods.
//!
//! Callers hand in the catalogue's prices, which they hold already: asking for them again would be a call for nothing. The
//! catalogue is asked only for what a reduction was before, and only where somebody wants to tell it.

use std::collections::HashMap;

use argosy_contracts::{
    catalog::{PriceHistoryRequest, VariantPriceHistory},
    pricing::{PiecesPrice, PriceVariantsResponse, VariantPrice},
};
use argosy_kernel::{Ctx, Money, Result, Timestamp};

use crate::{
    domain::{ListHistories, Listed, Since},
    messages::{
        price_list::{PricesAsked, VariantAsked},
        quote::compare_at,
    },
    service::PricingService,
};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

impl PricingService {
    /// The prices that a quote for one piece would have, and those of more pieces.
    pub(crate) async fn priced(&self, ctx: &Ctx, asked: &PricesAsked) -> Result<PriceVariantsResponse> {
        let (rules, now) = (self.rules.get(), self.clock.now());
        let market = rules.markets.looked_at(&asked.market, asked.currency);
        let market = market.map(|market| market.name.as_str());
        let lists = rules.price_lists.counting(market, &asked.groups, now);
        let mut answer =
            PriceVariantsResponse { market: market.unwrap_or_default().to_owned(), prices: Vec::new() };
        if lists.is_empty() {
            return Ok(answer);
        }
        let ids = asked.variants.iter().map(|variant| variant.variant_id.clone()).collect();
        let fixed = self.store.fixed_prices(rules.holding_prices(&lists), ids, asked.currency).await?;
        let mut reduced: Vec<(usize, &VariantAsked, Listed<'_>)> = Vec::new();
        for variant in &asked.variants {
            let fixed = fixed.get(&variant.variant_id).map_or(&[][..], Vec::as_slice);
            let listed = lists.price(variant.base, 1, fixed)?;
            let steps = lists.steps(variant.base, fixed)?;
            if listed.is_none() && steps.is_empty() {
                continue;
            }
            if let Some(listed) = listed.filter(|listed| listed.list.is_sale) {
                reduced.push((answer.prices.len(), variant, listed));
            }
            answer.prices.push(shown(variant, listed, steps));
        }
        if asked.lowest_days > 0 {
            for (place, lowest) in self.lowest(ctx, asked, reduced, now).await? {
                answer.prices[place].lowest = lowest.map(Into::into);
            }
        }
        Ok(answer)
    }

    /// The lowest prices before the present ones of reduced variants, by their places: two statements and one call for each
    /// list, of which a request has hardly ever more than one.
    async fn lowest(
        &self,
        ctx: &Ctx,
        asked: &PricesAsked,
        reduced: Vec<(usize, &VariantAsked, Listed<'_>)>,
        now: Timestamp,
    ) -> Result<Vec<(usize, Option<Money>)>> {
        let mut by_list: HashMap<&str, Vec<(usize, &VariantAsked)>> = HashMap::new();
        for (place, variant, listed) in reduced {
            by_list.entry(&listed.list.name).or_default().push((place, variant));
        }
        let mut lowest = Vec::new();
        for (list, variants) in by_list {
            let ids: Vec<String> = variants.iter().map(|(_, variant)| variant.variant_id.clone()).collect();
            let histories = self.store.list_histories(list, &ids, asked.currency).await?;
            let base = self.base_prices(ctx, asked, ids, &histories, now).await?;
            for (place, variant) in variants {
                let Some(history) = histories.get(&variant.variant_id) else { continue };
                let base = base.get(&variant.variant_id).map_or(&[][..], Vec::as_slice);
                lowest.push((place, history.lowest_before(base, asked.lowest_days, now)?));
            }
        }
        Ok(lowest)
    }

    /// The catalogue's prices since so many days before the lists last said something else.
    async fn base_prices(
        &self,
        ctx: &Ctx,
        asked: &PricesAsked,
        variant_ids: Vec<String>,
        histories: &ListHistories,
        now: Timestamp,
    ) -> Result<HashMap<String, Vec<Since<Option<Money>>>>> {
        let began = histories.values().map(|history| history.changed_last(now)).min().unwrap_or(now);
        let since_ms = began.as_millis().saturating_sub(i64::from(asked.lowest_days) * DAY_MS);
        let currency = asked.currency.code().to_owned();
        let request = PriceHistoryRequest { variant_ids, currency, since_ms };
        let variants = self.catalog.price_history(ctx, request).await?.variants;
        variants.into_iter().map(history).collect()
    }
}

fn history(of: VariantPriceHistory) -> Result<(String, Vec<Since<Option<Money>>>)> {
    let change = |change: argosy_contracts::catalog::PriceChange| {
        let is = change.price.map(Money::try_from).transpose()?;
        Ok(Since { at: Timestamp::from_millis(change.at_ms), is })
    };
    Ok((of.variant_id, of.changes.into_iter().map(change).collect::<Result<_>>()?))
}

fn shown(variant: &VariantAsked, listed: Option<Listed<'_>>, steps: Vec<(i64, Money)>) -> VariantPrice {
    let price = listed.map_or(variant.base, |listed| listed.price);
    let is_sale = listed.map(|listed| listed.list.is_sale);
    VariantPrice {
        variant_id: variant.variant_id.clone(),
        price: Some(price.into()),
        compare_at: compare_at((price, variant.base), variant.compare_at, is_sale).map(Into::into),
        price_list: listed.map(|listed| listed.list.name.clone()).unwrap_or_default(),
        steps: steps
            .into_iter()
            .map(|(pieces_min, price)| PiecesPrice { pieces_min, price: Some(price.into()) })
            .collect(),
        lowest: None,
    }
}
