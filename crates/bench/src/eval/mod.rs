//! How well the shop answers: real data with known answers, beside a plain baseline in the same run.

mod measures;
mod plain;
mod search;

pub(crate) use self::search::{Search, search};
