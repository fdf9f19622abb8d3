//! The contract: check, quote, decide, go.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use argosy_contracts::{
    awaited,
    cart::{CartDocument, GetCartRequest},
    common::Notice,
    inventory::{Availability, AvailabilityAt, GetAvailabilityRequest},
    orders::{
        CancelCheckoutRequest, Checkout as WireCheckout, CompleteCheckoutRequest, ContinueCheckoutRequest,
        GetCheckoutRequest, GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order as WireOrder,
        OrdersApi, StartCheckoutRequest, UpdateCheckoutRequest,
    },
    pricing::{Quote, QuoteResponse},
};
use argosy_kernel::{
    AttemptId, CartId, CheckoutId, Ctx, Error, IntentId, OrderId, PageRequest, ReservationId, Result,
    Timestamp,
};
use async_trait::async_trait;

use crate::{
    OrdersClients, OrdersConfig,
    aftersales::is_staff,
    domain::{Attempt, Change, Checkout, Contact, Failure, Outcome, Status, pickup_location},
    error, messages, parcels, parts, quoting,
    risk::{Guard, Judged},
    saga::Saga,
    store::{Claim, Claimed, Seen, Store},
};

pub(crate) struct OrdersService {
    store: Store,
    saga: Arc<Saga>,
    guard: Guard,
    clients: OrdersClients,
    config: OrdersConfig,
}

/// A checkout as it may be shown: with a fresh quote.
struct View {
    quote: Quote,
    /// What pricing and inventory say must be mended.
    problems: Vec<Notice>,
    /// What is to be written with wrapped lines, by their ids.
    wrap_messages: BTreeMap<String, String>,
}

impl View {
    /// Remembers in a checkout what is shown of it, and whether it is ready.
    fn note_in(&self, checkout: &mut Checkout) {
        checkout.show(&self.quote);
        let ready = checkout.missing(&self.quote).is_empty()
            && self.problems.is_empty()
            && !self.quote.lines.is_empty();
        checkout.status = if ready { Status::Ready } else { Status::Incomplete };
    }

    fn shown(self, checkout: Checkout) -> WireCheckout {
        let mut notices = checkout.differences(&self.quote, false);
        notices.extend(self.problems);
        messages::checkout(checkout, Some(self.quote), notices)
    }
}

impl OrdersService {
    pub(crate) fn new(
        store: Store,
        saga: Arc<Saga>,
        guard: Guard,
        clients: OrdersClients,
        config: OrdersConfig,
    ) -> Self {
        Self { store, saga, guard, clients, config }
    }

    async fn cart(&self, ctx: &Ctx, id: CartId) -> Result<CartDocument> {
        let request = GetCartRequest { cart_id: id.to_string(), without_quote: true };
        let view = self.clients.cart.get_cart(ctx, request).await?;
        view.cart.ok_or_else(|| Error::internal("the cart service answered no cart"))
    }

    async fn quote(&self, ctx: &Ctx, checkout: &Checkout) -> Result<View> {
        let cart = self.cart(ctx, checkout.cart_id).await?;
        self.quote_cart(ctx, checkout, &cart).await
    }

