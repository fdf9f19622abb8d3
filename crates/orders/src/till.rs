//! What a checkout shows: its cart quoted afresh, with what must be mended and accepted, whoever looks at it.

use std::{collections::BTreeMap, time::Duration};

use argosy_contracts::{
    awaited,
    cart::{CartDocument, GetCartRequest},
    common::Notice,
    inventory::{Availability, AvailabilityAt, GetAvailabilityRequest},
    orders::Checkout as WireCheckout,
    pricing::{Quote, QuoteResponse},
};
use argosy_kernel::{Actor, CartId, CheckoutId, Ctx, Error, Result, Timestamp};

use crate::{
    OrdersClients, OrdersConfig,
    domain::{Change, Checkout, Status, pickup_location},
    messages, parcels, quoting,
    store::{Seen, Store},
};

/// Shows checkouts.
#[derive(Clone)]
pub(crate) struct Till {
    pub(crate) store: Store,
    pub(crate) clients: OrdersClients,
    pub(crate) config: OrdersConfig,
}

/// A checkout as it may be shown: with a fresh quote.
pub(crate) struct View {
    pub(crate) quote: Quote,
    /// What pricing and inventory say must be mended.
    pub(crate) problems: Vec<Notice>,
    /// What is to be written with wrapped lines, by their ids.
    pub(crate) wrap_messages: BTreeMap<String, String>,
}

impl View {
    /// Remembers in a checkout what is shown of it, and whether it is ready.
    pub(crate) fn note_in(&self, checkout: &mut Checkout) {
        checkout.show(&self.quote);
        let ready = checkout.missing(&self.quote).is_empty()
            && self.problems.is_empty()
            && !self.quote.lines.is_empty();
        checkout.status = if ready { Status::Ready } else { Status::Incomplete };
    }

    pub(crate) fn shown(self, checkout: Checkout) -> WireCheckout {
        let mut notices = checkout.differences(&self.quote, false);
        notices.extend(self.problems);
        messages::checkout(checkout, Some(self.quote), notices)
    }
}

impl Till {
    pub(crate) fn new(store: Store, clients: OrdersClients, config: OrdersConfig) -> Self {
        Self { store, clients, config }
    }

    pub(crate) async fn cart(&self, ctx: &Ctx, id: CartId) -> Result<CartDocument> {
        let request = GetCartRequest { cart_id: id.to_string(), without_quote: true };
        let view = self.clients.cart.get_cart(ctx, request).await?;
        view.cart.ok_or_else(|| Error::internal("the cart service answered no cart"))
    }

    pub(crate) async fn quote(&self, ctx: &Ctx, checkout: &Checkout) -> Result<View> {
        let cart = self.cart(ctx, checkout.cart_id).await?;
        self.quote_cart(ctx, checkout, &cart).await
    }

    pub(crate) async fn quote_cart(
        &self,
        ctx: &Ctx,
        checkout: &Checkout,
        cart: &CartDocument,
    ) -> Result<View> {
        // Prices that were agreed on are the shop's word, whoever looks at them.
        let in_its_name = Ctx { actor: Actor::System("drafts".into()), ..ctx.clone() };
        let ctx = if checkout.draft_prices().is_some() { &in_its_name } else { ctx };
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
    pub(crate) async fn show(&self, ctx: &Ctx, seen: Seen, change: &Change) -> Result<WireCheckout> {
        let mut changed = seen.checkout.clone();
        changed.apply(change)?;
        let view = self.quote(ctx, &changed).await?;
        let expires_at = self.expires_at();
        let shown = self.store.change(seen, |checkout| {
            checkout.apply(change)?;
            view.note_in(checkout);
            if *change != Change::default() {
                // That of a draft is later.
                checkout.expires_at = checkout.expires_at.max(expires_at);
            }
            Ok(())
        });
        let shown = shown.await?;
        Ok(view.shown(shown))
    }

    pub(crate) fn expires_at(&self) -> Timestamp {
        self.store.now().plus(Duration::from_secs(self.config.checkout_ttl_s.into()))
    }

    /// A checkout that the buyer cannot change now, with the quote of its latest attempt.
    pub(crate) async fn show_as_it_was(&self, mut checkout: Checkout) -> Result<WireCheckout> {
        let latest = self.store.latest_attempt(checkout.id).await?;
        if checkout.status == Status::Completed {
            checkout.contact = latest.as_ref().map(|row| row.attempt.contact.clone()).unwrap_or_default();
        }
        Ok(messages::checkout(checkout, latest.map(|row| row.attempt.quote), Vec::new()))
    }

    pub(crate) async fn view(&self, ctx: &Ctx, id: CheckoutId) -> Result<WireCheckout> {
        let seen = self.store.seen(id).await?;
        if seen.checkout.status.may_change() {
            self.show(ctx, seen, &Change::default()).await
        } else {
            self.show_as_it_was(seen.checkout).await
        }
    }
}

fn answered(response: QuoteResponse) -> Result<Quote> {
    response.quote.ok_or_else(|| Error::internal("the pricing service answered no quote"))
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
