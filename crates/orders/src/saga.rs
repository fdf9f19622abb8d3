//! The saga: from a claimed attempt to an order, or back to where it was.
//!
//! Every call out is idempotent by an id in the attempt's row, so [`Saga::drive`] starts from the first step each
//! time and whatever was done before answers the same. An error that may pass ends the lease and leaves the row:
//! the resumer, or the same key asked again, goes on. An error that will not pass gives everything back.

use std::{sync::Arc, time::Duration};

use argosy_contracts::{
    cart::CompleteCartRequest,
    inventory::{CommitRequest, ReleaseRequest, Reservation, ReserveRequest},
    orders::CompleteCheckoutRequest,
    payments::{AuthoriseRequest, CaptureRequest, GetIntentRequest, Intent, VoidRequest},
    pricing::{RedeemCodesRequest, ReleaseCodesRequest},
};
use argosy_kernel::{Ctx, Error, IntentId, ReservationId, Result};
use argosy_platform::crash;

use crate::{
    OrdersClients, OrdersConfig,
    domain::{Attempt, AttemptState, Failure, GIFT_CARD, Left, Outcome, Part},
    error, parcels, parts,
    paying::{self, Paid, not_answered, paid},
    risk::Guard,
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
    guard: Arc<Guard>,
    lease: Duration,
    payment_patience: Duration,
}

/// The buyer's own request, while it is being answered: only it has the tokens.
pub(crate) type Asked<'a> = Option<&'a CompleteCheckoutRequest>;

impl Saga {
    pub(crate) fn new(
        store: Store,
        clients: OrdersClients,
        guard: Arc<Guard>,
        config: &OrdersConfig,
    ) -> Self {
        let lease = Duration::from_secs(config.attempt_lease_s.max(1).into());
        let payment_patience = Duration::from_secs(config.payment_patience_s.into());
        Self { store, clients, guard, lease, payment_patience }
    }

    pub(crate) fn lease(&self) -> Duration {
        self.lease
    }

