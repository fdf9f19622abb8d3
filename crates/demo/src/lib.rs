#![doc = include_str!("../README.md")]

mod goods;
mod load;
mod picture;
mod shop;

pub use crate::load::{DemoClients, Loaded, load};