    async fn quote_cart(&self, ctx: &Ctx, checkout: &Checkout, cart: &CartDocument) -> Result<View> {
        let mut request = quoting::request(checkout, cart);
        let email = checkout.contact.email.as_str();
        if !cart.codes.is_empty() && !email.is_empty() {
            quoting::tell(&mut request, self.store.known_buyer(email).await?);
        }
        let stock = GetAvailabilityRequest {
            variant_ids: cart.lines.iter().map(|line| line.variant_id.clone()).collect(),
            by_location: true,
            ..GetAvailabilityRequest::default()
        };
        let (mut quoted, stock) = futures::future::try_join(
            self.clients.pricing.quote(ctx, request.clone()),
            self.clients.inventory.get_availability(ctx, stock),
        )
        .await?;
        let asks = |quote: &Quote| quote.asks_first_order || quote.asks_buyer;
        if !email.is_empty() && quoted.quote.as_ref().is_some_and(asks) {
            // Only then, since hardly a shop asks: it costs a statement and a second quote.
            quoting::tell(&mut request, self.store.known_buyer(email).await?);
            quoted = self.clients.pricing.quote(ctx, request.clone()).await?;
        }
        let mut quote = answered(quoted)?;
        let to = checkout.contact.shipping_address.as_ref();
        let parcels = parcels::plan(&self.clients.inventory, ctx, (&quote, &stock.items), to).await?;
        if quote.asks_carriers || quote.asks_parcels && parcels.len() > 1 {
            // Only then, as above. Carriers are asked once it is known what they would carry.
            request.parcels = parcels::asked(&parcels);
            request.parcels_planned = true;
            quote = answered(self.clients.pricing.quote(ctx, request).await?)?;
        }
        quote.parcels = parcels::dated(&quote, parcels);
        quote.awaited = awaited(&quote, &stock.items);
        let has_all = |location: &str| {
            let lines = cart.lines.iter().zip(&stock.items);
            lines.into_iter().all(|(line, stock)| at_location(stock, location) >= line.quantity)
        };
        let chosen = quote.shipping_option_id.clone();
        quote.shipping_options.retain(|option| {
            option.pickup_location_id.is_empty() || option.id == chosen || has_all(&option.pickup_location_id)
        });
        let location = pickup_location(&quote).to_owned();
        let mut problems = quote.notices.clone();
        for (index, (line, stock)) in cart.lines.iter().zip(&stock.items).enumerate() {
            let available =
                if location.is_empty() { stock.sellable() } else { at_location(stock, &location) };
            if available < line.quantity {
                problems.push(out_of_stock(index, available));
            }
        }
        let wrap_messages = quoting::wrap_messages(cart, &quote);
        Ok(View { quote, problems, wrap_messages })
    }

    /// Shows an open checkout: quotes it, remembers what is shown, and says whether it is ready.
    async fn show(&self, ctx: &Ctx, seen: Seen, change: &Change) -> Result<WireCheckout> {
        let mut changed = seen.checkout.clone();
        changed.apply(change)?;
        let view = self.quote(ctx, &changed).await?;
        let expires_at = self.expires_at();
        let shown = self.store.change(seen, |checkout| {
            checkout.apply(change)?;
            view.note_in(checkout);
            if *change != Change::default() {
                checkout.expires_at = expires_at;
            }
            Ok(())
        });
        let shown = shown.await?;
        Ok(view.shown(shown))
    }

    fn expires_at(&self) -> Timestamp {
        self.store.now().plus(Duration::from_secs(self.config.checkout_ttl_s.into()))
    }

    /// A checkout that the buyer cannot change now, with the quote of its latest attempt.
    async fn show_as_it_was(&self, mut checkout: Checkout) -> Result<WireCheckout> {
        let latest = self.store.latest_attempt(checkout.id).await?;
        if checkout.status == Status::Completed {
            checkout.contact = latest.as_ref().map(|row| row.attempt.contact.clone()).unwrap_or_default();
        }
        Ok(messages::checkout(checkout, latest.map(|row| row.attempt.quote), Vec::new()))
    }

    async fn view(&self, ctx: &Ctx, id: CheckoutId) -> Result<WireCheckout> {
        let seen = self.store.seen(id).await?;
        if seen.checkout.status.may_change() {
            self.show(ctx, seen, &Change::default()).await
        } else {
            self.show_as_it_was(seen.checkout).await
        }
    }

