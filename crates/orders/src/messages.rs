//! From what is stored to what the contract says.

use argosy_contracts::{
    common::{Money as WireMoney, Notice},
    orders::{
        BalancePayment, Checkout as WireCheckout, Fulfilment, LineQuantity, Order as WireOrder, OrderDispute,
        OrderEdit, OrderEvent, OrderLine, OrderMoney, OrderParcel, OrderPayment, PaperHead, PaymentAttempt,
        Refund, Refusal as WireRefusal, Return as WireReturn, ReturnLine, RiskFinding,
    },
    pricing::Quote,
};
use argosy_kernel::Result;

use crate::{
    domain::{
        Account, Balance, BalanceState, Checkout, Dispute, Edit, Line, Moved, Order, Origin, PaymentStatus,
        Return, Step, StepKind, Units, all_moved, fulfilment_status,
    },
    store::{After, Head, Parcel, Refusal, StoredOrder, left_of},
};

pub(crate) fn refusal(refusal: Refusal) -> WireRefusal {
    let findings = refusal.assessment.findings.into_iter();
    WireRefusal {
        checkout_id: refusal.checkout_id,
        time_ms: refusal.at.as_millis(),
        points: refusal.assessment.score,
        findings: findings
            .map(|found| RiskFinding { rule: found.rule, points: found.points, text: found.text })
            .collect(),
    }
}

pub(crate) fn checkout(checkout: Checkout, quote: Option<Quote>, notices: Vec<Notice>) -> WireCheckout {
    let unanswered_providers = checkout.unanswered();
    let seen = quote.as_ref().map(|quote| checkout.seen(quote)).unwrap_or_default();
    // Whoever has the cart of a draft could change what the shop put into it.
    let cart_id = if checkout.draft.is_some() { String::new() } else { checkout.cart_id.to_string() };
    let currency = quote.as_ref().map(|quote| quote.currency.clone()).unwrap_or_default();
    let attempts = checkout.tries.into_iter().map(|attempted| PaymentAttempt {
        intent_id: attempted.intent_id.to_string(),
        provider: attempted.provider,
        state: attempted.state,
        failure_reason: attempted.failure_reason,
        failure_text: attempted.failure_text,
        time_ms: attempted.at.as_millis(),
        hint: attempted.hint,
        amount: attempted.amount.map(|minor| WireMoney { minor, currency: currency.clone() }),
    });
    let (order_id, order_key) = checkout.order.map(|(id, key)| (id.to_string(), key)).unwrap_or_default();
    WireCheckout {
        id: checkout.id.to_string(),
        cart_id,
        status: checkout.status.as_str().to_owned(),
        email: checkout.contact.email,
        shipping_address: checkout.contact.shipping_address,
        billing_address: checkout.contact.billing_address,
        shipping_option_id: checkout.shipping_option_id.unwrap_or_default(),
        quote,
        notices,
        attempts: attempts.collect(),
        order_id,
        order_key,
        action_url: checkout.action_url,
        expires_at_ms: checkout.expires_at.as_millis(),
        language: checkout.contact.language,
        unanswered_providers,
        is_draft: checkout.draft.is_some(),
        seen,
    }
}

/// An order as it may be shown: to its buyer, or to staff.
pub(crate) fn order(stored: StoredOrder, for_staff: bool) -> Result<WireOrder> {
    let downloads = downloads(&stored);
    let StoredOrder { order, status, hold_reason, tags, lines, after } = stored;
    let payment_status = payment_status(&order, &status, after.as_ref());
    let fulfilment_status = fulfilment_status(&order, &lines).to_owned();
    let wire = WireOrder {
        id: order.id.to_string(),
        number: order.number.to_string(),
        checkout_id: order.checkout_id.to_string(),
        payment_status: payment_status.to_owned(),
        status,
        fulfilment_status,
        downloads,
        lines: lines_of(&order, &lines, after.as_ref()),
        shipping: order.shipping().cloned(),
        held: hold_reason.is_some(),
        hold_reason: hold_reason.filter(|_| for_staff).unwrap_or_default(),
        tags: if for_staff { tags } else { Vec::new() },
        key: order.key.clone(),
        payment_instructions: order.payment_instructions.clone(),
        placed_at_ms: order.placed_at.as_millis(),
        person_id: order.person_id.map(|id| id.to_string()).unwrap_or_default(),
        ..WireOrder::default()
    };
    let wire = match after {
        Some(after) => with_after(wire, &order, after, for_staff)?,
        None => wire,
    };
    Ok(WireOrder {
        draft_note: if for_staff { order.contact.draft_note } else { String::new() },
        email: order.contact.email,
        language: order.contact.language,
        shipping_address: order.contact.shipping_address,
        billing_address: order.contact.billing_address,
        currency: order.quote.currency,
        discounts: order.quote.discounts,
        fees: order.quote.fees,
        trace: order.quote.trace,
        tax_lines: order.quote.tax_lines,
        tax_notes: order.quote.tax_notes,
        totals: order.quote.totals,
        total: order.quote.total,
        tax_included: order.quote.tax_included,
        ..wire
    })
}

