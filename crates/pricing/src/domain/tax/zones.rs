//! All tax zones of a shop, found by place.

use std::collections::HashMap;

use argosy_kernel::{Rate, Timestamp};

use super::{Country, Exemption, Place, PostalPattern, TaxRules, TaxTreatment, TaxZone, postal::Closeness};

/// All tax zones of a shop, found by place.
#[derive(Debug, Clone, Default)]
pub struct TaxZones(HashMap<Country, CountryZones>);

/// The zones of a country, in an order of their own: the one that tells a place as closely and comes first counts.
#[derive(Debug, Clone, Default)]
struct CountryZones {
    zones: Vec<TaxZone>,
    /// Those for any postal code.
    anywhere: Vec<usize>,
    /// By the code, or by how codes begin.
    exact: HashMap<String, Vec<usize>>,
    prefixes: HashMap<String, Vec<usize>>,
    ranges: Vec<(PostalPattern, usize)>,
}

impl TaxZones {
    /// Prepares zones for look-ups. The order in which they are given makes no difference.
    pub fn new(zones: impl IntoIterator<Item = TaxZone>) -> Self {
        let mut by_country: HashMap<Country, Vec<TaxZone>> = HashMap::new();
        for zone in zones {
            by_country.entry(zone.country).or_default().push(zone);
        }
        Self(by_country.into_iter().map(|(country, zones)| (country, CountryZones::new(zones))).collect())
    }

    /// The zone of a place: the closest by its postal code, then by its region, then its country's.
    pub fn find(&self, place: &Place) -> Option<&TaxZone> {
        self.0.get(&place.country)?.find(place)
    }

    /// The rules for a destination. `gross_prices`: the shop's list prices hold tax.
    pub fn rules(
        &self,
        place: &Place,
        gross_prices: bool,
        exemption: Option<Exemption>,
        now: Timestamp,
    ) -> TaxRules<'_> {
        TaxRules::of(self.find(place), gross_prices, exemption, now)
    }
}

impl<'a> TaxRules<'a> {
    /// The rules of one zone, however it was found.
    pub fn of(
        zone: Option<&'a TaxZone>,
        gross_prices: bool,
        exemption: Option<Exemption>,
        now: Timestamp,
    ) -> Self {
        let treatment = match zone {
            Some(zone) if zone.included && gross_prices => TaxTreatment::Included,
            _ => TaxTreatment::Added,
        };
        // Where nothing is due nobody is exempt from it: goods for the Canary Islands are an export.
        let is_due = |zone: &TaxZone| zone.levy("", now).is_some_and(|levy| !levy.is_nothing());
        let exemption = exemption.filter(|_| zone.is_some_and(is_due));
        Self { zone, treatment, exemption, now }
    }

    /// All that is due on a class, as one rate.
    pub fn rate(&self, tax_class: &str) -> Rate {
        let levy = self.zone.and_then(|zone| zone.levy(tax_class, self.now));
        levy.map_or(Rate::ZERO, |levy| levy.rate())
    }
}

impl CountryZones {
    fn new(mut zones: Vec<TaxZone>) -> Self {
        zones.sort_by(|a, b| {
            (&a.region, &a.name, &a.postal_codes).cmp(&(&b.region, &b.name, &b.postal_codes))
        });
        let mut found = Self::default();
        for (index, zone) in zones.iter().enumerate() {
            if zone.postal_codes.is_empty() {
                found.anywhere.push(index);
            }
            for pattern in &zone.postal_codes {
                match pattern {
                    PostalPattern::Exact(code) => found.exact.entry(code.clone()).or_default().push(index),
                    PostalPattern::Prefix(start) => {
                        found.prefixes.entry(start.clone()).or_default().push(index);
                    }
                    PostalPattern::Range(..) => found.ranges.push((pattern.clone(), index)),
                }
            }
        }
        found.zones = zones;
        found
    }

    fn find(&self, place: &Place) -> Option<&TaxZone> {
        let code = place.postal_code.as_str();
        let mut best: Option<((Closeness, bool), usize)> = None;
        let mut offer = |closeness: Closeness, index: usize| {
            let Some(zone) = self.zones.get(index) else { return };
            if !zone.region.is_empty() && zone.region != place.region {
                return;
            }
            let key = (closeness, !zone.region.is_empty());
            let is_better = best.is_none_or(|(held, by)| key > held || (key == held && index < by));
            if is_better {
                best = Some((key, index));
            }
        };
        for index in self.exact.get(code).into_iter().flatten() {
            offer((2, code.len()), *index);
        }
        for (end, _) in code.char_indices().skip(1).chain([(code.len(), ' ')]) {
            for index in self.prefixes.get(&code[..end]).into_iter().flatten() {
                offer((1, end * 2 + 1), *index);
            }
        }
        for (range, index) in &self.ranges {
            if let Some(closeness) = range.closeness(code) {
                offer(closeness, *index);
            }
        }
        for index in &self.anywhere {
            offer((0, 0), *index);
        }
        best.and_then(|(_, index)| self.zones.get(index))
    }
}
