//! The contract: check, quote, decide, go.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use argosy_contracts::{
    common::Notice,
    orders::{
        CancelCheckoutRequest, Checkout as WireCheckout, CompleteCheckoutRequest, ContinueCheckoutRequest,
        GetCheckoutRequest, GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order as WireOrder,
        OrdersApi, StartCheckoutRequest, UpdateCheckoutRequest,
    },
};
use argosy_kernel::{
    AttemptId, CartId, CheckoutId, Ctx, Error, IntentId, OrderId, PageRequest, ReservationId, Result,
};
use async_trait::async_trait;

use crate::{
    aftersales::is_staff,
    domain::{Attempt, Change, Checkout, Contact, Failure, Outcome, Status},
    error, messages, parts,
    risk::{Guard, Judged},
    saga::Saga,
    store::{Claim, Claimed},
    till::{Till, View},
};

pub(crate) struct OrdersService {
    till: Till,
    saga: Arc<Saga>,
    guard: Arc<Guard>,
}

impl OrdersService {
    pub(crate) fn new(till: Till, saga: Arc<Saga>, guard: Arc<Guard>) -> Self {
        Self { till, saga, guard }
    }

    /// Gives up the attempt that waits for the buyer, so that another way to pay can be tried (law 5).
    async fn drop_parked(&self, ctx: &Ctx, checkout: &Checkout) -> Result<()> {
        let row = self
            .till
            .store
            .latest_attempt(checkout.id)
            .await?
            .ok_or_else(|| error::checkout_busy(checkout.id))?;
        let mut attempt = row.attempt;
        self.saga.take_when_parked(&attempt).await?;
        let failure = Failure::Payment {
            reason: "CANCELED".to_owned(),
            text: "The payment was given up before it was confirmed.".to_owned(),
            intent_id: None,
        };
        self.saga.give_up(ctx, &mut attempt, failure).await.map(|_| ())
    }

    fn attempt(&self, checkout: &Checkout, view: View, request: &CompleteCheckoutRequest) -> Attempt {
        let patience = Duration::from_secs(self.till.config.needs_buyer_ttl_s.max(1).into());
        Attempt {
            id: AttemptId::new(),
            checkout_id: checkout.id,
            cart_id: checkout.cart_id,
            reservation_id: ReservationId::new(),
            second_reservation_id: ReservationId::new(),
            intent_id: IntentId::new(),
            order_id: OrderId::new(),
            order_key: blake3::hash(&rand::random::<[u8; 32]>()).to_hex()[..32].to_owned(),
            provider: request.provider.clone(),
            return_url: request.return_url.clone(),
            contact: Contact { wrap_messages: view.wrap_messages, ..checkout.contact.clone() },
            quote: view.quote,
            failure: None,
            payment_instructions: String::new(),
            needs_buyer_until: self.till.store.now().plus(patience),
            trails: Vec::new(),
            watches_cards: false,
            cards: BTreeMap::new(),
            assessment: None,
            unanswered_since: None,
            parts: Vec::new(),
            place: None,
            hint: String::new(),
            draft_version: checkout.draft_version(),
        }
    }

    /// What stands in the way of completing, if anything: an answer with notices, or an error.
    fn obstacles(checkout: &Checkout, view: &View) -> Result<Option<Vec<Notice>>> {
        if view.quote.lines.is_empty() && view.problems.is_empty() {
            return Err(error::cart_empty(checkout.cart_id));
        }
        let missing = checkout.missing(&view.quote);
        if !missing.is_empty() {
            let incomplete = Error::precondition(
                "CHECKOUT_INCOMPLETE",
                "the checkout lacks what is needed to complete it",
            );
            return Err(missing
                .into_iter()
                .fold(incomplete, |error, (pointer, message)| error.with_field(pointer, message)));
        }
        let mut notices = checkout.differences(&view.quote, true);
        let stock = |notice: &&Notice| notice.code == "OUT_OF_STOCK";
        if let Some(short) = view.problems.iter().find(stock) {
            let error =
                Error::precondition("OUT_OF_STOCK", "some items are not available in the quantity asked for");
            return Err(
                error.with_field(short.target.trim_end_matches("/quantity").to_owned(), short.text.clone())
            );
        }
        notices.extend(view.problems.iter().cloned());
        Ok(Some(notices).filter(|notices| !notices.is_empty()))
    }
}

