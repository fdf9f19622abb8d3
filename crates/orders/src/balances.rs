//! What is due of an order after the sale, paid by its buyer: after a change that costs more, or a payment that came to nothing.
//!
//! ```text
//! claim (under the order's lock, of what is due now) ─► hold ─► still due? (under the lock) ─► take ─► ledger
//!        └ one at a time                                │ └ at the bank: parked   └ not any more: let go
//!                                                       └ declined: an answer
//! ```
//!
//! As in the saga each call out is idempotent by the row's id, and whoever holds the row's lease starts from the first step.
//! What is due is looked at twice, so that nothing is taken that is not owed any more; what changes while it is taken goes back.

use std::{sync::Arc, time::Duration};

use argosy_contracts::{
    orders::PayBalanceRequest,
    payments::{AuthoriseRequest, CaptureRequest, Intent, VoidRequest},
    pricing::Quote,
};
use argosy_kernel::{CheckoutId, Code, Ctx, Error, IntentId, Money, OrderId, Result};
use argosy_platform::crash;

use crate::{
    OrdersClients, OrdersConfig,
    aftersales::money,
    domain::{About, Balance, BalanceState, Entry, Failure, NOT_ANSWERED, PaymentStatus, StepKind},
    error,
    events::Changed,
    paying::{self, Paid},
    risk::{Admitted, Guard},
    steps::Steps,
    store::{BalanceRow, Store},
};

/// After a passing error, when another may go on.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How often somebody who waits for another's outcome looks, and for how long.
const LOOK_EVERY: Duration = Duration::from_millis(25);
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one may take in the background.
const DRIVE_TIMEOUT: Duration = Duration::from_secs(15);

pub(crate) struct Balances {
    store: Store,
    clients: OrdersClients,
    steps: Arc<Steps>,
    guard: Arc<Guard>,
    lease: Duration,
    payment_patience: Duration,
    needs_buyer_ttl: Duration,
}

impl Balances {
    pub(crate) fn new(
        store: Store,
        clients: OrdersClients,
        (steps, guard): (Arc<Steps>, Arc<Guard>),
        config: &OrdersConfig,
    ) -> Self {
        Self {
            store,
            clients,
            steps,
            guard,
            lease: Duration::from_secs(config.attempt_lease_s.max(1).into()),
            payment_patience: Duration::from_secs(config.payment_patience_s.into()),
            needs_buyer_ttl: Duration::from_secs(config.needs_buyer_ttl_s.max(1).into()),
        }
    }

    /// Pays what is due, once under the request's reference.
    pub(crate) async fn pay(
        &self,
        ctx: &Ctx,
        order: OrderId,
        request: &PayBalanceRequest,
    ) -> Result<Balance> {
        let digest = digest(request);
        if let Some(row) = self.store.balance_by_reference(order, &request.reference).await? {
            return self.join(ctx, row, &digest, request).await;
        }
        let from = self.admit(order, request).await?;
        // Who waits at a bank and comes to pay in another way has left the bank.
        if let Some(row) = self.store.latest_balance(order).await?
            && row.balance.state == BalanceState::Parked
            && self.store.take_balance(row.balance.id, self.lease).await?
        {
            let left = Balance { state: BalanceState::Running, ..row.balance };
            self.give_up(ctx, left, "CANCELED", "The payment was given up before it was confirmed.").await?;
        }
        match self.claim(order, request, &digest, from).await? {
            Some(balance) => self.drive(ctx, balance, Some(&request.token)).await,
            // The same request at the same time, or another one that is under way.
            None => match self.store.balance_by_reference(order, &request.reference).await? {
                Some(row) => self.join(ctx, row, &digest, request).await,
                None => Err(error::order_busy(order)),
            },
        }
    }

    /// Guessing of cards is stopped here as before a purchase. What was bought tells nothing: it is bought already.
    async fn admit(&self, id: OrderId, request: &PayBalanceRequest) -> Result<Admitted> {
        let order = self.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?.order;
        let ship_to = order.contact.shipping_address.as_ref();
        self.guard.admit(order.checkout_id, &Quote::default(), ship_to, request.visitor.as_ref()).await
    }

