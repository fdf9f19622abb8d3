//! Changes of what was ordered: proposed with what they cost, then applied as proposed.

use std::collections::HashMap;

use argosy_contracts::{
    common::{Address, Money as WireMoney},
    inventory::GetAvailabilityRequest,
    orders::{AddedLine, DecideEditRequest, ProposeEditRequest},
    pricing::{Destination, QuoteLineRequest, QuoteRequest, QuotedLine},
};
use argosy_kernel::{Ctx, Currency, EditId, Error, LineId, Result, VariantId};

use super::{goods, money};
use crate::{
    OrdersClients,
    domain::{
        Delivery, Edit, EditState, Entry, Line, Order, Parts, Proposal, Step, StepKind, Units, check_address,
        choose, delivery_of, parts_of, value_of,
    },
    error,
    events::Changed,
    steps,
    store::{Move, StoredOrder, Work},
};

const LINES_MAX: usize = 100;
const QUANTITY_MAX: i64 = 9_999;

/// What a change would bring into an order, as it costs now.
#[derive(Default)]
pub(super) struct Priced {
    add: Vec<QuotedLine>,
    delivery: Option<Delivery>,
}

/// Asked before the order is locked, for others are asked.
pub(super) async fn quote(
    clients: &OrdersClients,
    ctx: &Ctx,
    found: &StoredOrder,
    request: &ProposeEditRequest,
) -> Result<Priced> {
    let currency = found.order.money(0)?.currency;
    agreed(request.shipping_price.as_ref(), currency, "/shipping_price")?;
    let add = asked_lines(request, currency)?;
    check_stock(clients, ctx, found, request).await?;
    let to = request.shipping_address.as_ref().or(found.order.contact.shipping_address.as_ref());
    let destination = to.map(|to: &Address| Destination {
        country: to.country.clone(),
        region: to.region.clone(),
        postal_code: to.postal_code.clone(),
    });
    let asked = QuoteRequest {
        currency: found.order.quote.currency.clone(),
        lines: add,
        destination,
        ..QuoteRequest::default()
    };
    let delivery = delivery(clients, ctx, found, (request, &asked)).await?;
    if asked.lines.is_empty() {
        return Ok(Priced { add: Vec::new(), delivery });
    }
    let lines = asked.lines.clone();
    let quoted = clients.pricing.quote(ctx, asked).await?.quote.unwrap_or_default().lines;
    let line = |(index, asked): (usize, &QuoteLineRequest)| {
        let line =
            quoted.iter().find(|line| line.line_id == asked.line_id && line.quantity == asked.quantity);
        line.cloned().ok_or_else(|| error::not_sold(format!("/add/{index}/variant_id")))
    };
    Ok(Priced { add: lines.iter().enumerate().map(line).collect::<Result<_>>()?, delivery })
}

/// Refuses a price that cannot be agreed on.
fn agreed(price: Option<&WireMoney>, currency: Currency, at: &str) -> Result<()> {
    let is_wrong = price.is_some_and(|price| price.minor < 0 || price.currency != currency.code());
    if is_wrong {
        Err(Error::invalid_field(at, format!("must be in {currency} and not below 0")))
    } else {
        Ok(())
    }
}

fn asked_lines(request: &ProposeEditRequest, currency: Currency) -> Result<Vec<QuoteLineRequest>> {
    if request.add.len() > LINES_MAX {
        return Err(Error::invalid_field("/add", format!("must have at most {LINES_MAX} lines")));
    }
    let line = |(index, added): (usize, &AddedLine)| {
        let pointer = |field: &str| format!("/add/{index}/{field}");
        if added.variant_id.parse::<VariantId>().is_err() {
            return Err(Error::invalid_field(pointer("variant_id"), "is no id of a variant"));
        }
        if !(1..=QUANTITY_MAX).contains(&added.quantity) {
            return Err(Error::invalid_field(
                pointer("quantity"),
                format!("must be from 1 to {QUANTITY_MAX}"),
            ));
        }
        agreed(added.unit_price.as_ref(), currency, &pointer("unit_price"))?;
        Ok(QuoteLineRequest {
            line_id: LineId::new().to_string(),
            variant_id: added.variant_id.clone(),
            quantity: added.quantity,
            agreed_price: added.unit_price.clone(),
            ..QuoteLineRequest::default()
        })
    };
    request.add.iter().enumerate().map(line).collect()
}

