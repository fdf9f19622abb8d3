//! Goods at the prices of price lists, for the doors that show them: what a quote would say is what is shown (law 7).

use std::collections::HashMap;

use argosy_kernel::{Code, Ctx, Currency, Money, Result, Unit};

use crate::{
    catalog::{Measure, Product, Variant},
    common,
    pricing::{PriceVariantsRequest, PricedVariant, PricingClient, VariantPrice},
};

/// The most variants that pricing answers for at once.
const VARIANTS_MAX: usize = 500;

/// In what goods are shown.
#[derive(Debug, Clone, Copy)]
pub struct Selling<'a> {
    /// The market that the visitor looks at the shop in; empty: pricing chooses one by the currency.
    pub market: &'a str,
    /// Of the prices.
    pub currency: Currency,
    /// With the lowest prices of so many days before reduced ones; 0: without.
    pub lowest_days: u32,
}

/// What price lists make of prices, by variant.
pub type ListedPrices = HashMap<String, VariantPrice>;

/// Puts the prices of lists in place of the catalogue's, in one call for 500 variants that have a price.
///
/// # Errors
/// As `PriceVariants`: goods without their prices are not shown.
pub async fn reprice(
    pricing: &PricingClient,
    ctx: &Ctx,
    products: &mut [Product],
    selling: Selling<'_>,
) -> Result<ListedPrices> {
    let code = selling.currency.code();
    let asked = products.iter().flat_map(|product| &product.variants).filter_map(|variant| {
        let price = variant.prices.iter().find(|price| is_in(price.amount.as_ref(), code))?;
        Some(PricedVariant {
            variant_id: variant.id.clone(),
            price: price.amount.clone(),
            compare_at: price.compare_at.clone(),
        })
    });
    let asked: Vec<PricedVariant> = asked.collect();
    let mut listed = ListedPrices::new();
    for variants in asked.chunks(VARIANTS_MAX) {
        let request = PriceVariantsRequest {
            market: selling.market.to_owned(),
            currency: code.to_owned(),
            customer_groups: Vec::new(),
            variants: variants.to_vec(),
            lowest_days: selling.lowest_days,
        };
        let prices = match pricing.price_variants(ctx, request).await {
            // The release before has no lists.
            Err(error) if error.code() == Code::Unimplemented => break,
            priced => priced?.prices,
        };
        listed.extend(prices.into_iter().map(|price| (price.variant_id.clone(), price)));
    }
    if !listed.is_empty() {
        for variant in products.iter_mut().flat_map(|product| &mut product.variants) {
            if let Some(price) = listed.get(&variant.id) {
                put(variant, price, code);
            }
        }
    }
    Ok(listed)
}

fn is_in(amount: Option<&common::Money>, code: &str) -> bool {
    amount.is_some_and(|amount| amount.currency == code)
}

fn put(variant: &mut Variant, listed: &VariantPrice, code: &str) {
    let (measure, base) = (variant.unit_measure.clone(), variant.unit_base.clone());
    for price in variant.prices.iter_mut().filter(|price| is_in(price.amount.as_ref(), code)) {
        price.amount.clone_from(&listed.price);
        price.compare_at.clone_from(&listed.compare_at);
        let amount = listed.price.as_ref().and_then(|amount| Money::try_from(amount).ok());
        price.per_unit = per_unit(measure.as_ref(), base.as_ref(), amount).map(Into::into);
    }
}

/// What one `base` costs if so much costs a price.
fn per_unit(measure: Option<&Measure>, base: Option<&Measure>, price: Option<Money>) -> Option<Money> {
    let (measure, base) = (measure?, base?);
    let of_base = (Unit::named(&base.unit)?, base.thousandths);
    Unit::named(&measure.unit)?.price_per(measure.thousandths, of_base, price?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Price;

    #[expect(clippy::unnecessary_wraps, reason = "messages have optional amounts")]
    fn eur(minor: i64) -> Option<common::Money> {
        Some(Money::new(minor, Currency::EUR).into())
    }

    #[test]
    fn a_listed_price_takes_the_place_of_the_one_in_its_currency_with_its_price_per_unit() {
        let usd = Price { amount: Some(Money::new(700, Currency::USD).into()), ..Price::default() };
        let mut oil = Variant {
            unit_measure: "250 ml".parse().ok(),
            unit_base: "1 l".parse().ok(),
            prices: vec![usd.clone(), Price { amount: eur(500), compare_at: eur(600), per_unit: eur(2_000) }],
            ..Variant::default()
        };
        let listed = VariantPrice { price: eur(333), compare_at: None, ..VariantPrice::default() };
        put(&mut oil, &listed, "EUR");
        assert_eq!(oil.prices, [usd, Price { amount: eur(333), compare_at: None, per_unit: eur(1_332) }]);
    }
}
