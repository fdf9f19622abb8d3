//! Facts that this service tells. It consumes none.

use argosy_kernel::Result;
use argosy_platform::bus::NewFact;
use serde::Serialize;

use crate::domain::Intent;

#[derive(Serialize)]
struct IntentChanged<'a> {
    intent_id: String,
    reference: &'a str,
    state: &'static str,
}

/// An intent moved on. The sequence is its version.
pub(crate) fn intent_changed(intent: &Intent) -> Result<NewFact> {
    let data = IntentChanged {
        intent_id: intent.id.to_string(),
        reference: &intent.reference,
        state: intent.state.as_str(),
    };
    NewFact::new("payments.intent_changed", intent.id, intent.version, &data)
}
