//! The service's reasons.

use argosy_contracts::common::QuantityRule;
use argosy_kernel::{CartId, Error, LineId, OrderId, VariantId};

pub(crate) fn cart_not_found(id: CartId) -> Error {
    Error::not_found("CART_NOT_FOUND", format!("there is no cart {id}, or it has expired"))
}

pub(crate) fn cart_completed(id: CartId, order: OrderId) -> Error {
    Error::precondition("CART_COMPLETED", format!("cart {id} became order {order}; start a new one"))
}

pub(crate) fn cart_full(what: &str, most: usize) -> Error {
    Error::precondition("CART_FULL", format!("a cart has at most {most} {what}"))
}

pub(crate) fn quantity_too_large(pointer: String, most: i64) -> Error {
    Error::invalid("QUANTITY_TOO_LARGE", format!("a line has at most {most} units"))
        .with_field(pointer, format!("must be at most {most}"))
}

pub(crate) fn quantity_not_offered(pointer: String, rule: &QuantityRule) -> Error {
    let message = rule.told();
    Error::invalid("QUANTITY_NOT_OFFERED", format!("the quantity {message}")).with_field(pointer, message)
}

pub(crate) fn line_not_found(id: LineId) -> Error {
    Error::not_found("LINE_NOT_FOUND", format!("the cart has no line {id}"))
}

pub(crate) fn variant_not_found(pointer: String, id: VariantId) -> Error {
    Error::not_found("VARIANT_NOT_FOUND", format!("there is no variant {id} for sale"))
        .with_field(pointer, "is unknown")
}

pub(crate) fn not_sold_in_currency(pointer: String, currency: impl std::fmt::Display) -> Error {
    let message = format!("is not sold in {currency}");
    Error::precondition("NOT_SOLD_IN_CURRENCY", format!("this item {message}")).with_field(pointer, message)
}
