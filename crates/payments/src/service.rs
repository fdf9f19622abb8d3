//! The contract: check, note what is asked, ask the provider, note what it answered.

use std::{collections::HashMap, sync::Arc, time::Duration};

use argosy_contracts::payments::{
    AuthoriseRequest, CaptureRequest, GetIntentRequest, HandleWebhookRequest, HandleWebhookResponse,
    Intent as WireIntent, ListMethodsRequest, ListMethodsResponse, PaymentsApi, RefreshIntentRequest,
    RefundRequest, VoidRequest,
};
use argosy_kernel::{Ctx, Error, IntentId, Money, Result};
use argosy_platform::crash;
use async_trait::async_trait;

use crate::{
    PaymentsConfig,
    domain::{Intent, Movement, State, check_token},
    error,
    providers::{Authorisation, Provider, Providers, Step},
    store::{NewIntent, Store},
};

pub(crate) struct PaymentsService {
    store: Store,
    providers: Providers,
    provider_timeout: Duration,
}

impl PaymentsService {
    pub(crate) fn new(store: Store, providers: Providers, config: &PaymentsConfig) -> Self {
        Self { store, providers, provider_timeout: Duration::from_millis(config.provider_timeout_ms.max(1)) }
    }

    fn provider(&self, name: &str) -> Result<&Arc<dyn Provider>> {
        self.providers.get(name).ok_or_else(|| error::provider_not_found(name))
    }

    async fn intent(&self, id: &str) -> Result<Intent> {
        let id: IntentId = id.parse()?;
        self.store.get(id).await?.ok_or_else(|| error::intent_not_found(id))
    }

    /// Waits for a provider, but not for ever: an answer that does not come is not known.
    async fn ask<T>(&self, provider: &str, call: impl Future<Output = Result<T>>) -> Result<T> {
        let answered = tokio::time::timeout(self.provider_timeout, call).await;
        let outcome = if answered.is_ok() { "answered" } else { "timed_out" };
        metrics::counter!("argosy_provider_calls_total", "provider" => provider.to_owned(), "outcome" => outcome).increment(1);
        answered.unwrap_or_else(|_| Err(error::provider_unavailable(provider)))
    }

    async fn take_or_give(
        &self,
        intent: Intent,
        movement: Movement,
        amount: Money,
        reference: &str,
    ) -> Result<Intent> {
        if amount.minor <= 0 || amount.currency != intent.amount.currency {
            let message = format!("must be above 0 and in {}", intent.amount.currency);
            return Err(Error::invalid_field("/amount", message));
        }
        if reference.is_empty() || reference.len() > 200 {
            return Err(Error::invalid_field("/reference", "must have 1 to 200 characters"));
        }
        let before = match movement {
            Movement::Capture => intent.captured,
            Movement::Refund => intent.refunded,
        };
        if !before.is_zero() && self.store.has_moved(intent.id, movement, reference).await? {
            // It may have moved since the intent was read.
            return self.store.get(intent.id).await?.ok_or_else(|| error::intent_not_found(intent.id));
        }
        intent.moved(movement, amount)?;
        let provider = self.provider(&intent.provider)?;
        let key = format!("{}:{}:{reference}", intent.id, movement.event());
        let step = Step { intent_id: intent.id, amount, key };
        crash::point("payments.before_provider_step");
        match movement {
            Movement::Capture => self.ask(&intent.provider, provider.capture(step)).await?,
            Movement::Refund => self.ask(&intent.provider, provider.refund(step)).await?,
        }
        crash::point("payments.after_provider_step");
        self.store.moved(intent, movement, amount, reference).await
    }
}

#[async_trait]
impl PaymentsApi for PaymentsService {
    async fn list_methods(&self, _ctx: &Ctx, _request: ListMethodsRequest) -> Result<ListMethodsResponse> {
        let mut methods: Vec<_> = self.providers.values().flat_map(|provider| provider.methods()).collect();
        methods.sort_by(|a, b| {
            (b.provider == "test").cmp(&(a.provider == "test")).then(a.method.cmp(&b.method))
        });
        Ok(ListMethodsResponse { methods })
    }

