//! Which stock a sale takes, as pure rules.

mod allocation;
mod level;

pub(crate) use self::{
    allocation::{Pick, Shortage, Wanted, allocate},
    level::{Level, ReservationState},
};
