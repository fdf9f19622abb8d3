//! What an intent is and how it may move, as pure rules.

mod intent;
mod token;

pub(crate) use self::{
    intent::{Answer, Intent, Movement, Outcome, State},
    token::check_token,
};