    /// Waits for the outcome of an attempt that another call made under the same key, or takes it over.
    pub(crate) async fn join(&self, ctx: &Ctx, row: AttemptRow, asked: Asked<'_>) -> Result<Outcome> {
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
                    return self.drive(ctx, row, asked).await;
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

    /// Goes on with an attempt whose lease is held, as far as it gets.
    pub(crate) async fn drive(&self, ctx: &Ctx, row: AttemptRow, asked: Asked<'_>) -> Result<Outcome> {
        let id = row.attempt.id;
        let done = match row.state {
            AttemptState::Running | AttemptState::Parked => {
                Box::pin(self.advance(ctx, row.attempt, asked)).await
            }
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

    async fn advance(&self, ctx: &Ctx, mut attempt: Attempt, asked: Asked<'_>) -> Result<Outcome> {
        crash::point("orders.after_claim");
        if let Some(request) = asked.filter(|_| attempt.watches_cards)
            && let Err(refused) = self.look_at_cards(ctx, &mut attempt, request).await
        {
            return self.give_up(ctx, &mut attempt, Failure::Refused((&refused).into())).await;
        }
        if asked.is_none() {
            match self.pay(ctx, &mut attempt, None).await {
                // Nothing will come of it, so nothing is taken for it.
                Ok(Paid::No(failure)) => return self.give_up(ctx, &mut attempt, failure).await,
                Ok(Paid::Yes { .. } | Paid::AtTheBank { .. }) => {}
                Ok(Paid::NotKnown { intent_id, error }) => {
                    return self.wait_or_give_up(ctx, &mut attempt, intent_id, error).await;
                }
                Err(refused) => return self.refuse_or_retry(ctx, &mut attempt, refused).await,
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
        let paid = self.pay(ctx, &mut attempt, asked).await;
        crash::point("orders.after_authorise");
        let payments = match paid {
            Ok(Paid::Yes { payments, instructions }) => {
                attempt.payment_instructions = instructions;
                payments
            }
            Ok(Paid::AtTheBank { action_url }) => return self.park(&mut attempt, &action_url).await,
            Ok(Paid::No(failure)) => return self.give_up(ctx, &mut attempt, failure).await,
            Ok(Paid::NotKnown { intent_id, error }) => {
                return self.wait_or_give_up(ctx, &mut attempt, intent_id, error).await;
            }
            Err(refused) => return self.refuse_or_retry(ctx, &mut attempt, refused).await,
        };
        let left = match self.consume(ctx, &attempt).await {
            Ok(left) => left,
            Err(refused) => return self.refuse_or_retry(ctx, &mut attempt, refused).await,
        };
        crash::point("orders.after_consume");
        let left = Left::of(&attempt.quote, &left.lines)?;
        let outcome = match self.store.place(&attempt, payments.clone(), left).await {
            Err(error) if error.reason() == "CHECKOUT_BUSY" => {
                return self.placed_by_another(&attempt, error).await;
            }
            placed => placed?,
        };
        crash::point("orders.after_place");
        if let Err(error) = self.settle(ctx, &attempt, Some(payments)).await {
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

    /// Has all payments held, or looks how they stand once their tokens are gone. One that is waited for stops no other,
    /// because their tokens are known only now; one that comes to nothing does.
    async fn pay(&self, ctx: &Ctx, attempt: &mut Attempt, asked: Asked<'_>) -> Result<Paid> {
        let (mut done, mut how_to_pay) = (Vec::new(), String::new());
        let (mut at_the_bank, mut not_known) = (None, None);
        for payment in attempt.payments()? {
            let intent_id = payment.intent_id;
            let intent = match asked {
                Some(request) => self.authorise(ctx, attempt, &payment, request).await.map(Some),
                None => paying::inspect(&self.clients.payments, ctx, payment.intent_id).await,
            };
            crash::point("orders.after_payment");
            if let Ok(Some(intent)) = &intent
                && let Some(card) = self.guard.card_to_count(intent).await?
            {
                attempt.cards.insert(intent_id.to_string(), card);
            }
            match intent.map(|intent| paid(&payment, intent.as_ref())) {
                Ok(Paid::Yes { payments, instructions }) => {
                    done.extend(payments);
                    how_to_pay = if instructions.is_empty() { how_to_pay } else { instructions };
                }
                Ok(Paid::AtTheBank { action_url }) => at_the_bank = at_the_bank.or(Some(action_url)),
                Ok(came_to_nothing) => return Ok(came_to_nothing),
                Err(error) if error.is_transient() => {
                    not_known = not_known.or(Some(Paid::NotKnown { intent_id, error }));
                }
                Err(error) => return Err(error),
            }
        }
        match (not_known, at_the_bank) {
            (Some(not_known), _) => Ok(not_known),
            (None, Some(action_url)) => Ok(Paid::AtTheBank { action_url }),
            (None, None) => Ok(Paid::Yes { payments: done, instructions: how_to_pay }),
        }
    }

    async fn authorise(
        &self,
        ctx: &Ctx,
        attempt: &Attempt,
        payment: &Part,
        asked: &CompleteCheckoutRequest,
    ) -> Result<Intent> {
        let request = self.request_of(attempt, payment, asked).await?;
        let authorised = self.clients.payments.authorise(ctx, request).await;
        authorised.map_err(|error| parts::point_at(error, attempt, payment))
    }

    async fn request_of(
        &self,
        attempt: &Attempt,
        payment: &Part,
        asked: &CompleteCheckoutRequest,
    ) -> Result<AuthoriseRequest> {
        Ok(AuthoriseRequest {
            intent_id: payment.intent_id.to_string(),
            reference: attempt.checkout_id.to_string(),
            amount: Some(attempt.money(payment.amount)?.into()),
            provider: payment.provider.clone(),
            token: parts::token(asked, payment).to_owned(),
            return_url: attempt.return_url.clone(),
            country: attempt.buyers_country(),
            ..self.wallet_of(attempt, payment, asked).await?
        })
    }

    /// Refuses cards that were declined too often, before anything is held.
    async fn look_at_cards(
        &self,
        ctx: &Ctx,
        attempt: &mut Attempt,
        asked: &CompleteCheckoutRequest,
    ) -> Result<()> {
        for payment in attempt.payments()?.iter().filter(|payment| payment.provider != GIFT_CARD) {
            let request = self.request_of(attempt, payment, asked).await?;
            let looked = self.guard.look_at_card(&self.clients.payments, ctx, attempt.checkout_id, request);
            if let Some(card) = looked.await? {
                attempt.cards.insert(payment.intent_id.to_string(), card);
            }
        }
        Ok(())
    }

    /// The wallet that the buyer pays with, and who that is: payments forgets it with them. Of several payments it is the
    /// one that pays the rest.
    async fn wallet_of(
        &self,
        attempt: &Attempt,
        payment: &Part,
        asked: &CompleteCheckoutRequest,
    ) -> Result<AuthoriseRequest> {
        let pays_rest = payment.intent_id == attempt.intent_id && payment.provider != GIFT_CARD;
        if asked.wallet_id.is_empty() || !pays_rest {
            return Ok(AuthoriseRequest::default());
        }
        Ok(AuthoriseRequest {
            wallet_id: asked.wallet_id.clone(),
            wallet_key: asked.wallet_key.clone(),
            remember: asked.remember,
            person_id: self.store.person_id(&attempt.contact.email).await?,
            ..AuthoriseRequest::default()
        })
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

    /// Takes the money of a placed order and closes its cart. `paid`: its payments, if it is known which come by hand.
    async fn settle(&self, ctx: &Ctx, attempt: &Attempt, paid: Option<Vec<Part>>) -> Result<()> {
        let request = CompleteCartRequest {
            cart_id: attempt.cart_id.to_string(),
            order_id: attempt.order_id.to_string(),
        };
        match self.clients.cart.complete_cart(ctx, request).await {
            // The cart has expired, or became another order: either way it is not this order's concern any more.
            Err(error) if matches!(error.reason(), "CART_NOT_FOUND" | "CART_COMPLETED") => {}
            done => drop(done?),
        }
        let mut taken = Vec::new();
        for payment in attempt.payments()? {
            if self.capture(ctx, attempt, &payment, paid.as_deref()).await? {
                taken.push(payment);
            }
            crash::point("orders.after_payment_taken");
        }
        crash::point("orders.after_capture");
        if attempt.is_split() {
            return self.store.settle_split(attempt, &taken).await;
        }
        self.store.settle(attempt, !taken.is_empty()).await
    }

    /// False if the money comes by hand.
    async fn capture(
        &self,
        ctx: &Ctx,
        attempt: &Attempt,
        payment: &Part,
        paid: Option<&[Part]>,
    ) -> Result<bool> {
        let intent_id = payment.intent_id.to_string();
        let known = paid.and_then(|paid| paid.iter().find(|one| one.intent_id == payment.intent_id));
        let comes_by_hand = if let Some(known) = known {
            known.by_hand
        } else {
            let request = GetIntentRequest { intent_id: intent_id.clone() };
            self.clients.payments.get_intent(ctx, request).await?.state == "pending"
        };
        if comes_by_hand {
            return Ok(false);
        }
        let request = CaptureRequest {
            intent_id,
            amount: Some(attempt.money(payment.amount)?.into()),
            reference: attempt.order_id.to_string(),
        };
        self.clients.payments.capture(ctx, request).await?;
        Ok(true)
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
    async fn wait_or_give_up(
        &self,
        ctx: &Ctx,
        attempt: &mut Attempt,
        intent_id: IntentId,
        refused: Error,
    ) -> Result<Outcome> {
        if refused.reason() != "PROVIDER_UNAVAILABLE" {
            return self.refuse_or_retry(ctx, attempt, refused).await;
        }
        let now = self.store.now();
        match attempt.unanswered_since {
            Some(since) if since.plus(self.payment_patience) <= now => {
                tracing::warn!(attempt.id = %attempt.id, intent.id = %intent_id, "a payment is given up that its provider does not answer");
                self.give_up(ctx, attempt, not_answered(intent_id)).await
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
        for payment in attempt.payments()? {
            // Whoever waits for a provider that is away would hold the buyer up. Nothing is taken of it from here on.
            let request = VoidRequest { intent_id: payment.intent_id.to_string(), even_if_away: true };
            self.clients.payments.void(ctx, request).await?;
            crash::point("orders.after_payment_let_go");
        }
        if !attempt.codes().is_empty() || !attempt.redeemed_campaigns().is_empty() {
            let request = ReleaseCodesRequest { redemption_id: attempt.id.to_string() };
            self.clients.pricing.release_codes(ctx, request).await?;
        }
        crash::point("orders.after_release");
        self.store.finish_release(attempt, self.guard.card_limit()).await
    }
}
