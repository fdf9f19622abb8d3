//! Orders that staff put together. A draft is a checkout over a cart of its own, so prices, stock, payments, crashes and
//! persons are treated as any checkout's are; a table of drafts that become checkouts when they are paid lost, because
//! whatever can be asked of a checkout would have to be built again for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use argosy_contracts::{
    cart::{
        AddCode, AddLine, ApplyCommandsRequest, CartDocument, Command, CreateCartRequest, RemoveCode,
        RemoveLine, SetQuantity, command,
    },
    common::Money,
    orders::{
        CancelCheckoutRequest, ChangeDraftRequest, Checkout as WireCheckout, CompleteCheckoutRequest,
        CreateDraftRequest, Draft, DraftTerms, DraftsApi, DropDraftRequest, GetDraftRequest,
        ListDraftsRequest, ListDraftsResponse, OpenDraftRequest, OpenDraftResponse, OrdersClient,
        PlaceDraftRequest, ShareDraftRequest,
    },
};
use argosy_kernel::{Actor, CheckoutId, Ctx, DraftId, Error, PageRequest, Result, Timestamp, VariantId};
use async_trait::async_trait;

use crate::{
    aftersales::{check, digest, is_staff},
    domain::{Change, Checkout, DraftMark, DraftPrices},
    error,
    store::{DraftRow, NewDraft, Share},
    till::{Till, View},
};

const LINES_MAX: usize = 100;
const CODES_MAX: usize = 10;
const NOTE_LENGTH_MAX: usize = 2_000;
const DAY_S: u64 = 24 * 3_600;
/// How staff have an order paid: of the provider that awaits payments.
const METHODS: [&str; 2] = ["bank_transfer", "cash_on_delivery"];

pub(crate) struct Drafts {
    till: Till,
    orders: OrdersClient,
}

/// What staff set, checked.
struct Wanted {
    change: Change,
    note: Option<String>,
    /// By variant; none: what the shop asks.
    prices: BTreeMap<String, Option<i64>>,
    delivery: Option<i64>,
}

impl Wanted {
    fn of(terms: &DraftTerms, currency: &str) -> Result<Self> {
        if terms.lines.len() > LINES_MAX {
            return Err(Error::invalid_field("/lines", format!("must have at most {LINES_MAX} lines")));
        }
        let (mut variants, mut prices) = (BTreeSet::new(), BTreeMap::new());
        for (index, line) in terms.lines.iter().enumerate() {
            let refuse = |field: &str, why| Err(Error::invalid_field(format!("/lines/{index}/{field}"), why));
            match line.variant_id.parse::<VariantId>() {
                Ok(variant) if variants.insert(variant) => {}
                Ok(_) => return refuse("variant_id", "is in another line, too"),
                Err(_) => return refuse("variant_id", "is no id of a variant"),
            }
            let price = agreed(line.unit_price.as_ref(), currency, &format!("/lines/{index}/unit_price"))?;
            prices.insert(line.variant_id.clone(), price.filter(|_| line.quantity > 0));
            if line.quantity < 0 {
                return refuse("quantity", "must not be below 0");
            }
        }
        for (pointer, codes) in [("/add_codes", &terms.add_codes), ("/remove_codes", &terms.remove_codes)] {
            if codes.len() > CODES_MAX {
                return Err(Error::invalid_field(pointer, format!("must be at most {CODES_MAX}")));
            }
        }
        let note = terms.note.as_deref().map(|note| check::text("/note", note, NOTE_LENGTH_MAX));
        let change = Change {
            email: terms.email.clone(),
            shipping_address: terms.shipping_address.clone(),
            billing_address: terms.billing_address.clone(),
            shipping_option_id: terms.shipping_option_id.clone(),
            accepted: terms.accepted_notices.clone(),
            language: terms.language.clone(),
            seen: String::new(),
        };
        let delivery = agreed(terms.shipping_price.as_ref(), currency, "/shipping_price")?;
        Ok(Self { change, note: note.transpose()?, prices, delivery })
    }

    fn apply(&self, checkout: &mut Checkout) -> Result<()> {
        checkout.apply(&self.change)?;
        if let Some(note) = &self.note {
            checkout.contact.draft_note.clone_from(note);
        }
        let option = checkout.shipping_option_id.clone().filter(|option| !option.is_empty());
        let Some(DraftMark { prices, .. }) = &mut checkout.draft else { return Ok(()) };
        for (variant, price) in &self.prices {
            match price {
                Some(price) => prices.variants.insert(variant.clone(), *price),
                None => prices.variants.remove(variant),
            };
        }
        if let Some(price) = self.delivery {
            let nothing = || Error::invalid_field("/shipping_option_id", "must be named beside its price");
            prices.delivery = Some((option.ok_or_else(nothing)?, price));
        } else if self.change.shipping_option_id.is_some() {
            prices.delivery = None;
        }
        Ok(())
    }
}

