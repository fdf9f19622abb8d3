//! The saga: from a claimed attempt to an order, or back to where it was.
//!
//! Every call out is idempotent by an id in the attempt's row, so [`Saga::drive`] starts from the first step each
//! time and whatever was done before answers the same. An error that may pass ends the lease and leaves the row:
//! the resumer, or the same key asked again, goes on. An error that will not pass gives everything back.

use std::time::Duration;

use argosy_contracts::{
    cart::CompleteCartRequest,
    inventory::{CommitRequest, ReleaseRequest, Reservation, ReserveRequest},
    payments::{
        AuthoriseRequest, CaptureRequest, GetIntentRequest, Intent, RefreshIntentRequest, VoidRequest,
    },
    pricing::{RedeemCodesRequest, ReleaseCodesRequest},
};
use argosy_kernel::{Ctx, Error, ReservationId, Result};
use argosy_platform::crash;

use crate::{
    OrdersClients, OrdersConfig,
    domain::{Attempt, AttemptState, Failure, Left, Means, NOT_ANSWERED, Outcome, PaymentStatus},
    error, parcels,
    store::{AttemptRow, Store},
};

/// After a passing error, when another may go on.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How often somebody who waits for another's outcome looks.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// How long one waits for another's outcome.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long one waits for somebody who looks after a parked attempt.
const TAKE_PATIENCE: Duration = Duration::from_secs(2);
/// Longer than a buyer may take at the bank.
const RESERVATION_TTL_S: u32 = 3_600;

pub(crate) struct Saga {
    store: Store,
    clients: OrdersClients,
    lease: Duration,
    payment_patience: Duration,
}

/// How a payment came out.
enum Paid {
    Yes { status: PaymentStatus, instructions: String },
    AtTheBank { action_url: String },
    No(Failure),
}

impl Saga {
    pub(crate) fn new(store: Store, clients: OrdersClients, config: &OrdersConfig) -> Self {
        let lease = Duration::from_secs(config.attempt_lease_s.max(1).into());
        let payment_patience = Duration::from_secs(config.payment_patience_s.into());
        Self { store, clients, lease, payment_patience }
    }

    pub(crate) fn lease(&self) -> Duration {
        self.lease
    }

