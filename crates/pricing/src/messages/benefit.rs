//! What campaigns take off, as messages.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, ProductId, Rate, Result, VariantId};

use super::{amounts, at_most};
use crate::domain::{Amounts, Benefit, Bundle, BundlePart, BundlePrice, ShippingBenefit, Tier};

/// The most pieces that a campaign speaks of.
pub(super) const PIECES_MAX: i64 = 1_000_000;
const TIERS_MAX: usize = 20;
const PARTS_MAX: usize = 20;
const PART_PRODUCTS_MAX: usize = 100;
const KINDS: [&str; 10] =
    ["percentage", "fixed", "each", "cheapest", "buy_get", "nth", "tiers", "bundle", "gift", "shipping"];

/// Reads what a campaign takes off: what its kind has no use for must not be set.
pub(super) fn read(message: &wire::Campaign, at: &str) -> Result<Benefit> {
    let wrong = |field: &str, message: &str| Err(Error::invalid_field(format!("{at}/{field}"), message));
    let kind = message.kind.as_str();
    let has = [
        ("rate_ppm", message.rate_ppm != 0, &["percentage", "buy_get", "nth", "bundle", "shipping"][..]),
        ("amounts", !message.amounts.is_empty(), &["fixed", "each", "cheapest", "bundle", "shipping"]),
        ("buy", message.buy != 0, &["buy_get"]),
        ("get", message.get != 0, &["buy_get"]),
        ("tiers", !message.tiers.is_empty(), &["tiers"]),
        ("every", message.every != 0, &["nth"]),
        ("bundle", !message.bundle.is_empty(), &["bundle"]),
        ("gift_variant_id", !message.gift_variant_id.is_empty(), &["gift"]),
        ("gift_pieces", message.gift_pieces != 0, &["gift"]),
    ];
    if !KINDS.contains(&kind) {
        return wrong("kind", &format!("must be one of {}", KINDS.join(", ")));
    }
    for (field, is_set, kinds) in has {
        if is_set && !kinds.contains(&kind) {
            return wrong(field, &format!("is not for the kind {kind}"));
        }
    }
    match kind {
        "percentage" => Ok(Benefit::Percentage(rate(message.rate_ppm, &format!("{at}/rate_ppm"))?)),
        "buy_get" => {
            let (buy, get) = (pieces(message.buy, 1, at, "buy")?, pieces(message.get, 1, at, "get")?);
            Ok(Benefit::BuyGet { buy, get, rate: rate(message.rate_ppm, &format!("{at}/rate_ppm"))? })
        }
        "nth" => {
            let every = pieces(message.every, 2, at, "every")?;
            Ok(Benefit::Nth { every, rate: rate(message.rate_ppm, &format!("{at}/rate_ppm"))? })
        }
        "gift" => {
            let variant_id = message.gift_variant_id.clone();
            if let Err(error) = variant_id.parse::<VariantId>() {
                return wrong("gift_variant_id", &error.to_string());
            }
            Ok(Benefit::Gift {
                variant_id,
                pieces: pieces(message.gift_pieces.max(1), 1, at, "gift_pieces")?,
            })
        }
        "tiers" => tiers(message, at),
        "bundle" => bundle(message, at),
        "shipping" => Ok(Benefit::Shipping(match one_price(message, at)? {
            Price::Rate(rate) => ShippingBenefit::Share(rate),
            Price::Amounts(amounts) => ShippingBenefit::Amount(amounts),
        })),
        "cheapest" => Ok(Benefit::Cheapest(some_amounts(message, at)?)),
        "fixed" => Ok(Benefit::Fixed(some_amounts(message, at)?)),
        _ => Ok(Benefit::Each(some_amounts(message, at)?)),
    }
}

/// By a share or by an amount.
enum Price {
    Rate(Rate),
    Amounts(Amounts),
}

