//! How payments come out, whatever they pay for.

use argosy_contracts::payments::{GetIntentRequest, Intent, PaymentsClient, RefreshIntentRequest};
use argosy_kernel::{Ctx, Error, IntentId, Result};

use crate::domain::{Failure, NOT_ANSWERED, Part};

/// How the payments of an attempt came out, or one of them.
pub(crate) enum Paid {
    /// Those that come by hand know it.
    Yes {
        payments: Vec<Part>,
        instructions: String,
    },
    AtTheBank {
        action_url: String,
    },
    No(Failure),
    /// Nobody knows yet how one of them stands.
    NotKnown {
        intent_id: IntentId,
        error: Error,
    },
}

/// How a payment stands when its token is gone. One that never reached its provider cannot be made any more: none.
pub(crate) async fn inspect(payments: &PaymentsClient, ctx: &Ctx, id: IntentId) -> Result<Option<Intent>> {
    let intent_id = id.to_string();
    let request = GetIntentRequest { intent_id: intent_id.clone() };
    let intent = match payments.get_intent(ctx, request).await {
        Ok(intent) => intent,
        Err(error) if error.reason() == "INTENT_NOT_FOUND" => return Ok(None),
        Err(error) => return Err(error),
    };
    if !matches!(intent.state.as_str(), "processing" | "requires_action") {
        return Ok(Some(intent));
    }
    let intent = payments.refresh_intent(ctx, RefreshIntentRequest { intent_id }).await?;
    Ok(Some(intent).filter(|intent| intent.state != "processing"))
}

/// How a payment came out; of none it was interrupted before it was made.
pub(crate) fn paid(payment: &Part, intent: Option<&Intent>) -> Paid {
    let yes = |by_hand, instructions| Paid::Yes {
        payments: vec![Part { by_hand, ..payment.clone() }],
        instructions,
    };
    let no = |reason: &str, text: &str| {
        let (reason, text) = (reason.to_owned(), text.to_owned());
        Paid::No(Failure::Payment { reason, text, intent_id: Some(payment.intent_id) })
    };
    let Some(intent) = intent else {
        return no(
            "INTERRUPTED",
            "The payment was interrupted before it was made. Nothing was charged; please pay again.",
        );
    };
    match intent.state.as_str() {
        // Taken or given back in part at the provider's own page: what is due follows from the ledger.
        "authorised" | "partially_captured" | "captured" | "partially_refunded" => yes(false, String::new()),
        "pending" => yes(true, intent.instructions.clone()),
        "requires_action" => Paid::AtTheBank { action_url: intent.action_url.clone() },
        _ if intent.failure_reason.is_empty() => no("CANCELED", &intent.failure_text),
        _ => no(&intent.failure_reason, &intent.failure_text),
    }
}

/// Why a payment is given up that nobody answers.
pub(crate) fn not_answered(intent_id: IntentId) -> Failure {
    Failure::Payment {
        reason: NOT_ANSWERED.to_owned(),
        text: "The payment provider did not answer. Nothing was taken, and if it holds anything it is let go; please pay \
               in another way."
            .to_owned(),
        intent_id: Some(intent_id),
    }
}
