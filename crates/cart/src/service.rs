//! The contract: check, apply, quote.

use std::collections::HashSet;

use argosy_contracts::{
    awaited,
    cart::{
        AddLine, ApplyCommandsRequest, CartApi, CartDocument, CartLine, CartView, Command as WireCommand,
        CompleteCartRequest, CompleteCartResponse, CreateCartRequest, GetCartRequest, MergeCartsRequest,
        SetWrap, command,
    },
    catalog::ResolveVariantsRequest,
    common::Notice,
    inventory::{Availability, GetAvailabilityRequest},
    pricing::{Quote, QuoteLineRequest, QuoteRequest},
};
use argosy_kernel::{CartId, Ctx, Error, LineId, Result, VariantId};
use argosy_platform::documents::Versioned;
use async_trait::async_trait;

use crate::{
    CartClients, CartConfig,
    domain::{Cart, Command, QUANTITY_MAX},
    error,
    store::Store,
};

const COMMANDS_MAX: usize = 100;
const CODE_LENGTH_MAX: usize = 64;
const NAME_LENGTH_MAX: usize = 64;
/// As many as a packing slip has room for.
const MESSAGE_LENGTH_MAX: usize = 240;

pub(crate) struct CartService {
    store: Store,
    config: CartConfig,
    clients: CartClients,
}

impl CartService {
    pub(crate) fn new(store: Store, config: CartConfig, clients: CartClients) -> Self {
        Self { store, config, clients }
    }

    /// Refuses variants that are not for sale in the currency that the cart will have, and quantities that they are
    /// not sold in. Of two tabs at once both may pass; what comes of it is then a notice of the quote.
    async fn check_variants(&self, ctx: &Ctx, present: &Cart, commands: &[Command]) -> Result<()> {
        let mut after = present.clone();
        after.apply(None, commands)?;
        let currency = commands.iter().rev().find_map(|command| match command {
            Command::SetCurrency { currency, .. } => Some(*currency),
            _ => None,
        });
        let currency = currency.unwrap_or(present.currency);
        let touched: Vec<Touched> = commands
            .iter()
            .enumerate()
            .filter_map(|(index, command)| Touched::by(index, command, &after))
            .collect();
        if touched.is_empty() {
            return Ok(());
        }
        let ids: HashSet<String> = touched.iter().map(|each| each.variant.to_string()).collect();
        let request = ResolveVariantsRequest {
            variant_ids: ids.into_iter().collect(),
            currency: currency.code().to_owned(),
        };
        let known = self.clients.catalog.resolve_variants(ctx, request).await?.variants;
        for Touched { index, variant, quantity, is_new } in touched {
            let pointer = format!("/commands/{index}/variant_id");
            let name = variant.to_string();
            let found = known.iter().find(|known| known.variant_id == name);
            let found = match found {
                Some(found) => found,
                None if is_new => return Err(error::variant_not_found(pointer, variant)),
                None => continue,
            };
            if is_new && found.price.is_none() {
                return Err(error::not_sold_in_currency(pointer, currency));
            }
            if let Some(rule) = found.quantity_rule.as_ref().filter(|rule| !rule.allows(quantity)) {
                return Err(error::quantity_not_offered(format!("/commands/{index}/quantity"), rule));
            }
        }
        Ok(())
    }

    /// The cart with its present prices and what buyers must know of its stock.
    async fn view(&self, ctx: &Ctx, cart: Versioned<Cart>) -> Result<CartView> {
        let request = QuoteRequest {
            currency: cart.body.currency.code().to_owned(),
            lines: cart
                .body
                .lines
                .iter()
                .map(|line| QuoteLineRequest {
                    line_id: line.id.to_string(),
                    variant_id: line.variant.to_string(),
                    quantity: line.quantity,
                    wrap: line.wrap.clone(),
                    wrap_message_length: u32::try_from(line.wrap_message.chars().count()).unwrap_or(u32::MAX),
                    ..QuoteLineRequest::default()
                })
                .collect(),
            codes: cart.body.codes.clone(),
            market: cart.body.market.clone(),
            ..QuoteRequest::default()
        };
        let stock = GetAvailabilityRequest {
            variant_ids: cart.body.lines.iter().map(|line| line.variant.to_string()).collect(),
            ..GetAvailabilityRequest::default()
        };
        let (quoted, stock) = futures::future::try_join(
            self.clients.pricing.quote(ctx, request),
            self.clients.inventory.get_availability(ctx, stock),
        )
        .await?;
        let notices = stock_notices(&cart.body, &stock.items);
        let mut quote = quoted.quote;
        if let Some(quote) = &mut quote {
            quote.awaited = awaited(quote, &stock.items);
        }
        Ok(CartView { cart: Some(to_wire(&cart)), quote, notices })
    }
}

