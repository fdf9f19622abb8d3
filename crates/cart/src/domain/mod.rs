//! What a cart is and how commands change it, as pure rules.

mod cart;
mod command;

pub(crate) use self::{
    cart::{Cart, QUANTITY_MAX},
    command::Command,
};
