//! Where buyers may collect.

use argosy_contracts::inventory::{AvailabilityAt, Location};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AddressBody, text};

/// A place where buyers may collect.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Location)]
pub(crate) struct LocationOut {
    id: String,
    name: String,
    address: Option<AddressBody>,
    /// For people: `Mon–Sat 10–18`.
    hours: Option<String>,
    /// So many hours after an order was placed it can be collected.
    ready_after_h: u32,
    /// Whether the variant that was asked for is there now; unset: none was.
    available: Option<bool>,
}

impl LocationOut {
    /// A location; `stock` is what the locations have of a variant, if that was asked.
    pub(crate) fn new(location: Location, stock: Option<&[AvailabilityAt]>) -> Self {
        let has = |at: &AvailabilityAt| at.location_id == location.id && at.sellable() > 0;
        Self {
            available: stock.map(|stock| stock.iter().any(has)),
            id: location.id,
            name: location.name,
            address: location.address.map(Into::into),
            hours: text(location.hours),
            ready_after_h: location.ready_after_h,
        }
    }
}
