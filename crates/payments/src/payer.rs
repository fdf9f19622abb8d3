//! What is between the contract and the providers: each call is noted before and after, so whoever goes on after a crash
//! asks the provider what became of it.

use std::{sync::Arc, time::Duration};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Clock, Error, IntentId, Result};
use argosy_platform::{Host, crash, jobs};

use crate::{
    PaymentsConfig,
    domain::{Intent, Outcome, Report, Stepped},
    error,
    offering::{Buyer, Offering},
    providers::{Means, Payment, Prepared, Provider, Providers, Step},
    store::{OpenStep, StepState, Store},
};

/// Until then whoever asked for a step asks again themselves.
const RESUME_AFTER: Duration = Duration::from_mins(1);
/// After that a person has to look: a provider that does not answer for so long will not.
const RESUME_UNTIL: Duration = Duration::from_hours(24 * 7);
/// How many are gone on with at once.
const RESUMED_MAX: i64 = 50;
/// No bank holds money for longer that nobody takes.
const LET_GO_UNTIL: Duration = Duration::from_hours(24 * 31);
/// How many are let go of at once; while a provider is away each costs next to nothing.
const LET_GO_MAX: i64 = 500;

/// Asks providers, and keeps what they say.
#[derive(Clone)]
pub(crate) struct Payer {
    store: Store,
    providers: Arc<Providers>,
    offering: Arc<Offering>,
    provider_timeout: Duration,
}