    /// Gives up the attempt that waits for the buyer, so that another way to pay can be tried (law 5).
    async fn drop_parked(&self, ctx: &Ctx, checkout: &Checkout) -> Result<()> {
        let row =
            self.store.latest_attempt(checkout.id).await?.ok_or_else(|| error::checkout_busy(checkout.id))?;
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
        let patience = Duration::from_secs(self.config.needs_buyer_ttl_s.max(1).into());
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
            needs_buyer_until: self.store.now().plus(patience),
            trails: Vec::new(),
            assessment: None,
            unanswered_since: None,
            parts: Vec::new(),
            place: None,
            hint: String::new(),
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
        let cart = self.cart(ctx, request.cart_id.parse()?).await?;
        let cart_id: CartId = cart.id.parse()?;
        if !cart.order_id.is_empty() {
            let message = format!("cart {cart_id} became order {}; start a new one", cart.order_id);
            return Err(Error::precondition("CART_COMPLETED", message));
        }
        if let Some(open) = self.store.open_checkout_of(cart_id).await? {
            return self.view(ctx, open).await;
        }
        if cart.lines.is_empty() {
            return Err(error::cart_empty(cart_id));
        }
        let mut checkout = Checkout::new(CheckoutId::new(), cart_id, self.expires_at());
        let view = self.quote_cart(ctx, &checkout, &cart).await?;
        view.note_in(&mut checkout);
        if self.store.open(&checkout).await? {
            return Ok(view.shown(checkout));
        }
        // Somebody opened one meanwhile.
        let open = self.store.open_checkout_of(cart_id).await?;
        self.view(ctx, open.ok_or_else(|| error::checkout_busy(checkout.id))?).await
    }

    async fn get_checkout(&self, ctx: &Ctx, request: GetCheckoutRequest) -> Result<WireCheckout> {
        self.view(ctx, request.checkout_id.parse()?).await
    }

    async fn update_checkout(&self, ctx: &Ctx, request: UpdateCheckoutRequest) -> Result<WireCheckout> {
        let seen = self.store.seen(request.checkout_id.parse()?).await?;
        let change = Change {
            email: request.email,
            shipping_address: request.shipping_address,
            billing_address: request.billing_address,
            shipping_option_id: request.shipping_option_id,
            accepted: request.accepted_notices,
            language: request.language,
        };
        self.show(ctx, seen, &change).await
    }

    async fn complete_checkout(&self, ctx: &Ctx, request: CompleteCheckoutRequest) -> Result<WireCheckout> {
        let id: CheckoutId = request.checkout_id.parse()?;
        let key = ctx.idempotency_key.as_deref().ok_or_else(error::key_missing)?;
        // Scoped by checkout: another buyer's key is none of this one's business.
        let request_key = format!("{id}:{key}");
        let digest = parts::digest(&request);
        // The checkout before the key: an attempt that marked the checkout has written its key too.
        let mut seen = self.store.seen(id).await?;
        if let Some(row) = self.store.attempt_by_key(&request_key).await? {
            if row.request_digest != digest {
                return Err(error::key_reused());
            }
            return answer(Box::pin(self.saga.join(ctx, row, Some(&request))).await?);
        }
        match seen.checkout.status {
            Status::Incomplete | Status::Ready => {}
            Status::NeedsBuyer => {
                self.drop_parked(ctx, &seen.checkout).await?;
                seen = self.store.seen(id).await?;
            }
            Status::Completing => return Err(error::checkout_busy(id)),
            status => return Err(error::checkout_state(id, status, "completed")),
        }
        let view = self.quote(ctx, &seen.checkout).await?;
        if let Some(notices) = Self::obstacles(&seen.checkout, &view)? {
            return Ok(messages::checkout(seen.checkout, Some(view.quote), notices));
        }
        let mut attempt = self.attempt(&seen.checkout, view, &request);
        parts::decide(&self.clients.payments, ctx, &request, &mut attempt).await?;
        let total = attempt.total()?;
        if !total.is_zero() {
            let visitor = request.visitor.as_ref();
            let judged = self.guard.judge(&seen.checkout, &attempt.quote, total, visitor);
            let Judged { trails, assessment } = judged.await?;
            attempt.trails = trails;
            attempt.assessment = Some(assessment).filter(|found| !found.findings.is_empty());
        }
        let claim = Claim {
            attempt: &attempt,
            request_key: &request_key,
            request_digest: &digest,
            lease: self.saga.lease(),
        };
        let outcome = match self.store.claim(&claim, seen).await? {
            Claimed::New(row) => self.saga.drive(ctx, *row, Some(&request)).await?,
            Claimed::Before(row) if row.request_digest != digest => return Err(error::key_reused()),
            Claimed::Before(row) => Box::pin(self.saga.join(ctx, *row, Some(&request))).await?,
        };
        answer(outcome)
    }

