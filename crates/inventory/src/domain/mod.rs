//! Which stock a sale takes, as pure rules.

mod allocation;
#[cfg(test)]
mod allocation_stories;
mod level;
mod whereabouts;

pub(crate) use self::{
    allocation::{Pick, Shortage, Wanted, allocate, decisive},
    level::{Level, Outlook, ReservationState},
    whereabouts::Whereabouts,
};
