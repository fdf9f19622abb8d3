//! What a new shop starts with: tax zones of the EU, GB, CH, NO and the US, and three shipping zones.
//!
//! The figures are in the JSON files beside this one, with their sources; a shop replaces them as a whole.

mod taxes;

use std::collections::BTreeMap;

use argosy_kernel::{Error, Money, Result};
use serde::Deserialize;

pub(crate) use self::taxes::{known_taxes, tax_zones};
use crate::domain::{
    Amounts, Charged, Country, RatePrice, ShippingRate, ShippingZone, WeightStep, union_members,
};

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

/// The shipping zones of a new shop at home in `country`.
pub(crate) fn shipping_zones(country: Country) -> Result<Vec<ShippingZone>> {
    let file: ShippingFile = read(include_str!("shipping_zones.json"))?;
    let union = union_members().filter(|member| *member != country).collect();
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
        pickup_location_id: String::new(),
        cutoff: None,
        charged: Charged::default(),
        live: None,
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
                RatePrice::ByPieces(_) | RatePrice::ByValue(_) => panic!("{} has no such default", rate.id),
            };
            for currency in [Currency::EUR, Currency::USD, Currency::GBP] {
                assert!(price.of(currency).is_some(), "{} has no price in {currency}", rate.id);
            }
        }
    }
}