/// A line whose quantity a command decides, as it is after all of them.
struct Touched {
    index: usize,
    variant: VariantId,
    quantity: i64,
    is_new: bool,
}

impl Touched {
    fn by(index: usize, command: &Command, after: &Cart) -> Option<Self> {
        let (line, is_new) = match command {
            Command::Add { variant, .. } => (after.lines.iter().find(|line| line.variant == *variant), true),
            Command::SetQuantity { line, .. } => {
                (after.lines.iter().find(|existing| existing.id == *line), false)
            }
            Command::Remove { .. }
            | Command::AddCode { .. }
            | Command::RemoveCode { .. }
            | Command::SetWrap { .. }
            | Command::SetCurrency { .. } => (None, false),
        };
        line.map(|line| Self { index, variant: line.variant, quantity: line.quantity, is_new })
    }
}

#[async_trait]
impl CartApi for CartService {
    async fn create_cart(&self, ctx: &Ctx, request: CreateCartRequest) -> Result<CartView> {
        let currency =
            if request.currency.is_empty() { self.config.shop.currency } else { request.currency.parse()? };
        let commands =
            request.lines.iter().enumerate().map(|(index, line)| add_command("lines", index, line));
        let commands: Vec<Command> = commands.collect::<Result<_>>()?;
        let market = read_market("/market", &request.market)?;
        let mut cart = Cart::new(CartId::new(), currency, market, self.store.now());
        self.check_variants(ctx, &cart, &commands).await?;
        cart.apply(None, &commands)?;
        let cart = self.store.create(cart).await?;
        self.view(ctx, cart).await
    }

    async fn get_cart(&self, ctx: &Ctx, request: GetCartRequest) -> Result<CartView> {
        let cart = self.store.get(request.cart_id.parse()?).await?;
        if request.without_quote {
            return Ok(CartView { cart: Some(to_wire(&cart)), quote: None::<Quote>, notices: Vec::new() });
        }
        self.view(ctx, cart).await
    }

    async fn apply_commands(&self, ctx: &Ctx, request: ApplyCommandsRequest) -> Result<CartView> {
        let id: CartId = request.cart_id.parse()?;
        if request.commands.is_empty() || request.commands.len() > COMMANDS_MAX {
            return Err(Error::invalid_field("/commands", format!("must have 1 to {COMMANDS_MAX} commands")));
        }
        let commands = request.commands.iter().enumerate().map(|(index, wire)| read_command(index, wire));
        let commands: Vec<Command> = commands.collect::<Result<_>>()?;
        let present = self.store.get(id).await?;
        if !present.body.has_applied(ctx.idempotency_key.as_deref()) {
            self.check_variants(ctx, &present.body, &commands).await?;
        }
        let cart = self.store.apply(id, ctx.idempotency_key.as_deref(), &commands).await?;
        self.view(ctx, cart).await
    }

    async fn merge_carts(&self, ctx: &Ctx, request: MergeCartsRequest) -> Result<CartView> {
        let cart = self.store.merge(request.from_cart_id.parse()?, request.into_cart_id.parse()?).await?;
        self.view(ctx, cart).await
    }

    async fn complete_cart(&self, _ctx: &Ctx, request: CompleteCartRequest) -> Result<CompleteCartResponse> {
        self.store.complete(request.cart_id.parse()?, request.order_id.parse()?).await?;
        Ok(CompleteCartResponse {})
    }
}

fn read_command(index: usize, wire: &WireCommand) -> Result<Command> {
    let missing = || Error::invalid_field(format!("/commands/{index}"), "names no command");
    match wire.command.as_ref().ok_or_else(missing)? {
        command::Command::AddLine(line) => add_command("commands", index, line),
        command::Command::SetQuantity(set) => {
            if !(0..=QUANTITY_MAX).contains(&set.quantity) {
                let pointer = format!("/commands/{index}/quantity");
                return Err(Error::invalid_field(pointer, format!("must be from 0 to {QUANTITY_MAX}")));
            }
            Ok(Command::SetQuantity { line: set.line_id.parse()?, quantity: set.quantity })
        }
        command::Command::RemoveLine(remove) => Ok(Command::Remove { line: remove.line_id.parse()? }),
        command::Command::AddCode(add) => Ok(Command::AddCode { code: read_code(index, &add.code)? }),
        command::Command::RemoveCode(remove) => {
            Ok(Command::RemoveCode { code: remove.code.trim().to_owned() })
        }
        command::Command::SetWrap(set) => read_wrap(index, set),
        command::Command::SetCurrency(set) => Ok(Command::SetCurrency {
            currency: set.currency.parse()?,
            market: read_market(&format!("/commands/{index}/market"), &set.market)?,
        }),
    }
}