    async fn claim(
        &self,
        id: OrderId,
        request: &PayBalanceRequest,
        digest: &str,
        from: Admitted,
    ) -> Result<Option<Balance>> {
        let mut work = self.store.work(id).await?;
        work.open().await?;
        let due = work.ledger.due();
        if due <= 0 || work.status == "canceled" {
            return Err(error::nothing_due(id));
        }
        if work.balances().await?.iter().any(|balance| !balance.state.is_over()) {
            work.leave().await?;
            return Ok(None);
        }
        // Law 7: as much as the buyer was shown.
        let asked = request.amount.as_ref().map(Money::try_from).transpose()?;
        let now_due = work.order.money(due)?;
        if asked.is_some_and(|asked| asked != now_due) {
            return Err(error::due_changed(now_due));
        }
        let invoice_to = work.order.contact.billing_address.as_ref();
        let invoice_to = invoice_to.or(work.order.contact.shipping_address.as_ref());
        let balance = Balance {
            id: IntentId::new(),
            order_id: id,
            state: BalanceState::Running,
            amount: due,
            about: About {
                provider: request.provider.clone(),
                return_url: request.return_url.clone(),
                country: invoice_to.map(|address| address.country.clone()).unwrap_or_default(),
                needs_buyer_until: Some(work.now().plus(self.needs_buyer_ttl)),
                trails: from.trails,
                watches_cards: from.watches_cards,
                ..About::default()
            },
            at: work.now(),
        };
        if !work.claim_balance(&balance, (&request.reference, digest), self.lease).await? {
            work.leave().await?;
            return Ok(None);
        }
        work.finish().await?;
        Ok(Some(balance))
    }

    /// Waits for the outcome of the same request, or goes on with it.
    async fn join(
        &self,
        ctx: &Ctx,
        mut row: BalanceRow,
        digest: &str,
        request: &PayBalanceRequest,
    ) -> Result<Balance> {
        if row.digest != digest {
            return Err(error::reference_reused());
        }
        let until = tokio::time::Instant::now() + PATIENCE;
        let id = row.balance.id;
        loop {
            if row.balance.state.is_over() || row.balance.state == BalanceState::Parked {
                return Ok(row.balance);
            }
            if row.lease_until <= self.store.now() && self.store.take_balance(id, self.lease).await? {
                return self.drive(ctx, row.balance, Some(&request.token)).await;
            }
            if tokio::time::Instant::now() >= until {
                return Err(error::order_busy(row.balance.order_id));
            }
            tokio::time::sleep(LOOK_EVERY).await;
            row = self.found(id).await?;
        }
    }

    async fn found(&self, id: IntentId) -> Result<BalanceRow> {
        self.store.balance(id).await?.ok_or_else(|| Error::internal("a payment of what is due is gone"))
    }

    /// Goes on after the buyer did what the payment asked for; answers the latest, if there is one.
    pub(crate) async fn go_on(&self, ctx: &Ctx, order: OrderId) -> Result<Option<Balance>> {
        let Some(row) = self.store.latest_balance(order).await? else { return Ok(None) };
        if row.balance.state == BalanceState::Parked
            && self.store.take_balance(row.balance.id, self.lease).await?
        {
            let balance = Balance { state: BalanceState::Running, ..row.balance };
            return self.drive(ctx, balance, None).await.map(Some);
        }
        Ok(Some(row.balance))
    }

    /// Goes on with what nobody works on.
    pub(crate) async fn resume(&self) -> Result<()> {
        for id in self.store.due_balances().await? {
            if !self.store.take_balance(id, self.lease).await? {
                continue;
            }
            let row = self.found(id).await?;
            let ctx = Ctx::system("orders.resumer").with_timeout(DRIVE_TIMEOUT);
            if let Err(error) = self.drive(&ctx, row.balance, None).await {
                tracing::warn!(intent.id = %id, error = ?error, "a payment of what is due cannot go on yet");
            }
        }
        Ok(())
    }

    /// Goes on with a payment whose lease is held, as far as it gets. `token`: while the buyer's own request is answered.
    async fn drive(&self, ctx: &Ctx, balance: Balance, token: Option<&str>) -> Result<Balance> {
        let id = balance.id;
        let done = match balance.state {
            BalanceState::Running | BalanceState::Parked => Box::pin(self.hold(ctx, balance, token)).await,
            BalanceState::Taking => self.take(ctx, balance).await,
            BalanceState::Releasing => self.release(ctx, balance).await,
            BalanceState::Paid | BalanceState::Failed => Ok(balance),
        };
        if done.is_err() {
            self.store.put_balance_off(id, self.store.now().plus(RETRY_AFTER)).await?;
        }
        done
    }

