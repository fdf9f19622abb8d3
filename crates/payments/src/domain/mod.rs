//! What an intent is and how it may move, as pure rules.

mod intent;
mod report;
mod state;
mod token;

pub(crate) use self::{
    intent::{Intent, Moved, Movement},
    report::{Move, MoveKind, Outcome, Report, Stepped},
    state::State,
    token::check_token,
};
