//! Units leave an order: before they are sent, or in a parcel.

use argosy_contracts::orders::{CancelOrderRequest, FulfilOrderRequest, LineQuantity, ReadyForPickupRequest};
use argosy_kernel::{FulfilmentId, Result};

use super::{check, money};
use crate::{
    domain::{Line, Parts, StepKind, Units, choose, order_fees_left, taken_back, value_of},
    error,
    events::Changed,
    steps,
    store::{Move, Parcel, Work},
};

pub(super) fn asked(lines: &[LineQuantity]) -> Vec<(String, i64)> {
    lines.iter().map(|asked| (asked.line_id.clone(), asked.quantity)).collect()
}

pub(super) fn count(units: &[Units]) -> i64 {
    units.iter().map(|units| units.quantity).sum()
}

/// Takes units out of what the order costs; those that were let off before are not taken out twice. Answers what they cost.
pub(super) async fn credit(work: &mut Work, units: &[Units]) -> Result<Parts> {
    let mut value = Parts::default();
    for Units { line, quantity } in units {
        let Some(known) = work.lines.iter().find(|known| known.id == *line).cloned() else { continue };
        let quantity = (*quantity).min(known.ordered - known.credited);
        if quantity > 0 {
            value = value.plus(value_of(&work.order, &known, quantity)?)?;
            work.move_units(Move::Credit, &[Units { line: line.clone(), quantity }]).await?;
        }
    }
    Ok(value)
}

/// Writes down what was taken out of what the order costs; answers how much of that is the buyer's.
pub(super) async fn take_out(work: &mut Work, reference: &str, goods: Parts, delivery: Parts) -> Result<i64> {
    let before = work.ledger.charged();
    for entry in work.ledger.take_out(reference, goods, delivery)? {
        work.post(&entry).await?;
    }
    Ok(before - work.ledger.charged())
}

/// Puts units that were not sent back into stock, when the change lasts: at a location, or where they were to come from.
pub(super) async fn put_back(work: &mut Work, units: &[Units], location: &str, reason: &str) -> Result<()> {
    let back = if location.is_empty() {
        taken_back(&work.left_at_origins().await?, units)
    } else {
        units.iter().map(|units| (location.to_owned(), units.clone())).collect()
    };
    for (location, Units { line, quantity }) in back {
        let Some(variant) = work.order.line(&line).map(|sold| sold.variant_id.clone()) else { continue };
        work.step(StepKind::Restock, quantity, steps::LEASE, |step| {
            step.variant_id = variant;
            step.line_id = line;
            step.location_id = location;
            reason.clone_into(&mut step.reason);
        })
        .await?;
    }
    Ok(())
}

/// Puts units that came back into stock, when the change lasts.
pub(super) async fn restock(work: &mut Work, units: &[Units], location: &str, reason: &str) -> Result<()> {
    for Units { line, quantity } in units {
        let Some(variant) = work.order.line(line).map(|sold| sold.variant_id.clone()) else { continue };
        work.step(StepKind::Restock, *quantity, steps::LEASE, |step| {
            step.variant_id = variant;
            location.clone_into(&mut step.location_id);
            reason.clone_into(&mut step.reason);
        })
        .await?;
    }
    Ok(())
}

/// Delivery is taken out of what the order costs, if it was not before.
pub(super) fn delivery_left(work: &Work) -> Result<Parts> {
    let whole = work.order.delivery_cost()?;
    let income = -(whole.value - whole.discount - whole.tax);
    let is_there = work.ledger.balance(crate::domain::Account::Shipping) == income && whole.value != 0;
    Ok(if is_there { whole } else { Parts::default() })
}

/// The order's own fees are taken out of what it costs, if they were not before. They stay while anything of it is left, since
/// what was small is not made larger by becoming smaller.
pub(super) fn fees_left(work: &Work) -> Result<Parts> {
    order_fees_left(&work.order, &work.lines, &work.ledger)
}