    async fn hold(&self, ctx: &Ctx, mut balance: Balance, token: Option<&str>) -> Result<Balance> {
        crash::point("orders.after_balance_claim");
        if let Some(token) = token.filter(|_| balance.about.watches_cards) {
            let (checkout, request) = self.request_of(&balance, token).await?;
            match self.guard.look_at_card(&self.clients.payments, ctx, checkout, request).await {
                Ok(card) => balance.about.card = card.unwrap_or_default(),
                Err(refused) => {
                    self.give_up(ctx, balance, refused.reason(), refused.message()).await?;
                    return Err(refused);
                }
            }
        }
        let held = match token {
            Some(token) => self.authorise(ctx, &balance, token).await.map(Some),
            None => paying::inspect(&self.clients.payments, ctx, balance.id).await,
        };
        crash::point("orders.after_balance_hold");
        if let Ok(Some(intent)) = &held
            && let Some(card) = self.guard.card_to_count(intent).await?
        {
            balance.about.card = card;
        }
        let part = balance.moved(0).part;
        match held.map(|intent| paying::paid(&part, intent.as_ref())) {
            Ok(Paid::Yes { payments, .. }) if payments.iter().all(|payment| !payment.by_hand) => {
                self.begin_taking(ctx, balance).await
            }
            Ok(Paid::Yes { .. }) => {
                self.give_up(ctx, balance, "BY_HAND", "Please pay in another way: this is not awaited.").await
            }
            Ok(Paid::AtTheBank { action_url }) => self.park(ctx, balance, action_url).await,
            Ok(Paid::No(Failure::Payment { reason, text, .. })) => {
                balance.about.is_declined = true;
                self.give_up(ctx, balance, &reason, &text).await
            }
            Ok(Paid::No(Failure::Refused(refused))) => Err(refused.into()),
            Ok(Paid::NotKnown { error, .. }) => Err(error),
            Err(error) => self.wait_or_give_up(ctx, balance, error).await,
        }
    }

    async fn authorise(&self, ctx: &Ctx, balance: &Balance, token: &str) -> Result<Intent> {
        let (_, request) = self.request_of(balance, token).await?;
        self.clients.payments.authorise(ctx, request).await
    }

    /// What the payment service is asked for, and the checkout that the order is of.
    async fn request_of(&self, balance: &Balance, token: &str) -> Result<(CheckoutId, AuthoriseRequest)> {
        let found = self.store.order(balance.order_id).await?;
        let order = found.ok_or_else(|| error::order_not_found(balance.order_id))?.order;
        let request = AuthoriseRequest {
            intent_id: balance.id.to_string(),
            reference: order.checkout_id.to_string(),
            amount: Some(order.money(balance.amount)?.into()),
            provider: balance.about.provider.clone(),
            token: token.to_owned(),
            return_url: balance.about.return_url.clone(),
            country: balance.about.country.clone(),
            ..AuthoriseRequest::default()
        };
        Ok((order.checkout_id, request))
    }

    async fn park(&self, ctx: &Ctx, mut balance: Balance, action_url: String) -> Result<Balance> {
        let until = balance.about.needs_buyer_until.unwrap_or(balance.at);
        if until <= self.store.now() {
            let text = "The payment was not confirmed in time. Nothing was charged; please pay again.";
            return self.give_up(ctx, balance, "NOT_CONFIRMED", text).await;
        }
        balance.about.action_url = action_url;
        balance.about.unanswered_since = None;
        if !self.store.move_balance(&balance, BalanceState::Parked).await? {
            return Ok(self.found(balance.id).await?.balance);
        }
        self.store.put_balance_off(balance.id, until).await?;
        Ok(Balance { state: BalanceState::Parked, ..balance })
    }

    /// A payment whose provider does not answer is asked about for as long as the shop is patient.
    async fn wait_or_give_up(&self, ctx: &Ctx, mut balance: Balance, refused: Error) -> Result<Balance> {
        if refused.reason() != "PROVIDER_UNAVAILABLE" {
            if refused.is_transient() || refused.code() == Code::Internal {
                return Err(refused);
            }
            self.give_up(ctx, balance, refused.reason(), refused.message()).await?;
            return Err(refused);
        }
        let now = self.store.now();
        match balance.about.unanswered_since {
            Some(since) if since.plus(self.payment_patience) <= now => {
                let text = "The payment provider did not answer. Nothing was taken, and if it holds anything it is let go; \
                            please pay in another way.";
                self.give_up(ctx, balance, NOT_ANSWERED, text).await
            }
            Some(_) => Err(refused),
            None => {
                balance.about.unanswered_since = Some(now);
                self.store.move_balance(&balance, balance.state).await?;
                Err(refused)
            }
        }
    }