fn add_command(list: &str, index: usize, line: &AddLine) -> Result<Command> {
    if !(1..=QUANTITY_MAX).contains(&line.quantity) {
        let pointer = format!("/{list}/{index}/quantity");
        return Err(Error::invalid_field(pointer, format!("must be from 1 to {QUANTITY_MAX}")));
    }
    Ok(Command::Add { line: LineId::new(), variant: line.variant_id.parse()?, quantity: line.quantity })
}

/// Whether there is such a wrap pricing knows, for each quote anew.
fn read_wrap(index: usize, set: &SetWrap) -> Result<Command> {
    let pointer = |field: &str| format!("/commands/{index}/{field}");
    let message = set.message.trim();
    if message.chars().count() > MESSAGE_LENGTH_MAX || message.chars().any(char::is_control) {
        let why = format!("must be at most {MESSAGE_LENGTH_MAX} characters on one line");
        return Err(Error::invalid_field(pointer("message"), why));
    }
    if set.wrap.is_empty() && !message.is_empty() {
        return Err(Error::invalid_field(pointer("message"), "needs a gift wrap to be written with"));
    }
    Ok(Command::SetWrap {
        line: set.line_id.parse()?,
        wrap: plain_name(&pointer("wrap"), &set.wrap)?,
        message: message.to_owned(),
    })
}

fn read_code(index: usize, code: &str) -> Result<String> {
    let code = code.trim();
    let well_formed =
        !code.is_empty() && code.chars().count() <= CODE_LENGTH_MAX && !code.chars().any(char::is_control);
    if well_formed {
        Ok(code.to_owned())
    } else {
        let message = format!("must have 1 to {CODE_LENGTH_MAX} printable characters");
        Err(Error::invalid_field(format!("/commands/{index}/code"), message))
    }
}

/// A market's name. Whether there is such a market, pricing knows, for each quote anew.
fn read_market(pointer: &str, market: &str) -> Result<String> {
    plain_name(pointer, market)
}

/// A name that something is put by; empty: none.
fn plain_name(pointer: &str, name: &str) -> Result<String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if name.len() <= NAME_LENGTH_MAX && name.chars().all(plain) {
        Ok(name.to_owned())
    } else {
        let message = format!("must be at most {NAME_LENGTH_MAX} of a to z, 0 to 9 and -");
        Err(Error::invalid_field(pointer, message))
    }
}

fn stock_notices(cart: &Cart, stock: &[Availability]) -> Vec<Notice> {
    let short = |index: usize| {
        let (line, stock) = (&cart.lines[index], stock.get(index)?);
        let sellable = stock.sellable();
        if sellable >= line.quantity {
            return None;
        }
        let text = match sellable {
            0 => "This item is sold out.".to_owned(),
            left => format!("Only {left} left."),
        };
        Some(Notice {
            level: "error".to_owned(),
            code: "OUT_OF_STOCK".to_owned(),
            resolution: "fix".to_owned(),
            target: format!("/lines/{index}/quantity"),
            text,
            token: String::new(),
        })
    };
    (0..cart.lines.len()).filter_map(short).collect()
}

fn to_wire(cart: &Versioned<Cart>) -> CartDocument {
    let lines = cart.body.lines.iter().map(|line| CartLine {
        id: line.id.to_string(),
        variant_id: line.variant.to_string(),
        quantity: line.quantity,
        wrap: line.wrap.clone(),
        wrap_message: line.wrap_message.clone(),
    });
    CartDocument {
        id: cart.body.id.to_string(),
        currency: cart.body.currency.code().to_owned(),
        market: cart.body.market.clone(),
        version: cart.version,
        lines: lines.collect(),
        codes: cart.body.codes.clone(),
        order_id: cart.body.order.map(|order| order.to_string()).unwrap_or_default(),
        merged_into: cart.body.merged_into.map(|into| into.to_string()).unwrap_or_default(),
        created_at_ms: cart.body.created_at.as_millis(),
        expires_at_ms: cart.expires_at.as_millis(),
    }
}