/// Refuses more than there is of what is added, beyond what the same change takes out.
async fn check_stock(
    clients: &OrdersClients,
    ctx: &Ctx,
    found: &StoredOrder,
    request: &ProposeEditRequest,
) -> Result<()> {
    if request.add.is_empty() {
        return Ok(());
    }
    let stock = GetAvailabilityRequest {
        variant_ids: request.add.iter().map(|added| added.variant_id.clone()).collect(),
        ..GetAvailabilityRequest::default()
    };
    let stock = clients.inventory.get_availability(ctx, stock).await?.items;
    let removed = goods::asked(&request.remove).into_iter().map(|(line, quantity)| Units { line, quantity });
    let mut staying = Staying::of(&found.order, &removed.collect::<Vec<_>>());
    for (index, (added, stock)) in request.add.iter().zip(stock).enumerate() {
        let wanted = added.quantity - staying.take(&added.variant_id, added.quantity);
        if stock.sellable() < wanted {
            return Err(error::out_of_stock(format!("/add/{index}/quantity"), stock.sellable()));
        }
    }
    Ok(())
}

/// What another delivery costs for what the order then has, each line of it at what its buyer pays.
async fn delivery(
    clients: &OrdersClients,
    ctx: &Ctx,
    found: &StoredOrder,
    (request, asked): (&ProposeEditRequest, &QuoteRequest),
) -> Result<Option<Delivery>> {
    if request.shipping_option_id.is_empty() && request.shipping_price.is_none() {
        return Ok(None);
    }
    let present = found.order.shipping().map(|option| option.id.clone());
    let wanted = Some(request.shipping_option_id.clone()).filter(|id| !id.is_empty()).or(present);
    let at = "/shipping_option_id";
    let wanted =
        wanted.ok_or_else(|| Error::invalid_field(at, "must be named: nothing was delivered so far"))?;
    let mut lines = asked.lines.clone();
    for line in &found.lines {
        let out = request.remove.iter().filter(|out| out.line_id == line.id).map(|out| out.quantity);
        let (quantity, sold) = (line.current - out.sum::<i64>(), found.order.line(&line.id));
        let Some(sold) = sold.filter(|_| quantity > 0) else { continue };
        let paid = [&sold.subtotal, &sold.discount].map(|amount| amount.as_ref().map_or(0, |one| one.minor));
        let each = found.order.money(paid.iter().sum::<i64>().max(0))?.scaled(1, line.ordered)?;
        lines.push(QuoteLineRequest {
            line_id: line.id.clone(),
            variant_id: sold.variant_id.clone(),
            quantity,
            agreed_price: Some(each.into()),
            ..QuoteLineRequest::default()
        });
    }
    let asked = QuoteRequest {
        lines,
        shipping_option_id: wanted.clone(),
        agreed_shipping_price: request.shipping_price.clone(),
        for_checkout: true,
        parcels_planned: true,
        ..asked.clone()
    };
    let quote = clients.pricing.quote(ctx, asked).await?.quote.unwrap_or_default();
    let chosen = quote.shipping_options.iter().find(|option| option.id == wanted).cloned();
    let Some(option) = chosen else {
        let all: Vec<&str> = quote.shipping_options.iter().map(|option| option.id.as_str()).collect();
        let offered = if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
        return Err(Error::invalid_field(at, format!("is not offered for this order; there is {offered}")));
    };
    Ok(Some(Delivery::new(option, delivery_of(&quote)?)))
}

/// Units that a change takes out and puts in again: they neither go back into stock nor are taken anew.
struct Staying(HashMap<String, i64>);

impl Staying {
    fn of(order: &Order, removed: &[Units]) -> Self {
        let mut staying = HashMap::new();
        for Units { line, quantity } in removed {
            if let Some(sold) = order.line(line) {
                *staying.entry(sold.variant_id.clone()).or_default() += quantity;
            }
        }
        Self(staying)
    }

    fn of_lines(added: &[QuotedLine]) -> Self {
        let mut staying = HashMap::new();
        for line in added {
            *staying.entry(line.variant_id.clone()).or_default() += line.quantity;
        }
        Self(staying)
    }

    /// So many of these units are such; they are not told twice.
    fn take(&mut self, variant: &str, quantity: i64) -> i64 {
        let Some(left) = self.0.get_mut(variant) else { return 0 };
        let taken = quantity.min(*left);
        *left -= taken;
        taken
    }
}

pub(super) async fn propose(
    work: &mut Work,
    request: &ProposeEditRequest,
    Priced { add, delivery }: Priced,
) -> Result<()> {
    let address = request.shipping_address.as_ref();
    let address = address.map(|to| check_address(to, "/shipping_address")).transpose()?;
    if request.remove.is_empty() && add.is_empty() && address.is_none() && delivery.is_none() {
        return Err(Error::invalid_field("/add", "nothing would change"));
    }
    if work.status == "canceled" {
        return Err(error::order_state(work.order.id, &work.status, "changed"));
    }
    work.open().await?;
    let remove = if request.remove.is_empty() {
        Vec::new()
    } else {
        choose(&work.lines, &goods::asked(&request.remove), Line::open)?
    };
    let mut difference = Parts::default();
    for line in &add {
        difference = difference.plus(parts_of(line))?;
    }
    for Units { line, quantity } in &remove {
        if let Some(known) = work.lines.iter().find(|known| known.id == *line) {
            let left = (*quantity).min(known.ordered - known.credited);
            difference = difference.minus(value_of(&work.order, known, left)?)?;
        }
    }
    if let Some(delivery) = &delivery {
        difference = difference.plus(delivery.cost())?.minus(goods::delivery_left(work)?)?;
    }
    let edit = Edit {
        id: EditId::new(),
        state: EditState::Proposed,
        difference: difference.value,
        what: Proposal { remove, add, delivery },
        changes_address: address.is_some(),
        at: work.now(),
    };
    work.propose(&edit, address.as_ref()).await?;
    work.tell(Changed::Handling, &edit.id.to_string(), "edit_proposed")
}

