//! What a new shop starts with: tax zones of the EU, GB, CH, NO and the US, and three shipping zones.
//!
//! The figures are in the two JSON files beside this one, with their sources; a shop replaces them as a whole.

use std::collections::BTreeMap;

use argosy_kernel::{Error, Money, Rate, Result};
use serde::Deserialize;

use crate::domain::{
    Amounts, Country, RatePrice, STANDARD, ShippingRate, ShippingZone, TaxRate, TaxZone, WeightStep,
};

/// The countries of the tax file that are not members of the European Union.
const OUTSIDE_THE_UNION: [&str; 4] = ["CH", "GB", "NO", "US"];

#[derive(Deserialize)]
struct TaxFile {
    zones: Vec<TaxEntry>,
}

#[derive(Deserialize)]
struct TaxEntry {
    country: String,
    name: String,
    label: String,
    included: bool,
    standard: String,
    reduced: Option<String>,
}

#[derive(Deserialize)]
struct ShippingFile {
    domestic: Vec<RateEntry>,
    european_union: Vec<RateEntry>,
    world: Vec<RateEntry>,
}

#[derive(Deserialize)]
struct RateEntry {
    id: String,
    title: String,
    carrier: String,
    days: [u32; 2],
    flat: Option<BTreeMap<String, i64>>,
    #[serde(default)]
    weight_steps: Vec<StepEntry>,
    #[serde(default)]
    free_over: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
struct StepEntry {
    up_to_g: i64,
    price: BTreeMap<String, i64>,
}

/// The tax zones of a new shop.
pub(crate) fn tax_zones() -> Result<Vec<TaxZone>> {
    let file: TaxFile = read(include_str!("tax_zones.json"))?;
    file.zones.into_iter().map(tax_zone).collect()
}

fn tax_zone(entry: TaxEntry) -> Result<TaxZone> {
    let rate = |tax_class: &str, percent: &str| -> Result<TaxRate> {
        Ok(TaxRate { tax_class: tax_class.to_owned(), rate: percent.parse()?, label: entry.label.clone() })
    };
    let mut rates = vec![rate(STANDARD, &entry.standard)?];
    if let Some(reduced) = &entry.reduced {
        rates.push(rate("reduced", reduced)?);
    }
    rates.push(TaxRate { tax_class: "zero".to_owned(), rate: Rate::ZERO, label: entry.label.clone() });
    Ok(TaxZone {
        country: entry.country.parse().map_err(Error::internal)?,
        region: String::new(),
        name: entry.name,
        included: entry.included,
        rates,
    })
}

/// The shipping zones of a new shop at home in `country`.
pub(crate) fn shipping_zones(country: Country) -> Result<Vec<ShippingZone>> {
    let file: ShippingFile = read(include_str!("shipping_zones.json"))?;
    let union: Vec<Country> = tax_zones()?
        .into_iter()
        .map(|zone| zone.country)
        .filter(|member| *member != country && !OUTSIDE_THE_UNION.contains(&member.code()))
        .collect();
    Ok(vec![
        zone("Domestic", vec![country], false, file.domestic)?,
        zone("European Union", union, false, file.european_union)?,
        zone("World", Vec::new(), true, file.world)?,
    ])
}

fn zone(name: &str, countries: Vec<Country>, elsewhere: bool, rates: Vec<RateEntry>) -> Result<ShippingZone> {
    let rates = rates.into_iter().map(shipping_rate).collect::<Result<_>>()?;
    Ok(ShippingZone { name: name.to_owned(), countries, elsewhere, rates })
}

fn shipping_rate(entry: RateEntry) -> Result<ShippingRate> {
    let price = match &entry.flat {
        Some(flat) => RatePrice::Flat(amounts(flat)?),
        None => RatePrice::ByWeight(
            entry
                .weight_steps
                .iter()
                .map(|step| Ok(WeightStep { up_to_g: step.up_to_g, price: amounts(&step.price)? }))
                .collect::<Result<_>>()?,
        ),
    };
    Ok(ShippingRate {
        price,
        free_over: amounts(&entry.free_over)?,
        id: entry.id,
        title: entry.title,
        carrier: entry.carrier,
        days_min: entry.days[0],
        days_max: entry.days[1],
    })
}

fn amounts(by_currency: &BTreeMap<String, i64>) -> Result<Amounts> {
    let amounts = by_currency.iter().map(|(code, minor)| Ok(Money::new(*minor, code.parse()?)));
    Amounts::new(amounts.collect::<Result<_>>()?).map_err(Error::internal)
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use argosy_kernel::Currency;

    use super::*;

    #[test]
    fn a_new_shop_knows_the_tax_of_the_union_and_its_neighbours() {
        let zones = tax_zones().unwrap();
        assert_eq!(zones.len(), 27 + OUTSIDE_THE_UNION.len());
        let shown = |code: &str| {
            let zone = zones.iter().find(|zone| zone.country.code() == code).unwrap();
            (zone.rates[0].rate.to_string(), zone.included)
        };
        assert_eq!(shown("DE"), ("19 %".to_owned(), true));
        assert_eq!(shown("FI"), ("25.5 %".to_owned(), true));
        assert_eq!(shown("CH"), ("8.1 %".to_owned(), true));
        assert_eq!(shown("US"), ("0 %".to_owned(), false));
    }

    #[test]
    fn a_new_shop_ships_at_home_in_the_union_and_to_the_world() {
        let zones = shipping_zones("AT".parse().unwrap()).unwrap();
        assert_eq!(zones[0].countries, ["AT".parse().unwrap()]);
        assert_eq!(zones[1].countries.len(), 26);
        assert!(zones[2].elsewhere);
        for rate in zones.iter().flat_map(|zone| &zone.rates) {
            let price = match &rate.price {
                RatePrice::Flat(flat) => flat,
                RatePrice::ByWeight(steps) => {
                    assert!(steps.is_sorted_by_key(|step| step.up_to_g));
                    &steps[0].price
                }
            };
            for currency in [Currency::EUR, Currency::USD, Currency::GBP] {
                assert!(price.of(currency).is_some(), "{} has no price in {currency}", rate.id);
            }
        }
    }
}
