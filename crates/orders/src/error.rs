//! The service's reasons.

use std::time::Duration;

use argosy_kernel::{CartId, CheckoutId, Code, Error, OrderId};

use crate::domain::Status;

pub(crate) fn checkout_not_found(id: CheckoutId) -> Error {
    Error::not_found("CHECKOUT_NOT_FOUND", format!("there is no checkout {id}"))
}

pub(crate) fn checkout_state(id: CheckoutId, status: Status, wanted: &str) -> Error {
    Error::precondition(
        "CHECKOUT_STATE",
        format!("checkout {id} is {} and cannot be {wanted}", status.as_str()),
    )
}

pub(crate) fn checkout_busy(id: CheckoutId) -> Error {
    Error::new(
        Code::Aborted,
        "CHECKOUT_BUSY",
        format!("checkout {id} is being paid for; look again in a moment"),
    )
    .with_retry_after(Duration::from_secs(1))
}

pub(crate) fn cart_empty(id: CartId) -> Error {
    Error::precondition("CART_EMPTY", format!("there is nothing in cart {id}"))
}

pub(crate) fn key_missing() -> Error {
    Error::invalid(
        "KEY_MISSING",
        "completing a checkout needs an Idempotency-Key: a fresh random one for each attempt",
    )
}

pub(crate) fn key_reused() -> Error {
    Error::invalid("KEY_REUSED", "this Idempotency-Key came with another request before; use a fresh one")
}

pub(crate) fn person_is_buying() -> Error {
    Error::new(
        Code::Aborted,
        "PERSON_IS_BUYING",
        "a purchase of this person is being paid for; forget them when it has ended",
    )
    .with_retry_after(Duration::from_mins(1))
}

pub(crate) fn order_not_found(id: OrderId) -> Error {
    Error::not_found("ORDER_NOT_FOUND", format!("there is no order {id} under this key"))
}
