//! Shipping zones as messages.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, Result};

use super::{amounts, amounts_message, at_most, country, name, text};
use crate::domain::{Country, RatePrice, ShippingRate, ShippingZone, WeightStep};

const ZONES_MAX: usize = 300;
const RATES_MAX: usize = 50;
const STEPS_MAX: usize = 50;
const DAYS_MAX: u32 = 365;
/// A zone that holds every country no zone names.
const ELSEWHERE: &str = "*";

/// What must not stand twice in all zones together.
#[derive(Default)]
struct Seen {
    countries: HashSet<Country>,
    elsewhere: bool,
    rate_ids: HashSet<String>,
}

/// Reads all shipping zones of a shop.
pub(crate) fn zones(request: &wire::PutShippingZonesRequest) -> Result<Vec<ShippingZone>> {
    at_most(&request.zones, ZONES_MAX, "/zones")?;
    let mut seen = Seen::default();
    let zones = request.zones.iter().enumerate();
    zones.map(|(index, message)| zone(message, &format!("/zones/{index}"), &mut seen)).collect()
}

fn zone(message: &wire::ShippingZone, at: &str, seen: &mut Seen) -> Result<ShippingZone> {
    if message.countries.is_empty() {
        return Err(Error::invalid_field(format!("{at}/countries"), "must name a country, or *"));
    }
    let (mut countries, mut elsewhere) = (Vec::new(), false);
    for (index, code) in message.countries.iter().enumerate() {
        let pointer = format!("{at}/countries/{index}");
        let new = if code == ELSEWHERE {
            elsewhere = true;
            !std::mem::replace(&mut seen.elsewhere, true)
        } else {
            let country = country(code, || pointer.clone())?;
            countries.push(country);
            seen.countries.insert(country)
        };
        if !new {
            return Err(Error::invalid_field(pointer, "is in a zone already"));
        }
    }
    let list = format!("{at}/rates");
    at_most(&message.rates, RATES_MAX, &list)?;
    let mut rates = Vec::with_capacity(message.rates.len());
    for (index, message) in message.rates.iter().enumerate() {
        let rate = rate(message, &format!("{list}/{index}"))?;
        if !seen.rate_ids.insert(rate.id.clone()) {
            return Err(Error::invalid_field(format!("{list}/{index}/id"), "another rate has this id"));
        }
        rates.push(rate);
    }
    Ok(ShippingZone { name: text(&message.name, || format!("{at}/name"))?, countries, elsewhere, rates })
}

fn rate(message: &wire::ShippingRate, at: &str) -> Result<ShippingRate> {
    if message.days_max > DAYS_MAX || message.days_min > message.days_max {
        let pointer = format!("{at}/days_max");
        return Err(Error::invalid_field(pointer, format!("must be from days_min to {DAYS_MAX}")));
    }
    Ok(ShippingRate {
        id: name(&message.id, || format!("{at}/id"))?,
        title: text(&message.title, || format!("{at}/title"))?,
        carrier: text(&message.carrier, || format!("{at}/carrier"))?,
        price: price(message, at)?,
        free_over: amounts(&message.free_over, &format!("{at}/free_over"))?,
        days_min: message.days_min,
        days_max: message.days_max,
    })
}

fn price(message: &wire::ShippingRate, at: &str) -> Result<RatePrice> {
    let list = format!("{at}/weight_steps");
    match (message.flat.is_empty(), message.weight_steps.is_empty()) {
        (true, true) => {
            Err(Error::invalid_field(format!("{at}/flat"), "a rate needs flat prices or weight_steps"))
        }
        (false, false) => Err(Error::invalid_field(list, "a rate has flat prices or weight_steps, not both")),
        (false, true) => Ok(RatePrice::Flat(amounts(&message.flat, &format!("{at}/flat"))?)),
        (true, false) => Ok(RatePrice::ByWeight(steps(&message.weight_steps, &list)?)),
    }
}

fn steps(messages: &[wire::WeightStep], list: &str) -> Result<Vec<WeightStep>> {
    at_most(messages, STEPS_MAX, list)?;
    let mut steps: Vec<WeightStep> = Vec::with_capacity(messages.len());
    for (index, step) in messages.iter().enumerate() {
        let before = steps.last().map_or(0, |step| step.up_to_g);
        if step.up_to_g <= before {
            let pointer = format!("{list}/{index}/up_to_g");
            return Err(Error::invalid_field(pointer, format!("must be above {before}: steps ascend")));
        }
        let price = amounts(&step.price, &format!("{list}/{index}/price"))?;
        steps.push(WeightStep { up_to_g: step.up_to_g, price });
    }
    Ok(steps)
}

/// A shipping zone as it is answered.
pub(crate) fn message(zone: ShippingZone) -> wire::ShippingZone {
    let named = zone.countries.iter().map(ToString::to_string);
    let countries = named.chain(zone.elsewhere.then(|| ELSEWHERE.to_owned())).collect();
    wire::ShippingZone {
        name: zone.name,
        countries,
        rates: zone.rates.into_iter().map(rate_message).collect(),
    }
}

fn rate_message(rate: ShippingRate) -> wire::ShippingRate {
    let (flat, weight_steps) = match &rate.price {
        RatePrice::Flat(flat) => (amounts_message(flat), Vec::new()),
        RatePrice::ByWeight(steps) => (Vec::new(), steps.iter().map(step_message).collect()),
    };
    wire::ShippingRate {
        id: rate.id,
        title: rate.title,
        carrier: rate.carrier,
        flat,
        weight_steps,
        free_over: amounts_message(&rate.free_over),
        days_min: rate.days_min,
        days_max: rate.days_max,
    }
}

fn step_message(step: &WeightStep) -> wire::WeightStep {
    wire::WeightStep { up_to_g: step.up_to_g, price: amounts_message(&step.price) }
}
