//! Changes of what was ordered: proposed with what they cost, then applied as proposed.

use argosy_contracts::{
    common::Address,
    inventory::GetAvailabilityRequest,
    orders::{DecideEditRequest, ProposeEditRequest},
    pricing::{Destination, QuoteLineRequest, QuoteRequest, QuotedLine},
};
use argosy_kernel::{Ctx, EditId, Error, LineId, Result, VariantId};

use super::{goods, money};
use crate::{
    OrdersClients,
    domain::{
        Edit, EditState, Entry, Line, Parts, Proposal, Step, StepKind, Units, check_address, choose,
        parts_of, value_of,
    },
    error,
    events::Changed,
    steps,
    store::{Move, StoredOrder, Work},
};

const LINES_MAX: usize = 100;
const QUANTITY_MAX: i64 = 9_999;

/// What is added, as it costs now: asked before the order is locked, for others are asked.
pub(super) async fn quote(
    clients: &OrdersClients,
    ctx: &Ctx,
    found: &StoredOrder,
    request: &ProposeEditRequest,
) -> Result<Vec<QuotedLine>> {
    if request.add.is_empty() {
        return Ok(Vec::new());
    }
    if request.add.len() > LINES_MAX {
        return Err(Error::invalid_field("/add", format!("must have at most {LINES_MAX} lines")));
    }
    let mut lines = Vec::new();
    for (index, added) in request.add.iter().enumerate() {
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
        let (line_id, variant_id) = (LineId::new().to_string(), added.variant_id.clone());
        lines.push(QuoteLineRequest {
            line_id,
            variant_id,
            quantity: added.quantity,
            ..QuoteLineRequest::default()
        });
    }
    let stock = GetAvailabilityRequest {
        variant_ids: request.add.iter().map(|added| added.variant_id.clone()).collect(),
        ..GetAvailabilityRequest::default()
    };
    let stock = clients.inventory.get_availability(ctx, stock).await?.items;
    for (index, (added, stock)) in request.add.iter().zip(stock).enumerate() {
        if stock.sellable() < added.quantity {
            return Err(error::out_of_stock(format!("/add/{index}/quantity"), stock.sellable()));
        }
    }
    let to = request.shipping_address.as_ref().or(found.order.contact.shipping_address.as_ref());
    let destination = to.map(|to: &Address| Destination {
        country: to.country.clone(),
        region: to.region.clone(),
        postal_code: to.postal_code.clone(),
    });
    let asked = QuoteRequest {
        currency: found.order.quote.currency.clone(),
        lines: lines.clone(),
        destination,
        ..QuoteRequest::default()
    };
    let quoted = clients.pricing.quote(ctx, asked).await?.quote.unwrap_or_default().lines;
    let line = |(index, asked): (usize, &QuoteLineRequest)| {
        let line =
            quoted.iter().find(|line| line.line_id == asked.line_id && line.quantity == asked.quantity);
        line.cloned().ok_or_else(|| error::not_sold(format!("/add/{index}/variant_id")))
    };
    lines.iter().enumerate().map(line).collect()
}

pub(super) async fn propose(
    work: &mut Work,
    request: &ProposeEditRequest,
    add: Vec<QuotedLine>,
) -> Result<()> {
    let address = request.shipping_address.as_ref();
    let address = address.map(|to| check_address(to, "/shipping_address")).transpose()?;
    if request.remove.is_empty() && add.is_empty() && address.is_none() {
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
    let edit = Edit {
        id: EditId::new(),
        state: EditState::Proposed,
        difference: difference.value,
        what: Proposal { remove, add },
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
    work.move_units(Move::Cancel, &edit.what.remove).await?;
    let removed = goods::credit(work, &edit.what.remove).await?;
    if removed != Parts::default() {
        goods::take_out(work, &format!("edit_out:{id}"), removed, Parts::default()).await?;
    }
    goods::put_back(work, &edit.what.remove, "", "edited").await?;
    let mut added = Parts::default();
    for line in edit.what.add.clone() {
        added = added.plus(parts_of(&line))?;
        let (line_id, variant, quantity) = (line.line_id.clone(), line.variant_id.clone(), line.quantity);
        work.add_line(line).await?;
        work.step(StepKind::Take, quantity, steps::LEASE, |step| {
            step.line_id = line_id;
            step.variant_id = variant;
            "edited".clone_into(&mut step.reason);
        })
        .await?;
    }
    if added != Parts::default() {
        work.post(&Entry::charged(format!("edit_in:{id}"), added, Parts::default())?).await?;
    }
    work.decided(&edit).await?;
    work.note("edited", &id, "The order was changed.").await?;
    work.tell(Changed::Handling, &id, "edited")
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
