//! Cards that are tried again and again, whoever tries them, wherever from and for whatever.

use std::time::Duration;

use argosy_contracts::payments::{AuthoriseRequest, Intent, PaymentsClient};
use argosy_kernel::{CheckoutId, Ctx, Result};

use super::Guard;
use crate::domain::{TrailKind, card_trail};

/// From when on a card is watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CardLimit {
    pub(crate) declines_max: u32,
    pub(crate) window: Duration,
}

impl Guard {
    /// None: cards have no limit.
    pub(crate) fn card_limit(&self) -> Option<CardLimit> {
        let declines_max = self.config.limit(TrailKind::Card)?;
        Some(CardLimit { declines_max, window: self.window() })
    }

    /// The trail of the card of a payment, if cards have a limit and an answer told it.
    pub(crate) async fn card_of(&self, intent: &Intent) -> Result<Option<String>> {
        if intent.card_fingerprint.is_empty() || self.card_limit().is_none() {
            return Ok(None);
        }
        let key = self.key_of_today().await?;
        Ok(Some(card_trail(&key, &intent.provider, &intent.card_fingerprint)))
    }

    /// The same of a payment that is not decided well: only then it may be counted by.
    pub(crate) async fn card_to_count(&self, intent: &Intent) -> Result<Option<String>> {
        match intent.state.as_str() {
            "failed" | "requires_action" => self.card_of(intent).await,
            _ => Ok(None),
        }
    }

    /// Has the card told that a payment is about to be charged to; answers its trail, if it is told.
    ///
    /// # Errors
    /// `TOO_MANY_DECLINES` if its limit is reached. What else is wrong is said when money is asked for.
    pub(crate) async fn look_at_card(
        &self,
        payments: &PaymentsClient,
        ctx: &Ctx,
        checkout: CheckoutId,
        request: AuthoriseRequest,
    ) -> Result<Option<String>> {
        // A release before this one does not know the question.
        let Ok(intent) = payments.prepare(ctx, request).await else { return Ok(None) };
        let Some(trail) = self.card_of(&intent).await? else { return Ok(None) };
        let tries = self.store.tries(std::slice::from_ref(&trail), self.window()).await?;
        match tries.iter().find_map(|tries| self.reached(tries)) {
            Some(kind) => Err(self.too_many(checkout, kind)),
            None => Ok(Some(trail)),
        }
    }
}