#[async_trait]
impl OrdersApi for OrdersService {
    async fn start_checkout(&self, ctx: &Ctx, request: StartCheckoutRequest) -> Result<WireCheckout> {
        let cart = self.till.cart(ctx, request.cart_id.parse()?).await?;
        let cart_id: CartId = cart.id.parse()?;
        if !cart.order_id.is_empty() {
            let message = format!("cart {cart_id} became order {}; start a new one", cart.order_id);
            return Err(Error::precondition("CART_COMPLETED", message));
        }
        if let Some(open) = self.till.store.open_checkout_of(cart_id).await? {
            return self.till.view(ctx, open).await;
        }
        if cart.lines.is_empty() {
            return Err(error::cart_empty(cart_id));
        }
        let mut checkout = Checkout::new(CheckoutId::new(), cart_id, self.till.expires_at());
        let view = self.till.quote_cart(ctx, &checkout, &cart).await?;
        view.note_in(&mut checkout);
        if self.till.store.open(&checkout).await? {
            return Ok(view.shown(checkout));
        }
        // Somebody opened one meanwhile.
        let open = self.till.store.open_checkout_of(cart_id).await?;
        self.till.view(ctx, open.ok_or_else(|| error::checkout_busy(checkout.id))?).await
    }

    async fn get_checkout(&self, ctx: &Ctx, request: GetCheckoutRequest) -> Result<WireCheckout> {
        self.till.view(ctx, request.checkout_id.parse()?).await
    }

    async fn update_checkout(&self, ctx: &Ctx, request: UpdateCheckoutRequest) -> Result<WireCheckout> {
        let seen = self.till.store.seen(request.checkout_id.parse()?).await?;
        let change = Change {
            email: request.email,
            shipping_address: request.shipping_address,
            billing_address: request.billing_address,
            shipping_option_id: request.shipping_option_id,
            accepted: request.accepted_notices,
            language: request.language,
            seen: request.seen,
        };
        self.till.show(ctx, seen, &change).await
    }

    async fn complete_checkout(&self, ctx: &Ctx, request: CompleteCheckoutRequest) -> Result<WireCheckout> {
        let id: CheckoutId = request.checkout_id.parse()?;
        let key = ctx.idempotency_key.as_deref().ok_or_else(error::key_missing)?;
        // Scoped by checkout: another buyer's key is none of this one's business.
        let request_key = format!("{id}:{key}");
        let digest = parts::digest(&request);
        // The checkout before the key: an attempt that marked the checkout has written its key too.
        let mut seen = self.till.store.seen(id).await?;
        if let Some(row) = self.till.store.attempt_by_key(&request_key).await? {
            if row.request_digest != digest {
                return Err(error::key_reused());
            }
            return answer(Box::pin(self.saga.join(ctx, row, Some(&request))).await?);
        }
        match seen.checkout.status {
            Status::Incomplete | Status::Ready => {}
            Status::NeedsBuyer => {
                self.drop_parked(ctx, &seen.checkout).await?;
                seen = self.till.store.seen(id).await?;
            }
            Status::Completing => return Err(error::checkout_busy(id)),
            status => return Err(error::checkout_state(id, status, "completed")),
        }
        let view = self.till.quote(ctx, &seen.checkout).await?;
        if !is_staff(ctx) && seen.checkout.seen(&view.quote) != request.seen {
            return Err(error::draft_changed());
        }
        if let Some(notices) = Self::obstacles(&seen.checkout, &view)? {
            return Ok(messages::checkout(seen.checkout, Some(view.quote), notices));
        }
        let mut attempt = self.attempt(&seen.checkout, view, &request);
        let total = attempt.total()?;
        // Whom staff sell to they have judged.
        if !total.is_zero() && !is_staff(ctx) {
            let visitor = request.visitor.as_ref();
            let judged = self.guard.judge(&seen.checkout, &attempt.quote, total, visitor);
            let Judged { from, assessment } = judged.await?;
            attempt.trails = from.trails;
            attempt.watches_cards = from.watches_cards;
            attempt.assessment = Some(assessment).filter(|found| !found.findings.is_empty());
        }
        // After that: what is said of a gift card is told to nobody who is stopped.
        parts::decide(&self.till.clients.payments, ctx, &request, &mut attempt).await?;
        let claim = Claim {
            attempt: &attempt,
            request_key: &request_key,
            request_digest: &digest,
            lease: self.saga.lease(),
        };
        let outcome = match self.till.store.claim(&claim, seen).await? {
            Claimed::New(row) => self.saga.drive(ctx, *row, Some(&request)).await?,
            Claimed::Before(row) if row.request_digest != digest => return Err(error::key_reused()),
            Claimed::Before(row) => Box::pin(self.saga.join(ctx, *row, Some(&request))).await?,
        };
        answer(outcome)
    }