fn one_price(message: &wire::Campaign, at: &str) -> Result<Price> {
    match (message.rate_ppm != 0, !message.amounts.is_empty()) {
        (true, true) => {
            Err(Error::invalid_field(format!("{at}/amounts"), "must be empty if there is a rate"))
        }
        (true, false) => rate(message.rate_ppm, &format!("{at}/rate_ppm")).map(Price::Rate),
        (false, _) => some_amounts(message, at).map(Price::Amounts),
    }
}

fn some_amounts(message: &wire::Campaign, at: &str) -> Result<Amounts> {
    let wrong = |field: &str, message: &str| Err(Error::invalid_field(format!("{at}/{field}"), message));
    let given = amounts(&message.amounts, &format!("{at}/amounts"))?;
    if given.is_empty() {
        return wrong("amounts", "must hold at least one amount");
    }
    if let Some(index) = given.as_slice().iter().position(|amount| amount.is_zero()) {
        return wrong(&format!("amounts/{index}/minor"), "must be above 0");
    }
    Ok(given)
}

fn pieces(given: i64, least: i64, at: &str, field: &str) -> Result<i64> {
    if (least..=PIECES_MAX).contains(&given) {
        Ok(given)
    } else {
        Err(Error::invalid_field(format!("{at}/{field}"), format!("must be from {least} to {PIECES_MAX}")))
    }
}

fn tiers(message: &wire::Campaign, at: &str) -> Result<Benefit> {
    at_most(&message.tiers, TIERS_MAX, &format!("{at}/tiers"))?;
    if message.tiers.is_empty() {
        return Err(Error::invalid_field(format!("{at}/tiers"), "must hold at least one"));
    }
    let tier = |(index, tier): (usize, &wire::CampaignTier)| {
        let at = format!("{at}/tiers/{index}");
        let pieces_min = pieces(tier.pieces_min, 1, &at, "pieces_min")?;
        Ok(Tier { pieces_min, rate: rate(tier.rate_ppm, &format!("{at}/rate_ppm"))? })
    };
    Ok(Benefit::Tiers(message.tiers.iter().enumerate().map(tier).collect::<Result<_>>()?))
}

fn bundle(message: &wire::Campaign, at: &str) -> Result<Benefit> {
    let list = format!("{at}/bundle");
    at_most(&message.bundle, PARTS_MAX, &list)?;
    if message.bundle.is_empty() {
        return Err(Error::invalid_field(list, "must hold at least one part"));
    }
    let mut products = HashSet::new();
    let mut parts = Vec::with_capacity(message.bundle.len());
    for (index, part) in message.bundle.iter().enumerate() {
        let at = format!("{list}/{index}");
        at_most(&part.product_ids, PART_PRODUCTS_MAX, &format!("{at}/product_ids"))?;
        if part.product_ids.is_empty() {
            return Err(Error::invalid_field(format!("{at}/product_ids"), "must hold at least one"));
        }
        for (place, id) in part.product_ids.iter().enumerate() {
            let wrong = |why: String| Error::invalid_field(format!("{at}/product_ids/{place}"), why);
            id.parse::<ProductId>().map_err(|error| wrong(error.to_string()))?;
            if !products.insert(id) {
                return Err(wrong("stands in this bundle already".to_owned()));
            }
        }
        let pieces = pieces(part.pieces, 1, &at, "pieces")?;
        parts.push(BundlePart { products: part.product_ids.clone(), pieces });
    }
    let price = match one_price(message, at)? {
        Price::Rate(rate) => BundlePrice::Less(rate),
        Price::Amounts(amounts) => BundlePrice::Fixed(amounts),
    };
    Ok(Benefit::Bundle(Bundle { parts, price }))
}

fn rate(ppm: i64, at: &str) -> Result<Rate> {
    if (1..=Rate::WHOLE.ppm()).contains(&ppm) {
        Ok(Rate::from_ppm(ppm))
    } else {
        Err(Error::invalid_field(at, "must be from 1 to 1000000, which is 100 %"))
    }
}