    /// Waits for the outcome of an attempt that another call made under the same key, or takes it over.
    pub(crate) async fn join(&self, ctx: &Ctx, row: AttemptRow, means: Option<&Means>) -> Result<Outcome> {
        let (id, checkout_id) = (row.attempt.id, row.attempt.checkout_id);
        let wait = async {
            let mut row = row;
            loop {
                if let Some(outcome) = row.outcome {
                    return Ok(outcome);
                }
                if row.state == AttemptState::Parked {
                    return self.parked(&row.attempt).await;
                }
                if row.lease_until <= self.store.now() && self.store.take_lease(id, self.lease).await? {
                    return self.drive(ctx, row, means).await;
                }
                tokio::time::sleep(LOOK_EVERY).await;
                row = self.store.attempt(id).await?.ok_or_else(|| error::checkout_busy(checkout_id))?;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, wait).await;
        waited.unwrap_or_else(|_| Err(error::checkout_busy(checkout_id)))
    }

    /// Takes an attempt over that waits for the buyer; somebody who just looks after it is waited for.
    pub(crate) async fn take_when_parked(&self, attempt: &Attempt) -> Result<()> {
        let take = async {
            while !self.store.take_parked(attempt.id, self.lease).await? {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Ok(())
        };
        let taken = tokio::time::timeout(TAKE_PATIENCE, take).await;
        taken.unwrap_or_else(|_| Err(error::checkout_busy(attempt.checkout_id)))
    }

    /// Goes on with an attempt whose lease is held, as far as it gets. `means` is what the buyer pays with,
    /// known only while the buyer's own request is being answered.
    pub(crate) async fn drive(&self, ctx: &Ctx, row: AttemptRow, means: Option<&Means>) -> Result<Outcome> {
        let id = row.attempt.id;
        let done = match row.state {
            AttemptState::Running | AttemptState::Parked => self.advance(ctx, row.attempt, means).await,
            AttemptState::Releasing => self.release(ctx, &row.attempt).await,
            AttemptState::Placed | AttemptState::Done => {
                self.settle(ctx, &row.attempt, None).await?;
                row.outcome.ok_or_else(|| Error::internal("a placed attempt has no outcome"))
            }
        };
        if done.is_err() {
            self.store.end_lease(id, RETRY_AFTER).await?;
        }
        done
    }

    async fn advance(&self, ctx: &Ctx, mut attempt: Attempt, means: Option<&Means>) -> Result<Outcome> {
        crash::point("orders.after_claim");
        if means.is_none() {
            match self.inspect(ctx, &attempt).await {
                // Nothing will come of it, so nothing is taken for it.
                Ok(Paid::No(failure)) => return self.give_up(ctx, &mut attempt, failure).await,
                Ok(Paid::Yes { .. } | Paid::AtTheBank { .. }) => {}
                Err(error) => return self.wait_or_give_up(ctx, &mut attempt, error).await,
            }
        }
        if let Err(refused) = self.reserve(ctx, &attempt, attempt.reservation_id).await
            && refused.reason() != "RESERVATION_ENDED"
        {
            return self.refuse_or_retry(ctx, &mut attempt, refused).await;
        }
        crash::point("orders.after_reserve");
        if let Err(refused) = self.redeem(ctx, &attempt).await {
            return self.refuse_or_retry(ctx, &mut attempt, refused).await;
        }
        crash::point("orders.after_redeem");
        let paid = match means {
            Some(means) => self.authorise(ctx, &attempt, means).await,
            None => self.inspect(ctx, &attempt).await,
        };
        crash::point("orders.after_authorise");
        let status = match paid {
            Ok(Paid::Yes { status, instructions }) => {
                attempt.payment_instructions = instructions;
                status
            }
            Ok(Paid::AtTheBank { action_url }) => return self.park(&mut attempt, &action_url).await,
            Ok(Paid::No(failure)) => return self.give_up(ctx, &mut attempt, failure).await,
            Err(refused) => return self.wait_or_give_up(ctx, &mut attempt, refused).await,
        };
        let left = match self.consume(ctx, &attempt).await {
            Ok(left) => left,
            Err(refused) => return self.refuse_or_retry(ctx, &mut attempt, refused).await,
        };
        crash::point("orders.after_consume");
        let left = Left::of(&attempt.quote, &left.lines)?;
        let outcome = match self.store.place(&attempt, status, left).await {
            Err(error) if error.reason() == "CHECKOUT_BUSY" => {
                return self.placed_by_another(&attempt, error).await;
            }
            placed => placed?,
        };
        crash::point("orders.after_place");
        if let Err(error) = self.settle(ctx, &attempt, Some(status)).await {
            // The order is there; the resumer takes the money as soon as the provider answers.
            tracing::warn!(order.id = %attempt.order_id, error = ?error, "an order is placed but not settled yet");
            self.store.end_lease(attempt.id, RETRY_AFTER).await?;
        }
        Ok(outcome)
    }

    /// A lease that ran out lets two work on one attempt. The second to place finds the first one's outcome.
    async fn placed_by_another(&self, attempt: &Attempt, busy: Error) -> Result<Outcome> {
        let row = self.store.attempt(attempt.id).await?;
        row.and_then(|row| row.outcome).ok_or(busy)
    }

    async fn reserve(&self, ctx: &Ctx, attempt: &Attempt, id: ReservationId) -> Result<()> {
        let request = ReserveRequest {
            reservation_id: id.to_string(),
            lines: parcels::stock_lines(&attempt.quote),
            ttl_s: RESERVATION_TTL_S,
            location_id: attempt.pickup_location().to_owned(),
            near: parcels::near(attempt.contact.shipping_address.as_ref()),
        };
        self.clients.inventory.reserve(ctx, request).await.map(|_| ())
    }

    async fn redeem(&self, ctx: &Ctx, attempt: &Attempt) -> Result<()> {
        let (codes, campaigns) = (attempt.codes(), attempt.redeemed_campaigns());
        if codes.is_empty() && campaigns.is_empty() {
            return Ok(());
        }
        let request = RedeemCodesRequest {
            redemption_id: attempt.id.to_string(),
            codes,
            customer: self.store.known_buyer(&attempt.contact.email).await?.key,
            amounts: attempt.redeemed(),
            campaigns,
        };
        self.clients.pricing.redeem_codes(ctx, request).await.map(|_| ())
    }

    async fn authorise(&self, ctx: &Ctx, attempt: &Attempt, means: &Means) -> Result<Paid> {
        let total = attempt.total()?;
        if total.is_zero() {
            return Ok(nothing_to_pay());
        }
        let request = AuthoriseRequest {
            intent_id: attempt.intent_id.to_string(),
            reference: attempt.checkout_id.to_string(),
            amount: Some(total.into()),
            provider: attempt.provider.clone(),
            token: means.token.clone(),
            return_url: attempt.return_url.clone(),
            country: attempt.buyers_country(),
            ..self.wallet_of(attempt, means).await?
        };
        self.clients.payments.authorise(ctx, request).await.map(|intent| paid(&intent))
    }

    /// The wallet that the buyer pays with, and who that is: payments forgets it with them.
    async fn wallet_of(&self, attempt: &Attempt, means: &Means) -> Result<AuthoriseRequest> {
        let Some(wallet) = &means.wallet else { return Ok(AuthoriseRequest::default()) };
        let person_id = self.store.person_id(&attempt.contact.email).await?;
        Ok(AuthoriseRequest {
            wallet_id: wallet.id.clone(),
            wallet_key: wallet.key.clone(),
            remember: wallet.remember,
            person_id,
            ..AuthoriseRequest::default()
        })
    }

    /// How the payment stands when the token is gone. One that never reached the provider cannot be made any more.
    async fn inspect(&self, ctx: &Ctx, attempt: &Attempt) -> Result<Paid> {
        if attempt.total()?.is_zero() {
            return Ok(nothing_to_pay());
        }
        let request = GetIntentRequest { intent_id: attempt.intent_id.to_string() };
        let intent = match self.clients.payments.get_intent(ctx, request).await {
            Ok(intent) => intent,
            Err(error) if error.reason() == "INTENT_NOT_FOUND" => return Ok(Paid::No(interrupted())),
            Err(error) => return Err(error),
        };
        if !matches!(intent.state.as_str(), "processing" | "requires_action") {
            return Ok(paid(&intent));
        }
        let request = RefreshIntentRequest { intent_id: attempt.intent_id.to_string() };
        let intent = self.clients.payments.refresh_intent(ctx, request).await?;
        Ok(if intent.state == "processing" { Paid::No(interrupted()) } else { paid(&intent) })
    }

    /// The reserved stock leaves; answers from where. A reservation that ended while the buyer was at the bank is made
    /// anew.
    async fn consume(&self, ctx: &Ctx, attempt: &Attempt) -> Result<Reservation> {
        match self.commit(ctx, attempt.reservation_id).await {
            Err(error) if error.reason() == "RESERVATION_ENDED" => {
                self.reserve(ctx, attempt, attempt.second_reservation_id).await?;
                self.commit(ctx, attempt.second_reservation_id).await
            }
            done => done,
        }
    }

    async fn commit(&self, ctx: &Ctx, id: ReservationId) -> Result<Reservation> {
        let request = CommitRequest { reservation_id: id.to_string() };
        Ok(self.clients.inventory.commit(ctx, request).await?.reservation.unwrap_or_default())
    }

    /// Takes the money of a placed order and closes its cart. `paid` is how the payment stands, if that is known.
    async fn settle(&self, ctx: &Ctx, attempt: &Attempt, paid: Option<PaymentStatus>) -> Result<()> {
        let request = CompleteCartRequest {
            cart_id: attempt.cart_id.to_string(),
            order_id: attempt.order_id.to_string(),
        };
        match self.clients.cart.complete_cart(ctx, request).await {
            // The cart has expired, or became another order: either way it is not this order's concern any more.
            Err(error) if matches!(error.reason(), "CART_NOT_FOUND" | "CART_COMPLETED") => {}
            done => drop(done?),
        }
        let captured = self.capture(ctx, attempt, paid).await?;
        crash::point("orders.after_capture");
        self.store.settle(attempt, captured).await
    }

    /// False if the money comes by hand, or there is none to take.
    async fn capture(&self, ctx: &Ctx, attempt: &Attempt, paid: Option<PaymentStatus>) -> Result<bool> {
        if attempt.total()?.is_zero() || self.comes_by_hand(ctx, attempt, paid).await? {
            return Ok(false);
        }
        let request = CaptureRequest {
            intent_id: attempt.intent_id.to_string(),
            amount: Some(attempt.total()?.into()),
            reference: attempt.order_id.to_string(),
        };
        self.clients.payments.capture(ctx, request).await?;
        Ok(true)
    }

    async fn comes_by_hand(&self, ctx: &Ctx, attempt: &Attempt, paid: Option<PaymentStatus>) -> Result<bool> {
        if let Some(status) = paid {
            return Ok(status == PaymentStatus::Pending);
        }
        let request = GetIntentRequest { intent_id: attempt.intent_id.to_string() };
        Ok(self.clients.payments.get_intent(ctx, request).await?.state == "pending")
    }

    async fn park(&self, attempt: &mut Attempt, action_url: &str) -> Result<Outcome> {
        attempt.unanswered_since = None;
        let checkout = self.store.park(attempt, action_url).await?;
        Ok(Outcome::Answered(Box::new((checkout, attempt.quote.clone()))))
    }

    async fn parked(&self, attempt: &Attempt) -> Result<Outcome> {
        let checkout = self.store.checkout(attempt.checkout_id).await?;
        Ok(Outcome::Answered(Box::new((checkout, attempt.quote.clone()))))
    }

    /// A payment whose provider does not answer is asked about for as long as the shop is patient. After that the buyer
    /// may pay in another way: of this attempt nothing is taken any more, and what may be held for it is let go.
    async fn wait_or_give_up(&self, ctx: &Ctx, attempt: &mut Attempt, refused: Error) -> Result<Outcome> {
        if refused.reason() != "PROVIDER_UNAVAILABLE" {
            return self.refuse_or_retry(ctx, attempt, refused).await;
        }
        let now = self.store.now();
        match attempt.unanswered_since {
            Some(since) if since.plus(self.payment_patience) <= now => {
                tracing::warn!(attempt.id = %attempt.id, payment.provider = attempt.provider, "a payment is given up that its provider does not answer");
                self.give_up(ctx, attempt, not_answered()).await
            }
            Some(_) => Err(refused),
            None => {
                attempt.unanswered_since = Some(now);
                self.store.note_unanswered(attempt).await?;
                Err(refused)
            }
        }
    }

    async fn refuse_or_retry(&self, ctx: &Ctx, attempt: &mut Attempt, refused: Error) -> Result<Outcome> {
        if refused.is_transient() || refused.code() == argosy_kernel::Code::Internal {
            return Err(refused);
        }
        self.give_up(ctx, attempt, Failure::Refused((&refused).into())).await
    }

    /// Gives back all that the attempt took and makes the checkout ready again.
    pub(crate) async fn give_up(
        &self,
        ctx: &Ctx,
        attempt: &mut Attempt,
        failure: Failure,
    ) -> Result<Outcome> {
        if !self.store.begin_release(attempt, failure).await? {
            return Err(error::checkout_busy(attempt.checkout_id));
        }
        crash::point("orders.before_release");
        self.release(ctx, attempt).await
    }

    /// Stock comes first, and decides: a lease that ran out lets two work on one attempt, and while one gives up the
    /// other may have paid and sent the stock off. A reservation is either committed or released, so whoever finds it
    /// released can place no order any more, and only then is the payment let go.
    async fn release(&self, ctx: &Ctx, attempt: &Attempt) -> Result<Outcome> {
        for id in [attempt.reservation_id, attempt.second_reservation_id] {
            let request = ReleaseRequest { reservation_id: id.to_string() };
            match self.clients.inventory.release(ctx, request).await {
                Err(error) if error.reason() == "RESERVATION_COMMITTED" => {
                    self.store.take_back_release(attempt).await?;
                    return self.placed_by_another(attempt, error::checkout_busy(attempt.checkout_id)).await;
                }
                done => drop(done?),
            }
        }
        if !attempt.total()?.is_zero() {
            // Whoever waits for a provider that is away would hold the buyer up. Nothing is taken of it from here on.
            let request = VoidRequest { intent_id: attempt.intent_id.to_string(), even_if_away: true };
            self.clients.payments.void(ctx, request).await?;
        }
        if !attempt.codes().is_empty() || !attempt.redeemed_campaigns().is_empty() {
            let request = ReleaseCodesRequest { redemption_id: attempt.id.to_string() };
            self.clients.pricing.release_codes(ctx, request).await?;
        }
        crash::point("orders.after_release");
        self.store.finish_release(attempt).await
    }
}

fn paid(intent: &Intent) -> Paid {
    match intent.state.as_str() {
        // Taken or given back in part at the provider's own page: what is due follows from the ledger.
        "authorised" | "partially_captured" | "captured" | "partially_refunded" => {
            Paid::Yes { status: PaymentStatus::Authorised, instructions: String::new() }
        }
        "pending" => Paid::Yes { status: PaymentStatus::Pending, instructions: intent.instructions.clone() },
        "requires_action" => Paid::AtTheBank { action_url: intent.action_url.clone() },
        _ => {
            let (reason, text) = (intent.failure_reason.clone(), intent.failure_text.clone());
            let reason = if reason.is_empty() { "CANCELED".to_owned() } else { reason };
            Paid::No(Failure::Payment { reason, text })
        }
    }
}

fn nothing_to_pay() -> Paid {
    Paid::Yes { status: PaymentStatus::Captured, instructions: String::new() }
}

fn not_answered() -> Failure {
    Failure::Payment {
        reason: NOT_ANSWERED.to_owned(),
        text: "The payment provider did not answer. Nothing was taken, and if it holds anything it is let go; please pay \
               in another way."
            .to_owned(),
    }
}

fn interrupted() -> Failure {
    Failure::Payment {
        reason: "INTERRUPTED".to_owned(),
        text: "The payment was interrupted before it was made. Nothing was charged; please pay again."
            .to_owned(),
    }
}