/// A price that staff agreed on, in minor units.
fn agreed(price: Option<&Money>, currency: &str, at: &str) -> Result<Option<i64>> {
    match price {
        Some(price) if price.minor < 0 || price.currency != currency => {
            Err(Error::invalid_field(at, format!("must be in {currency} and not below 0")))
        }
        price => Ok(price.map(|price| price.minor)),
    }
}

/// What makes a cart hold what is wanted.
fn commands(cart: &CartDocument, terms: &DraftTerms) -> Vec<Command> {
    let line = |wanted: &argosy_contracts::orders::DraftLine| {
        let (variant_id, quantity) = (wanted.variant_id.clone(), wanted.quantity);
        let there = cart.lines.iter().find(|line| line.variant_id == variant_id);
        match there.map(|line| line.id.clone()) {
            Some(line_id) if quantity == 0 => Some(command::Command::RemoveLine(RemoveLine { line_id })),
            Some(line_id) => Some(command::Command::SetQuantity(SetQuantity { line_id, quantity })),
            None if quantity == 0 => None,
            None => Some(command::Command::AddLine(AddLine { variant_id, quantity })),
        }
    };
    let removed = terms.remove_codes.iter().filter(|code| cart.codes.contains(code));
    let removed = removed.map(|code| command::Command::RemoveCode(RemoveCode { code: code.clone() }));
    let added = terms.add_codes.iter();
    let added = added.map(|code| command::Command::AddCode(AddCode { code: code.clone() }));
    let all = terms.lines.iter().filter_map(line).chain(removed).chain(added);
    all.map(|command| Command { command: Some(command) }).collect()
}

fn name_of(actor: &Actor) -> Arc<str> {
    match actor {
        Actor::Staff(name) | Actor::System(name) | Actor::Customer(name) => Arc::clone(name),
        Actor::Guest => "guest".into(),
    }
}

/// The bearer of a link holds this: as long as an order's key.
fn new_link_key() -> String {
    blake3::hash(&rand::random::<[u8; 32]>()).to_hex()[..32].to_owned()
}

impl Drafts {
    pub(crate) fn new(till: Till, orders: OrdersClient) -> Self {
        Self { till, orders }
    }

    /// A draft is open as long as its cart is kept, at most.
    fn expires_at(&self, cart: &CartDocument) -> Timestamp {
        let days = u64::from(self.till.config.draft_ttl_days.max(1));
        let wanted = self.till.store.now().plus(Duration::from_secs(days * DAY_S));
        match cart.expires_at_ms {
            0 => wanted,
            kept_until => wanted.min(Timestamp::from_millis(kept_until)),
        }
    }

    async fn found(&self, id: &str) -> Result<DraftRow> {
        let id: DraftId = id.parse()?;
        self.till.store.draft(id).await
    }

    /// The draft that a reference has made already.
    async fn again(&self, ctx: &Ctx, row: DraftRow, digest: &str) -> Result<Draft> {
        if row.digest == digest { self.told(ctx, row).await } else { Err(error::reference_reused()) }
    }

    async fn filled(&self, ctx: &Ctx, cart: CartDocument, terms: &DraftTerms) -> Result<CartDocument> {
        let commands = commands(&cart, terms);
        if commands.is_empty() {
            return Ok(cart);
        }
        let request = ApplyCommandsRequest { cart_id: cart.id, commands };
        let view = self.till.clients.cart.apply_commands(ctx, request).await?;
        view.cart.ok_or_else(|| Error::internal("the cart service answered no cart"))
    }

    /// How it stands now, which is noted nowhere: only what its buyer is shown is.
    async fn told(&self, ctx: &Ctx, row: DraftRow) -> Result<Draft> {
        let store = &self.till.store;
        let checkout = store.checkout(row.checkout_id).await?;
        let mut note = checkout.contact.draft_note.clone();
        let shown = if checkout.status.may_change() {
            let view = self.till.quote(ctx, &checkout).await?;
            let mut now = checkout.clone();
            view.note_in(&mut now);
            WireCheckout { status: now.status.as_str().to_owned(), ..view.shown(checkout) }
        } else {
            if let Some(latest) = store.latest_attempt(row.checkout_id).await?.filter(|_| note.is_empty()) {
                note = latest.attempt.contact.draft_note;
            }
            self.till.show_as_it_was(checkout).await?
        };
        let person_id =
            if shown.email.is_empty() { String::new() } else { store.person_id(&shown.email).await? };
        Ok(Draft { checkout: Some(shown), note, person_id, ..head(&row) })
    }

