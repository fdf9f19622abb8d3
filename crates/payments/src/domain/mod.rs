//! What an intent is and how it may move, as pure rules.

mod intent;
mod token;

pub(crate) use self::{
    intent::{Answer, Intent, Outcome, State},
    token::check_token,
};