    async fn continue_checkout(&self, ctx: &Ctx, request: ContinueCheckoutRequest) -> Result<WireCheckout> {
        let checkout = self.till.store.checkout(request.checkout_id.parse()?).await?;
        if checkout.status == Status::NeedsBuyer
            && let Some(row) = self.till.store.latest_attempt(checkout.id).await?
        {
            if self.till.store.take_parked(row.attempt.id, self.saga.lease()).await? {
                self.saga.drive(ctx, row, None).await?;
            } else if let Some(row) = self.till.store.attempt(row.attempt.id).await? {
                Box::pin(self.saga.join(ctx, row, None)).await?;
            }
        }
        self.till.view(ctx, checkout.id).await
    }

    async fn cancel_checkout(&self, ctx: &Ctx, request: CancelCheckoutRequest) -> Result<WireCheckout> {
        let mut seen = self.till.store.seen(request.checkout_id.parse()?).await?;
        if seen.checkout.draft.is_some() && !is_staff(ctx) {
            return Err(error::staff_only("drop a draft"));
        }
        if seen.checkout.status == Status::NeedsBuyer {
            self.drop_parked(ctx, &seen.checkout).await?;
            seen = self.till.store.seen(seen.checkout.id).await?;
        }
        let canceled = self.till.store.change(seen, |checkout| match checkout.status {
            Status::Incomplete | Status::Ready => {
                checkout.end(Status::Canceled);
                Ok(())
            }
            Status::Canceled => Ok(()),
            Status::Completing => Err(error::checkout_busy(checkout.id)),
            status => Err(error::checkout_state(checkout.id, status, "canceled")),
        });
        self.till.show_as_it_was(canceled.await?).await
    }

    async fn get_order(&self, ctx: &Ctx, request: GetOrderRequest) -> Result<WireOrder> {
        let trusted = is_staff(ctx);
        let found = if request.order_id.is_empty() && trusted {
            let number = request.number.parse().map_err(|_| error::order_unknown(&request.number))?;
            let found = self.till.store.order_by_number(number).await?;
            found.ok_or_else(|| error::order_unknown(&request.number))?
        } else {
            let id: OrderId = request.order_id.parse()?;
            self.till.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?
        };
        if trusted || found.order.is_opened_by(&request.key) {
            messages::order(found, trusted)
        } else {
            Err(error::order_not_found(found.order.id))
        }
    }

    async fn list_orders(&self, ctx: &Ctx, request: ListOrdersRequest) -> Result<ListOrdersResponse> {
        if !is_staff(ctx) {
            return Err(error::staff_only("list orders"));
        }
        let page = PageRequest::new(request.limit, &request.cursor, 50)?;
        let page = self.till.store.orders(&page).await?;
        let next = page.next.map(String::from).unwrap_or_default();
        let orders = page.items.into_iter().map(|found| messages::order(found, true));
        Ok(ListOrdersResponse { orders: orders.collect::<Result<_>>()?, next })
    }
}

fn answer(outcome: Outcome) -> Result<WireCheckout> {
    match outcome {
        Outcome::Answered(answered) => {
            let (checkout, quote) = *answered;
            Ok(messages::checkout(checkout, Some(quote), Vec::new()))
        }
        Outcome::Refused(error) => Err(error.into()),
    }
}