impl Payer {
    pub(crate) fn new(store: Store, providers: Providers, config: &PaymentsConfig) -> Result<Self> {
        let provider_timeout = Duration::from_millis(config.provider_timeout_ms.max(1));
        let offering = Arc::new(Offering::read(config)?);
        Ok(Self { store, providers: Arc::new(providers), offering, provider_timeout })
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.store.now_ms()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn provider(&self, name: &str) -> Result<&Arc<dyn Provider>> {
        self.providers.get(name).ok_or_else(|| error::provider_not_found(name))
    }

    /// How a buyer can pay.
    pub(crate) fn methods(&self, buyer: &Buyer<'_>) -> Vec<PaymentMethod> {
        if !buyer.provider.is_empty() {
            return self.providers.get(buyer.provider).map(|provider| provider.methods()).unwrap_or_default();
        }
        let methods = self.providers.values().flat_map(|provider| provider.methods()).collect();
        self.offering.of(methods, buyer)
    }

    pub(crate) fn offering(&self) -> &Offering {
        &self.offering
    }

    pub(crate) async fn intent(&self, id: IntentId) -> Result<Intent> {
        self.store.get(id).await?.ok_or_else(|| error::intent_not_found(id))
    }

    /// The intent that a report is about, if it is one of ours and the payment is the one that was made for it.
    pub(crate) async fn addressed(
        &self,
        id: IntentId,
        provider: &str,
        report: &Report,
    ) -> Result<Option<Intent>> {
        let is_of = |intent: &Intent| {
            let known = &intent.provider_reference;
            intent.provider == provider && (known.is_empty() || *known == report.provider_reference)
        };
        let intent = self.store.get(id).await?.filter(is_of);
        if intent.is_none() {
            tracing::warn!(intent.id = %id, payment.provider = provider, "a message is about no payment of this shop");
        }
        Ok(intent)
    }

    /// Waits for a provider, but not for ever: an answer that does not come is not known.
    pub(crate) async fn ask<T>(&self, provider: &str, call: impl Future<Output = Result<T>>) -> Result<T> {
        let answered = tokio::time::timeout(self.provider_timeout, call).await;
        let outcome = match &answered {
            Ok(Ok(_)) => "answered",
            Ok(Err(_)) => "failed",
            Err(_) => "timed_out",
        };
        metrics::counter!("argosy_provider_calls_total", "provider" => provider.to_owned(), "outcome" => outcome).increment(1);
        answered.unwrap_or_else(|_| Err(error::provider_unavailable(provider)))
    }

    /// Makes a payment known at its provider, unless an answer is known already, and hears of the card.
    pub(crate) async fn prepare(&self, intent: Intent, means: &Means<'_>) -> Result<Intent> {
        if !intent.state.is_asking() {
            return Ok(intent);
        }
        let provider = self.provider(&intent.provider)?;
        let prepared = self.ask(&intent.provider, provider.prepare(&Payment::from(&intent), means)).await;
        if prepared.as_ref().is_err_and(Error::is_transient) {
            // Money can only be held once this is answered. Of one that is known there somebody may have asked for it.
            return if intent.provider_reference.is_empty() {
                self.store.never_asked(intent).await
            } else {
                prepared.map(|_| intent)
            };
        }
        let Prepared { reference, card } = prepared?;
        let intent = match reference {
            Some(reference) if intent.provider_reference.is_empty() => {
                crash::point("payments.before_prepared");
                self.store.prepared(intent, &reference).await?
            }
            _ => intent,
        };
        Ok(intent.of_card(card))
    }

    /// Has the money held, unless an answer is known already.
    pub(crate) async fn authorise(&self, mut intent: Intent, means: Means<'_>) -> Result<Intent> {
        let provider = self.provider(&intent.provider)?;
        let is_first = intent.provider_reference.is_empty();
        if is_first {
            intent = self.prepare(intent, &means).await?;
        }
        if !intent.state.is_asking() {
            return Ok(intent);
        }
        crash::point("payments.before_authorise");
        let asked = self.ask(&intent.provider, provider.authorise(&Payment::from(&intent), means)).await;
        crash::point("payments.after_authorise");
        match asked {
            // Unless somebody else asked before.
            Err(error) if error.reason() == error::PROVIDER_AWAY && is_first => {
                self.store.never_asked(intent).await
            }
            Err(error) if error.reason() == error::PROVIDER_AWAY => {
                Err(error::provider_unavailable(&intent.provider))
            }
            asked => self.heard(intent, &asked?).await,
        }
    }

    /// Takes held money or gives taken money back, once per reference.
    pub(crate) async fn take_or_give(&self, intent: Intent, step: &OpenStep) -> Result<Intent> {
        let intent = match self.store.step(&intent, step.movement, &step.reference).await? {
            // It may have moved since the intent was read.
            Some(StepState::Done) => return self.intent(intent.id).await,
            Some(StepState::Refused) => return Err(error::step_refused(step.movement.done())),
            Some(StepState::UnderWay { amount }) if amount != step.amount.minor => {
                return Err(error::step_mismatch(&step.reference));
            }
            Some(StepState::UnderWay { .. }) => intent,
            None => match self.store.ask(intent.clone(), step).await {
                Err(error) if error.reason() == "AMOUNT_TOO_LARGE" => {
                    return self.store.adopt(intent, step).await?.ok_or(error);
                }
                asked => asked?,
            },
        };
        let provider = self.provider(&intent.provider)?;
        let asked = Step {
            movement: step.movement,
            amount: step.amount,
            reference: &step.reference,
            key: format!("{}:{}:{}", intent.id, step.movement.done(), step.reference),
        };
        crash::point("payments.before_provider_step");
        let stepped = self.ask(&intent.provider, provider.step(&Payment::from(&intent), &asked)).await?;
        crash::point("payments.after_provider_step");
        match stepped {
            Stepped::Done(report) => {
                let intent = self.heard(intent, &report).await?;
                self.store.finish(intent, step).await
            }
            Stepped::Refused { reason, text } => {
                tracing::warn!(intent.id = %intent.id, reason, text, "the provider refuses a step");
                self.store.refuse(intent, step).await?;
                Err(error::step_refused(step.movement.done()).with_source(format!("{reason}: {text}")))
            }
        }
    }

    /// Lets a payment go that may be let go.
    pub(crate) async fn void(&self, intent: Intent) -> Result<Intent> {
        let provider = self.provider(&intent.provider)?;
        let report = self.ask(&intent.provider, provider.void(&Payment::from(&intent))).await?;
        crash::point("payments.after_void");
        let (id, asked) = (intent.id, intent.state);
        let intent = self.store.apply(intent, &report).await?;
        if intent.state.is_over() {
            return Ok(intent);
        }
        if intent.state.has_taken() {
            return Err(error::intent_state(id, intent.state, "voided"));
        }
        tracing::warn!(intent.id = %id, intent.state = asked.as_str(), "the provider does not let a payment go yet");
        Err(error::payment_undecided(id))
    }

    /// The same, but where the provider does not answer the payment is barred here, and let go there later: nothing is
    /// taken of it any more, so the buyer may pay elsewhere.
    pub(crate) async fn void_even_if_away(&self, intent: Intent) -> Result<Intent> {
        match self.void(intent.clone()).await {
            Err(error) if error.is_transient() => {
                tracing::warn!(intent.id = %intent.id, error = ?error, "a payment is let go of as soon as its provider answers");
                crash::point("payments.before_let_go_later");
                let intent = self.store.let_go_later(intent).await?;
                crash::point("payments.after_let_go_later");
                Ok(intent)
            }
            done => done,
        }
    }

    /// Has the provider let go of payments that are barred here since it did not answer.
    pub(crate) async fn let_go(&self, clock: &dyn Clock) -> Result<()> {
        for id in self.store.to_be_let_go(clock.now().minus(LET_GO_UNTIL), LET_GO_MAX).await? {
            if let Err(error) = self.let_go_of(id).await {
                tracing::warn!(intent.id = %id, error = ?error, "a provider cannot let a payment go yet");
            }
        }
        Ok(())
    }

    async fn let_go_of(&self, id: IntentId) -> Result<()> {
        let intent = self.intent(id).await?;
        let provider = self.provider(&intent.provider)?;
        let report = self.ask(&intent.provider, provider.void(&Payment::from(&intent))).await?;
        crash::point("payments.before_let_go_noted");
        let intent = self.store.apply(intent, &report).await?;
        if intent.state.has_taken() {
            tracing::error!(intent.id = %id, "a payment that was given up has been taken at the provider: give it back there");
        }
        if intent.state.has_taken() || matches!(report.outcome, Outcome::Voided | Outcome::Declined { .. }) {
            return self.store.note_let_go(id).await;
        }
        Err(error::payment_undecided(id))
    }

    /// Asks the provider how a payment stands.
    pub(crate) async fn refresh(&self, intent: Intent) -> Result<Intent> {
        let provider = self.provider(&intent.provider)?;
        match self.ask(&intent.provider, provider.find(&Payment::from(&intent))).await? {
            Some(report) => self.heard(intent, &report).await,
            None => Ok(intent),
        }
    }

    /// Keeps what a provider says. What it holds for a payment that came to nothing here, because it was let go or
    /// declined before this was heard, is let go there, too.
    pub(crate) async fn heard(&self, intent: Intent, report: &Report) -> Result<Intent> {
        let card = report.card.clone().or_else(|| intent.card.clone());
        let intent = self.store.apply(intent, report).await?.of_card(card);
        if intent.is_held_in_vain(report) {
            tracing::warn!(intent.id = %intent.id, "money is held for a payment that came to nothing; it is let go");
            let provider = self.provider(&intent.provider)?;
            let report = self.ask(&intent.provider, provider.void(&Payment::from(&intent))).await?;
            return self.store.apply(intent, &report).await;
        }
        if intent.state.is_over() && report.outcome == Outcome::Processing {
            tracing::info!(intent.id = %intent.id, "the provider is still at a payment that came to nothing here");
        }
        Ok(intent)
    }

    /// Goes on with steps whose process died.
    async fn resume(&self, clock: &dyn Clock) -> Result<()> {
        let now = clock.now();
        let left = self.store.left_under_way(now.minus(RESUME_UNTIL), now.minus(RESUME_AFTER), RESUMED_MAX);
        for step in left.await? {
            let intent = self.intent(step.intent_id).await?;
            if let Err(error) = self.take_or_give(intent, &step).await {
                tracing::warn!(intent.id = %step.intent_id, error = ?error, "a step of a payment cannot go on yet");
            }
        }
        Ok(())
    }

    /// Keeps looking for steps that were left under way, and for payments that are to be let go.
    pub(crate) fn keep_resuming(&self, host: &Host, interval: Duration) {
        let (payer, clock) = (self.clone(), host.clock());
        jobs::every(host, self.store.database(), "resume payment steps", interval, move || {
            let (payer, clock) = (payer.clone(), clock.clone());
            async move { payer.resume(&*clock).await }
        });
        let (payer, clock) = (self.clone(), host.clock());
        jobs::every(host, self.store.database(), "let payments go", interval, move || {
            let (payer, clock) = (payer.clone(), clock.clone());
            async move { payer.let_go(&*clock).await }
        });
    }
}
