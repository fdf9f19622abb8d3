//! What an intent is and how it may move, as pure rules.

mod gift_card;
mod intent;
mod report;
mod state;
mod token;

pub(crate) use self::{
    gift_card::{CardCode, GiftCard, GiftCardEntry},
    intent::{Intent, Moved, Movement},
    report::{Move, MoveKind, Outcome, Report, Stepped},
    state::State,
    token::check_token,
};
