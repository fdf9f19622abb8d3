//! Stock of one variant at one location, and the states of a reservation.

use argosy_kernel::{Day, Error, LocationId, VariantId};

use super::{Pick, Whereabouts};

/// What a location has of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) variant_id: VariantId,
    pub(crate) location_id: LocationId,
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    pub(crate) safety_stock: i64,
    pub(crate) backorder: bool,
    /// So many beyond what is on hand; no bound if there is none.
    pub(crate) backorder_max: Option<i64>,
    /// From when what is sold beyond that leaves, if that is known.
    pub(crate) expected_on: Option<Day>,
    /// It is not out yet.
    pub(crate) preorder: bool,
    /// Of the last fact that told of these.
    pub(crate) told_version: i64,
    pub(crate) tracked: bool,
    /// Of the location: the lowest goes first.
    pub(crate) priority: i64,
    /// Where the location is.
    pub(crate) place: Whereabouts,
}

impl Level {
    /// Units that may be sold from here without ordering any.
    pub(crate) fn available(&self) -> i64 {
        (self.on_hand - self.reserved - self.safety_stock).max(0)
    }

    /// Whether a sale from here has no upper bound.
    pub(crate) fn is_unlimited(&self) -> bool {
        (self.backorder && self.backorder_max.is_none()) || !self.tracked
    }

    /// Units that may be sold from here, with those that are ordered later.
    pub(crate) fn room(&self) -> i64 {
        if self.is_unlimited() {
            return i64::MAX;
        }
        let ordered = self.backorder_max.filter(|_| self.backorder).unwrap_or(0);
        (self.on_hand - self.reserved - self.safety_stock).saturating_add(ordered).max(0)
    }

    pub(crate) fn is_sellable(&self) -> bool {
        self.room() > 0
    }
}

/// What there is to say of a variant that is sold before it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Outlook {
    /// The first day on which a location has it again.
    pub(crate) expected_on: Option<Day>,
    pub(crate) preorder: bool,
    /// Of the last fact that told of it.
    pub(crate) version: i64,
}

impl Outlook {
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        (self.expected_on, self.preorder) != (other.expected_on, other.preorder)
    }

    /// Of what a pick takes that is not there; nothing if all of it is.
    pub(crate) fn of_pick(pick: &Pick, levels: &[Level]) -> Self {
        let is_its_own =
            |level: &&Level| (level.variant_id, level.location_id) == (pick.variant_id, pick.location_id);
        if pick.backordered > 0 { Self::of(levels.iter().filter(is_its_own)) } else { Self::default() }
    }

    pub(crate) fn of<'a>(levels: impl Iterator<Item = &'a Level> + Clone) -> Self {
        let later = levels.filter(|level| level.backorder && level.tracked);
        Self {
            expected_on: later.clone().filter_map(|level| level.expected_on).min(),
            version: later.clone().map(|level| level.told_version).max().unwrap_or_default(),
            preorder: later.clone().any(|level| level.preorder),
        }
    }
}

/// Where a reservation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReservationState {
    Held,
    Committed,
    Released,
    Expired,
}

impl ReservationState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Committed => "committed",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

impl std::str::FromStr for ReservationState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "held" => Ok(Self::Held),
            "committed" => Ok(Self::Committed),
            "released" => Ok(Self::Released),
            "expired" => Ok(Self::Expired),
            other => Err(Error::internal(format!("unknown reservation state '{other}'"))),
        }
    }
}
