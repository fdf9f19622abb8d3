//! What checkouts, attempts and orders are, as pure rules.

mod attempt;
mod checkout;
mod contact;
mod difference;
mod order;
mod status;

pub(crate) use self::{
    attempt::{Attempt, AttemptState, Failure, Outcome, pickup_location},
    checkout::{Change, Checkout, PaymentTry},
    contact::{Contact, check_address, check_email},
    difference::Shown,
    order::{Order, PaymentStatus},
    status::Status,
};