    /// Stores what staff made of a draft, and what it costs now.
    async fn save(
        &self,
        row: &DraftRow,
        seen: crate::store::Seen,
        (view, cart): (&View, &CartDocument),
        change: impl Fn(&mut Checkout) -> Result<()>,
    ) -> Result<()> {
        let expires_at = self.expires_at(cart);
        let saved = self.till.store.change(seen, |checkout| {
            if !checkout.status.may_change() {
                return Err(error::checkout_state(checkout.id, checkout.status, "changed"));
            }
            change(checkout)?;
            if row.shared_at.is_none() {
                checkout.begin_anew();
            }
            view.note_in(checkout);
            checkout.expires_at = expires_at;
            Ok(())
        });
        saved.await.map(|_| ())
    }
}

/// A draft as it stands in lists.
fn head(row: &DraftRow) -> Draft {
    let checkout = WireCheckout {
        id: row.checkout_id.to_string(),
        status: row.status.as_str().to_owned(),
        email: row.email.clone(),
        order_id: row.order_id.clone().unwrap_or_default(),
        expires_at_ms: row.expires_at.as_millis(),
        is_draft: true,
        ..WireCheckout::default()
    };
    Draft {
        id: row.id.to_string(),
        state: row.state().to_owned(),
        checkout: Some(checkout),
        made_by: row.made_by.clone(),
        made_at_ms: row.made_at.as_millis(),
        shared_at_ms: row.shared_at.map_or(0, Timestamp::as_millis),
        link_key: row.link_key().to_owned(),
        order_number: row.order_number.map(|number| number.to_string()).unwrap_or_default(),
        ..Draft::default()
    }
}

fn for_staff(ctx: &Ctx) -> Result<()> {
    if is_staff(ctx) { Ok(()) } else { Err(error::staff_only("put orders together")) }
}

#[async_trait]
impl DraftsApi for Drafts {
    async fn create_draft(&self, ctx: &Ctx, request: CreateDraftRequest) -> Result<Draft> {
        for_staff(ctx)?;
        check::reference(&request.reference)?;
        let digest = digest(&request);
        if let Some(row) = self.till.store.draft_by_reference(&request.reference).await? {
            return self.again(ctx, row, &digest).await;
        }
        let terms = request.terms.unwrap_or_default();
        let new_cart = CreateCartRequest {
            currency: request.currency,
            market: request.market,
            ..CreateCartRequest::default()
        };
        // A crash, or terms that are refused, leave a cart that expires.
        let cart = self.till.clients.cart.create_cart(ctx, new_cart).await?.cart.unwrap_or_default();
        let wanted = Wanted::of(&terms, &cart.currency)?;
        let cart = self.filled(ctx, cart, &terms).await?;
        let mut checkout = Checkout::new(CheckoutId::new(), cart.id.parse()?, self.expires_at(&cart));
        let id = DraftId::new();
        checkout.draft = Some(DraftMark { id, version: 1, prices: DraftPrices::default() });
        wanted.apply(&mut checkout)?;
        self.till.quote_cart(ctx, &checkout, &cart).await?.note_in(&mut checkout);
        let made_by = name_of(&ctx.actor);
        let (reference, checkout) = (request.reference.as_str(), &checkout);
        let new = NewDraft { id, checkout, reference, digest: &digest, made_by: &made_by };
        if self.till.store.open_draft(&new).await? {
            return self.told(ctx, self.till.store.draft(id).await?).await;
        }
        let before = self.till.store.draft_by_reference(reference).await?;
        self.again(ctx, before.ok_or_else(error::draft_not_found)?, &digest).await
    }

