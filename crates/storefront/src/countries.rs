//! The countries that a parcel can go to, by their names.

use argosy_contracts::pricing::{ListShippingZonesRequest, PricingClient};
use argosy_kernel::{Ctx, Result};

use crate::view::Choice;

const NAMES: &str = include_str!("countries.txt");
const EVERYWHERE: &str = "*";

/// A country's name; its code if there is none.
pub(crate) fn name_of(code: &str) -> &str {
    let named = NAMES.lines().filter_map(|line| line.split_once(' ')).find(|(one, _)| *one == code);
    named.map_or(code, |(_, name)| name)
}

/// The countries that some shipping zone names, by name, one of them chosen. A shop without zones, which sells
/// what needs no parcel, offers all: a bill has an address too.
pub(crate) async fn choices(pricing: &PricingClient, ctx: &Ctx, chosen: &str) -> Result<Vec<Choice>> {
    let zones = pricing.list_shipping_zones(ctx, ListShippingZonesRequest {}).await?.zones;
    let served: Vec<&str> = zones.iter().flat_map(|zone| zone.countries.iter().map(String::as_str)).collect();
    let everywhere = served.is_empty() || served.contains(&EVERYWHERE);
    let mut choices: Vec<Choice> = NAMES
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(code, _)| everywhere || served.contains(code))
        .map(|(code, name)| Choice::new(code, name, code == chosen))
        .collect();
    choices.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use argosy_kernel::Country;

    use super::*;

    #[test]
    fn every_country_of_the_kernel_has_a_name() {
        for country in Country::all() {
            assert_ne!(name_of(country.code()), country.code());
        }
        assert_eq!(NAMES.lines().count(), Country::all().count());
    }
}
