//! Tax zones as messages.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, Rate, Result, Timestamp};

use super::{at_most, country, name, region, text};
use crate::domain::{
    Exemption, PostalPattern, STANDARD, ShippingTax, TaxNumber, TaxRate, TaxRounding, TaxZone,
};

const ZONES_MAX: usize = 1_000;
const RATES_MAX: usize = 100;
const POSTAL_CODES_MAX: usize = 500;
/// More have no use, and their shares would not fit.
const PARTS_MAX: u32 = 4;

/// Reads all tax zones of a shop.
pub(crate) fn zones(messages: &[wire::TaxZone]) -> Result<Vec<TaxZone>> {
    at_most(messages, ZONES_MAX, "/zones")?;
    let mut places = HashSet::new();
    let mut zones = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let at = format!("/zones/{index}");
        let zone = zone(message, &at)?;
        let place = |code: Option<&PostalPattern>| (zone.country, zone.region.clone(), code.cloned());
        if zone.postal_codes.is_empty() && !places.insert(place(None)) {
            let pointer = format!("{at}/country");
            return Err(Error::invalid_field(pointer, "another zone is for this country and region"));
        }
        for (position, code) in zone.postal_codes.iter().enumerate() {
            if !places.insert(place(Some(code))) {
                let pointer = format!("{at}/postal_codes/{position}");
                return Err(Error::invalid_field(pointer, "stands twice for this country and region"));
            }
        }
        zones.push(zone);
    }
    Ok(zones)
}

fn zone(message: &wire::TaxZone, at: &str) -> Result<TaxZone> {
    at_most(&message.postal_codes, POSTAL_CODES_MAX, &format!("{at}/postal_codes"))?;
    let postal_codes = message.postal_codes.iter().enumerate().map(|(index, code)| {
        PostalPattern::parse(code)
            .map_err(|error| Error::invalid_field(format!("{at}/postal_codes/{index}"), error.to_string()))
    });
    Ok(TaxZone {
        name: text(&message.name, || format!("{at}/name"))?,
        country: country(&message.country, || format!("{at}/country"))?,
        region: region(&message.region, || format!("{at}/region"))?,
        postal_codes: postal_codes.collect::<Result<_>>()?,
        included: message.included,
        rounding: rounding(&message.rounding, at)?,
        shipping: shipping(message, at)?,
        rates: rates(&message.rates, &format!("{at}/rates"))?,
    })
}

fn rounding(text: &str, at: &str) -> Result<TaxRounding> {
    match text {
        "" | "line" => Ok(TaxRounding::Line),
        "total" => Ok(TaxRounding::Total),
        _ => Err(Error::invalid_field(format!("{at}/rounding"), "must be line or total")),
    }
}

fn shipping(message: &wire::TaxZone, at: &str) -> Result<ShippingTax> {
    let class = &message.shipping_class;
    let pointer = || format!("{at}/shipping_class");
    match message.shipping_tax.as_str() {
        "" | "class" if class.is_empty() => Ok(ShippingTax::default()),
        "" | "class" => Ok(ShippingTax::Class(name(class, pointer)?)),
        "proportional" | "highest" if !class.is_empty() => {
            Err(Error::invalid_field(pointer(), "is for shipping_tax class only"))
        }
        "proportional" => Ok(ShippingTax::Proportional),
        "highest" => Ok(ShippingTax::Highest),
        _ => {
            Err(Error::invalid_field(format!("{at}/shipping_tax"), "must be class, proportional or highest"))
        }
    }
}

fn rates(messages: &[wire::TaxRate], list: &str) -> Result<Vec<TaxRate>> {
    at_most(messages, RATES_MAX, list)?;
    let mut rates: Vec<TaxRate> = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let at = format!("{list}/{index}");
        let rate = tax_rate(message, &at)?;
        for earlier in rates.iter().filter(|earlier| earlier.tax_class == rate.tax_class) {
            if earlier.part == rate.part && overlap(earlier, &rate) {
                let pointer = format!("{at}/tax_class");
                return Err(Error::invalid_field(pointer, "another rate is for this class at the same time"));
            }
            let (first, second) = if earlier.part < rate.part { (earlier, &rate) } else { (&rate, earlier) };
            if first.part < second.part && first.is_compound && overlap(first, second) {
                return Err(Error::invalid_field(format!("{at}/part"), "no part may follow a compound one"));
            }
        }
        rates.push(rate);
    }
    if !rates.iter().any(|rate| rate.tax_class == STANDARD) {
        return Err(Error::invalid_field(list, "must hold a rate for the class standard"));
    }
    Ok(rates)
}

