//! Shipping zones as messages.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, LocationId, Money, Result};

use super::{amounts, amounts_message, at_most, country, name, slug, text};
use crate::domain::{
    Amounts, Charged, Country, LiveRate, PieceStep, RatePrice, ShippingRate, ShippingZone, ValueStep,
    WeightStep,
};

const ZONES_MAX: usize = 300;
const RATES_MAX: usize = 50;
const STEPS_MAX: usize = 50;
const DAYS_MAX: u32 = 365;
/// With a service's id it is what a buyer chooses.
const LIVE_ID_LENGTH_MAX: usize = 23;
const MARKUP_PPM_WHOLE: i64 = 1_000_000;
const MARKUP_PPM_MAX: i64 = 10_000_000;
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
        pickup_location_id: location(&message.pickup_location_id, at)?,
        cutoff: cutoff(&message.cutoff, at)?,
        charged: if message.per_parcel { Charged::PerParcel } else { Charged::PerOrder },
        live: message.live.as_ref().map(|live| live_rate(message, live, at)).transpose()?,
    })
}

/// Whom the price is asked of.
fn live_rate(rate: &wire::ShippingRate, message: &wire::LiveRate, at: &str) -> Result<LiveRate> {
    let at_live = format!("{at}/live");
    if !rate.pickup_location_id.is_empty() {
        let why = "is not for what buyers collect: nobody carries it";
        return Err(Error::invalid_field(at_live, why));
    }
    if rate.id.len() > LIVE_ID_LENGTH_MAX {
        let why = format!("must be at most {LIVE_ID_LENGTH_MAX} characters: services are called after it");
        return Err(Error::invalid_field(format!("{at}/id"), why));
    }
    if !(-MARKUP_PPM_WHOLE..=MARKUP_PPM_MAX).contains(&message.markup_ppm) {
        let why = format!("must be from -{MARKUP_PPM_WHOLE} to {MARKUP_PPM_MAX}");
        return Err(Error::invalid_field(format!("{at_live}/markup_ppm"), why));
    }
    at_most(&message.services, STEPS_MAX, &format!("{at_live}/services"))?;
    let services = message.services.iter().enumerate();
    Ok(LiveRate {
        carrier: slug(&message.carrier, || format!("{at_live}/carrier"))?,
        services: services
            .map(|(index, id)| name(id, || format!("{at_live}/services/{index}")))
            .collect::<Result<_>>()?,
        markup_ppm: message.markup_ppm,
        markup: amounts(&message.markup, &format!("{at_live}/markup"))?,
    })
}

/// The carriers that rates name, each with where.
pub(crate) fn carriers(request: &wire::PutShippingZonesRequest) -> impl Iterator<Item = (String, &str)> {
    let zones = request.zones.iter().enumerate();
    zones.flat_map(|(zone, message)| {
        let rates = message.rates.iter().enumerate();
        rates.filter_map(move |(rate, message)| {
            let live = message.live.as_ref()?;
            Some((format!("/zones/{zone}/rates/{rate}/live/carrier"), live.carrier.as_str()))
        })
    })
}

fn location(id: &str, at: &str) -> Result<String> {
    if !id.is_empty() && id.parse::<LocationId>().is_err() {
        return Err(Error::invalid_field(format!("{at}/pickup_location_id"), "is not a location's id"));
    }
    Ok(id.to_owned())
}

/// `14:30` is 870 minutes after midnight.
fn cutoff(text: &str, at: &str) -> Result<Option<u16>> {
    if text.is_empty() {
        return Ok(None);
    }
    let read =
        |part: &str, most: u16| part.parse::<u16>().ok().filter(|value| part.len() == 2 && *value < most);
    let minutes = text.split_once(':').and_then(|(hour, minute)| Some((read(hour, 24)?, read(minute, 60)?)));
    let (hour, minute) = minutes
        .ok_or_else(|| Error::invalid_field(format!("{at}/cutoff"), "must be a time of day such as 14:30"))?;
    Ok(Some(hour * 60 + minute))
}

