//! Campaigns as messages. The message is what is stored, too: it is checked when it is put, and read with the rules.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, ProductId, PromotionId, Rate, Result, Timestamp};

use super::{amounts, at_most, country, text};
use crate::domain::{Benefit, Campaign, Goods, Tier};

/// The most campaigns one request may put.
const CAMPAIGNS_MAX: usize = 200;
const NAME_LENGTH_MAX: usize = 64;
const GOODS_MAX: usize = 500;
const COUNTRIES_MAX: usize = 250;
const TIERS_MAX: usize = 20;
const PIECES_MAX: i64 = 1_000_000;

/// Checks campaigns to put; each gets a new id, which counts only if its name is new.
pub(crate) fn campaigns(request: wire::PutCampaignsRequest) -> Result<Vec<wire::Campaign>> {
    at_most(&request.campaigns, CAMPAIGNS_MAX, "/campaigns")?;
    let mut names = HashSet::new();
    let mut checked = Vec::with_capacity(request.campaigns.len());
    for (index, mut message) in request.campaigns.into_iter().enumerate() {
        let at = format!("/campaigns/{index}");
        message.id = PromotionId::new().to_string();
        read(&message, &at)?;
        if !names.insert(message.name.clone()) {
            return Err(Error::invalid_field(format!("{at}/name"), "stands twice in this request"));
        }
        checked.push(message);
    }
    Ok(checked)
}

/// A campaign that is right in form. `at` is where it stands.
pub(crate) fn read(message: &wire::Campaign, at: &str) -> Result<Campaign> {
    let wrong = |field: &str, message: String| Error::invalid_field(format!("{at}/{field}"), message);
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if message.name.is_empty() || message.name.len() > NAME_LENGTH_MAX || !message.name.chars().all(plain) {
        let message = format!("must be 1 to {NAME_LENGTH_MAX} of a to z, 0 to 9 and -");
        return Err(wrong("name", message));
    }
    if message.title.trim().is_empty() {
        return Err(wrong("title", "must not be empty: it is what a buyer reads".to_owned()));
    }
    if let (Some(starts_at), Some(ends_at)) = (message.starts_at_ms, message.ends_at_ms)
        && ends_at <= starts_at
    {
        return Err(wrong("ends_at_ms", "must be after starts_at_ms".to_owned()));
    }
    if !(0..=PIECES_MAX).contains(&message.pieces_min) {
        return Err(wrong("pieces_min", format!("must be from 0 to {PIECES_MAX}")));
    }
    at_most(&message.product_ids, GOODS_MAX, &format!("{at}/product_ids"))?;
    at_most(&message.collection_ids, GOODS_MAX, &format!("{at}/collection_ids"))?;
    at_most(&message.countries, COUNTRIES_MAX, &format!("{at}/countries"))?;
    for (index, id) in message.product_ids.iter().enumerate() {
        id.parse::<ProductId>().map_err(|error| wrong(&format!("product_ids/{index}"), error.to_string()))?;
    }
    for (index, id) in message.collection_ids.iter().enumerate() {
        if id.is_empty() || id.len() > NAME_LENGTH_MAX {
            return Err(wrong(
                &format!("collection_ids/{index}"),
                "must be the id of a collection".to_owned(),
            ));
        }
    }
    let countries = message.countries.iter().enumerate();
    Ok(Campaign {
        id: message.id.parse()?,
        name: message.name.clone(),
        title: text(&message.title, || format!("{at}/title"))?,
        priority: message.priority,
        group: text(&message.group, || format!("{at}/group"))?,
        goods: Goods { products: message.product_ids.clone(), collections: message.collection_ids.clone() },
        pieces_min: message.pieces_min,
        minimums: amounts(&message.minimums, &format!("{at}/minimums"))?,
        countries: countries
            .map(|(index, code)| country(code, || format!("{at}/countries/{index}")))
            .collect::<Result<_>>()?,
        benefit: benefit(message, at)?,
        starts_at: message.starts_at_ms.map(Timestamp::from_millis),
        ends_at: message.ends_at_ms.map(Timestamp::from_millis),
        active: message.active,
    })
}

fn benefit(message: &wire::Campaign, at: &str) -> Result<Benefit> {
    let wrong = |field: &str, message: &str| Err(Error::invalid_field(format!("{at}/{field}"), message));
    let kind = message.kind.as_str();
    let has = [
        ("rate_ppm", message.rate_ppm != 0, &["percentage", "buy_get"][..]),
        ("amounts", !message.amounts.is_empty(), &["fixed", "each"]),
        ("buy", message.buy != 0, &["buy_get"]),
        ("get", message.get != 0, &["buy_get"]),
        ("tiers", !message.tiers.is_empty(), &["tiers"]),
    ];
    if !["percentage", "fixed", "each", "buy_get", "tiers"].contains(&kind) {
        return wrong("kind", "must be percentage, fixed, each, buy_get or tiers");
    }
    for (field, is_set, kinds) in has {
        if is_set && !kinds.contains(&kind) {
            return wrong(field, &format!("is not for the kind {kind}"));
        }
    }
    match kind {
        "percentage" => Ok(Benefit::Percentage(rate(message.rate_ppm, &format!("{at}/rate_ppm"))?)),
        "buy_get" => {
            for (field, pieces) in [("buy", message.buy), ("get", message.get)] {
                if !(1..=PIECES_MAX).contains(&pieces) {
                    return wrong(field, &format!("must be from 1 to {PIECES_MAX}"));
                }
            }
            let rate = rate(message.rate_ppm, &format!("{at}/rate_ppm"))?;
            Ok(Benefit::BuyGet { buy: message.buy, get: message.get, rate })
        }
        "tiers" => {
            at_most(&message.tiers, TIERS_MAX, &format!("{at}/tiers"))?;
            if message.tiers.is_empty() {
                return wrong("tiers", "must hold at least one");
            }
            let tier = |(index, tier): (usize, &wire::CampaignTier)| {
                let at = format!("{at}/tiers/{index}");
                if !(1..=PIECES_MAX).contains(&tier.pieces_min) {
                    let message = format!("must be from 1 to {PIECES_MAX}");
                    return Err(Error::invalid_field(format!("{at}/pieces_min"), message));
                }
                Ok(Tier {
                    pieces_min: tier.pieces_min,
                    rate: rate(tier.rate_ppm, &format!("{at}/rate_ppm"))?,
                })
            };
            Ok(Benefit::Tiers(message.tiers.iter().enumerate().map(tier).collect::<Result<_>>()?))
        }
        _ => {
            let given = amounts(&message.amounts, &format!("{at}/amounts"))?;
            if given.is_empty() {
                return wrong("amounts", "must hold at least one amount");
            }
            if let Some(index) = given.as_slice().iter().position(|amount| amount.is_zero()) {
                return wrong(&format!("amounts/{index}/minor"), "must be above 0");
            }
            Ok(if kind == "fixed" { Benefit::Fixed(given) } else { Benefit::Each(given) })
        }
    }
}

fn rate(ppm: i64, at: &str) -> Result<Rate> {
    if (1..=Rate::WHOLE.ppm()).contains(&ppm) {
        Ok(Rate::from_ppm(ppm))
    } else {
        Err(Error::invalid_field(at, "must be from 1 to 1000000, which is 100 %"))
    }
}
