//! Price lists and their prices as messages. A list's message is what is stored, too.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Currency, Cursor, Error, Money, Rate, Result, Timestamp, VariantId};

use super::{at_most, benefit::PIECES_MAX, check_times, named, slug, text};
use crate::{
    domain::{PriceList, PriceStep},
    store::PutPrice,
};

/// The most lists that one request may put.
const LISTS_MAX: usize = 200;
const STEPS_MAX: usize = 20;
const GROUPS_MAX: usize = 50;
/// The most prices, or variants, of one request.
const VARIANTS_MAX: usize = 500;
const DAYS_MAX: u32 = 366;
const PAGE: u32 = 100;
const PAGE_MAX: u32 = 500;
/// Ten times the catalogue's price: more is a slip.
const RATE_PPM_MAX: i64 = 10_000_000;
const PRICE_MINOR_MAX: i64 = 1_000_000_000_000;

/// Reads price lists to put.
pub(crate) fn lists(messages: &[wire::PriceList]) -> Result<Vec<PriceList>> {
    at_most(messages, LISTS_MAX, "/price_lists")?;
    let mut names = HashSet::new();
    let mut lists = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let at = format!("/price_lists/{index}");
        let list = read(message, &at)?;
        if !names.insert(list.name.clone()) {
            return Err(Error::invalid_field(format!("{at}/name"), "stands twice in this request"));
        }
        lists.push(list);
    }
    Ok(lists)
}

/// A price list that is right in form. `at` is where it stands.
pub(crate) fn read(message: &wire::PriceList, at: &str) -> Result<PriceList> {
    check_times(message.starts_at_ms, message.ends_at_ms, at)?;
    Ok(PriceList {
        name: slug(&message.name, || format!("{at}/name"))?,
        title: text(&message.title, || format!("{at}/title"))?,
        markets: named(&message.markets, || format!("{at}/markets"))?,
        buyer_groups: groups(&message.customer_groups, &format!("{at}/customer_groups"))?,
        starts_at: message.starts_at_ms.map(Timestamp::from_millis),
        ends_at: message.ends_at_ms.map(Timestamp::from_millis),
        active: message.active,
        steps: steps(&message.steps, &format!("{at}/steps"))?,
        is_sale: message.is_sale,
    })
}

/// Groups of buyers.
pub(super) fn groups(messages: &[String], list: &str) -> Result<Vec<String>> {
    at_most(messages, GROUPS_MAX, list)?;
    let groups = messages.iter().enumerate().map(|(index, group)| {
        let group = text(group, || format!("{list}/{index}"))?;
        if group.is_empty() {
            return Err(Error::invalid_field(format!("{list}/{index}"), "must not be empty"));
        }
        Ok(group)
    });
    groups.collect()
}

fn steps(messages: &[wire::PriceListStep], list: &str) -> Result<Vec<PriceStep>> {
    at_most(messages, STEPS_MAX, list)?;
    let mut steps: Vec<PriceStep> = Vec::with_capacity(messages.len());
    for (index, step) in messages.iter().enumerate() {
        let wrong =
            |field: &str, why: String| Err(Error::invalid_field(format!("{list}/{index}/{field}"), why));
        let before = steps.last().map_or(0, |step| step.pieces_min);
        if step.pieces_min <= before || step.pieces_min > PIECES_MAX {
            return wrong(
                "pieces_min",
                format!("must be above {before}, at most {PIECES_MAX}: steps ascend"),
            );
        }
        if !(1..=RATE_PPM_MAX).contains(&step.rate_ppm) {
            return wrong(
                "rate_ppm",
                format!("must be from 1 to {RATE_PPM_MAX}; 900000 is 90 % of the price"),
            );
        }
        steps.push(PriceStep { pieces_min: step.pieces_min, rate: Rate::from_ppm(step.rate_ppm) });
    }
    Ok(steps)
}

/// A price list as it is answered, and kept.
pub(crate) fn message(list: &PriceList) -> wire::PriceList {
    wire::PriceList {
        name: list.name.clone(),
        title: list.title.clone(),
        markets: list.markets.clone(),
        customer_groups: list.buyer_groups.clone(),
        starts_at_ms: list.starts_at.map(Timestamp::as_millis),
        ends_at_ms: list.ends_at.map(Timestamp::as_millis),
        active: list.active,
        steps: list
            .steps
            .iter()
            .map(|step| wire::PriceListStep { pieces_min: step.pieces_min, rate_ppm: step.rate.ppm() })
            .collect(),
        is_sale: list.is_sale,
    }
}