    async fn authorise(&self, _ctx: &Ctx, request: AuthoriseRequest) -> Result<WireIntent> {
        let id: IntentId = request.intent_id.parse()?;
        let amount = request.amount.ok_or_else(|| Error::invalid_field("/amount", "is missing"))?;
        let amount = Money::try_from(amount)?;
        if amount.minor <= 0 {
            return Err(Error::invalid_field("/amount", "must be above 0"));
        }
        check_token(&request.token)?;
        let provider = self.provider(&request.provider)?;
        let method = provider.method_of(&request.token)?;
        let new = NewIntent {
            id,
            provider: &request.provider,
            method: &method,
            reference: &request.reference,
            amount,
        };
        let intent = self.store.open(new, State::Processing).await?;
        if intent.amount != amount
            || intent.provider != request.provider
            || intent.reference != request.reference
        {
            return Err(error::intent_mismatch(id));
        }
        if intent.state != State::Processing {
            return Ok(to_wire(intent));
        }
        crash::point("payments.before_authorise");
        let asked =
            Authorisation { intent_id: id, amount, token: &request.token, return_url: &request.return_url };
        let answer = self.ask(&request.provider, provider.authorise(asked)).await?;
        crash::point("payments.after_authorise");
        Ok(to_wire(self.store.answer(intent, &answer).await?))
    }

    async fn capture(&self, _ctx: &Ctx, request: CaptureRequest) -> Result<WireIntent> {
        let intent = self.intent(&request.intent_id).await?;
        if !intent.state.may_capture() {
            return Err(error::intent_state(intent.id, intent.state, "captured"));
        }
        let amount = request.amount.map_or(Ok(intent.amount), Money::try_from)?;
        self.take_or_give(intent, Movement::Capture, amount, &request.reference).await.map(to_wire)
    }

    async fn void(&self, _ctx: &Ctx, request: VoidRequest) -> Result<WireIntent> {
        let id: IntentId = request.intent_id.parse()?;
        let Some(intent) = self.store.get(id).await? else {
            let amount = Money::zero(argosy_kernel::Currency::EUR);
            let barred = NewIntent { id, provider: "manual", method: "none", reference: "", amount };
            return self.store.open(barred, State::Voided).await.map(to_wire);
        };
        if intent.state.may_void() {
            self.ask(&intent.provider, self.provider(&intent.provider)?.void(id)).await?;
            return self.store.void(intent).await.map(to_wire);
        }
        match intent.state {
            State::Voided | State::Failed => Ok(to_wire(intent)),
            state => Err(error::intent_state(id, state, "voided")),
        }
    }

    async fn refund(&self, _ctx: &Ctx, request: RefundRequest) -> Result<WireIntent> {
        let intent = self.intent(&request.intent_id).await?;
        if intent.state != State::Captured {
            return Err(error::intent_state(intent.id, intent.state, "refunded"));
        }
        let amount = request.amount.map_or(Ok(intent.captured), Money::try_from)?;
        self.take_or_give(intent, Movement::Refund, amount, &request.reference).await.map(to_wire)
    }

    async fn get_intent(&self, _ctx: &Ctx, request: GetIntentRequest) -> Result<WireIntent> {
        self.intent(&request.intent_id).await.map(to_wire)
    }

    async fn refresh_intent(&self, _ctx: &Ctx, request: RefreshIntentRequest) -> Result<WireIntent> {
        let intent = self.intent(&request.intent_id).await?;
        if !intent.state.is_open() {
            return Ok(to_wire(intent));
        }
        let provider = self.provider(&intent.provider)?;
        match self.ask(&intent.provider, provider.find(intent.id)).await? {
            Some(answer) => self.store.answer(intent, &answer).await.map(to_wire),
            None => Ok(to_wire(intent)),
        }
    }

    async fn handle_webhook(
        &self,
        _ctx: &Ctx,
        request: HandleWebhookRequest,
    ) -> Result<HandleWebhookResponse> {
        let provider = self.provider(&request.provider)?;
        let headers: HashMap<String, String> = request.headers.into_iter().collect();
        let message = provider.read_message(&headers, &request.body).await?;
        let intent = self.store.get(message.intent_id).await?;
        let intent = intent.ok_or_else(|| error::intent_not_found(message.intent_id))?;
        self.store.answer(intent, &message.answer).await?;
        Ok(HandleWebhookResponse {})
    }
}

fn to_wire(intent: Intent) -> WireIntent {
    WireIntent {
        id: intent.id.to_string(),
        provider: intent.provider,
        method: intent.method,
        reference: intent.reference,
        state: intent.state.as_str().to_owned(),
        amount: Some(intent.amount.into()),
        captured: Some(intent.captured.into()),
        refunded: Some(intent.refunded.into()),
        action_url: intent.action_url,
        failure_reason: intent.failure_reason,
        failure_text: intent.failure_text,
        instructions: intent.instructions,
    }
}