fn price(message: &wire::ShippingRate, at: &str) -> Result<RatePrice> {
    let given = [
        ("flat", message.flat.len()),
        ("weight_steps", message.weight_steps.len()),
        ("piece_steps", message.piece_steps.len()),
        ("value_steps", message.value_steps.len()),
    ];
    let mut given = given.into_iter().filter(|(_, length)| *length > 0).map(|(name, _)| name);
    let names = "flat, weight_steps, piece_steps or value_steps";
    let Some(name) = given.next() else {
        if message.live.is_some() {
            // Without a price of the shop's own it is offered in no currency while the carrier is away.
            return Ok(RatePrice::Flat(Amounts::default()));
        }
        return Err(Error::invalid_field(format!("{at}/flat"), format!("a rate needs {names}")));
    };
    if let Some(second) = given.next() {
        let message = format!("a rate has one of {names}, and this one has {name}, too");
        return Err(Error::invalid_field(format!("{at}/{second}"), message));
    }
    let list = format!("{at}/{name}");
    match name {
        "weight_steps" => Ok(RatePrice::ByWeight(steps(&message.weight_steps, &list)?)),
        "piece_steps" => Ok(RatePrice::ByPieces(piece_steps(&message.piece_steps, &list)?)),
        "value_steps" => Ok(RatePrice::ByValue(value_steps(&message.value_steps, &list)?)),
        _ => Ok(RatePrice::Flat(amounts(&message.flat, &list)?)),
    }
}

fn piece_steps(messages: &[wire::PieceStep], list: &str) -> Result<Vec<PieceStep>> {
    at_most(messages, STEPS_MAX, list)?;
    let mut steps: Vec<PieceStep> = Vec::with_capacity(messages.len());
    for (index, step) in messages.iter().enumerate() {
        let before = steps.last().map_or(0, |step| step.up_to);
        if step.up_to <= before {
            let pointer = format!("{list}/{index}/up_to");
            return Err(Error::invalid_field(pointer, format!("must be above {before}: steps ascend")));
        }
        let price = amounts(&step.price, &format!("{list}/{index}/price"))?;
        steps.push(PieceStep { up_to: step.up_to, price });
    }
    Ok(steps)
}

fn value_steps(messages: &[wire::ValueStep], list: &str) -> Result<Vec<ValueStep>> {
    at_most(messages, STEPS_MAX, list)?;
    let mut steps: Vec<ValueStep> = Vec::with_capacity(messages.len());
    for (index, step) in messages.iter().enumerate() {
        let up_to = amounts(&step.up_to, &format!("{list}/{index}/up_to"))?;
        let before = steps.last().map(|step| &step.up_to);
        let falls = |above: &Money| {
            before
                .and_then(|before| before.of(above.currency))
                .is_some_and(|before| above.minor <= before.minor)
        };
        if up_to.as_slice().is_empty() || up_to.as_slice().iter().any(falls) {
            let pointer = format!("{list}/{index}/up_to");
            return Err(Error::invalid_field(pointer, "must be amounts above those of the step before"));
        }
        let price = amounts(&step.price, &format!("{list}/{index}/price"))?;
        steps.push(ValueStep { up_to, price });
    }
    Ok(steps)
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
    let mut message = wire::ShippingRate {
        id: rate.id,
        title: rate.title,
        carrier: rate.carrier,
        free_over: amounts_message(&rate.free_over),
        days_min: rate.days_min,
        days_max: rate.days_max,
        pickup_location_id: rate.pickup_location_id,
        per_parcel: rate.charged == Charged::PerParcel,
        live: rate.live.map(|live| wire::LiveRate {
            carrier: live.carrier,
            services: live.services,
            markup_ppm: live.markup_ppm,
            markup: amounts_message(&live.markup),
        }),
        cutoff: rate
            .cutoff
            .map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60))
            .unwrap_or_default(),
        ..wire::ShippingRate::default()
    };
    match &rate.price {
        RatePrice::Flat(flat) => message.flat = amounts_message(flat),
        RatePrice::ByWeight(steps) => message.weight_steps = steps.iter().map(step_message).collect(),
        RatePrice::ByPieces(steps) => {
            let step =
                |step: &PieceStep| wire::PieceStep { up_to: step.up_to, price: amounts_message(&step.price) };
            message.piece_steps = steps.iter().map(step).collect();
        }
        RatePrice::ByValue(steps) => {
            let step = |step: &ValueStep| wire::ValueStep {
                up_to: amounts_message(&step.up_to),
                price: amounts_message(&step.price),
            };
            message.value_steps = steps.iter().map(step).collect();
        }
    }
    message
}

fn step_message(step: &WeightStep) -> wire::WeightStep {
    wire::WeightStep { up_to_g: step.up_to_g, price: amounts_message(&step.price) }
}
