//! Where a location or a destination is, as far as it matters which of several locations is near.
//!
//! Coordinates would need a table of places to find a buyer's. Country, region and postal code are what is known of both,
//! and postal codes are given out by region nearly everywhere.

const REGION_LENGTH_MAX: usize = 16;
const POSTAL_CODE_LENGTH_MAX: usize = 10;

/// A country, a region in it, a postal code; upper case, filled up with nothing. All empty: not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Whereabouts {
    country: [u8; 2],
    region: [u8; REGION_LENGTH_MAX],
    postal_code: [u8; POSTAL_CODE_LENGTH_MAX],
}

/// The less the nearer; comparable between locations only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Distance(u32);

impl Distance {
    pub(crate) fn as_u32(self) -> u32 {
        self.0
    }
}

impl Whereabouts {
    pub(crate) fn new(country: &str, region: &str, postal_code: &str) -> Self {
        Self { country: letters(country), region: letters(region), postal_code: letters(postal_code) }
    }

    pub(crate) fn is_known(&self) -> bool {
        self.country[0] != 0
    }

    /// How far a location is from here. Its country counts first, then its region, then for how long postal codes are
    /// the same. What is not known is not far from anywhere.
    pub(crate) fn distance_of(&self, location: &Self) -> Distance {
        if !self.is_known() || !location.is_known() {
            return Distance(0);
        }
        if self.country != location.country {
            return Distance(3_000);
        }
        let same = self.postal_code.iter().zip(&location.postal_code);
        let same = same.take_while(|(here, there)| here == there && **here != 0).count();
        let is_same_region = self.region[0] != 0 && self.region == location.region;
        let near = if is_same_region { 500 } else { 0 } + 10 * u32::try_from(same).unwrap_or(0);
        Distance(1_000 - near)
    }
}

/// Letters and digits alone: `SW1A 1AA` and `sw1a1aa` are one.
fn letters<const N: usize>(text: &str) -> [u8; N] {
    let mut letters = [0; N];
    let given = text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase());
    for (place, byte) in letters.iter_mut().zip(given) {
        *place = byte;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_country_is_near_and_there_the_own_region_and_the_like_postal_code() {
        let bonn = Whereabouts::new("de", "", "53111");
        let order = [
            Whereabouts::new("DE", "", "53-117"),
            Whereabouts::new("DE", "", "50667"),
            Whereabouts::new("DE", "", "10115"),
            Whereabouts::new("FR", "", "53111"),
        ];
        let far: Vec<Distance> = order.iter().map(|place| bonn.distance_of(place)).collect();
        assert!(far.windows(2).all(|pair| pair[0] < pair[1]), "{far:?}");
        let boston = Whereabouts::new("US", "MA", "02108");
        let near = boston.distance_of(&Whereabouts::new("US", "MA", "01001"));
        assert!(near < boston.distance_of(&Whereabouts::new("US", "NH", "02109")), "the region comes first");
    }

    #[test]
    fn to_an_unknown_place_all_are_as_far() {
        let nowhere = Whereabouts::default();
        let far = |place| nowhere.distance_of(&place);
        assert_eq!(far(Whereabouts::new("DE", "", "1")), far(Whereabouts::new("US", "MA", "2")));
    }
}
