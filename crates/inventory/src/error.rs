//! The service's reasons.

use argosy_kernel::{Error, LocationId, ReservationId};

use crate::domain::Shortage;

pub(crate) fn out_of_stock(shortages: &[Shortage]) -> Error {
    let error = Error::precondition("OUT_OF_STOCK", "some items are not available in the quantity asked for");
    shortages.iter().fold(error, |error, shortage| {
        error.with_field(format!("/lines/{}", shortage.line), format!("only {} left", shortage.available))
    })
}

pub(crate) fn reservation_not_found(id: ReservationId) -> Error {
    Error::not_found("RESERVATION_NOT_FOUND", format!("there is no reservation {id}"))
}

pub(crate) fn reservation_ended(id: ReservationId) -> Error {
    Error::precondition("RESERVATION_ENDED", format!("reservation {id} was released or has expired"))
}

pub(crate) fn reservation_committed(id: ReservationId) -> Error {
    Error::precondition("RESERVATION_COMMITTED", format!("the stock of reservation {id} has left already"))
}

pub(crate) fn stock_negative(pointer: String) -> Error {
    Error::precondition("STOCK_NEGATIVE", "there would be less on hand than is promised to buyers")
        .with_field(pointer, "must leave what is reserved")
}

pub(crate) fn location_not_found(pointer: String, id: LocationId) -> Error {
    Error::not_found("LOCATION_NOT_FOUND", format!("there is no location {id}"))
        .with_field(pointer, "is unknown")
}

pub(crate) fn backorders_promised(index: usize, promised: i64) -> Error {
    Error::precondition("BACKORDERS_PROMISED", "more is promised to buyers than would be allowed").with_field(
        format!("/policies/{index}/units_max"),
        format!("must be at least {promised}: that is promised"),
    )
}
