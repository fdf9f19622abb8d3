//! What checkouts, attempts and orders are, as pure rules.

mod address;
mod attempt;
mod checkout;
mod difference;
mod order;
mod status;

pub(crate) use self::{
    address::{check_address, check_email},
    attempt::{Attempt, AttemptState, Failure, Outcome},
    checkout::{Change, Checkout, PaymentTry},
    difference::Shown,
    order::{Order, PaymentStatus},
    status::Status,
};
