//! Tax zones as messages.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, Rate, Result};

use super::{at_most, country, name, region, text};
use crate::domain::{STANDARD, TaxRate, TaxZone};

const ZONES_MAX: usize = 1_000;
const RATES_MAX: usize = 20;

/// Reads all tax zones of a shop.
pub(crate) fn zones(request: &wire::PutTaxZonesRequest) -> Result<Vec<TaxZone>> {
    at_most(&request.zones, ZONES_MAX, "/zones")?;
    let mut places = HashSet::new();
    let mut zones = Vec::with_capacity(request.zones.len());
    for (index, message) in request.zones.iter().enumerate() {
        let zone = zone(message, &format!("/zones/{index}"))?;
        if !places.insert((zone.country, zone.region.clone())) {
            let pointer = format!("/zones/{index}/country");
            return Err(Error::invalid_field(pointer, "another zone is for this country and region"));
        }
        zones.push(zone);
    }
    Ok(zones)
}

fn zone(message: &wire::TaxZone, at: &str) -> Result<TaxZone> {
    let list = format!("{at}/rates");
    at_most(&message.rates, RATES_MAX, &list)?;
    let mut rates: Vec<TaxRate> = Vec::with_capacity(message.rates.len());
    for (index, rate) in message.rates.iter().enumerate() {
        let rate = tax_rate(rate, &format!("{list}/{index}"))?;
        if rates.iter().any(|earlier| earlier.tax_class == rate.tax_class) {
            let pointer = format!("{list}/{index}/tax_class");
            return Err(Error::invalid_field(pointer, "another rate is for this class"));
        }
        rates.push(rate);
    }
    if !rates.iter().any(|rate| rate.tax_class == STANDARD) {
        return Err(Error::invalid_field(list, "must hold a rate for the class standard"));
    }
    Ok(TaxZone {
        name: text(&message.name, || format!("{at}/name"))?,
        country: country(&message.country, || format!("{at}/country"))?,
        region: region(&message.region, || format!("{at}/region"))?,
        included: message.included,
        rates,
    })
}

fn tax_rate(message: &wire::TaxRate, at: &str) -> Result<TaxRate> {
    if !(0..=Rate::WHOLE.ppm()).contains(&message.rate_ppm) {
        return Err(Error::invalid_field(
            format!("{at}/rate_ppm"),
            "must be from 0 to 1000000, which is 100 %",
        ));
    }
    Ok(TaxRate {
        tax_class: name(&message.tax_class, || format!("{at}/tax_class"))?,
        rate: Rate::from_ppm(message.rate_ppm),
        label: text(&message.label, || format!("{at}/label"))?,
    })
}

/// A tax zone as it is answered.
pub(crate) fn message(zone: TaxZone) -> wire::TaxZone {
    let rates = zone.rates.into_iter().map(|rate| wire::TaxRate {
        tax_class: rate.tax_class,
        rate_ppm: rate.rate.ppm(),
        label: rate.label,
    });
    wire::TaxZone {
        name: zone.name,
        country: zone.country.to_string(),
        region: zone.region,
        included: zone.included,
        rates: rates.collect(),
    }
}