/// Reads fixed prices to put, each named once.
pub(crate) fn prices(messages: &[wire::ListPrice]) -> Result<Vec<PutPrice>> {
    at_most(messages, VARIANTS_MAX, "/prices")?;
    let mut keys = HashSet::new();
    let mut prices = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let price = put_price(message, &format!("/prices/{index}"))?;
        if !keys.insert(price.key()) {
            let pointer = format!("/prices/{index}/variant_id");
            return Err(Error::invalid_field(pointer, "has two such prices in this request"));
        }
        prices.push(price);
    }
    Ok(prices)
}

fn put_price(message: &wire::ListPrice, at: &str) -> Result<PutPrice> {
    let wrong = |field: &str, why: String| Error::invalid_field(format!("{at}/{field}"), why);
    let variant: VariantId =
        message.variant_id.parse().map_err(|error| wrong("variant_id", format!("{error}")))?;
    if !(0..=PIECES_MAX).contains(&message.pieces_min) {
        return Err(wrong("pieces_min", format!("must be from 0 to {PIECES_MAX}")));
    }
    let price = message.price.as_ref().ok_or_else(|| wrong("price", "is missing".to_owned()))?;
    let currency: Currency = price
        .currency
        .parse()
        .map_err(|_| wrong("price/currency", "must be an ISO 4217 code, e.g. EUR".to_owned()))?;
    if !(0..=PRICE_MINOR_MAX).contains(&price.minor) {
        return Err(wrong("price/minor", format!("must be from 0 to {PRICE_MINOR_MAX}")));
    }
    Ok(PutPrice {
        list: slug(&message.price_list, || format!("{at}/price_list"))?,
        variant_id: variant.to_string(),
        currency,
        pieces_min: message.pieces_min.max(1),
        minor: (!message.removed).then_some(price.minor),
    })
}

/// A fixed price as it is answered.
pub(crate) fn price_message(price: PutPrice) -> wire::ListPrice {
    let minor = price.minor.unwrap_or_default();
    wire::ListPrice {
        price_list: price.list,
        variant_id: price.variant_id,
        pieces_min: price.pieces_min,
        price: Some(Money::new(minor, price.currency).into()),
        removed: price.minor.is_none(),
    }
}

/// Which prices of a list are asked for, and how many at most.
pub(crate) fn page(request: &wire::ListListPricesRequest) -> Result<(String, u32, Option<Cursor>)> {
    let list = slug(&request.price_list, || "/price_list".to_owned())?;
    if request.limit > PAGE_MAX {
        return Err(Error::invalid_field("/limit", format!("must be from 1 to {PAGE_MAX}")));
    }
    let limit = if request.limit == 0 { PAGE } else { request.limit };
    let cursor = Some(request.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    Ok((list, limit, cursor.map(Cursor::sent)))
}

/// A question for the prices of variants that is right in form.
#[derive(Debug)]
pub(crate) struct PricesAsked {
    pub(crate) market: String,
    pub(crate) currency: Currency,
    pub(crate) groups: Vec<String>,
    pub(crate) variants: Vec<VariantAsked>,
    pub(crate) lowest_days: u32,
}

/// One of its variants, with the catalogue's price.
#[derive(Debug)]
pub(crate) struct VariantAsked {
    pub(crate) variant_id: String,
    pub(crate) base: Money,
    pub(crate) compare_at: Option<Money>,
}

/// Checks a question for prices.
pub(crate) fn asked(request: wire::PriceVariantsRequest) -> Result<PricesAsked> {
    let currency = super::quote::currency(&request.currency)?;
    at_most(&request.variants, VARIANTS_MAX, "/variants")?;
    if request.lowest_days > DAYS_MAX {
        return Err(Error::invalid_field("/lowest_days", format!("must be from 0 to {DAYS_MAX}")));
    }
    let variants = request.variants.into_iter().enumerate().map(|(index, variant)| {
        let wrong = |field: &str, why: &str| Error::invalid_field(format!("/variants/{index}/{field}"), why);
        if variant.variant_id.parse::<VariantId>().is_err() {
            return Err(wrong("variant_id", "must be the id of a variant"));
        }
        let money = |amount: &argosy_contracts::common::Money| Money::try_from(amount).ok();
        let right = |amount: &Money| amount.currency == currency && !amount.is_negative();
        let base = variant.price.as_ref().and_then(money).filter(right);
        let base = base.ok_or_else(|| wrong("price", "must be an amount in the request's currency"))?;
        let compare_at = variant.compare_at.as_ref().and_then(money).filter(right);
        Ok(VariantAsked { variant_id: variant.variant_id, base, compare_at })
    });
    Ok(PricesAsked {
        market: market_name(request.market)?,
        currency,
        groups: groups(&request.customer_groups, "/customer_groups")?,
        variants: variants.collect::<Result<_>>()?,
        lowest_days: request.lowest_days,
    })
}

/// The name of a market that somebody asks for; what is none is as if nothing were said.
pub(super) fn market_name(name: String) -> Result<String> {
    if name.is_empty() { Ok(name) } else { slug(&name, || "/market".to_owned()) }
}