fn overlap(one: &TaxRate, other: &TaxRate) -> bool {
    let before = |end: Option<Timestamp>, start: Option<Timestamp>| {
        end.zip(start).is_some_and(|(end, start)| end <= start)
    };
    !before(one.ends_at, other.starts_at) && !before(other.ends_at, one.starts_at)
}

fn tax_rate(message: &wire::TaxRate, at: &str) -> Result<TaxRate> {
    let wrong = |field: &str, message: String| Err(Error::invalid_field(format!("{at}/{field}"), message));
    if !(0..=Rate::WHOLE.ppm()).contains(&message.rate_ppm) {
        return wrong("rate_ppm", "must be from 0 to 1000000, which is 100 %".to_owned());
    }
    if message.part >= PARTS_MAX {
        return wrong("part", format!("must be below {PARTS_MAX}"));
    }
    if message.compound && message.part == 0 {
        return wrong("compound", "the first part has none before it".to_owned());
    }
    if let (Some(starts_at), Some(ends_at)) = (message.starts_at_ms, message.ends_at_ms)
        && ends_at <= starts_at
    {
        return wrong("ends_at_ms", "must be after starts_at_ms".to_owned());
    }
    Ok(TaxRate {
        tax_class: name(&message.tax_class, || format!("{at}/tax_class"))?,
        rate: Rate::from_ppm(message.rate_ppm),
        label: text(&message.label, || format!("{at}/label"))?,
        part: message.part,
        is_compound: message.compound,
        starts_at: message.starts_at_ms.map(Timestamp::from_millis),
        ends_at: message.ends_at_ms.map(Timestamp::from_millis),
    })
}

/// A tax zone as it is answered, and kept.
pub(crate) fn message(zone: &TaxZone) -> wire::TaxZone {
    let rates = zone.rates.iter().map(|rate| wire::TaxRate {
        tax_class: rate.tax_class.clone(),
        rate_ppm: rate.rate.ppm(),
        label: rate.label.clone(),
        part: rate.part,
        compound: rate.is_compound,
        starts_at_ms: rate.starts_at.map(Timestamp::as_millis),
        ends_at_ms: rate.ends_at.map(Timestamp::as_millis),
    });
    let (shipping_tax, shipping_class) = match &zone.shipping {
        ShippingTax::Class(class) if class == STANDARD => ("", String::new()),
        ShippingTax::Class(class) => ("class", class.clone()),
        ShippingTax::Proportional => ("proportional", String::new()),
        ShippingTax::Highest => ("highest", String::new()),
    };
    wire::TaxZone {
        name: zone.name.clone(),
        country: zone.country.to_string(),
        region: zone.region.clone(),
        included: zone.included,
        rates: rates.collect(),
        postal_codes: zone.postal_codes.iter().map(ToString::to_string).collect(),
        rounding: match zone.rounding {
            TaxRounding::Line => String::new(),
            TaxRounding::Total => "total".to_owned(),
        },
        shipping_tax: shipping_tax.to_owned(),
        shipping_class,
    }
}

/// What a buyer must know of a quote's tax.
pub(crate) fn notes(number: TaxNumber, exemption: Option<Exemption>) -> Vec<wire::TaxNote> {
    let note = |kind: &str, text: &str| wire::TaxNote { kind: kind.to_owned(), text: text.to_owned() };
    let of_number = match number {
        TaxNumber::Unknown => {
            Some(note("tax_number_unknown", "This tax number has the form of no member state's numbers."))
        }
        TaxNumber::WithoutEffect => {
            Some(note("tax_number_without_effect", "Tax is due on this sale all the same."))
        }
        TaxNumber::Missing | TaxNumber::Reverses => None,
    };
    exemption.map(|exemption| note(exemption.kind(), exemption.text())).into_iter().chain(of_number).collect()
}
