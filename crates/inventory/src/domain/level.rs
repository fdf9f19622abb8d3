//! Stock of one variant at one location, and the states of a reservation.

use argosy_kernel::{Error, LocationId, VariantId};

use super::Whereabouts;

/// What a location has of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) variant_id: VariantId,
    pub(crate) location_id: LocationId,
    pub(crate) on_hand: i64,
    pub(crate) reserved: i64,
    pub(crate) safety_stock: i64,
    pub(crate) backorder: bool,
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
        self.backorder || !self.tracked
    }

    pub(crate) fn is_sellable(&self) -> bool {
        self.is_unlimited() || self.available() > 0
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