/// Variants whose files the buyer may have: of what is paid, not held, and neither canceled nor back.
pub(crate) fn downloads(stored: &StoredOrder) -> Vec<String> {
    let is_paid = payment_status(&stored.order, &stored.status, stored.after.as_ref()) == "captured";
    if !is_paid || stored.hold_reason.is_some() || stored.after.is_none() {
        return Vec::new();
    }
    let kept = stored.lines.iter().filter(|line| line.current > line.returned);
    let mut variants: Vec<String> =
        kept.filter_map(|line| stored.order.line(&line.id)).map(|line| line.variant_id.clone()).collect();
    variants.sort_unstable();
    variants.dedup();
    variants
}

/// What is refunded wholly is `refunded`; what was awaited and is not any more `voided`.
fn payment_status(order: &Order, status: &str, after: Option<&After>) -> &'static str {
    let ledger = after.map(|after| &after.ledger);
    let paid = ledger.map_or(0, |ledger| ledger.balance(Account::Paid));
    let refunded = ledger.map_or(0, |ledger| -ledger.balance(Account::Refunded));
    match order.payment_status {
        _ if paid > 0 && refunded == paid => "refunded",
        PaymentStatus::Pending if status == "canceled" => "voided",
        as_stored => as_stored.as_str(),
    }
}

fn lines_of(order: &Order, lines: &[Line], after: Option<&After>) -> Vec<OrderLine> {
    let sold = |id: &str| order.line(id).cloned();
    let awaited = |line: &Line| {
        let known = after?.awaited.iter().find(|awaited| awaited.line == line.id)?;
        let left = known.left_of(line);
        (left > 0).then(|| known.to_wire(left))
    };
    let line = |line: &Line| OrderLine {
        line: sold(&line.id),
        ordered: line.ordered,
        current: line.current,
        fulfilled: line.fulfilled,
        returned: line.returned,
        returnable: line.returnable(),
        awaited: awaited(line),
        wrap_message: order.contact.wrap_messages.get(&line.id).cloned().unwrap_or_default(),
    };
    lines.iter().map(line).collect()
}

fn with_after(wire: WireOrder, order: &Order, after: After, for_staff: bool) -> Result<WireOrder> {
    let money = |minor: i64| -> Result<Option<WireMoney>> { Ok(Some(order.money(minor)?.into())) };
    let ledger = &after.ledger;
    let refund = |step: &Step| -> Result<Refund> {
        Ok(Refund {
            id: step.id.to_string(),
            amount: money(step.amount)?,
            state: step.state.clone(),
            reason: step.reason.clone(),
            failure: if for_staff { step.failure.clone() } else { String::new() },
            time_ms: step.at.as_millis(),
            payment_id: step.intent_id.map(|id| id.to_string()).unwrap_or_default(),
        })
    };
    let latest = after.balances.last().map(|latest| balance(order, latest)).transpose()?;
    let payments = all_moved(order, &after.steps, &after.balances)
        .into_iter()
        .map(|moved| payment(order, moved, &wire.status));
    let payments = payments.collect::<Result<_>>()?;
    let refunds = after.steps.iter().filter(|step| step.kind == StepKind::Refund).map(refund);
    let paper = |head: &Head| -> Result<PaperHead> {
        let (number, kind) = (head.number.clone(), head.kind.clone());
        Ok(PaperHead { number, kind, total: money(head.total)?, time_ms: head.time_ms })
    };
    let edit = |edit: Edit| -> Result<OrderEdit> {
        let out = |units: Units| LineQuantity { line_id: units.line, quantity: units.quantity };
        Ok(OrderEdit {
            id: edit.id.to_string(),
            state: edit.state.as_str().to_owned(),
            difference: money(edit.difference)?,
            remove: edit.what.remove.into_iter().map(out).collect(),
            add: edit.what.add,
            changes_address: edit.changes_address,
            time_ms: edit.at.as_millis(),
            shipping: edit.what.delivery.map(|delivery| delivery.option),
        })
    };
    let parcels = order_parcels(order, &left_of(order, &after.parcels, &after.steps));
    let staff_money = |account| -> Result<Option<WireMoney>> {
        if for_staff { money(ledger.balance(account)) } else { Ok(None) }
    };
    let dispute = |dispute: Dispute| -> Result<OrderDispute> {
        Ok(OrderDispute {
            id: dispute.id.to_string(),
            state: dispute.state,
            reason: dispute.reason,
            amount: money(dispute.amount)?,
            evidence_due_at_ms: dispute.evidence_due_at_ms,
            time_ms: dispute.at.as_millis(),
        })
    };
    let events = after.events.into_iter().filter(|event| for_staff || !event.is_note);
    Ok(WireOrder {
        money: Some(OrderMoney {
            charged: money(ledger.charged())?,
            paid: money(ledger.balance(Account::Paid))?,
            refunded: money(-ledger.balance(Account::Refunded))?,
            refunding: money(-ledger.balance(Account::Refunding))?,
            store_credit: money(-ledger.balance(Account::StoreCredit))?,
            due: money(ledger.due())?,
            in_dispute: staff_money(Account::Disputed)?,
            charged_back: staff_money(Account::ChargedBack)?,
            dispute_fees: staff_money(Account::DisputeFees)?,
        }),
        disputes: if for_staff {
            after.disputes.into_iter().map(dispute).collect::<Result<_>>()?
        } else {
            Vec::new()
        },
        payments,
        balance: latest,
        refunds: refunds.collect::<Result<_>>()?,
        parcels,
        edits: if for_staff { after.edits.into_iter().map(edit).collect::<Result<_>>()? } else { Vec::new() },
        papers: after.papers.iter().map(paper).collect::<Result<_>>()?,
        fulfilments: after.parcels.into_iter().map(parcel).collect(),
        returns: after.returns.into_iter().map(returned).collect(),
        events: events
            .map(|event| OrderEvent { time_ms: event.time_ms, kind: event.kind, text: event.text })
            .collect(),
        ..wire
    })
}

