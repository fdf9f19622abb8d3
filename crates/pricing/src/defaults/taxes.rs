//! The taxes that are known: read from the project's files, for a new shop and for `argosy taxes known`.

use argosy_kernel::{Error, Rate, Result, Timestamp};
use argosy_platform::Shop;
use serde::Deserialize;

use super::read;
use crate::domain::{Country, PostalPattern, STANDARD, ShippingTax, TaxRate, TaxRounding, TaxZone};

/// Where states, and not the country, decide on the tax.
const STATES: &str = "US";

#[derive(Deserialize)]
struct CountryFile {
    zones: Vec<CountryEntry>,
}

#[derive(Deserialize)]
struct CountryEntry {
    country: Country,
    name: String,
    label: String,
    included: bool,
    rates: Vec<RateEntry>,
    #[serde(default)]
    special: Vec<SpecialEntry>,
}

/// A place of a country with a tax of its own.
#[derive(Deserialize)]
struct SpecialEntry {
    name: String,
    postal_codes: Vec<String>,
    rates: Vec<RateEntry>,
}

#[derive(Deserialize)]
struct RateEntry {
    class: String,
    percent: String,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct StateFile {
    states: Vec<StateEntry>,
}

#[derive(Deserialize)]
struct StateEntry {
    region: String,
    name: String,
    standard: String,
}

/// The tax zones of a new shop: all countries that are known, and its own state where states decide. In other states a
/// shop must not collect before it is registered there.
pub(crate) fn tax_zones(shop: &Shop) -> Result<Vec<TaxZone>> {
    let mut zones = known_taxes()?;
    let home = (shop.country, shop.region.trim().to_uppercase());
    zones.retain(|zone| zone.region.is_empty() || (zone.country, zone.region.clone()) == home);
    Ok(zones)
}

/// All taxes that the project knows.
pub(crate) fn known_taxes() -> Result<Vec<TaxZone>> {
    let countries: CountryFile = read(include_str!("tax_zones.json"))?;
    let states: StateFile = read(include_str!("us_states.json"))?;
    let mut zones = Vec::new();
    for entry in countries.zones {
        zones.extend(country(entry)?);
    }
    for entry in states.states {
        zones.push(state(entry)?);
    }
    Ok(zones)
}

fn country(entry: CountryEntry) -> Result<Vec<TaxZone>> {
    let rates =
        |rates: Vec<RateEntry>| rates.into_iter().map(|one| rate(one, &entry.label)).collect::<Result<_>>();
    let whole = zone(entry.country, entry.name, entry.included, rates(entry.rates)?);
    let mut zones = vec![whole];
    for special in entry.special {
        let codes =
            special.postal_codes.iter().map(|code| PostalPattern::parse(code).map_err(Error::internal));
        let postal_codes = codes.collect::<Result<_>>()?;
        let place = zone(entry.country, special.name, entry.included, rates(special.rates)?);
        zones.push(TaxZone { postal_codes, ..place });
    }
    Ok(zones)
}

fn state(entry: StateEntry) -> Result<TaxZone> {
    let country: Country = STATES.parse().map_err(Error::internal)?;
    let standard = RateEntry { class: STANDARD.to_owned(), percent: entry.standard, from: None, until: None };
    let zone = zone(country, entry.name, false, vec![rate(standard, "Sales tax")?]);
    Ok(TaxZone { region: entry.region, ..zone })
}

fn zone(country: Country, name: String, included: bool, rates: Vec<TaxRate>) -> TaxZone {
    TaxZone {
        name,
        country,
        region: String::new(),
        postal_codes: Vec::new(),
        included,
        rounding: TaxRounding::default(),
        shipping: ShippingTax::default(),
        rates,
    }
}

fn rate(entry: RateEntry, label: &str) -> Result<TaxRate> {
    Ok(TaxRate {
        tax_class: entry.class,
        rate: entry.percent.parse::<Rate>()?,
        label: label.to_owned(),
        part: 0,
        is_compound: false,
        starts_at: entry.from,
        ends_at: entry.until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Place, TaxZones, union_members},
        messages::tax,
    };

    fn rate_at(place: (&str, &str, &str), tax_class: &str, time: &str) -> String {
        let zones = TaxZones::new(known_taxes().unwrap());
        let place = Place::new(place.0.parse().unwrap(), place.1, place.2);
        let rules = zones.rules(&place, true, None, time.parse().unwrap());
        rules.rate(tax_class).to_string()
    }

    #[test]
    fn the_tax_of_the_union_and_its_neighbours_is_known() {
        let at = |country: &str, tax_class| rate_at((country, "", ""), tax_class, "2026-03-01T12:00:00Z");
        assert_eq!((at("DE", ""), at("DE", "reduced")), ("19 %".into(), "7 %".into()));
        assert_eq!((at("FI", ""), at("FI", "reduced")), ("25.5 %".into(), "13.5 %".into()));
        assert_eq!((at("CH", ""), at("CH", "reduced-low")), ("8.1 %".into(), "2.6 %".into()));
        assert_eq!((at("US", ""), at("DK", "reduced")), ("0 %".into(), "25 %".into()));
        for member in union_members() {
            assert_ne!(at(member.code(), ""), "0 %", "{member}");
        }
    }

    #[test]
    fn a_place_with_a_tax_of_its_own_is_known_by_its_postal_code() {
        let at = |country: &str, code: &str| rate_at((country, "", code), "", "2026-03-01T12:00:00Z");
        assert_eq!((at("ES", "35001"), at("ES", "28001")), ("0 %".into(), "21 %".into()));
        assert_eq!((at("PT", "9500-321"), at("PT", "9000-001")), ("16 %".into(), "22 %".into()));
        assert_eq!((at("DE", "78266"), at("AT", "6992")), ("0 %".into(), "19 %".into()));
        assert_eq!(rate_at(("US", "ca", "94105"), "", "2026-03-01T12:00:00Z"), "7.25 %");
    }

    #[test]
    fn a_rate_changes_at_midnight_where_it_is_due() {
        let at = |time| rate_at(("EE", "", ""), "", time);
        assert_eq!(at("2025-06-30T20:59:59Z"), "22 %");
        assert_eq!(at("2025-06-30T21:00:00Z"), "24 %");
    }

    #[test]
    fn a_new_shop_collects_in_its_own_state_only() {
        let states = |country: &str, region: &str| {
            let shop = Shop { country: country.parse().unwrap(), region: region.into(), ..Shop::default() };
            let zones = tax_zones(&shop).unwrap();
            zones.into_iter().map(|zone| zone.region).filter(|region| !region.is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(states("US", "ny"), ["NY"]);
        assert!(states("US", "").is_empty() && states("DE", "NY").is_empty());
    }

    #[test]
    fn what_is_known_can_be_put_back() {
        let known = known_taxes().unwrap();
        assert_eq!(known.iter().filter(|zone| !zone.region.is_empty()).count(), 51);
        let messages: Vec<_> = known.iter().map(tax::message).collect();
        assert_eq!(tax::zones(&messages).unwrap(), known);
    }
}
