//! In which parcels goods travel, before they do.

use argosy_contracts::{
    orders::{LineQuantity, OrderParcel},
    pricing::Parcel,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{returns::LineQuantityOut, text};

/// What is sent from one place, as it is planned now: others may buy the stock meanwhile.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PlannedParcel)]
pub(crate) struct PlannedParcelOut {
    lines: Vec<LineQuantityOut>,
    /// The first day it may arrive.
    #[schema(format = "date")]
    earliest: Option<String>,
    /// The last day it should arrive.
    #[schema(format = "date")]
    latest: Option<String>,
}

/// What is sent from one place, or collected there.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OrderParcel)]
pub(crate) struct OrderParcelOut {
    /// As ordered.
    lines: Vec<LineQuantityOut>,
    /// Neither sent nor canceled yet.
    left: Vec<LineQuantityOut>,
}

impl From<Parcel> for PlannedParcelOut {
    fn from(parcel: Parcel) -> Self {
        let line = |line: argosy_contracts::pricing::ParcelLine| LineQuantity {
            line_id: line.line_id,
            quantity: line.quantity,
        };
        Self {
            lines: parcel.lines.into_iter().map(line).map(Into::into).collect(),
            earliest: text(parcel.earliest),
            latest: text(parcel.latest),
        }
    }
}

impl From<OrderParcel> for OrderParcelOut {
    fn from(parcel: OrderParcel) -> Self {
        let all = |lines: Vec<LineQuantity>| lines.into_iter().map(Into::into).collect();
        Self { lines: all(parcel.lines), left: all(parcel.left) }
    }
}
