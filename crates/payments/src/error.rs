//! The service's reasons.

use std::time::Duration;

use argosy_kernel::{Code, DisputeId, Error, IntentId, SavedMethodId, SetupId, WalletId};

use crate::domain::State;

pub(crate) fn provider_not_found(name: &str) -> Error {
    let shown: String = name.chars().take(40).collect();
    Error::not_found("PROVIDER_NOT_FOUND", format!("there is no payment provider '{shown}'"))
}

pub(crate) fn invalid_token(message: &str) -> Error {
    Error::invalid("INVALID_TOKEN", format!("payment token: {message}")).with_field("/payment/token", message)
}

pub(crate) fn intent_mismatch(id: IntentId) -> Error {
    Error::precondition("INTENT_MISMATCH", format!("payment {id} is for another amount, provider or purpose"))
}

pub(crate) fn intent_not_found(id: IntentId) -> Error {
    Error::not_found("INTENT_NOT_FOUND", format!("there is no payment {id}"))
}

pub(crate) fn intent_state(id: IntentId, state: State, wanted: &str) -> Error {
    Error::precondition("INTENT_STATE", format!("payment {id} is {} and cannot be {wanted}", state.as_str()))
}

pub(crate) fn amount_too_large(what: &str) -> Error {
    Error::precondition("AMOUNT_TOO_LARGE", format!("more cannot be {what} than is left of the payment"))
        .with_field("/amount", "must not be more than is left")
}

pub(crate) fn gift_card_not_found() -> Error {
    Error::not_found("GIFT_CARD_NOT_FOUND", "there is no gift card with this code or id")
}

pub(crate) fn gift_card_exists() -> Error {
    Error::precondition("GIFT_CARD_EXISTS", "a gift card with this code was issued with another amount")
}

pub(crate) fn staff_only() -> Error {
    Error::new(Code::PermissionDenied, "STAFF_ONLY", "only staff may see and change this")
}

/// Also: it has another key, or whoever paid with it is forgotten.
pub(crate) fn wallet_not_found(id: WalletId) -> Error {
    Error::not_found("WALLET_NOT_FOUND", format!("there is no wallet {id} with this key"))
}

pub(crate) fn wallet_full(most: i64) -> Error {
    Error::precondition("WALLET_FULL", format!("a wallet holds {most} methods at most; remove one first"))
}

pub(crate) fn too_many_setups(window: Duration) -> Error {
    let message = "too many methods were to be saved in this wallet lately; try again later";
    Error::new(Code::ResourceExhausted, "TOO_MANY_SETUPS", message).with_retry_after(window)
}

pub(crate) fn not_saveable(provider: &str) -> Error {
    let message = format!("nothing can be saved with payment provider '{provider}'");
    Error::new(Code::Unimplemented, "NOT_SAVEABLE", message)
        .with_field("/provider", "must be one that saves methods")
}

pub(crate) fn setup_not_found(id: SetupId) -> Error {
    Error::not_found("SETUP_NOT_FOUND", format!("there is no setup {id} in this wallet"))
}

pub(crate) fn saved_method_not_found(id: SavedMethodId) -> Error {
    Error::not_found("SAVED_METHOD_NOT_FOUND", format!("there is no saved method {id} in this wallet"))
        .with_field("/payment/token", "must be a method of this wallet")
}

pub(crate) fn saved_method_removed(id: SavedMethodId) -> Error {
    Error::precondition("SAVED_METHOD_REMOVED", format!("saved method {id} was removed; pay in another way"))
        .with_field("/payment/token", "must be a method that is still saved")
}

pub(crate) fn saved_method_expired(id: SavedMethodId) -> Error {
    Error::precondition("SAVED_METHOD_EXPIRED", format!("the card of saved method {id} has expired"))
        .with_field("/payment/token", "must be a method that has not expired")
}

pub(crate) fn key_missing() -> Error {
    Error::invalid("KEY_MISSING", "saving a method needs an idempotency key")
}

pub(crate) fn key_reused() -> Error {
    Error::invalid("KEY_REUSED", "this idempotency key was used for another request")
}

pub(crate) fn dispute_not_found(id: impl std::fmt::Display) -> Error {
    Error::not_found("DISPUTE_NOT_FOUND", format!("there is no dispute {id}"))
}

pub(crate) fn dispute_state(id: DisputeId, state: &str) -> Error {
    Error::precondition("DISPUTE_STATE", format!("dispute {id} is {state}: no evidence is asked for"))
}

pub(crate) fn evidence_too_late(id: DisputeId) -> Error {
    Error::precondition("EVIDENCE_TOO_LATE", format!("the evidence of dispute {id} was due before now"))
}

pub(crate) fn no_evidence(id: DisputeId) -> Error {
    Error::precondition("NO_EVIDENCE", format!("dispute {id} has no evidence to submit"))
}

pub(crate) fn evidence_refused() -> Error {
    Error::precondition("EVIDENCE_REFUSED", "the provider refuses the evidence")
}

pub(crate) fn no_disputes() -> Error {
    let message = "this provider tells of no disputes and takes no evidence";
    Error::new(Code::Unimplemented, "NO_DISPUTES", message)
}

pub(crate) fn step_refused(what: &str) -> Error {
    Error::precondition("STEP_REFUSED", format!("the provider refused that the payment be {what}"))
}

pub(crate) fn step_mismatch(reference: &str) -> Error {
    Error::precondition("INTENT_MISMATCH", format!("'{reference}' was asked for with another amount"))
        .with_field("/amount", "must be as it was")
}

pub(crate) fn invalid_signature(why: &'static str) -> Error {
    Error::invalid("INVALID_SIGNATURE", format!("the message is not the provider's: {why}"))
}

pub(crate) fn invalid_message(what: impl std::fmt::Display) -> Error {
    Error::invalid("INVALID_MESSAGE", format!("cannot read the message: {what}"))
}

pub(crate) fn payment_undecided(id: IntentId) -> Error {
    Error::unavailable("PAYMENT_UNDECIDED", format!("the provider has not decided payment {id}; ask again"))
        .with_retry_after(Duration::from_secs(5))
}

pub(crate) fn invalid_setting(key: &str, what: impl std::fmt::Display) -> Error {
    Error::invalid("INVALID_SETTING", format!("wrong setting payments.{key}: {what}"))
}

/// Reason of [`provider_away`], and of a payment that failed for it.
pub(crate) const PROVIDER_AWAY: &str = "PROVIDER_AWAY";

/// It was surely not asked: nothing was sent, or nothing that could move money.
pub(crate) fn provider_away(provider: &str) -> Error {
    Error::unavailable(PROVIDER_AWAY, format!("payment provider '{provider}' cannot be reached"))
}

pub(crate) fn provider_not_offered(provider: &str, what: impl std::fmt::Display) -> Error {
    Error::precondition(
        "PROVIDER_NOT_OFFERED",
        format!("payment provider '{provider}' takes no payments {what}"),
    )
    .with_field("/payment/provider", "must be one that is offered")
}

pub(crate) fn provider_unavailable(provider: &str) -> Error {
    Error::unavailable(
        "PROVIDER_UNAVAILABLE",
        format!("payment provider '{provider}' has not answered; ask again"),
    )
    .with_retry_after(Duration::from_secs(2))
}
