//! Money back, and money that comes by hand. What is owed is what the ledger says.

use argosy_contracts::orders::RefundOrderRequest;
use argosy_kernel::{Error, IntentId, Money, Result};

use super::{check, goods};
use crate::{
    domain::{
        BalanceState, Line, Moved, Order, Parts, PaymentStatus, Step, StepKind, all_moved, choose,
        distribute, moved_by,
    },
    error, steps,
    store::Work,
};

/// Notes a refund: from here on its money is not there for another, and it will be made. Of an order that several payments
/// paid it is a refund of each that it goes back by, so that one that is refused takes no other with it.
///
/// # Errors
/// `REFUND_TOO_LARGE`.
async fn begin_refund(work: &mut Work, amount: i64, reason: &str, payment: &str) -> Result<()> {
    if amount > work.ledger.refundable() {
        return Err(error::refund_too_large(work.ledger.refundable()));
    }
    for (intent_id, share) in shares(work, amount, payment).await? {
        let about = |step: &mut Step| {
            reason.clone_into(&mut step.reason);
            step.intent_id = intent_id;
        };
        let id = work.step(StepKind::Refund, share, steps::LEASE, about).await?;
        for entry in work.ledger.refund(&id.to_string(), share)? {
            work.post(&entry).await?;
        }
    }
    Ok(())
}

/// By which payments an amount goes back. An order of one payment names none.
async fn shares(work: &Work, amount: i64, payment: &str) -> Result<Vec<(Option<IntentId>, i64)>> {
    let unknown = || Error::invalid_field("/payment_id", "must be one of the order's payments");
    let (balances, only) = (work.balances().await?, work.order.intent_id.filter(|_| !work.order.is_split()));
    if balances.iter().all(|balance| balance.state != BalanceState::Paid) && !work.order.is_split() {
        let is_its_own = payment.is_empty() || only.is_some_and(|id| id.to_string() == payment);
        return if is_its_own { Ok(vec![(None, amount)]) } else { Err(unknown()) };
    }
    let mut moved = all_moved(&work.order, &work.all_steps().await?, &balances);
    if !payment.is_empty() {
        moved.retain(|one| one.part.intent_id.to_string() == payment);
        let left = moved.first().ok_or_else(unknown)?.left();
        if amount > left {
            return Err(error::refund_too_large(left));
        }
    }
    let shares = distribute(&moved, amount);
    if shares.iter().map(|(_, share)| share).sum::<i64>() != amount {
        return Err(Error::internal("the ledger has more to give back than the payments took"));
    }
    // The only payment of the sale is not named, so that a release that knows one finds it.
    let named = |intent_id| Some(intent_id).filter(|intent_id| Some(*intent_id) != only);
    Ok(shares.into_iter().map(|(intent_id, share)| (named(intent_id), share)).collect())
}

/// Payments by hand of an order that are not taken, of several by their name.
fn awaited(order: &Order, steps: &[Step]) -> Vec<Moved> {
    moved_by(order, steps).into_iter().filter(|one| one.part.by_hand && one.taken == 0).collect()
}

/// Whether more payments are awaited.
pub(crate) fn is_awaited(order: &Order, steps: &[Step]) -> bool {
    order.is_split() && !awaited(order, steps).is_empty()
}

/// Begins to give back what is the buyer's, as far as they paid it.
pub(crate) async fn give_back_what_is_owed(work: &mut Work, reason: &str) -> Result<()> {
    match work.ledger.owed().min(work.ledger.refundable()) {
        0 => Ok(()),
        amount => begin_refund(work, amount, reason, "").await,
    }
}

/// A payment that is awaited is not any more.
pub(crate) async fn let_go(work: &mut Work) -> Result<()> {
    if work.order.payment_status == PaymentStatus::Pending && work.order.intent_id.is_some() {
        let intents = if work.order.is_split() {
            let awaited = awaited(&work.order, &work.all_steps().await?);
            awaited.iter().map(|one| Some(one.part.intent_id)).collect()
        } else {
            vec![None]
        };
        for intent_id in intents {
            work.step(StepKind::Void, 0, steps::LEASE, |step| step.intent_id = intent_id).await?;
        }
    }
    Ok(())
}

pub(super) async fn refund(work: &mut Work, request: &RefundOrderRequest) -> Result<()> {
    let reason = check::line("/reason", &request.reason, 200)?;
    work.open().await?;
    let of_goods = !request.lines.is_empty() || request.shipping || request.fees;
    let amount = match &request.amount {
        Some(_) if of_goods => {
            return Err(Error::invalid_field("/amount", "cannot be given beside lines, shipping or fees"));
        }
        Some(amount) => {
            let amount = Money::try_from(amount)?;
            let currency = work.order.money(0)?.currency;
            if amount.minor <= 0 || amount.currency != currency {
                return Err(Error::invalid_field("/amount", format!("must be above 0 and in {currency}")));
            }
            amount.minor
        }
        None if of_goods => let_off(work, request).await?,
        None => match work.ledger.owed() {
            0 => return Err(error::nothing_owed()),
            owed => owed,
        },
    };
    if amount == 0 {
        return Err(error::nothing_owed());
    }
    begin_refund(work, amount, &reason, &request.payment_id).await
}

/// Lets the buyer off units that they keep, delivery, or the order's fees; answers what that is.
async fn let_off(work: &mut Work, request: &RefundOrderRequest) -> Result<i64> {
    let paid_for = |line: &Line| line.ordered - line.credited;
    let fees = if request.fees { goods::fees_left(work)? } else { Parts::default() };
    let value = if request.lines.is_empty() {
        Parts::default()
    } else {
        let units = choose(&work.lines, &goods::asked(&request.lines), paid_for)?;
        goods::credit(work, &units).await?
    };
    let delivery = if request.shipping { goods::delivery_left(work)? } else { Parts::default() };
    goods::take_out(work, &format!("refund:{}", request.reference), value.plus(fees)?, delivery).await
}

pub(super) async fn take_payment(work: &mut Work) -> Result<()> {
    work.open().await?;
    let steps = work.all_steps().await?;
    let is_being_paid = work.balances().await?.iter().any(|one| one.state == BalanceState::Taking);
    let is_asked = steps
        .iter()
        .any(|step| step.state == "open" && matches!(step.kind, StepKind::Capture | StepKind::Void));
    let due = work.ledger.due();
    if is_asked
        || is_being_paid
        || due <= 0
        || work.order.payment_status != PaymentStatus::Pending
        || work.status == "canceled"
    {
        return Err(error::not_awaited(work.order.id));
    }
    if !work.order.is_split() {
        return work.step(StepKind::Capture, due, crate::steps::LEASE, |_| {}).await.map(|_| ());
    }
    let mut left = due;
    for one in awaited(&work.order, &steps) {
        let amount = one.part.amount.min(left);
        if amount > 0 {
            let about = |step: &mut Step| step.intent_id = Some(one.part.intent_id);
            work.step(StepKind::Capture, amount, crate::steps::LEASE, about).await?;
            left -= amount;
        }
    }
    Ok(())
}
