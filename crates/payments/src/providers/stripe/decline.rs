//! Why a card was declined: a stable reason, and what the buyer is told.

use super::wire::ApiError;
use crate::domain::Outcome;

/// The answer that an error about a card is. What a thief should not learn, that a card is reported lost or that a
/// payment looks like fraud, is not told.
pub(super) fn declined(error: &ApiError) -> Outcome {
    let codes = [error.decline_code.as_deref(), error.code.as_deref()];
    let (reason, text) = codes
        .into_iter()
        .flatten()
        .find_map(known)
        .unwrap_or(("DECLINED", "The card was declined. Please use another one."));
    Outcome::Declined { reason: reason.to_owned(), text: text.to_owned() }
}

/// Nothing is wrong with the card; it cannot be used here and now.
pub(super) fn not_taken() -> Outcome {
    Outcome::Declined {
        reason: "NOT_TAKEN".to_owned(),
        text: "This cannot be paid by card at the moment. Nothing was charged; please pay in another way."
            .to_owned(),
    }
}

fn known(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "insufficient_funds" | "withdrawal_count_limit_exceeded" | "card_velocity_exceeded" => (
            "INSUFFICIENT_FUNDS",
            "There is not enough money on the card, or its limit is reached. Please use another one.",
        ),
        "expired_card" => ("CARD_EXPIRED", "The card has expired. Please use another one."),
        "incorrect_cvc" | "invalid_cvc" => ("CVC_WRONG", "The card's security code is wrong."),
        "incorrect_number" | "invalid_number" => ("CARD_NUMBER_WRONG", "The card's number is wrong."),
        "invalid_expiry_month" | "invalid_expiry_year" => {
            ("CARD_DATE_WRONG", "The date until which the card is valid is wrong.")
        }
        "payment_intent_authentication_failure"
        | "authentication_required"
        | "authentication_not_handled" => (
            "NOT_AUTHENTICATED",
            "The bank could not confirm that it is you. Nothing was charged; please try again or pay in another way.",
        ),
        "processing_error" | "try_again_later" | "issuer_not_available" | "reenter_transaction" => {
            ("TRY_AGAIN", "The bank could not be asked. Nothing was charged; please try again in a moment.")
        }
        "card_not_supported"
        | "currency_not_supported"
        | "transaction_not_allowed"
        | "service_not_allowed" => {
            ("CARD_NOT_SUPPORTED", "The card cannot be used for this. Please use another one.")
        }
        _ => return None,
    })
}