pub(super) async fn cancel(work: &mut Work, request: &CancelOrderRequest) -> Result<()> {
    let reason = check::line("/reason", &request.reason, 200)?;
    work.open().await?;
    let units = choose(&work.lines, &asked(&request.lines), Line::open)?;
    work.move_units(Move::Cancel, &units).await?;
    let fees = fees_left(work)?;
    let goods = credit(work, &units).await?;
    let is_whole = work.lines.iter().all(|line| line.current == 0);
    let goods = if is_whole { goods.plus(fees)? } else { goods };
    let delivery = if is_whole { delivery_left(work)? } else { Parts::default() };
    let reference = format!("cancel:{}", request.reference);
    take_out(work, &reference, goods, delivery).await?;
    if !request.without_restock {
        put_back(work, &units, &request.location_id, "canceled").await?;
    }
    let because = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let text = if is_whole {
        format!("The order was canceled{because}.")
    } else {
        format!("{} units were canceled{because}.", count(&units))
    };
    work.note(if is_whole { "canceled" } else { "units_canceled" }, &reference, &text).await?;
    let state = if is_whole { "canceled" } else { "open" };
    work.tell_canceled(&request.reference, state, &units, &reason)?;
    money::give_back_what_is_owed(work, "canceled").await?;
    if is_whole {
        money::let_go(work).await?;
    }
    Ok(())
}

pub(super) async fn fulfil(work: &mut Work, request: &FulfilOrderRequest) -> Result<()> {
    let parcel = Parcel {
        id: FulfilmentId::new(),
        units: Vec::new(),
        carrier: check::line("/carrier", &request.carrier, 60)?,
        tracking_number: check::line("/tracking_number", &request.tracking_number, 100)?,
        tracking_url: check::link("/tracking_url", &request.tracking_url)?,
        location_id: check::line("/location_id", &request.location_id, 60)?,
        at: work.now(),
    };
    if let Some(why) = &work.hold_reason {
        return Err(error::order_held(work.order.id, why));
    }
    work.open().await?;
    let units = if parcel.location_id.is_empty() {
        choose(&work.lines, &asked(&request.lines), Line::open)?
    } else {
        from_location(work, &parcel.location_id, &request.lines).await?
    };
    work.move_units(Move::Send, &units).await?;
    let id = parcel.id.to_string();
    let text = format!("A parcel with {} units is on its way.", count(&units));
    work.add_parcel(&Parcel { units, ..parcel }).await?;
    work.note("fulfilled", &id, &text).await?;
    work.tell(Changed::Fulfilled, &id, "sent")
}

/// What a location sends: no more than it has left.
async fn from_location(work: &Work, location: &str, lines: &[LineQuantity]) -> Result<Vec<Units>> {
    let origins = work.left_at_origins().await?;
    let here = origins.iter().filter(|origin| origin.location_id == location);
    let left: Vec<&Units> = here.flat_map(|origin| &origin.units).collect();
    if left.is_empty() {
        return Err(error::nothing_left_there(work.order.id));
    }
    choose(&work.lines, &asked(lines), |line| {
        let units = left.iter().filter(|units| units.line == line.id).map(|units| units.quantity);
        units.sum::<i64>().min(line.open())
    })
}

pub(super) async fn ready_for_pickup(work: &mut Work, request: &ReadyForPickupRequest) -> Result<()> {
    if work.order.pickup_location().is_empty() {
        return Err(error::not_collected(work.order.id));
    }
    if let Some(why) = &work.hold_reason {
        return Err(error::order_held(work.order.id, why));
    }
    work.open().await?;
    if work.lines.iter().all(|line| line.open() == 0) {
        return Err(error::order_state(work.order.id, &work.status, "made ready"));
    }
    work.note("ready_for_pickup", &request.reference, "The order is ready to be collected.").await?;
    work.tell(Changed::Ready, &request.reference, "ready")
}