pub(super) async fn drop_edit(work: &mut Work, request: &DecideEditRequest) -> Result<()> {
    work.open().await?;
    let (mut edit, _) = work.find_edit(&request.edit_id).await?;
    edit.decide(EditState::Dropped)?;
    work.decided(&edit).await?;
    work.tell(Changed::Handling, &request.edit_id, "edit_dropped")
}

pub(super) async fn apply(work: &mut Work, request: &DecideEditRequest) -> Result<()> {
    if work.status == "canceled" {
        return Err(error::order_state(work.order.id, &work.status, "changed"));
    }
    work.open().await?;
    let (mut edit, address) = work.find_edit(&request.edit_id).await?;
    edit.decide(EditState::Applied)?;
    let id = edit.id.to_string();
    if edit.changes_address {
        work.deliver_to(address.ok_or_else(error::person_forgotten)?).await?;
    }
    let delivery = edit.what.delivery.clone();
    if delivery.is_some() && work.has_later_delivery(edit.id).await? {
        return Err(error::edit_overtaken(edit.id));
    }
    work.move_units(Move::Cancel, &edit.what.remove).await?;
    let removed = goods::credit(work, &edit.what.remove).await?;
    let delivered = if delivery.is_some() { goods::delivery_left(work)? } else { Parts::default() };
    if removed != Parts::default() || delivered != Parts::default() {
        goods::take_out(work, &format!("edit_out:{id}"), removed, delivered).await?;
    }
    let added = put_in(work, &edit.what, "edited").await?;
    let cost = delivery.as_ref().map(Delivery::cost).unwrap_or_default();
    if added != Parts::default() || cost != Parts::default() {
        work.post(&Entry::charged(format!("edit_in:{id}"), added, cost)?).await?;
    }
    if delivery.is_some() {
        work.order.delivery = delivery.map(Box::new);
    }
    work.decided(&edit).await?;
    work.note("edited", &id, "The order was changed.").await?;
    work.tell(Changed::Handling, &id, "edited")
}

/// Adds lines, and moves the stock of what then is not in the order any more and of what then is; answers what the lines cost.
pub(super) async fn put_in(work: &mut Work, what: &Proposal, reason: &str) -> Result<Parts> {
    let mut staying = Staying::of(&work.order, &what.remove);
    let mut added = Parts::default();
    for line in what.add.clone() {
        added = added.plus(parts_of(&line))?;
        let taken = line.quantity - staying.take(&line.variant_id, line.quantity);
        let (line_id, variant) = (line.line_id.clone(), line.variant_id.clone());
        work.add_line(line).await?;
        if taken > 0 {
            work.step(StepKind::Take, taken, steps::LEASE, |step| {
                step.line_id = line_id;
                step.variant_id = variant;
                reason.clone_into(&mut step.reason);
            })
            .await?;
        }
    }
    // What stays in the order was not taken out of stock by anybody else: only the rest goes back.
    let mut staying = Staying::of_lines(&what.add);
    let mut back = Vec::new();
    for Units { line, quantity } in &what.remove {
        let variant = work.order.line(line).map(|sold| sold.variant_id.clone()).unwrap_or_default();
        let quantity = quantity - staying.take(&variant, *quantity);
        if quantity > 0 {
            back.push(Units { line: line.clone(), quantity });
        }
    }
    goods::put_back(work, &back, "", reason).await?;
    Ok(added)
}

/// Stock that an added line needed has gone: what is not sent of it leaves the order, and nobody pays for it.
pub(crate) async fn take_out_again(work: &mut Work, step: &Step) -> Result<()> {
    let Some(line) = work.lines.iter().find(|line| line.id == step.line_id) else { return Ok(()) };
    let units = [Units { line: line.id.clone(), quantity: line.open().min(step.amount) }];
    if units[0].quantity == 0 {
        return Ok(());
    }
    work.move_units(Move::Cancel, &units).await?;
    let value = goods::credit(work, &units).await?;
    goods::take_out(work, &format!("edit_refused:{}", step.id), value, Parts::default()).await?;
    work.note("units_canceled", &step.id.to_string(), "What was added to the order has sold out.").await?;
    money::give_back_what_is_owed(work, "out_of_stock").await
}