    async fn continue_checkout(&self, ctx: &Ctx, request: ContinueCheckoutRequest) -> Result<WireCheckout> {
        let checkout = self.store.checkout(request.checkout_id.parse()?).await?;
        if checkout.status == Status::NeedsBuyer
            && let Some(row) = self.store.latest_attempt(checkout.id).await?
        {
            if self.store.take_parked(row.attempt.id, self.saga.lease()).await? {
                self.saga.drive(ctx, row, None).await?;
            } else if let Some(row) = self.store.attempt(row.attempt.id).await? {
                Box::pin(self.saga.join(ctx, row, None)).await?;
            }
        }
        self.view(ctx, checkout.id).await
    }

    async fn cancel_checkout(&self, ctx: &Ctx, request: CancelCheckoutRequest) -> Result<WireCheckout> {
        let mut seen = self.store.seen(request.checkout_id.parse()?).await?;
        if seen.checkout.status == Status::NeedsBuyer {
            self.drop_parked(ctx, &seen.checkout).await?;
            seen = self.store.seen(seen.checkout.id).await?;
        }
        let canceled = self.store.change(seen, |checkout| match checkout.status {
            Status::Incomplete | Status::Ready => {
                checkout.end(Status::Canceled);
                Ok(())
            }
            Status::Canceled => Ok(()),
            Status::Completing => Err(error::checkout_busy(checkout.id)),
            status => Err(error::checkout_state(checkout.id, status, "canceled")),
        });
        self.show_as_it_was(canceled.await?).await
    }

    async fn get_order(&self, ctx: &Ctx, request: GetOrderRequest) -> Result<WireOrder> {
        let trusted = is_staff(ctx);
        let found = if request.order_id.is_empty() && trusted {
            let number = request.number.parse().map_err(|_| error::order_unknown(&request.number))?;
            let found = self.store.order_by_number(number).await?;
            found.ok_or_else(|| error::order_unknown(&request.number))?
        } else {
            let id: OrderId = request.order_id.parse()?;
            self.store.order(id).await?.ok_or_else(|| error::order_not_found(id))?
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
        let page = self.store.orders(&page).await?;
        let next = page.next.map(String::from).unwrap_or_default();
        let orders = page.items.into_iter().map(|found| messages::order(found, true));
        Ok(ListOrdersResponse { orders: orders.collect::<Result<_>>()?, next })
    }
}

fn answered(response: QuoteResponse) -> Result<Quote> {
    response.quote.ok_or_else(|| Error::internal("the pricing service answered no quote"))
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

/// How much a buyer may collect at a location.
fn at_location(stock: &Availability, location: &str) -> i64 {
    if !stock.tracked {
        return i64::MAX;
    }
    let at = stock.locations.iter().find(|at| at.location_id == location);
    at.map_or(0, AvailabilityAt::sellable)
}

fn out_of_stock(index: usize, available: i64) -> Notice {
    let text =
        if available == 0 { "This item is sold out.".to_owned() } else { format!("Only {available} left.") };
    Notice {
        level: "error".to_owned(),
        code: "OUT_OF_STOCK".to_owned(),
        resolution: "fix".to_owned(),
        target: format!("/lines/{index}/quantity"),
        text,
        token: String::new(),
    }
}
