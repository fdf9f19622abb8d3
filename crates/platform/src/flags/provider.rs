//! What the SDK asks: the rules in force, from memory.

use async_trait::async_trait;
use open_feature::{
    EvaluationContext, EvaluationContextFieldValue, EvaluationError, EvaluationErrorCode, EvaluationReason,
    EvaluationResult, StructValue,
    provider::{FeatureProvider, ProviderMetadata, ResolutionDetails},
};
use tokio::sync::watch;

use super::Rules;

/// The field of a context that names the market.
pub(super) const MARKET: &str = "market";

pub(super) struct Provider {
    metadata: ProviderMetadata,
    rules: watch::Receiver<Rules>,
}

impl Provider {
    pub(super) fn new(rules: watch::Receiver<Rules>) -> Self {
        Self { metadata: ProviderMetadata::new("argosy"), rules }
    }
}

#[async_trait]
impl FeatureProvider for Provider {
    fn metadata(&self) -> &ProviderMetadata {
        &self.metadata
    }

    async fn resolve_bool_value(
        &self,
        key: &str,
        context: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<bool>> {
        let rules = self.rules.borrow().clone();
        let rule = rules.get(key).ok_or_else(|| failed(EvaluationErrorCode::FlagNotFound))?;
        let market = match context.custom_fields.get(MARKET) {
            Some(EvaluationContextFieldValue::String(market)) => Some(market.as_str()),
            _ => None,
        };
        let subject = context.targeting_key.as_deref().unwrap_or_default();
        let reason = if rule.percent % 100 == 0 { EvaluationReason::Static } else { EvaluationReason::Split };
        Ok(ResolutionDetails::builder().value(rule.holds(key, subject, market)).reason(reason).build())
    }

    async fn resolve_int_value(
        &self,
        _: &str,
        _: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<i64>> {
        Err(failed(EvaluationErrorCode::TypeMismatch))
    }

    async fn resolve_float_value(
        &self,
        _: &str,
        _: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<f64>> {
        Err(failed(EvaluationErrorCode::TypeMismatch))
    }

    async fn resolve_string_value(
        &self,
        _: &str,
        _: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<String>> {
        Err(failed(EvaluationErrorCode::TypeMismatch))
    }

    async fn resolve_struct_value(
        &self,
        _: &str,
        _: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<StructValue>> {
        Err(failed(EvaluationErrorCode::TypeMismatch))
    }
}

/// Flags here are on or off, and no more.
fn failed(code: EvaluationErrorCode) -> EvaluationError {
    EvaluationError::builder().code(code).build()
}
