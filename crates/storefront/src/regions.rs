//! What an address has in a country: regions of a list, one that is written, or none; a postal code or none.
//!
//! The list (`languages/regions.txt`) is of ISO 3166-2, for countries whose addresses name one: states, provinces and
//! prefectures that a parcel needs or that tax depends on.

use argosy_kernel::Country;

const REGIONS: &str = include_str!("../languages/regions.txt");
/// Countries whose addresses name no region: those of the European Union without Ireland, Italy and Spain, and their
/// neighbours that write addresses as they do.
const WITHOUT: &str = "AD AL AT AX BA BE BG CH CY CZ DE DK EE FI FO FR GB GG GI GL GR HR HU IM IS JE LI LT LU LV MC MD ME \
    MK MT NL NO PL PT RO RS SE SG SI SK SM VA XK";

/// What an address names between its town and its country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Regions {
    /// Nothing.
    None,
    /// Whatever is written, or nothing.
    Written,
    /// One of these, as code and name.
    Listed(Vec<(&'static str, &'static str)>),
}

impl Regions {
    pub(crate) fn of(country: &str) -> Self {
        let lines = REGIONS.lines().filter_map(|line| line.strip_prefix(country)?.strip_prefix(' '));
        let listed: Vec<_> = lines.filter_map(|line| line.split_once(' ')).collect();
        match listed.is_empty() {
            false => Self::Listed(listed),
            true if WITHOUT.split(' ').any(|one| one == country) => Self::None,
            true => Self::Written,
        }
    }

    /// The name of a region by its code; the code if it is of no list.
    pub(crate) fn name_of<'a>(country: &str, code: &'a str) -> &'a str {
        match Self::of(country) {
            Self::Listed(listed) => {
                listed.into_iter().find(|(one, _)| *one == code).map_or(code, |(_, name)| name)
            }
            _ => code,
        }
    }
}

/// Whether an address there has a postal code; of what is no country it is asked for.
pub(crate) fn has_postal_code(country: &str) -> bool {
    country.parse::<Country>().map_or(true, Country::has_postal_codes)
}

/// Whether companies there have VAT numbers of the European Union.
pub(crate) fn is_in_european_union(country: &str) -> bool {
    country.parse::<Country>().is_ok_and(Country::is_in_european_union)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_what_its_addresses_name() {
        let Regions::Listed(states) = Regions::of("US") else { panic!("no list") };
        assert!(states.len() > 50 && states.contains(&("CA", "California")));
        assert_eq!(Regions::of("DE"), Regions::None);
        assert_eq!(Regions::of("IE"), Regions::Written);
        assert_eq!(Regions::of(""), Regions::Written);
        assert_eq!((Regions::name_of("US", "CA"), Regions::name_of("IE", "Cork")), ("California", "Cork"));
        assert!(has_postal_code("DE") && !has_postal_code("HK"));
        for line in REGIONS.lines() {
            assert!(line[..2].parse::<Country>().is_ok() && line.split(' ').count() > 2, "{line}");
        }
        for country in WITHOUT.split(' ').filter(|country| *country != "XK") {
            assert!(country.parse::<Country>().is_ok(), "{country}");
        }
    }
}