    /// Looks again whether it is due still. From here on it is, whatever else is asked of the order.
    async fn begin_taking(&self, ctx: &Ctx, balance: Balance) -> Result<Balance> {
        let work = self.store.work(balance.order_id).await?;
        // Nor is money that has come by hand and is being noted.
        let is_asked =
            work.all_steps().await?.iter().any(|step| step.state == "open" && step.kind == StepKind::Capture);
        let is_due = work.ledger.due() >= balance.amount && work.status != "canceled" && !is_asked;
        if !is_due {
            work.leave().await?;
            let text = "What is due changed meanwhile. Nothing was taken; please look again.";
            return self.give_up(ctx, balance, "DUE_CHANGED", text).await;
        }
        if !work.move_balance(&balance, BalanceState::Taking).await? {
            work.leave().await?;
            return Ok(self.found(balance.id).await?.balance);
        }
        work.finish().await?;
        crash::point("orders.before_balance_taken");
        self.take(ctx, Balance { state: BalanceState::Taking, ..balance }).await
    }

    async fn take(&self, ctx: &Ctx, balance: Balance) -> Result<Balance> {
        let found = self.store.order(balance.order_id).await?;
        let order = found.ok_or_else(|| error::order_not_found(balance.order_id))?.order;
        let request = CaptureRequest {
            intent_id: balance.id.to_string(),
            amount: Some(order.money(balance.amount)?.into()),
            reference: balance.id.to_string(),
        };
        match self.clients.payments.capture(ctx, request).await {
            Err(error) if error.is_transient() || error.code() == Code::Internal => return Err(error),
            Err(error) => return self.give_up(ctx, balance, error.reason(), error.message()).await,
            Ok(_) => {}
        }
        crash::point("orders.after_balance_taken");
        self.note_taken(ctx, balance).await
    }

    /// Posts what was taken. What is too much by now goes back, and a payment by hand is not awaited any more.
    async fn note_taken(&self, ctx: &Ctx, balance: Balance) -> Result<Balance> {
        let mut work = self.store.work(balance.order_id).await?;
        if !work.move_balance(&balance, BalanceState::Paid).await? {
            work.leave().await?;
            return Ok(self.found(balance.id).await?.balance);
        }
        let id = balance.id.to_string();
        work.post(&Entry::paid(format!("balance:{id}"), balance.amount)).await?;
        let text = format!("The payment of {} was taken.", work.order.money(balance.amount)?);
        if work.order.payment_status == PaymentStatus::Pending && work.ledger.due() <= 0 {
            money::let_go(&mut work).await?;
            work.mark_captured().await?;
            work.note("payment_captured", &id, &text).await?;
        } else {
            work.note("balance_paid", &id, &text).await?;
        }
        work.tell(Changed::Paid, &id, "done")?;
        money::give_back_what_is_owed(&mut work, "paid_too_much").await?;
        let steps = work.finish().await?;
        self.steps.all(ctx, steps).await?;
        Ok(Balance { state: BalanceState::Paid, ..balance })
    }

    /// Nothing will be taken of it.
    async fn give_up(&self, ctx: &Ctx, mut balance: Balance, reason: &str, text: &str) -> Result<Balance> {
        reason.clone_into(&mut balance.about.failure_reason);
        text.clone_into(&mut balance.about.failure_text);
        balance.about.action_url.clear();
        if !self.store.move_balance(&balance, BalanceState::Releasing).await? {
            return Ok(self.found(balance.id).await?.balance);
        }
        crash::point("orders.before_balance_let_go");
        self.release(ctx, Balance { state: BalanceState::Releasing, ..balance }).await
    }

    async fn release(&self, ctx: &Ctx, balance: Balance) -> Result<Balance> {
        let request = VoidRequest { intent_id: balance.id.to_string(), even_if_away: true };
        self.clients.payments.void(ctx, request).await?;
        crash::point("orders.after_balance_let_go");
        self.store.fail_balance(&balance, self.guard.card_limit()).await?;
        Ok(Balance { state: BalanceState::Failed, ..balance })
    }
}

/// Names a request without keeping its token.
fn digest(request: &PayBalanceRequest) -> String {
    let amount = request.amount.as_ref().map(|amount| format!("{} {}", amount.minor, amount.currency));
    let mut hasher = blake3::Hasher::new();
    for part in [&request.provider, &request.token, &request.return_url, &amount.unwrap_or_default()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
