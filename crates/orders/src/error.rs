//! The service's reasons.

use std::time::Duration;

use argosy_kernel::{CartId, CheckoutId, Code, EditId, Error, Money, OrderId, ReturnId};

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

pub(crate) fn draft_not_found() -> Error {
    Error::not_found("DRAFT_NOT_FOUND", "there is no such draft")
}

pub(crate) fn draft_changed() -> Error {
    Error::precondition(
        "DRAFT_CHANGED",
        "the shop has changed this order since it was shown; look at it again",
    )
}

pub(crate) fn cart_empty(id: CartId) -> Error {
    Error::precondition("CART_EMPTY", format!("there is nothing in cart {id}"))
}

pub(crate) fn too_many_declines(window: Duration) -> Error {
    Error::new(
        Code::ResourceExhausted,
        "TOO_MANY_DECLINES",
        "too many payments like this one were declined; try again later",
    )
    .with_retry_after(window)
}

pub(crate) fn purchase_refused() -> Error {
    Error::precondition("PURCHASE_REFUSED", "this purchase cannot be taken here; please contact the shop")
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

pub(crate) fn order_unknown(named: &str) -> Error {
    let named: String = named.chars().take(40).collect();
    Error::not_found("ORDER_NOT_FOUND", format!("there is no order {named}"))
}

pub(crate) fn staff_only(what: &str) -> Error {
    Error::new(Code::PermissionDenied, "STAFF_ONLY", format!("only staff can {what}"))
}

pub(crate) fn reference_reused() -> Error {
    Error::invalid("KEY_REUSED", "this reference came with another change of the order; use a fresh one")
}

pub(crate) fn order_busy(id: OrderId) -> Error {
    Error::new(
        Code::Aborted,
        "ORDER_BUSY",
        format!("the payment of order {id} is being taken; look again in a moment"),
    )
    .with_retry_after(Duration::from_secs(1))
}

pub(crate) fn order_state(id: OrderId, status: &str, wanted: &str) -> Error {
    Error::precondition("ORDER_STATE", format!("order {id} is {status} and cannot be {wanted}"))
}

pub(crate) fn nothing_left() -> Error {
    Error::precondition("ORDER_STATE", "the order has no units left that this could be about")
}

pub(crate) fn order_held(id: OrderId, why: &str) -> Error {
    Error::precondition("ORDER_HELD", format!("order {id} is held and cannot be fulfilled: {why}"))
}

pub(crate) fn nothing_left_there(id: OrderId) -> Error {
    let message = format!("that location has nothing left to send of order {id}");
    Error::precondition("NOTHING_LEFT_THERE", message).with_field("/location_id", "has nothing left to send")
}

pub(crate) fn not_collected(id: OrderId) -> Error {
    Error::precondition("NOT_COLLECTED", format!("order {id} is sent, not collected by its buyer"))
}

pub(crate) fn quantity_too_large(pointer: impl Into<String>, available: i64) -> Error {
    let message = format!("must be at most {available}");
    Error::precondition("QUANTITY_TOO_LARGE", format!("there are only {available} units of it left"))
        .with_field(pointer, message)
}

pub(crate) fn refund_too_large(refundable: i64) -> Error {
    let message = format!("must be at most {refundable} minor units");
    Error::precondition("REFUND_TOO_LARGE", "more than was paid and not refunded yet cannot be refunded")
        .with_field("/amount", message)
}

pub(crate) fn nothing_owed() -> Error {
    Error::precondition("NOTHING_OWED", "nothing of this order is owed to its buyer; name an amount or lines")
}

pub(crate) fn nothing_due(id: OrderId) -> Error {
    Error::precondition("NOTHING_DUE", format!("nothing of order {id} is due"))
}

pub(crate) fn due_changed(due: Money) -> Error {
    Error::precondition("DUE_CHANGED", format!("{due} are due by now; look at the order again"))
        .with_field("/amount", format!("must be {due}"))
}

pub(crate) fn not_awaited(id: OrderId) -> Error {
    Error::precondition("NOT_AWAITED", format!("no payment of order {id} is awaited"))
}

pub(crate) fn return_not_found(id: &str) -> Error {
    let id: String = id.chars().take(40).collect();
    Error::not_found("RETURN_NOT_FOUND", format!("the order has no return {id}"))
}

pub(crate) fn return_state(id: ReturnId, state: &str, wanted: &str) -> Error {
    Error::precondition("RETURN_STATE", format!("return {id} is {state} and cannot be {wanted}"))
}

pub(crate) fn return_too_late(days: u32) -> Error {
    Error::precondition("RETURN_TOO_LATE", format!("goods can be sent back within {days} days"))
}

pub(crate) fn inspection_incomplete(pointer: impl Into<String>, received: i64) -> Error {
    Error::precondition("INSPECTION_INCOMPLETE", "each unit that came is put back into stock or written off")
        .with_field(pointer, format!("restocked and written off must add up to {received}"))
}

pub(crate) fn person_forgotten() -> Error {
    Error::precondition("PERSON_FORGOTTEN", "its buyer is forgotten; nothing is written of them any more")
}

pub(crate) fn nothing_to_invoice() -> Error {
    Error::precondition("NOTHING_TO_INVOICE", "there is nothing to pay for that could be invoiced now")
}

pub(crate) fn paper_not_found() -> Error {
    Error::not_found("PAPER_NOT_FOUND", "the order has no such paper")
}

pub(crate) fn edit_not_found(id: &str) -> Error {
    let id: String = id.chars().take(40).collect();
    Error::not_found("EDIT_NOT_FOUND", format!("the order has no change {id}"))
}

pub(crate) fn edit_state(id: EditId, state: &str, wanted: &str) -> Error {
    Error::precondition("EDIT_STATE", format!("change {id} is {state} and cannot be {wanted}"))
}

pub(crate) fn edit_overtaken(id: EditId) -> Error {
    Error::precondition(
        "EDIT_OVERTAKEN",
        format!("delivery was changed since change {id} was proposed; propose it again"),
    )
}

pub(crate) fn not_sold(pointer: String) -> Error {
    Error::precondition("NOT_SOLD", "a variant is not sold in the order's currency")
        .with_field(pointer, "is not sold in the order's currency")
}

pub(crate) fn out_of_stock(pointer: String, available: i64) -> Error {
    Error::precondition("OUT_OF_STOCK", "some items are not available in the quantity asked for")
        .with_field(pointer, format!("only {available} left"))
}

pub(crate) fn not_bought() -> Error {
    Error::precondition("NOT_BOUGHT", "the order has nothing that this file comes with")
}

pub(crate) fn download_not_ready() -> Error {
    Error::precondition("DOWNLOAD_NOT_READY", "the order is not paid, or is held, or this was taken back")
}

pub(crate) fn downloads_used_up(most: u32) -> Error {
    Error::precondition(
        "DOWNLOADS_USED_UP",
        format!("the file was downloaded {most} times, as often as it may be"),
    )
}
