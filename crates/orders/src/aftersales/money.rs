//! Money back, and money that comes by hand. What is owed is what the ledger says.

use argosy_contracts::orders::RefundOrderRequest;
use argosy_kernel::{Error, Money, Result};

use super::{check, goods};
use crate::{
    domain::{Line, Parts, PaymentStatus, StepKind, choose},
    error, steps,
    store::Work,
};

/// Notes a refund: from here on its money is not there for another, and it will be made.
///
/// # Errors
/// `REFUND_TOO_LARGE`.
async fn begin_refund(work: &mut Work, amount: i64, reason: &str) -> Result<()> {
    let id =
        work.step(StepKind::Refund, amount, steps::LEASE, |step| reason.clone_into(&mut step.reason)).await?;
    for entry in work.ledger.refund(&id.to_string(), amount)? {
        work.post(&entry).await?;
    }
    Ok(())
}

/// Begins to give back what is the buyer's, as far as they paid it.
pub(super) async fn give_back_what_is_owed(work: &mut Work, reason: &str) -> Result<()> {
    match work.ledger.owed().min(work.ledger.refundable()) {
        0 => Ok(()),
        amount => begin_refund(work, amount, reason).await,
    }
}

/// A payment that is awaited is not any more.
pub(super) async fn let_go(work: &mut Work) -> Result<()> {
    if work.order.payment_status == PaymentStatus::Pending && work.order.intent_id.is_some() {
        work.step(StepKind::Void, 0, steps::LEASE, |_| {}).await?;
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
    begin_refund(work, amount, &reason).await
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
    let is_asked = work
        .all_steps()
        .await?
        .iter()
        .any(|step| step.state == "open" && matches!(step.kind, StepKind::Capture | StepKind::Void));
    let due = work.ledger.due();
    if is_asked
        || due <= 0
        || work.order.payment_status != PaymentStatus::Pending
        || work.status == "canceled"
    {
        return Err(error::not_awaited(work.order.id));
    }
    work.step(StepKind::Capture, due, steps::LEASE, |_| {}).await.map(|_| ())
}
