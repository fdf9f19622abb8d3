//! The countries that a parcel can go to, by their names.

use argosy_contracts::pricing::{ListShippingZonesRequest, PricingClient};
use argosy_kernel::{Ctx, Result};

use crate::{language::Words, view::Choice};

const EVERYWHERE: &str = "*";

/// The countries that some shipping zone names, by name, one of them chosen. A shop without zones, which sells
/// what needs no parcel, offers all: a bill has an address too.
pub(crate) async fn choices(
    pricing: &PricingClient,
    ctx: &Ctx,
    chosen: &str,
    words: &Words,
) -> Result<Vec<Choice>> {
    let zones = pricing.list_shipping_zones(ctx, ListShippingZonesRequest {}).await?.zones;
    let served: Vec<&str> = zones.iter().flat_map(|zone| zone.countries.iter().map(String::as_str)).collect();
    let everywhere = served.is_empty() || served.contains(&EVERYWHERE);
    let mut choices: Vec<Choice> = words
        .countries()
        .filter(|(code, _)| everywhere || served.contains(code))
        .map(|(code, name)| Choice::new(code, name, code == chosen))
        .collect();
    choices.sort_by_cached_key(|choice| sorted_as(&choice.label));
    Ok(choices)
}

/// Letters with marks stand with those without, as in a dictionary.
fn sorted_as(name: &str) -> String {
    let plain = |letter: char| match letter {
        'Ä' | 'Å' | 'Á' => 'A',
        'Ö' | 'Ó' => 'O',
        'Ü' => 'U',
        'É' => 'E',
        other => other,
    };
    name.chars().map(plain).collect()
}
