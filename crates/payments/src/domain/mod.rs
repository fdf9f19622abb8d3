//! What an intent is and how it may move, as pure rules.

mod dispute;
mod evidence;
mod fingerprint;
mod gift_card;
mod intent;
mod report;
mod state;
mod token;
mod wallet;

pub(crate) use self::{
    dispute::{Dispute, DisputeMove, DisputeMoveKind, DisputeReport, DisputeState, Submitted},
    evidence::{Content, Evidence, EvidenceKind, FILES_BYTES_MAX},
    fingerprint::Fingerprint,
    gift_card::{CardCode, GiftCard, GiftCardEntry},
    intent::{Intent, Moved, Movement},
    report::{Move, MoveKind, Outcome, Report, Stepped},
    state::State,
    token::check_token,
    wallet::{
        Card, Expiry, Kept, Remembers, SavedMethod, Setup, SetupState, WalletUse, digest_of_key, new_wallet,
    },
};
