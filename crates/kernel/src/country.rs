//! Countries, so that a destination that does not exist is refused where it is typed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de::Error as _};

/// ISO 3166-1 alpha-2, and `XK`, which carriers and tax offices use for Kosovo.
const KNOWN: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// A country by its two capital letters, e.g. `DE`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

/// A text that names no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be the two letters of a country in ISO 3166-1, e.g. DE")]
pub struct CountryError;

/// Countries whose post does without postal codes.
/// Source: Universal Postal Union, addressing systems of member countries; territories follow their post.
const WITHOUT_POSTAL_CODE: &str = "AE AG AN AO AW BB BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GA GD GH GM GQ \
    GY HK IE JM KI KM KN KP LC ML MO MR MS MW NR NU PA QA RW SB SC SL SR ST SY TD TF TG TK TO TT TV UG VU YE ZW";

/// The member states of the European Union. Source: europa.eu, country profiles, as of 2025.
const EUROPEAN_UNION: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";

impl Country {
    /// Whether its post knows postal codes.
    pub fn has_postal_codes(self) -> bool {
        !WITHOUT_POSTAL_CODE.split(' ').any(|country| country == self.code())
    }

    /// Whether it is a member of the European Union.
    pub fn is_in_european_union(self) -> bool {
        EUROPEAN_UNION.split(' ').any(|country| country == self.code())
    }

    /// Germany.
    pub const GERMANY: Self = Self("DE");

    /// All of them, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.split(' ').map(Self)
    }

    /// Its two letters.
    pub const fn code(self) -> &'static str {
        self.0
    }
}

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(text: &str) -> Result<Self, CountryError> {
        KNOWN.split(' ').find(|code| code.eq_ignore_ascii_case(text)).map(Self).ok_or(CountryError)
    }
}

impl Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        code.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters_of_the_list() {
        assert_eq!("de".parse::<Country>().unwrap().code(), "DE");
        for wrong in ["", "D", "DEU", "ZZ", "E D", "D E", "Ü"] {
            assert_eq!(wrong.parse::<Country>(), Err(CountryError), "{wrong}");
        }
        assert_eq!(KNOWN.split(' ').filter(|code| code.len() == 2).count(), 250);
    }
}