    async fn change_draft(&self, ctx: &Ctx, request: ChangeDraftRequest) -> Result<Draft> {
        for_staff(ctx)?;
        let row = self.found(&request.draft_id).await?;
        let terms = request.terms.unwrap_or_default();
        let seen = self.till.store.seen(row.checkout_id).await?;
        let mut changed = seen.checkout.clone();
        let cart = self.till.cart(ctx, changed.cart_id).await?;
        let wanted = Wanted::of(&terms, &cart.currency)?;
        wanted.apply(&mut changed)?;
        // The cart first: whoever pays meanwhile is asked to look again, whichever of the two they saw.
        let cart = self.filled(ctx, cart, &terms).await?;
        let view = self.till.quote_cart(ctx, &changed, &cart).await?;
        let change = |checkout: &mut Checkout| {
            if let Some(draft) = &mut checkout.draft {
                draft.version += 1;
            }
            wanted.apply(checkout)
        };
        self.save(&row, seen, (&view, &cart), change).await?;
        self.told(ctx, self.till.store.draft(row.id).await?).await
    }

    async fn get_draft(&self, ctx: &Ctx, request: GetDraftRequest) -> Result<Draft> {
        for_staff(ctx)?;
        self.told(ctx, self.found(&request.draft_id).await?).await
    }

    async fn list_drafts(&self, ctx: &Ctx, request: ListDraftsRequest) -> Result<ListDraftsResponse> {
        for_staff(ctx)?;
        let page = PageRequest::new(request.limit, &request.cursor, 50)?;
        let page = self.till.store.drafts(&page).await?;
        let next = page.next.map(String::from).unwrap_or_default();
        Ok(ListDraftsResponse { drafts: page.items.iter().map(head).collect(), next })
    }

    async fn share_draft(&self, ctx: &Ctx, request: ShareDraftRequest) -> Result<Draft> {
        for_staff(ctx)?;
        check::reference(&request.reference)?;
        let row = self.found(&request.draft_id).await?;
        let seen = self.till.store.seen(row.checkout_id).await?;
        if !seen.checkout.status.may_change() {
            return Err(error::checkout_state(row.checkout_id, seen.checkout.status, "sent"));
        }
        let email = seen.checkout.contact.email.clone();
        if request.by_mail && email.is_empty() {
            return Err(Error::invalid_field("/email", "is needed to send the link"));
        }
        let cart = self.till.cart(ctx, seen.checkout.cart_id).await?;
        let view = self.till.quote_cart(ctx, &seen.checkout, &cart).await?;
        if view.quote.lines.is_empty() {
            return Err(error::cart_empty(seen.checkout.cart_id));
        }
        self.save(&row, seen, (&view, &cart), |_| Ok(())).await?;
        let mail = request.by_mail.then_some(request.reference.as_str());
        let share = Share { new_key: &new_link_key(), mail };
        self.till.store.share(&row, &email, &share).await?;
        self.told(ctx, self.till.store.draft(row.id).await?).await
    }

    async fn place_draft(&self, ctx: &Ctx, request: PlaceDraftRequest) -> Result<Draft> {
        for_staff(ctx)?;
        check::reference(&request.reference)?;
        let method = check::word("/method", &request.method, &METHODS)?;
        let row = self.found(&request.draft_id).await?;
        let complete = CompleteCheckoutRequest {
            checkout_id: row.checkout_id.to_string(),
            provider: "manual".to_owned(),
            token: method.to_owned(),
            ..CompleteCheckoutRequest::default()
        };
        let keyed = ctx.clone().with_key(format!("staff:{}", request.reference));
        let answered = self.orders.complete_checkout(&keyed, complete).await?;
        let mut told = self.told(ctx, self.till.store.draft(row.id).await?).await?;
        if let Some(checkout) = told.checkout.as_mut().filter(|_| answered.status != "completed") {
            checkout.notices = answered.notices;
        }
        Ok(told)
    }

    async fn drop_draft(&self, ctx: &Ctx, request: DropDraftRequest) -> Result<Draft> {
        for_staff(ctx)?;
        let row = self.found(&request.draft_id).await?;
        let cancel = CancelCheckoutRequest { checkout_id: row.checkout_id.to_string() };
        self.orders.cancel_checkout(ctx, cancel).await?;
        self.told(ctx, self.till.store.draft(row.id).await?).await
    }

    async fn open_draft(&self, _: &Ctx, request: OpenDraftRequest) -> Result<OpenDraftResponse> {
        let row = self.till.store.draft_by_link(&request.link_key).await?;
        let checkout_id = if row.status.is_over() { String::new() } else { row.checkout_id.to_string() };
        let order_number = row.order_number.map(|number| number.to_string()).unwrap_or_default();
        Ok(OpenDraftResponse { state: row.state().to_owned(), checkout_id, order_number })
    }
}
