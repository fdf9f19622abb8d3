//! Facts that this service tells. It consumes none.

use argosy_kernel::{Result, VariantId};
use argosy_platform::bus::NewFact;
use serde::Serialize;

#[derive(Serialize)]
struct AvailabilityChanged {
    variant_id: VariantId,
    available: bool,
}

/// A variant sold out or came back, everywhere or at a location. `sequence` is the position of the movement that did it.
pub(crate) fn availability_changed(variant_id: VariantId, available: bool, sequence: i64) -> Result<NewFact> {
    let data = AvailabilityChanged { variant_id, available };
    NewFact::new("inventory.availability_changed", variant_id, sequence, &data)
}