/// A payment of what was due, without its order.
pub(crate) fn balance(order: &Order, balance: &Balance) -> Result<BalancePayment> {
    let state = match balance.state {
        BalanceState::Running | BalanceState::Taking | BalanceState::Releasing => "running",
        BalanceState::Parked => "needs_buyer",
        BalanceState::Paid => "paid",
        BalanceState::Failed => "failed",
    };
    Ok(BalancePayment {
        id: balance.id.to_string(),
        state: state.to_owned(),
        amount: Some(order.money(balance.amount)?.into()),
        provider: balance.about.provider.clone(),
        failure_reason: balance.about.failure_reason.clone(),
        failure_text: balance.about.failure_text.clone(),
        action_url: balance.about.action_url.clone(),
    })
}

fn payment(order: &Order, moved: Moved, status: &str) -> Result<OrderPayment> {
    let money = |minor: i64| -> Result<Option<WireMoney>> { Ok(Some(order.money(minor)?.into())) };
    let state = match order.payment_status {
        _ if moved.taken > 0 => "taken",
        PaymentStatus::Authorised => "held",
        _ if status == "canceled" => "let_go",
        PaymentStatus::Captured | PaymentStatus::Pending => "awaited",
    };
    Ok(OrderPayment {
        id: moved.part.intent_id.to_string(),
        state: state.to_owned(),
        amount: money(moved.part.amount)?,
        taken: money(moved.taken)?,
        refunded: money(moved.returned)?,
        provider: moved.part.provider,
        hint: moved.part.hint,
    })
}

/// Where an order comes from, and what is left to send from there.
fn order_parcels(order: &Order, left: &[Origin]) -> Vec<OrderParcel> {
    let lines = |units: &[Units]| -> Vec<LineQuantity> {
        let line = |units: &Units| LineQuantity { line_id: units.line.clone(), quantity: units.quantity };
        units.iter().map(line).collect()
    };
    let name = |location: &str| {
        let planned = order.quote.parcels.iter().find(|parcel| parcel.location_id == location);
        planned.map(|parcel| parcel.location_name.clone()).unwrap_or_default()
    };
    let parcel = |(origin, left): (&Origin, &Origin)| OrderParcel {
        location_id: origin.location_id.clone(),
        location_name: name(&origin.location_id),
        lines: lines(&origin.units),
        left: lines(&left.units),
    };
    order.origins.iter().zip(left).map(parcel).collect()
}

fn parcel(parcel: Parcel) -> Fulfilment {
    let line = |units: Units| LineQuantity { line_id: units.line, quantity: units.quantity };
    Fulfilment {
        id: parcel.id.to_string(),
        lines: parcel.units.into_iter().map(line).collect(),
        carrier: parcel.carrier,
        tracking_number: parcel.tracking_number,
        tracking_url: parcel.tracking_url,
        location_id: parcel.location_id,
        time_ms: parcel.at.as_millis(),
    }
}

fn returned(asked: Return) -> WireReturn {
    let lines = asked.lines.into_iter().map(|line| ReturnLine {
        line_id: line.line,
        quantity: line.quantity,
        reason: line.reason,
        received: line.received,
        restocked: line.restocked,
        written_off: line.written_off,
    });
    WireReturn {
        id: asked.id.to_string(),
        state: asked.state.as_str().to_owned(),
        lines: lines.collect(),
        resolution: asked.resolution,
        comment: asked.words.comment,
        answer: asked.words.answer,
        reference: asked.reference,
        time_ms: asked.at.as_millis(),
    }
}
