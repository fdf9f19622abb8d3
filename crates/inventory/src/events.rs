//! Facts that this service tells. It consumes none.

use argosy_kernel::{Day, Result, VariantId};
use argosy_platform::bus::NewFact;
use serde::Serialize;

use crate::domain::Outlook;

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

#[derive(Serialize)]
struct ExpectedChanged {
    variant_id: VariantId,
    expected_on: Option<Day>,
    preorder: bool,
    arrived: bool,
}

/// Another day is to be expected for what was sold before it was there, or it `arrived`: nobody who waited for it does any more.
pub(crate) fn expected_changed(
    variant_id: VariantId,
    outlook: Outlook,
    arrived: bool,
    sequence: i64,
) -> Result<NewFact> {
    let Outlook { expected_on, preorder, .. } = outlook;
    let data = ExpectedChanged { variant_id, expected_on, preorder, arrived };
    NewFact::new("inventory.expected_changed", variant_id, sequence, &data)
}
